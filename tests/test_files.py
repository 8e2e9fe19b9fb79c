"""`trackway import` and `trackway export`, with a server and without: nothing is lost, nothing counts twice."""

import csv
import gzip
import json
import subprocess
import uuid
from pathlib import Path
from typing import Any, cast

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import Start
from tests.running import Running, SiteOf, make_event, wait_for

AT = 1_760_000_000_000
EVENTS = [
    {"action": "order.paid", "label": "=Paid 1", "time": AT, "params": {"total": 19.9, "sku": "007"}},
    {"action": "order.paid", "label": "Paid „2“", "time": AT + 1, "params": {"total": 20, "tags": ["a", {"b": None}]}},
    {"action": "page.visit", "time": AT + 2, "params": {"url": "https://shop.example/", "title": "a,b\n\"c\""}},
]  # fmt: skip


def complete(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": str(uuid.uuid4()), "uuid": str(uuid.uuid4())} | event for event in events]


def write_ndjson(path: Path, events: list[dict[str, Any]]) -> Path:
    text = "".join(json.dumps(event) + "\n" for event in events)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def write_csv(path: Path, events: list[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(file, ["id", "uuid", "action", "label", "time", "params"])
        lines.writeheader()
        lines.writerows(event | {"params": json.dumps(event["params"])} for event in events)
    return path


def write_parquet(path: Path, events: list[dict[str, Any]]) -> Path:
    rows = [event | {"params": json.dumps(event["params"])} for event in events]
    table = cast("Any", pa.Table).from_pylist(rows)
    at = table.schema.get_field_index("time")
    pq.write_table(table.set_column(at, "time", table["time"].cast(pa.timestamp("ms", tz="UTC"))), path)
    return path


WRITERS = {
    "events.ndjson": write_ndjson,
    "events.ndjson.gz": write_ndjson,
    "events.csv": write_csv,
    "events.parquet": write_parquet,
}


def imported(running: Running, site: SiteOf, file: Path, *more: str) -> dict[str, Any]:
    done = running.command("import", str(file), "--site", site.id, "--json", *more)
    return dict(json.loads(done.stdout))


def stored(running: Running, site: SiteOf) -> dict[str, Any]:
    return {event["id"]: event for event in running.get(f"/sites/{site.id}/events", limit=1000)["items"]}


@pytest.mark.parametrize("name", WRITERS)
def test_each_kind_of_file_gives_the_same_events(shared: Running, tmp_path: Path, name: str) -> None:
    site, events = shared.add_site(), complete(EVENTS)
    file = WRITERS[name](tmp_path / name, events)

    report = imported(shared, site, file)

    assert (report["read"], report["accepted"], report["stored"], report["duplicates"]) == (3, 3, 3, 0)
    found = stored(shared, site)
    for event in events:
        shown = found[event["id"]]
        assert {name: shown[name] for name in ("action", "time", "uuid")} == {
            name: event[name] for name in ("action", "time", "uuid")
        }
        assert shown["source"] == "import"
    assert found[events[0]["id"]]["label"] == "=Paid 1"
    assert found[events[0]["id"]]["params"] == {"total": 19.9, "sku": "007"}
    assert found[events[2]["id"]]["params"]["title"] == 'a,b\n"c"'


def test_importing_again_changes_nothing(shared: Running, tmp_path: Path) -> None:
    site = shared.add_site()
    nameless = [{name: value for name, value in event.items() if name != "id"} for event in complete(EVENTS)]
    file = write_ndjson(tmp_path / "events.ndjson", nameless)

    first, second = imported(shared, site, file), imported(shared, site, file)

    assert (first["stored"], first["duplicates"]) == (3, 0)
    assert (second["stored"], second["duplicates"]) == (0, 3)
    assert len(stored(shared, site)) == 3
    assert shared.get(f"/sites/{site.id}/ledger")["balanced"]


def test_what_is_refused_is_reported_and_kept(shared: Running, tmp_path: Path) -> None:
    site, good = shared.add_site(), complete(EVENTS)
    lines = [*(json.dumps(event) for event in good[:2]), '{"action":"oops"', json.dumps(make_event(action="nodot"))]
    file = tmp_path / "some.ndjson"
    file.write_text("\n".join(lines) + "\n\n")

    tried = imported(shared, site, file, "--dry-run")
    assert (tried["accepted"], tried["rejected"]) == (2, {"event_invalid": 1, "action_invalid": 1})
    assert stored(shared, site) == {}
    done = imported(shared, site, file)

    assert (done["accepted"], done["rejected"]) == (2, {"event_invalid": 1, "action_invalid": 1})
    assert [(one["line"], one["code"]) for one in done["examples"]] == [(3, "event_invalid"), (4, "action_invalid")]
    kept = shared.get(f"/sites/{site.id}/quarantine")["items"]
    assert {(one["code"], one["key"]) for one in kept} == {
        ("event_invalid", done["name"]),
        ("action_invalid", done["name"]),
    }
    assert sorted(stored(shared, site)) == sorted(event["id"] for event in good[:2])


def test_rules_and_definitions_hold_for_files(shared: Running, tmp_path: Path) -> None:
    site = shared.add_site()
    with shared.client() as owner:
        rules = {"mode": "enforce", "allow": [], "deny": ["page.*"]}
        owner.put(f"/api/v1/sites/{site.id}/rules", json=rules).raise_for_status()
        schema = {"type": "object", "required": ["sku"], "properties": {"total": {"type": "number"}}}
        owner.put(f"/api/v1/sites/{site.id}/definitions/order.paid", json={"schema": schema}).raise_for_status()
    file = write_ndjson(tmp_path / "events.ndjson", complete(EVENTS))

    for way in (("--dry-run",), ()):
        assert imported(shared, site, file, *way)["rejected"] == {"param_missing": 1, "denied": 1}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("none.ndjson", None, "cannot be opened"),
        ("array.json", b'[{"action":"a.b"}]', "one object a line"),
        ("no-action.csv", b"name,when\nx,y\n", "no column `action`"),
        ("broken.csv", b'action,label\na.b,"never closed\n', "cannot be read any further as csv"),
        ("broken.gz", b"\x1f\x8bnot gzip", "gzip"),
        ("broken.parquet", b"PAR1 and then nothing", "cannot be read any further as parquet"),
        ("latin.csv", b"action,label\na.b,caf\xe9\n", "cannot be read any further as csv"),
        ("binary.bin", b"\x00\x01\x02\x03", "none of ndjson, csv, parquet"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    shared: Running, tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    site = shared.add_site()
    if content is not None:
        (tmp_path / name).write_bytes(content)

    done = shared.command("import", str(tmp_path / name), "--site", site.id, check=False)

    assert done.returncode == 1
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_empty_file_is_no_events(shared: Running, tmp_path: Path) -> None:
    (tmp_path / "empty.ndjson").touch()

    assert imported(shared, shared.add_site(), tmp_path / "empty.ndjson")["read"] == 0


def exported(running: Running, site: SiteOf, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return running.command("export", "--site", site.id, "-o", str(out), *more)


def cursor_in(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stdout + done.stderr).split("--since-cursor ")[1].split()[0]


def send(running: Running, site: SiteOf, events: list[dict[str, Any]]) -> None:
    running.collect({"key": site.key, "events": events})
    wait_for(lambda: {event["id"] for event in events} <= set(stored(running, site)), 15, lambda: "the events")


def test_exported_lines_are_the_events_of_the_api(shared: Running, tmp_path: Path) -> None:
    site, events = shared.add_site(), complete(EVENTS)
    send(shared, site, events)

    exported(shared, site, tmp_path / "out.ndjson")

    lines = [json.loads(line) for line in (tmp_path / "out.ndjson").read_text().splitlines()]
    assert {line["id"]: line for line in lines} == stored(shared, site)


@pytest.mark.parametrize("name", ["out.ndjson", "out.ndjson.gz", "out.csv", "out.csv.gz", "out.parquet"])
def test_an_export_imported_elsewhere_is_the_same(shared: Running, tmp_path: Path, name: str) -> None:
    site, other, events = shared.add_site(), shared.add_site(), complete(EVENTS)
    send(shared, site, events)

    exported(shared, site, tmp_path / name)
    report = imported(shared, other, tmp_path / name)

    assert report["stored"] == len(stored(shared, site))
    there, here = stored(shared, other), stored(shared, site)
    for event, shown in here.items():
        same = ("action", "label", "time", "uuid", "params", "session")
        assert {name: there[event].get(name) for name in same} == {name: shown.get(name) for name in same}


def test_an_export_goes_on_from_its_cursor(shared: Running, tmp_path: Path) -> None:
    site, events = shared.add_site(), complete(EVENTS)
    send(shared, site, events[:2])
    first = exported(shared, site, tmp_path / "first.ndjson")
    send(shared, site, events[2:])

    second = exported(shared, site, tmp_path / "second.ndjson", "--since-cursor", cursor_in(first))
    third = exported(shared, site, tmp_path / "third.ndjson", "--since-cursor", cursor_in(second))

    ids = [
        [json.loads(line)["id"] for line in (tmp_path / f"{name}.ndjson").read_text().splitlines()]
        for name in ("first", "second", "third")
    ]
    assert ids == [[event["id"] for event in events[:2]], [events[2]["id"]], []]
    assert cursor_in(third) == cursor_in(second)


def test_from_and_to_are_the_times_of_events(shared: Running, tmp_path: Path) -> None:
    site, events = shared.add_site(), complete(EVENTS)
    send(shared, site, events)

    exported(shared, site, tmp_path / "out.ndjson", "--from", str(AT + 1), "--to", "2025-10-09T08:53:20.002Z")

    lines = (tmp_path / "out.ndjson").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [events[1]["id"]]


def test_standard_output_has_the_events_only(shared: Running) -> None:
    site, events = shared.add_site(), complete(EVENTS)
    send(shared, site, events)

    done = shared.command("export", "--site", site.id, "-o", "-")

    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [event["id"] for event in events]
    assert "--since-cursor" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("-o", "out.txt"), 1, "end the name with one of"),
        (("-o", "missing/out.csv"), 1, "cannot be written"),
        (("-o", "out.csv", "--from", "yesterday"), 2, "no moment"),
        (("-o", "out.csv", "--from", "2026-01-01T00:00:00"), 2, "no zone"),
        (("-o", "out.csv", "--since-cursor", "x"), 1, "cursor is none of ours"),
    ],
)
def test_a_wrong_export_says_why_and_leaves_no_file(
    shared: Running, tmp_path: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    named = [str(tmp_path / one) if one.startswith(("out", "missing")) else one for one in arguments]

    done = shared.command("export", "--site", shared.add_site().id, *named, check=False)

    assert (done.returncode, says in " ".join(done.stderr.split())) == (code, True), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_a_server_both_work_on_the_folder(start: Start, tmp_path: Path) -> None:
    running = start()
    site, events = running.add_site(), complete(EVENTS)
    running.stop()
    file = write_ndjson(tmp_path / "events.ndjson", events)

    first, second = imported(running, site, file), imported(running, site, file)
    exported(running, site, tmp_path / "out.ndjson")

    assert (first["stored"], second["stored"], second["duplicates"]) == (3, 0, 3)
    lines = [json.loads(line) for line in (tmp_path / "out.ndjson").read_text().splitlines()]
    assert [line["id"] for line in lines] == [event["id"] for event in events]
    assert {line["source"] for line in lines} == {"import"}


def test_killed_half_way_and_done_again_it_counts_once(start: Start, tmp_path: Path) -> None:
    running = start()
    site = running.add_site()
    events = [make_event(params={"n": n}) for n in range(60_000)]
    for event in events:
        event.pop("id", None)
    file = write_ndjson(tmp_path / "many.ndjson.gz", events)
    with subprocess.Popen(running.line("import", str(file), "--site", site.id), stderr=subprocess.DEVNULL) as half:
        ledger = f"/sites/{site.id}/ledger?gaps=false"
        wait_for(lambda: running.get(ledger)["received"] > 0, 30, lambda: "the first batch")
        running.kill()
        half.wait(60)
    running.start()

    report = imported(running, site, file)

    assert report["stored"] + report["duplicates"] == len(events)
    assert report["duplicates"] > 0
    with running.client() as owner:
        pages = owner.get(f"/api/v1/sites/{site.id}/export", params={"limit": 10_000})
        assert pages.status_code == 200
    exported(running, site, tmp_path / "all.ndjson")
    lines = (tmp_path / "all.ndjson").read_text().splitlines()
    numbers = sorted(json.loads(line)["params"]["n"] for line in lines if '"session.end"' not in line)
    assert numbers == list(range(60_000))


def test_lines_over_http_need_the_right_to_write(shared: Running) -> None:
    site = shared.add_site()
    line = json.dumps(make_event())

    def post(secret: str, name: str = "by-hand", body: str = line) -> httpx.Response:
        path = f"{shared.url}/api/v1/sites/{site.id}/imports/{name}"
        return httpx.post(path, content=body, headers={"authorization": f"Bearer {secret}"})

    assert post(site.read).status_code == 403
    assert post(site.write).json()["accepted"] == 1
    assert post(site.write, "Not%20a%20name").json()["error"]["field"] == "name"
    assert post(site.write, body="\n".join([line] * 10_001)).json()["error"]["code"] == "too_many_events"
