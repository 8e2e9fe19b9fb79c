"""What can never be stored is set aside where a person finds it, is counted, and holds up nothing behind it."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from tests.load.conftest import LOADS_WITHIN_S, Loading, make_event
from tests.opened import open_store
from tests.running import wait_for
from trackway.load.loop import Loader, Pace
from trackway.load.place import Places
from trackway.load.usual import Usual
from trackway.record import LENGTH
from trackway.site import SiteSettings
from trackway.spool import SqliteSpool
from trackway.store.copy import WholesCopy
from trackway.store.writer import Writer


def test_row_the_store_refuses_blocks_nobody(loading: Loading) -> None:
    good, bad = [make_event() for _ in range(3)], make_event(session="no session")

    loading.send(good[0], bad, good[1])
    loading.send(good[2])
    loading.wait()
    (aside,) = loading.set_aside()

    assert [row.id for row in loading.published] == [event.id for event in good]
    assert (aside["code"], aside["id"]) == ("event_invalid", bad.id)
    assert aside["message"]
    assert msgspec.json.decode(aside["event"])["session"] == "no session"
    assert loading.loader.trouble == loading.loader.failed == ""
    balance = loading.balance()
    assert (balance["received"], balance["stored"], balance["rejected"]) == (4, 3, {"event_invalid": 1})
    assert (balance["in_flight"], balance["balanced"]) == (0, True)


def test_event_that_cannot_be_enriched_blocks_nobody(loading: Loading) -> None:
    good, bad = make_event(), make_event(action="page.visit", params=msgspec.Raw(b"[]"))

    loading.send(bad, good)
    loading.wait()

    assert [row.id for row in loading.published] == [good.id]
    assert [(row["code"], row["id"]) for row in loading.set_aside()] == [("event_invalid", bad.id)]
    assert loading.balance()["balanced"]


@pytest.mark.parametrize("payload", [b"", b"{oops", b"\xff", b"{}", b"[]"])
def test_record_that_cannot_be_read_blocks_nobody(loading: Loading, payload: bytes) -> None:
    good = make_event()

    loading.append(LENGTH.pack(len(payload)) + payload)
    loading.send(good)
    loading.wait()

    assert [row.id for row in loading.published] == [good.id]
    assert [row["code"] for row in loading.set_aside("?")] == ["event_invalid"]
    assert loading.balance()["balanced"]


def test_record_that_cannot_be_read_does_not_keep_the_loader_from_starting(loading: Loading, tmp_path: Path) -> None:
    spool = SqliteSpool(tmp_path / "another.sqlite", 2**30)
    asyncio.run(spool.append(LENGTH.pack(5) + b"{oops"))
    connection = open_store().connect()
    loader = Loader(
        spool, Writer(connection), WholesCopy(connection), loading.ledger, lambda _: SiteSettings(), Places(),
        loading.published.extend, Pace(0.01, 2**20), usual=Usual(connection),
    )  # fmt: skip

    try:
        loader.start()
        wait_for(lambda: spool.backlog().groups == 0, LOADS_WITHIN_S)
        loader.stop()
    finally:
        spool.close()
        connection.close()


def test_event_whose_id_is_no_uuid_blocks_nobody(loading: Loading) -> None:
    good, bad = make_event(), make_event(id="")

    loading.send(bad, good)
    wait_for(lambda: bool(loading.published), 2)

    assert [row.id for row in loading.published] == [good.id]
