"""The SQL console through the front door: what it answers, and everything that it must not."""

import io
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet
import pytest

from tests.people import add_user, browser_of
from tests.running import Running, SiteOf, make_event, wait_for
from tests.web.sql_attacks import ASKS_TOO_MUCH, LOOKS_CLOSER, REACHES_OUTSIDE, READS_THE_OTHER, WRITES_OR_CHANGES

SECRET = "the other site's secret"
WORDS_OF_THE_OTHER = (SECRET, "other.event", "otherparam")


@pytest.fixture(scope="module")
def sites(shared: Running) -> tuple[SiteOf, SiteOf]:
    """A site with five events of two customers, and another one whose events nobody may see here."""
    mine, other = shared.add_site(), shared.add_site()
    ann, ben = str(uuid.uuid4()), str(uuid.uuid4())
    events = [
        make_event(uuid=ann, action="page.visit", time=1_000, params={"url": "https://a/x?q=1"}),
        make_event(uuid=ann, action="page.visit", time=2_000, params={"url": "https://a/y"}),
        make_event(uuid=ann, action="order.paid", time=3_000, params={"price": 19.5, "big": 2**60}, label="=1+1"),
        make_event(uuid=ann, action="client.identify", time=4_000, params={"customId": "c-1", "email": "a@b.example"}),
        make_event(uuid=ben, action="page.visit", time=5_000, params={"url": "https://a/x"}),
    ]
    hidden = [make_event(action="other.event", label=SECRET, params={"otherparam": SECRET}) for _ in range(20)]
    shared.collect({"key": mine.key, "events": events}).raise_for_status()
    shared.collect({"key": other.key, "events": hidden}).raise_for_status()
    shared.settled(mine.id, len(events))
    shared.settled(other.id, len(hidden))
    return mine, other


def post_sql(running: Running, site: str, query: str, **query_parameters: Any) -> httpx.Response:
    """Ask a site by SQL, as an admin."""
    with running.client() as client:
        return client.post(f"/api/v1/sites/{site}/sql", json={"query": query}, params=query_parameters)


def rows(running: Running, site: SiteOf, query: str) -> list[list[Any]]:
    """The rows of a query that must go well."""
    answer = post_sql(running, site.id, query)
    assert answer.status_code == 200, answer.text
    found: list[list[Any]] = answer.json()["rows"]
    return found


def refusal(running: Running, site: SiteOf, query: str) -> dict[str, Any]:
    """The error of a query that must be refused."""
    answer = post_sql(running, site.id, query)
    assert answer.status_code != 200, answer.text
    error: dict[str, Any] = answer.json()["error"]
    return error


def test_a_query_is_answered_with_columns_types_and_what_it_read(shared: Running, sites: tuple[SiteOf, SiteOf]) -> None:
    query = "SELECT action, count() AS n FROM events GROUP BY action ORDER BY n DESC, action"

    answer = post_sql(shared, sites[0].id, query).json()

    assert answer["columns"] == [{"name": "action", "type": "LowCardinality(String)"}, {"name": "n", "type": "UInt64"}]
    assert answer["rows"] == [["page.visit", 3], ["client.identify", 1], ["order.paid", 1]]
    assert answer["rows_read"] >= 5
    assert answer["took_ms"] >= 0
    assert answer["truncated"] is False


def test_each_table_and_column_that_is_told_of_can_be_asked(shared: Running, sites: tuple[SiteOf, SiteOf]) -> None:
    tables: list[dict[str, Any]] = shared.get(f"/sites/{sites[0].id}/sql")["tables"]
    for table in tables:
        names = [column["name"] for column in table["columns"]]

        answer = post_sql(shared, sites[0].id, f"SELECT * FROM {table['name']}").json()

        assert [column["name"] for column in answer["columns"]] == names
        assert all(column["meaning"] for column in table["columns"])


def test_customers_are_worked_out_from_events(shared: Running, sites: tuple[SiteOf, SiteOf]) -> None:
    customers = rows(shared, sites[0], "SELECT custom_id, email, events, first_seen FROM customers ORDER BY first_seen")

    assert customers == [["c-1", "a@b.example", 4, 1_000], ["", "", 1, 5_000]]


def test_sessions_are_worked_out_from_events_but_for_their_end(shared: Running) -> None:
    site, session, who = shared.add_site(), str(uuid.uuid4()), str(uuid.uuid4())
    visits = [
        make_event(uuid=who, session=session, action="page.visit", time=time_ms, params={"url": f"https://a/{page}"})
        for time_ms, page in ((1_000, "x"), (2_000, "y"))
    ]
    shared.collect({"key": site.key, "events": visits}).raise_for_status()
    wait_for(lambda: len(shared.events(site.id)) == 3, 15)

    sessions = rows(shared, site, "SELECT events, pages, entry, exit, started, ended FROM sessions")

    assert sessions == [[2, 2, "/x", "/y", 1_000, 2_000]]


def test_merged_customers_are_one(shared: Running) -> None:
    site, one, two = shared.add_site(), str(uuid.uuid4()), str(uuid.uuid4())
    for device in (one, two):
        shared.collect({"key": site.key, "events": [make_event(uuid=device, action="page.visit", params={"url": "/"})]})
    shared.settled(site.id, 2)
    with shared.client() as client:
        client.post(f"/api/v1/sites/{site.id}/merges", json={"customer": one, "into": two}).raise_for_status()

    wait_for(lambda: rows(shared, site, "SELECT count(), sum(devices) FROM customers") == [[1, 2]], 15)
    assert rows(shared, site, "SELECT uniqExact(customer) FROM events") == [[1]]


def test_whole_numbers_that_readers_would_round_are_text(shared: Running, sites: tuple[SiteOf, SiteOf]) -> None:
    query = "SELECT toUInt64(9007199254740993), [toInt64(-9007199254740993)], 9007199254740992, 1.5, NULL, nan"

    assert rows(shared, sites[0], query) == [["9007199254740993", ["-9007199254740993"], 2**53, 1.5, None, "nan"]]


def test_an_answer_is_cut_at_its_rows_and_says_so(shared: Running, sites: tuple[SiteOf, SiteOf]) -> None:
    limits = shared.get(f"/sites/{sites[0].id}/sql")["limits"]

    cut = post_sql(shared, sites[0].id, f"SELECT number FROM numbers({limits['rows'] + 1})").json()
    whole = post_sql(shared, sites[0].id, f"SELECT number FROM numbers({limits['rows']})").json()

    assert (len(cut["rows"]), cut["truncated"]) == (limits["rows"], True)
    assert (len(whole["rows"]), whole["truncated"]) == (limits["rows"], False)


def test_files_hold_the_rows(shared: Running, sites: tuple[SiteOf, SiteOf]) -> None:
    query = "SELECT label, time, bot FROM events WHERE action = 'order.paid'"

    csv = post_sql(shared, sites[0].id, query, format="csv")
    parquet = post_sql(shared, sites[0].id, query, format="parquet")

    assert csv.headers["content-disposition"] == f'attachment; filename="sql-{sites[0].id}.csv"'
    assert csv.text.splitlines()[:2] == ["label,time,bot", "'=1+1,3000,true"]
    parquet_of: Any = pyarrow.parquet
    table: Any = parquet_of.read_table(io.BytesIO(parquet.content))
    assert table.to_pylist() == [{"label": "=1+1", "time": 3_000, "bot": True}]


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("SELECT 1 +", "query[10]", "Line 1, column 11: Syntax error"),
        ("SELECT 1,\n  2 3 4", "query[14]", "Line 2, column 5: Syntax error"),
        ("SELECT 'é',\n  2 3 4", "query[16]", "Line 2, column 5: Syntax error"),
        ("SELECT nope FROM events", "query", "Unknown expression identifier `nope`"),
        ("SELECT 1 FROM nowhere", "query", "Unknown table expression identifier 'nowhere'"),
        ("SELECT toUInt8(label) FROM events", "query", "Cannot parse"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    shared: Running, sites: tuple[SiteOf, SiteOf], query: str, field: str, said: str
) -> None:
    error = refusal(shared, sites[0], query)

    assert error["code"] == "query_invalid"
    assert error["field"] == field
    assert error["message"].startswith(said)
    assert "formatQuerySingleLine" not in error["message"]
    assert "version" not in error["message"]


@pytest.mark.parametrize("query", READS_THE_OTHER + WRITES_OR_CHANGES + REACHES_OUTSIDE)
def test_an_attack_is_refused_and_tells_nothing(
    shared: Running, sites: tuple[SiteOf, SiteOf], tmp_path: Path, query: str
) -> None:
    out = tmp_path / "out"
    query = query.replace("OTHER", sites[1].id).replace("OUT", str(out))

    error = refusal(shared, sites[0], query)

    assert error["code"] in ("query_invalid", "invalid_parameter")
    assert not any(word in error["message"].replace(query, "") for word in WORDS_OF_THE_OTHER)
    assert "root:" not in error["message"]
    assert not out.exists()
    assert len(shared.events(sites[0].id)) == 5
    assert len(shared.events(sites[1].id)) == 20


@pytest.mark.parametrize(("query", "found"), LOOKS_CLOSER)
def test_no_condition_is_worked_out_for_another_sites_row(
    shared: Running, sites: tuple[SiteOf, SiteOf], query: str, found: int | None
) -> None:
    """Not even one that would fail: an error would tell what stands in the row."""
    asked = query.replace("{secret}", "'" + SECRET.replace("'", "\\'") + "'").replace("{length}", str(len(SECRET)))

    answer = post_sql(shared, sites[0].id, asked)

    if found is None:
        assert answer.status_code == 400
    else:
        assert answer.json().get("rows") == [[found]], answer.text
    assert SECRET not in answer.text.replace(asked, "")


def test_what_asks_too_much_is_stopped_while_the_collector_goes_on(start: Any) -> None:
    running: Running = start(sql_timeout_s=2, sql_memory_mb=256)
    site = running.add_site()
    running.collect({"key": site.key, "events": [make_event()]}).raise_for_status()
    over, statuses = threading.Event(), list[int]()

    def collect() -> None:
        while not over.is_set():
            statuses.append(running.collect({"key": site.key, "events": [make_event()]}).status_code)
            time.sleep(0.05)

    collecting = threading.Thread(target=collect)
    collecting.start()
    try:
        errors = [refusal(running, site, query) for query in ASKS_TOO_MUCH]
    finally:
        over.set()
        collecting.join()

    assert {error["code"] for error in errors} <= {"query_stopped", "query_invalid"}
    assert [error["code"] for error in errors[:3]] == ["query_stopped"] * 3
    assert set(statuses) == {200}
    assert len(statuses) > 20
    running.settled(site.id, len(statuses) + 1)


def test_a_query_is_cancelled_by_its_run(shared: Running, sites: tuple[SiteOf, SiteOf]) -> None:
    path, run = f"/api/v1/sites/{sites[0].id}/sql", uuid.uuid4().hex
    answers: list[httpx.Response] = []

    def ask() -> None:
        with shared.client() as client:
            body = {"query": "SELECT count() FROM numbers(1000000000000)", "run": run}
            answers.append(client.post(path, json=body))

    asking = threading.Thread(target=ask)
    asking.start()
    with shared.client() as client:
        wait_for(lambda: client.delete(f"{path}/{run}").status_code == 204, 10)
        asking.join(timeout=10)
        again = client.delete(f"{path}/{run}")
        foreign = client.delete(f"/api/v1/sites/{sites[1].id}/sql/{run}")

    assert answers[0].status_code == 503
    assert answers[0].json()["error"] == {
        "code": "query_stopped",
        "message": "The query was cancelled.",
        "field": None,
    }
    assert (again.status_code, foreign.status_code) == (404, 404)


def test_every_query_is_in_the_audit_log(shared: Running, sites: tuple[SiteOf, SiteOf]) -> None:
    mark = uuid.uuid4().hex
    name = add_user(shared, sites={sites[0].id: "editor"})
    browser = browser_of(shared, name)
    for query in (f"SELECT '{mark}'", f"SELECT * FROM file('{mark}')"):
        browser.post(f"/sites/{sites[0].id}/sql", json={"query": query})
    browser.close()

    items = shared.get("/audit", site=sites[0].id)["items"]
    lines = [one for one in items if one["what"] == "sql.run" and mark in one["after"]["query"]]

    assert [line["who"] for line in lines] == [{"kind": "user", "name": name}] * 2
    assert lines[1]["after"] == {"query": f"SELECT '{mark}'", "format": "json"}
    assert lines[1]["site"] == sites[0].id


def test_the_command_asks_too(shared: Running, sites: tuple[SiteOf, SiteOf]) -> None:
    query = "SELECT action, count() AS n FROM events GROUP BY action ORDER BY n DESC, action LIMIT 1"

    said = shared.command("sql", query, "--site", sites[0].id)
    as_json = shared.command("sql", query, "--site", sites[0].id, "--json")
    wrong = shared.command("sql", "SELECT nope FROM events", "--site", sites[0].id, check=False)

    assert said.stdout == "action,n\npage.visit,3\n"
    assert '"rows":[["page.visit",3]]' in as_json.stdout
    assert wrong.returncode == 1
    assert "Unknown expression identifier `nope`" in wrong.stderr
