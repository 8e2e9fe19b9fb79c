"""The quarantine's limits: a flood cannot fill the disk, is counted in full, and what came before it stays."""

import json
import sqlite3
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Start
from tests.running import Running, make_event
from trackway.books import Account, BalanceFilter, Ledger, Limits, Quarantined, QuarantineFilter
from trackway.books.balance import Entry
from trackway.books.migrate import migrate, migrations
from trackway.record import Record

DAY_MS = 86_400_000
MIB = 1024 * 1024
FIRST_MIGRATION = migrations()[0][1]


def settle(ledger: Ledger, seq: int, rows: list[Quarantined]) -> None:
    """Enter refused events with their counts, as a load does."""
    accounts: dict[Account, Entry] = {}
    for row in rows:
        entry = accounts.setdefault(Account(row.site, row.received // 60_000 * 60_000, row.source, row.key), Entry())
        entry.received += 1
        entry.rejected[row.code] += 1
    for account, entry in accounts.items():
        ledger.receive(Record(account.site, account.minute, "web", account.key, entry.received, []))
    ledger.settle(seq, accounts, rows)


def refused(position: int, **fields: Any) -> Quarantined:
    whole: dict[str, Any] = {
        "position": position, "site": "s", "received": int(time.time() * 1000), "source": "web", "key": "k",
        "origin": "", "id": None, "code": "event_invalid", "message": "m", "field": None,
        "event": '"' + "x" * 1_000 + '"',
    }  # fmt: skip
    return Quarantined(**(whole | fields))


def whole_balance(ledger: Ledger, site: str = "s") -> dict[str, Any]:
    return ledger.balance(BalanceFilter(site, 0, 2**53))


def test_flood_is_sampled_within_the_limit_and_counted_in_full(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "books.sqlite", Limits(bytes=MIB))
    settle(ledger, 1, [refused(1, code="denied")])
    for seq in range(2, 12):
        settle(ledger, seq, [refused(seq << 20 | at) for at in range(1_000)])
    settle(ledger, 12, [refused(12 << 20, code="label_invalid"), refused(12 << 20 | 1, site="quiet")])

    balance, kept = whole_balance(ledger), ledger.quarantine(QuarantineFilter("s", limit=100_000))
    taken, most = ledger.held("s")

    assert balance["rejected"] == {"denied": 1, "event_invalid": 10_000, "label_invalid": 1}
    assert (balance["received"], balance["balanced"]) == (10_002, True)
    assert balance["not_kept"] == 10_002 - len(kept)
    assert taken <= most
    assert {"denied", "label_invalid"} <= {row["code"] for row in kept}, "what came before stays, what is rare is kept"
    assert any(row["sampled"] for row in kept)
    assert len(ledger.quarantine(QuarantineFilter("quiet"))) == 1, "another site is not touched"
    ledger.close()


def test_oldest_sampled_make_room_for_the_newest(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "books.sqlite", Limits(bytes=20_000))
    settle(ledger, 1, [refused(at) for at in range(1, 40)])
    codes = ["denied", "label_invalid", "id_invalid", "time_invalid"]
    settle(ledger, 2, [refused(100 + at, code=code) for at, code in enumerate(codes)])

    sampled = [row["code"] for row in ledger.quarantine(QuarantineFilter("s")) if row["sampled"]]

    assert sampled == ["time_invalid"]
    assert whole_balance(ledger)["not_kept"] == 43 - len(ledger.quarantine(QuarantineFilter("s")))
    ledger.close()


def test_refused_events_are_forgotten_after_their_days(tmp_path: Path) -> None:
    now = int(time.time() * 1000)
    ledger = Ledger(tmp_path / "books.sqlite", Limits(days=30))
    settle(
        ledger,
        1,
        [refused(1, received=now - 31 * DAY_MS), refused(2, received=now - 29 * DAY_MS), refused(3, received=0)],
    )

    gone = ledger.prune(now)

    assert gone == 1
    assert [row["position"] for row in ledger.quarantine(QuarantineFilter("s"))] == [3, 2]
    assert whole_balance(ledger)["rejected"] == {"event_invalid": 3}
    assert ledger.held("s")[0] < 2 * 1_600
    ledger.close()


def test_events_that_wait_to_be_replayed_are_not_forgotten(tmp_path: Path) -> None:
    now = int(time.time() * 1000)
    ledger = Ledger(tmp_path / "books.sqlite")
    settle(ledger, 1, [refused(1, received=now - 31 * DAY_MS)])
    ledger.start_replay(QuarantineFilter("s"), now)

    assert ledger.prune(now) == 0
    ledger.close()


def test_flood_over_http_fills_neither_spool_nor_books(start: Start) -> None:
    """What a small request makes of itself on disk stays near what was sent: also of what is no strict JSON."""
    running = start(quarantine_limit_mb=2)
    site = running.add_site()
    for _ in range(10):
        hollow = b'{"key":"%s","events":[%s]}' % (site.key.encode(), b",".join([b'"\\ud800"'] * 1_000))
        assert len(running.collect(hollow).json()["rejected"]) == 1_000
        wide = [make_event(action="oops", params={"text": "x" * 900}) for _ in range(900)]
        running.collect({"key": site.key, "events": wide})
    found = running.settled(site.id, 19_000)
    page = running.get(f"/sites/{site.id}/quarantine", limit=1)

    assert found["balanced"]
    assert found["rejected"] == {"event_invalid": 10_000, "action_invalid": 9_000}
    assert found["not_kept"] > 0
    assert page["full"] and page["bytes"] <= page["limit_bytes"] == 2 * MIB
    running.stop()
    assert (running.data / "books.sqlite").stat().st_size < 8 * MIB
    assert (running.data / "spool.sqlite").stat().st_size < 40 * MIB


def make_old_books(path: Path) -> None:
    """Books as they were before they were numbered, with a refused event of each kind."""
    connection = sqlite3.connect(path)
    connection.executescript(f"PRAGMA journal_mode = WAL;{FIRST_MIGRATION}")
    rows = [
        (7, "s", 5, "web", "k", "", "i", "denied", "m", None, '{"action":"a.b","uuid":1}', "u", None),
        (8, "s", 5, "web", "k", "", None, "event_invalid", "m", None, "5", "", None),
        (9, "s", 5, "web", "k", "", None, "action_invalid", "m", None, '{"action":7}', "", None),
    ]
    connection.executemany(f"INSERT INTO quarantine VALUES ({','.join('?' * 13)})", rows)
    connection.execute("INSERT INTO ledger VALUES ('s', 0, 'web', 'k', 3, 0, 0, 0)")
    connection.execute("INSERT INTO rejections VALUES ('s', 0, 'web', 'k', 'denied', 3)")
    connection.commit()
    connection.close()


def test_older_books_are_brought_up_to_date_once(tmp_path: Path) -> None:
    path = tmp_path / "books.sqlite"
    make_old_books(path)

    ledger = Ledger(path)
    kept, balance, held = ledger.quarantine(QuarantineFilter("s")), whole_balance(ledger), ledger.held("s")[0]
    ledger.close()
    Ledger(path).close()
    connection = sqlite3.connect(path)

    assert [(row["position"], row["action"], row["replayed"]) for row in kept] == [
        (9, "", False),
        (8, "", False),
        (7, "a.b", False),
    ]
    assert (balance["received"], balance["rejected"]) == (3, {"denied": 3})
    assert held > 3 * 400
    assert connection.execute("PRAGMA user_version").fetchone() == (migrations()[-1][0],)
    assert migrate(connection) == 0
    connection.close()


def test_books_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "books.sqlite")
    connection.execute("PRAGMA user_version = 999")
    connection.close()

    with pytest.raises(Exception, match="newer"):
        Ledger(tmp_path / "books.sqlite")


def test_ledger_by_key_source_and_step(shared: Running) -> None:
    site = shared.add_site()
    shared.collect({"key": site.key, "events": [make_event(), make_event(action="oops")], "dropped": 7})
    with shared.client(site.write) as client:
        client.post("/api/v1/events", json=[make_event()]).raise_for_status()
    shared.settled(site.id, 3)
    asked: dict[str, Any] = {"from": 0, "step": "day", "gaps": False}

    by: list[dict[str, Any]] = [
        shared.get(f"/sites/{site.id}/ledger", **asked, **narrowed)
        for narrowed in ({}, {"source": "web"}, {"source": "server"}, {"key": site.key}, {"key": "none"})
    ]

    assert [(one["received"], one["stored"], one["dropped"], one["balanced"]) for one in by] == [
        (3, 2, 7, True), (2, 1, 7, True), (1, 1, 0, True), (2, 1, 7, True), (0, 0, 0, True),
    ]  # fmt: skip
    assert all(interval["to"] - interval["from"] == DAY_MS for one in by for interval in one["intervals"])


@pytest.mark.parametrize("dropped", ["7", -1, 1.5, True, None, 10**9])
def test_count_of_dropped_events_that_is_none_is_passed_over(shared: Running, dropped: Any) -> None:
    site = shared.add_site()
    shared.collect({"key": site.key, "events": [make_event()], "dropped": dropped})

    assert shared.settled(site.id, 1)["dropped"] == 0


def test_gaps_are_a_question_of_their_own_with_a_limit(shared: Running) -> None:
    site = shared.add_site()
    people = [make_event(seq=1), make_event(seq=1), make_event(seq=1)]
    last = [make_event(uuid=one["uuid"], seq=5 + at) for at, one in enumerate(people)]
    shared.collect({"key": site.key, "events": people + last})
    shared.settled(site.id, 6)

    asked: dict[str, Any] = {"from": 0}
    found = shared.get(f"/sites/{site.id}/gaps", **asked, limit=2)["items"]

    assert [(gap["uuid"], gap["sent"], gap["missing"]) for gap in found] == [
        (people[2]["uuid"], 7, [2, 3, 4, 5, 6]),
        (people[1]["uuid"], 6, [2, 3, 4, 5]),
    ]
    assert len(shared.get(f"/sites/{site.id}/ledger", **asked)["gaps"]) == 3
    assert shared.get(f"/sites/{site.id}/ledger", **asked, gaps=False)["gaps"] == []


def verdict(running: Running, site: str, event: str) -> dict[str, Any]:
    found: dict[str, Any] = running.get(f"/sites/{site}/events/{event}/verdict")
    return found


def test_verdict_on_one_event_by_api_and_command(start: Start) -> None:
    """Stored, come again, refused, replayed, never seen: by API, and by command with and without server."""
    running = start()
    site = running.add_site(past_limit_days=30)
    fine, bad, old = make_event(), make_event(action="oops"), make_event(time=5)
    for _ in range(3):
        running.collect({"key": site.key, "events": [fine]})
    running.collect({"key": site.key, "events": [bad, old]})
    running.settled(site.id, 5)
    with running.client() as client:
        client.patch(f"/api/v1/sites/{site.id}", json={"settings": {"past_limit_days": 0}})
        client.post(f"/api/v1/sites/{site.id}/quarantine/replay", json={"ids": [old["id"]]}).raise_for_status()
    never = make_event()["id"]

    by_api = [verdict(running, site.id, event) for event in (fine["id"], bad["id"], old["id"], never)]
    elsewhere = verdict(running, running.add_site().id, fine["id"])
    running_says = [
        running.command("doctor", event, check=False) for event in (fine["id"], bad["id"], old["id"], never)
    ]
    running.stop()
    stopped_says = [
        running.command("doctor", event, check=False) for event in (fine["id"], bad["id"], old["id"], never)
    ]

    assert [one["verdict"] for one in by_api] == ["stored", "rejected", "stored", "unknown"]
    assert (by_api[0]["repeats"], by_api[0]["event"]["id"]) == (2, fine["id"])
    assert elsewhere["verdict"] == "unknown"
    for said in (running_says, stopped_says):
        assert [one.returncode for one in said] == [0, 0, 0, 1]
        assert "came again 2 times" in said[0].stdout
        assert "action_invalid" in said[1].stdout
        assert "time_too_old first, and replayed" in said[2].stdout
        assert "never come here" in said[3].stderr
    assert Counter(one.stderr != "" for one in stopped_says)[True] == 1


def test_event_in_the_spool_is_found_there(start: Start) -> None:
    running = start(load_interval_ms=1)
    site = running.add_site()
    running.stop()
    spool = sqlite3.connect(running.data / "spool.sqlite")
    event = make_event()
    record: dict[str, Any] = {
        "site": site.id,
        "received": 5,
        "source": "web",
        "key": site.key,
        "n": 1,
        "events": [event | {"params": {}}],
    }
    payload = json.dumps(record).encode()
    spool.execute("INSERT INTO spool (payload) VALUES (?)", (len(payload).to_bytes(4, "big") + payload,))
    spool.commit()
    spool.close()

    assert "is safe on disk" in running.command("doctor", event["id"]).stdout
