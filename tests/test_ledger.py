"""The books as a unit on a file: they balance, a load is entered once, and the quarantine gives its rows by pages."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from trackway.books import Account, BalanceFilter, Ledger, Quarantined, QuarantineFilter
from trackway.books.balance import Entry
from trackway.event import Source
from trackway.record import Record

MINUTE_MS = 60_000
NOON = 1_795_003_200_000
FOR_EVER = 2**53

Open = Callable[[], Ledger]


@pytest.fixture
def reopen(tmp_path: Path) -> Iterator[Open]:
    """Opens the test's books, closing what was open of them before: what is in flight is forgotten, as by a crash."""
    opened: list[Ledger] = []

    def again() -> Ledger:
        for ledger in opened[-1:]:
            ledger.close()
        opened.append(Ledger(tmp_path / "books.sqlite"))
        return opened[-1]

    yield again
    opened[-1].close()


def make_record(n: int, received: int = NOON, site: str = "s", source: Source = "web") -> Record:
    return Record(site=site, received=received, source=source, key="k", n=n, events=[])


def account(received: int = NOON, site: str = "s") -> Account:
    return Account(site, received, "web", "k")


def balance(ledger: Ledger, site: str = "s", since: int = 0, until: int = FOR_EVER) -> dict[str, Any]:
    return ledger.balance(BalanceFilter(site, since, until))


def counts(ledger: Ledger, site: str = "s") -> tuple[int, int, int, dict[str, int], int, bool]:
    """received, stored, duplicates, rejected, in flight, balanced"""
    found = balance(ledger, site)
    names = ("received", "stored", "duplicates", "rejected", "in_flight", "balanced")
    received, stored, duplicates, rejected, in_flight, balanced = (found[name] for name in names)
    return received, stored, duplicates, rejected, in_flight, balanced


def quarantined(position: int, **fields: Any) -> Quarantined:
    whole: dict[str, Any] = {
        "position": position, "site": "s", "received": NOON, "source": "web", "key": "k", "origin": "", "id": None,
        "code": "event_invalid", "message": "m", "field": None, "event": "5",
    }  # fmt: skip
    return Quarantined(**(whole | fields))


def test_new_books_are_empty_and_balanced(reopen: Open) -> None:
    ledger = reopen()

    assert counts(ledger) == (0, 0, 0, {}, 0, True)
    assert ledger.watermark() == 0
    assert balance(ledger)["intervals"] == []


def test_received_is_in_flight_until_settled(reopen: Open) -> None:
    ledger = reopen()
    ledger.receive(make_record(5))
    before = counts(ledger)

    ledger.settle(1, {account(): Entry(5, 2, 1, 0, Counter(label_invalid=2))}, [])

    assert before == (5, 0, 0, {}, 5, True)
    assert counts(ledger) == (5, 2, 1, {"label_invalid": 2}, 0, True)


def test_event_that_went_astray_shows(reopen: Open) -> None:
    ledger = reopen()
    ledger.receive(make_record(5))

    ledger.settle(1, {account(): Entry(received=5, stored=4)}, [])

    assert counts(ledger) == (5, 4, 0, {}, 0, False)


def test_record_that_could_not_be_kept_was_never_received(reopen: Open) -> None:
    ledger = reopen()
    ledger.receive(make_record(5))
    ledger.receive(make_record(3))

    ledger.take_back(make_record(5))

    assert counts(ledger) == (3, 0, 0, {}, 3, True)


def test_settled_books_are_there_after_a_crash_and_flight_is_counted_again(reopen: Open) -> None:
    ledger = reopen()
    ledger.receive(make_record(5))
    ledger.receive(make_record(2))
    ledger.settle(7, {account(): Entry(5, 5)}, [])

    ledger = reopen()
    crashed = counts(ledger)
    ledger.receive(make_record(2))

    assert ledger.watermark() == 7
    assert crashed == (5, 5, 0, {}, 0, True)
    assert counts(ledger) == (7, 5, 0, {}, 2, True)


def test_load_settled_again_after_a_crash_is_entered_once(reopen: Open) -> None:
    entry = {account(): Entry(5, 4, 0, 0, Counter(event_invalid=1))}
    ledger = reopen()
    ledger.receive(make_record(5))
    ledger.settle(3, entry, [quarantined(1)])

    ledger = reopen()
    ledger.receive(make_record(5))
    ledger.settle(3, entry, [quarantined(2)])
    ledger.settle(2, {}, [quarantined(3)])

    assert ledger.watermark() == 3
    assert counts(ledger) == (5, 4, 0, {"event_invalid": 1}, 0, True)
    assert [row["position"] for row in ledger.quarantine(QuarantineFilter("s"))] == [1]


def test_load_settled_twice_in_one_process_changes_nothing(reopen: Open) -> None:
    ledger = reopen()
    ledger.receive(make_record(5))
    entry = {account(): Entry(5, 5)}
    ledger.settle(3, entry, [])

    ledger.settle(3, entry, [])

    assert counts(ledger) == (5, 5, 0, {}, 0, True)


def test_settling_that_fails_enters_nothing(reopen: Open) -> None:
    ledger = reopen()
    ledger.receive(make_record(5))

    with pytest.raises(OverflowError):
        ledger.settle(3, {account(): Entry(5, 5)}, [quarantined(1), quarantined(2**63)])

    assert ledger.watermark() == 0
    assert counts(ledger) == (5, 0, 0, {}, 5, True)
    assert ledger.quarantine(QuarantineFilter("s")) == []


def test_accounts_add_up_over_loads_sources_and_keys(reopen: Open) -> None:
    ledger = reopen()
    for seq in (1, 2, 3):
        ledger.receive(make_record(2))
        ledger.receive(make_record(1, source="server"))
        entry = Entry(2, 1, 0, 0, Counter(event_invalid=1))
        ledger.settle(seq, {account(): entry, Account("s", NOON, "server", "k"): Entry(1, 0, 1)}, [])

    assert counts(ledger) == (9, 3, 3, {"event_invalid": 3}, 0, True)


def test_what_the_server_makes_itself_is_made_and_not_received(reopen: Open) -> None:
    ledger = reopen()
    ledger.receive(make_record(4, source="system"))

    ledger.settle(1, {Account("s", NOON, "system", ""): Entry(made=4)}, [])

    assert counts(ledger) == (0, 0, 0, {}, 0, True)
    assert balance(ledger)["made"] == 4


def test_sites_have_books_of_their_own(reopen: Open) -> None:
    ledger = reopen()
    ledger.receive(make_record(5, site="other"))
    ledger.receive(make_record(1))
    ledger.settle(1, {account(): Entry(1, 1)}, [])

    assert counts(ledger) == (1, 1, 0, {}, 0, True)
    assert counts(ledger, "other") == (5, 0, 0, {}, 5, True)


@pytest.mark.parametrize(
    ("since", "until", "minutes"),
    [
        (NOON, NOON + 3 * MINUTE_MS, [0, 1, 2]),
        (NOON + MINUTE_MS, NOON + 2 * MINUTE_MS, [1]),
        (NOON + MINUTE_MS + 59_999, NOON + 2 * MINUTE_MS, [1]),
        (NOON + MINUTE_MS, NOON + MINUTE_MS, []),
        (NOON + 3 * MINUTE_MS, NOON + 9 * MINUTE_MS, []),
        (NOON, NOON + 1, [0]),
    ],
)
def test_intervals_are_the_minutes_asked_for(reopen: Open, since: int, until: int, minutes: list[int]) -> None:
    ledger = reopen()
    for minute in range(3):
        ledger.receive(make_record(1, NOON + minute * MINUTE_MS))
        ledger.settle(minute + 1, {account(NOON + minute * MINUTE_MS): Entry(1, 1)}, [])
    ledger.receive(make_record(1, received=NOON + 2 * MINUTE_MS + 30_000))

    found = balance(ledger, since=since, until=until)

    assert [interval["from"] for interval in found["intervals"]] == [NOON + minute * MINUTE_MS for minute in minutes]
    assert all(interval["to"] == interval["from"] + MINUTE_MS for interval in found["intervals"])
    assert found["received"] == sum(interval["received"] for interval in found["intervals"])
    assert found["in_flight"] == (1 if 2 in minutes else 0)
    assert found["balanced"]


def test_quarantine_is_read_by_pages_newest_first(reopen: Open) -> None:
    ledger = reopen()
    ledger.settle(1, {}, [quarantined(position) for position in range(1, 8)])
    pages: list[list[int]] = []
    before = 2**63 - 1

    while page := ledger.quarantine(QuarantineFilter("s", before=before, limit=3)):
        pages.append([row["position"] for row in page])
        before = pages[-1][-1]

    assert pages == [[7, 6, 5], [4, 3, 2], [1]]


@pytest.mark.parametrize(
    ("wanted", "positions"),
    [
        ({}, [4, 3, 2, 1]),
        ({"code": "denied"}, [2]),
        ({"code": "none"}, []),
        ({"since": NOON + 1}, [4]),
        ({"until": NOON + 1}, [3, 2, 1]),
        ({"since": NOON, "until": NOON}, []),
        ({"site": "other"}, [9]),
    ],
)
def test_quarantine_by_code_and_time(reopen: Open, wanted: dict[str, Any], positions: list[int]) -> None:
    ledger = reopen()
    rows = [quarantined(1), quarantined(2, code="denied"), quarantined(3), quarantined(4, received=NOON + 1)]
    ledger.settle(1, {}, [*rows, quarantined(9, site="other")])

    asked: dict[str, Any] = {"site": "s"} | wanted
    found = ledger.quarantine(QuarantineFilter(**asked))

    assert [row["position"] for row in found] == positions


def test_quarantined_event_is_kept_as_received(reopen: Open) -> None:
    row = quarantined(1, id="i", origin="https://a.example", field="events[0].x", event='{"a":1.0,"b":"\\ud800"}')
    reopen().settle(1, {}, [row])

    (found,) = reopen().quarantine(QuarantineFilter("s"))

    assert bytes(found["event"]).decode() == row.event
    assert (found["id"], found["origin"], found["field"], found["replayed"]) == (row.id, row.origin, row.field, False)
