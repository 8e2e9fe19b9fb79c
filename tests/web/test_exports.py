"""Answers as files: every insight route and every list, with the numbers that the answer has."""

import csv
import io
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pyarrow.parquet
import pytest

from tests.running import Running, SiteOf, make_event, wait_for
from trackway.web.exports import EXPORT_ROWS_MAX

DAY_MS = 86_400_000
BEGAN = int(datetime(2024, 3, 1, 12, tzinfo=UTC).timestamp() * 1000)
ASKED: dict[str, dict[str, Any]] = {
    "insights/trend": {"from": BEGAN - DAY_MS, "to": BEGAN + DAY_MS, "breakdown": "action", "zone": "Europe/Warsaw"},
    "insights/elements/customers": {"element": "=banner", "did": "hovered"},
    "insights/sources/customers": {"name": "direct"},
    "insights/retention/customers": {"period": "day", "cohort": BEGAN - DAY_MS // 2},
    "insights/paths/customers": {"start": "/a", "step": 1, "target": "/b"},
    "insights/forms/submissions": {"form": "news"},
    "insights/forms/customers": {"form": "news"},
    "insights/funnel": {"step": ["/a", "/b"], "breakdown": "source"},
    "insights/funnel/customers": {"step": ["/a", "/b"], "at": 1},
}
"""What a route must be asked with, to have rows here."""


@pytest.fixture(scope="module")
def site(shared: Running) -> SiteOf:
    """A site with two customers who did a little of everything, and one refused event."""
    made = shared.add_site()
    events: list[dict[str, Any]] = []
    for number in range(2):
        of = {"uuid": str(uuid.uuid4()), "session": str(uuid.uuid4())}
        for later, page in ((0, "a"), (1_000, "b")):
            params = {"url": f"https://shop.example/{page}"}
            events.append(make_event(**of, action="page.visit", time=BEGAN + later, params=params))
        hover = {"element": "=banner", "duration": 1_500 + number}
        events.append(make_event(**of, action="element.hover", time=BEGAN + 2_000, params=hover))
        events.append(make_event(**of, action="form.submit", time=BEGAN + 3_000, params={"form": "news"}))
        identity = {"email": f"person{number}@shop.example"}
        events.append(make_event(**of, action="client.identify", time=BEGAN + 4_000, params=identity))
    lingers = {"element": "=banner", "duration": 30_000}
    events.append(make_event(uuid=events[0]["uuid"], action="element.hover", params=lingers))
    shared.collect({"key": made.key, "events": [*events, make_event(action="refused")]}).raise_for_status()
    shared.settled(made.id, len(events) + 1)
    return made


def fetch(running: Running, site: SiteOf, question: str, form: str, /, **query: Any) -> httpx.Response:
    """A question's answer in some form."""
    with running.client(site.read) as client:
        return client.get(f"/api/v1/sites/{site.id}/{question}", params={**query, "format": form})


def read_csv(answer: httpx.Response) -> list[dict[str, str]]:
    """The rows of a CSV."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def read_parquet(answer: httpx.Response) -> list[dict[str, Any]]:
    """The rows of a Parquet file."""
    assert answer.status_code == 200, answer.text
    parquet_of: Any = pyarrow.parquet
    table: Any = parquet_of.read_table(io.BytesIO(answer.content))
    return table.to_pylist()


def questions(running: Running) -> Iterator[str]:
    """Every insight route, and the lists that can be had as files, by their path behind the site."""
    begin = "/api/v1/sites/{site}/"
    for path, item in httpx.get(f"{running.url}/api/v1/openapi.json").json()["paths"].items():
        described = any(one["name"] == "format" for one in item.get("get", {}).get("parameters", ()))
        if path.startswith(f"{begin}insights/") and "get" in item:
            assert described, f"{path} cannot be had as a file"
        if described and path.startswith(begin) and "get" in item:
            yield path.removeprefix(begin)


def test_every_question_and_list_is_had_as_csv_and_parquet(shared: Running, site: SiteOf) -> None:
    asked = [one for one in questions(shared) if one != "incidents"]  # those take weeks: tests/watch/test_alerts.py
    assert {"events", "customers", "quarantine", "ledger", "live/now", "insights/trend"} <= set(asked)

    for question in asked:
        query = ASKED.get(question, {})
        rows = read_csv(fetch(shared, site, question, "csv", **query))
        same = read_parquet(fetch(shared, site, question, "parquet", **query))

        assert len(rows) == len(same) > 0, question
        assert list(rows[0]) == list(same[0]), question


def test_a_trend_is_a_row_for_each_interval_of_each_series(shared: Running, site: SiteOf) -> None:
    query = ASKED["insights/trend"]
    answer = shared.get(f"/sites/{site.id}/insights/trend", site.read, **query)

    rows = read_csv(fetch(shared, site, "insights/trend", "csv", **query))

    told = [(series["name"], value) for series in answer["series"] for value in series["values"]]
    assert [(row["series"], float(row["value"])) for row in rows] == told
    days = [row["day"] for row in rows[: len(answer["times"])]]
    assert days[1] == "2024-03-01T00:00:00.000+01:00"
    parquet = read_parquet(fetch(shared, site, "insights/trend", "parquet", **query))
    assert [int(row["day"].timestamp() * 1000) for row in parquet[: len(days)]] == answer["times"]


def test_paths_hold_every_count(shared: Running, site: SiteOf) -> None:
    query: dict[str, Any] = {"start": "/a", "steps": 2}
    answer = shared.get(f"/sites/{site.id}/insights/paths", site.read, **query)

    rows = read_parquet(fetch(shared, site, "insights/paths", "parquet", **query))

    for number, step in enumerate(answer["steps"], 1):
        here = [row for row in rows if row["step"] == number]
        names = {row["name"]: row["count"] for row in here if row["kind"] == "name"}
        assert names == {node["name"]: node["count"] for node in step["nodes"]}
        assert {row["kind"]: row["count"] for row in here if row["kind"] in ("other", "left")} == {
            "other": step["other"],
            "left": step["left"],
        }
        assert sum(row["count"] for row in here if row["kind"] != "way") == answer["total"]
    ways = [(row["step"], row["came_from"], row["name"], row["count"]) for row in rows if row["kind"] == "way"]
    assert sorted(ways) == sorted((one["step"], one["source"], one["target"], one["count"]) for one in answer["links"])


def test_what_is_going_on_now_is_a_row_for_each_name_of_each_panel(shared: Running) -> None:
    site = shared.add_site()
    shared.collect({"key": site.key, "events": [make_event(action="now.here") for _ in range(3)]}).raise_for_status()
    wait_for(lambda: shared.events(site.id, action="now.here") != [], 15)
    rows = read_csv(fetch(shared, site, "live/now", "csv", bots="true"))

    assert list(rows[0]) == ["panel", "name", "events", "customers"]
    assert rows[0]["panel"] == "all"
    assert {"panel": "actions", "name": "now.here", "events": "3", "customers": "3"} in rows


def test_a_funnel_says_who_dropped_out_of_each_value(shared: Running, site: SiteOf) -> None:
    query = {"step": ["/a", "/b", "order.paid"], "breakdown": "source"}

    rows = read_parquet(fetch(shared, site, "insights/funnel", "parquet", **query))

    assert [(row["of"], row["breakdown"], row["count"], row["dropped"]) for row in rows] == [
        *[("all", None, count, dropped) for count, dropped in ((2, 0), (2, 0), (0, 2))],
        *[("value", "web", count, dropped) for count, dropped in ((2, 0), (2, 0), (0, 2))],
    ]


def test_no_cell_of_a_csv_is_a_formula(shared: Running, site: SiteOf) -> None:
    (row,) = read_csv(fetch(shared, site, "insights/elements", "csv"))
    (same,) = read_parquet(fetch(shared, site, "insights/elements", "parquet"))

    assert row["element"] == "'=banner"
    assert same["element"] == "=banner"
    assert (row["hovers"], same["hovers"]) == ("3", 3)


def test_events_are_as_trackway_export_writes_them(shared: Running, site: SiteOf) -> None:
    rows = read_csv(fetch(shared, site, "events", "csv", action="page.visit"))

    assert len(rows) == 4
    assert list(rows[0])[:6] == ["id", "action", "label", "time", "uuid", "params"]
    assert rows[0]["params"] == '{"url":"https://shop.example/b"}'


def test_customers_have_their_identifiers_in_columns(shared: Running, site: SiteOf) -> None:
    rows = read_parquet(fetch(shared, site, "customers", "parquet"))

    assert {row["identifiers.email"] for row in rows} == {"person0@shop.example", "person1@shop.example"}
    assert {row["first_seen"] for row in rows} == {datetime.fromtimestamp(BEGAN / 1000, UTC)}


def test_a_list_is_followed_over_its_pages_up_to_a_limit(shared: Running) -> None:
    site = shared.add_site()
    count = EXPORT_ROWS_MAX + 500
    for begin in range(0, count, 1_000):
        many = [make_event(time=BEGAN + place) for place in range(begin, min(begin + 1_000, count))]
        shared.collect({"key": site.key, "events": many}).raise_for_status()
    shared.settled(site.id, count)

    whole = fetch(shared, site, "events", "csv", to=BEGAN + EXPORT_ROWS_MAX)
    cut = fetch(shared, site, "events", "csv")
    few = fetch(shared, site, "events", "csv", limit=3)

    assert len({row["id"] for row in read_csv(whole)}) == EXPORT_ROWS_MAX
    assert "x-trackway-cut" not in whole.headers
    assert len({row["id"] for row in read_csv(cut)}) == EXPORT_ROWS_MAX
    assert cut.headers["x-trackway-cut"] == str(EXPORT_ROWS_MAX)
    assert len(read_csv(few)) == 3


def test_a_file_is_named_by_question_site_and_range(shared: Running, site: SiteOf) -> None:
    ranged = fetch(shared, site, "insights/funnel/customers", "csv", **ASKED["insights/funnel/customers"])
    days = fetch(shared, site, "insights/sessions", "parquet", **{"from": BEGAN, "to": BEGAN + DAY_MS})

    assert ranged.headers["content-disposition"] == f'attachment; filename="funnel-customers-{site.id}.csv"'
    assert (
        days.headers["content-disposition"]
        == f'attachment; filename="sessions-{site.id}-2024-03-01-2024-03-02.parquet"'
    )


def test_what_is_wrong_is_answered_as_ever(shared: Running, site: SiteOf) -> None:
    foreign = shared.add_site()
    with shared.client(foreign.read) as client:
        hidden = client.get(f"/api/v1/sites/{site.id}/events", params={"format": "csv"})
    unknown = fetch(shared, site, "insights/trend", "xlsx")
    wrong = fetch(shared, site, "insights/trend", "csv", measure="sum")
    plain = fetch(shared, site, "customers", "json")

    assert (hidden.status_code, hidden.json()["error"]["code"]) == (404, "not_found")
    assert (unknown.status_code, unknown.json()["error"]["field"]) == (400, "format")
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (400, "param")
    assert len(plain.json()["items"]) == 2
    assert httpx.get(f"{shared.url}/api/v1/sites/{site.id}/events?format=csv").status_code == 401
