"""Behind every number stand as many customers, with as many sessions or events, as it says: on made-up histories.

The numbers themselves are held against plain computations beside each question.
"""

import asyncio
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.insight import test_elements, test_forms, test_retention, test_sessions, test_sources
from tests.insight.asked import asked_about, scopes
from tests.insight.told import DAY, HOUR, NOW, actions, decoys, histories, put, screens, visits
from trackway.errors import RequestRefused
from trackway.insight.behind import Behind, list_behind
from trackway.insight.elements import Did, ask_elements_behind, read_elements
from trackway.insight.forms import Became, ask_forms_behind, read_forms
from trackway.insight.question import Scope
from trackway.insight.retention import RetentionQuestion, ask_retention_behind, read_retention
from trackway.insight.sessions import Kind, SessionsQuestion, ask_sessions_behind, read_sessions
from trackway.insight.sources import SourceQuestion, ask_sources_behind, read_sources
from trackway.insight.trend import TrendQuestion, ask_trend_behind, interval_edges, read_trend
from trackway.store.pool import Pool

KINDS: tuple[Kind, ...] = ("days", "entries", "exits", "breakdown")
checked = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def stored_at(store: Pool, events: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    decoys(store, events)
    return put(store, events)


def on(question: Any, site: str) -> Any:
    """The question, about that site."""
    return msgspec.structs.replace(question, scope=msgspec.structs.replace(question.scope, site=site))


def behind(store: Pool, asked: Behind) -> dict[str, int]:
    """Customers, with how many units are theirs."""
    items, following = asyncio.run(list_behind(store, asked, 100, None))
    assert following is None
    return {item["customer"]: item["units"] for item in items}


@checked
@given(histories(st.one_of(visits, actions)), scopes, st.sampled_from(["", "page", "source"]), st.integers(1, 3))
def test_points_of_a_trend(
    store: Pool, events: list[dict[str, Any]], scope: Scope, breakdown: str, series: int
) -> None:
    site, stored = stored_at(store, events)
    scope = msgspec.structs.replace(scope, site=site, since=NOW - 7 * HOUR, until=NOW)
    edges = interval_edges(NOW - 7 * HOUR, NOW, "hour", "UTC")
    asked = TrendQuestion(scope, edges, "customers", breakdown=breakdown, series=series)

    for one in asyncio.run(read_trend(store, asked)):
        whole = asyncio.run(ask_trend_behind(store, asked, None, one["name"], one["other"]))
        assert len(behind(store, whole)) == one["total"]
        for edge, value in zip(edges, one["values"], strict=True):
            if value:
                point = asyncio.run(ask_trend_behind(store, asked, edge, one["name"], one["other"]))
                assert len(behind(store, point)) == value
    if not breakdown:
        mine = asked_about(stored, scope)
        every = behind(store, asyncio.run(ask_trend_behind(store, asked, None, "", False)))
        assert every == {who: sum(event["uuid"] == who for event in mine) for who in {event["uuid"] for event in mine}}


def test_no_interval_begins_in_between(store: Pool) -> None:
    try:
        asyncio.run(ask_trend_behind(store, TrendQuestion(Scope("shop"), (0, DAY)), 1, "", False))
    except RequestRefused as refused:
        assert refused.field == "at"
    else:
        raise AssertionError("it was taken")


@checked
@given(histories(st.one_of(visits, screens, actions)), test_sessions.questions)
def test_rows_of_sessions(store: Pool, events: list[dict[str, Any]], asked: SessionsQuestion) -> None:
    site, _ = stored_at(store, events)
    asked = on(asked, site)
    answer = asyncio.run(read_sessions(store, asked))
    rows: list[tuple[Kind, dict[str, Any]]] = [("total", answer["total"])]
    for kind in KINDS:
        listed: list[dict[str, Any]] = answer[kind] or []
        rows.extend((kind, row) for row in listed)

    for kind, row in rows:
        found = behind(store, ask_sessions_behind(asked, kind, str(row["value"]), bounced=False))
        assert (len(found), sum(found.values())) == (row["customers"], row["sessions"])
        assert (
            sum(behind(store, ask_sessions_behind(asked, kind, str(row["value"]), bounced=True)).values())
            == row["bounces"]
        )


@checked
@given(histories(st.one_of(test_sources.visits, actions)), test_sources.questions)
def test_rows_of_sources(store: Pool, events: list[dict[str, Any]], asked: SourceQuestion) -> None:
    site, _ = stored_at(store, events)
    asked = on(asked, site)

    for row in asyncio.run(read_sources(store, asked, 100))["items"]:
        found = behind(store, ask_sources_behind(asked, row["name"]))
        assert (len(found), sum(found.values())) == (row["customers"], row["sessions"])


@checked
@given(histories(st.one_of(visits, actions)), test_retention.questions, st.lists(test_retention.far_times, min_size=3))
def test_cells_of_retention(
    store: Pool, events: list[dict[str, Any]], asked: RetentionQuestion, times: list[int]
) -> None:
    site, _ = stored_at(store, test_retention.spread(events, times))
    asked = on(asked, site)

    for cohort in asyncio.run(read_retention(store, asked, NOW + 40 * DAY))["cohorts"]:
        everybody = behind(store, ask_retention_behind(asked, cohort["start"], None))
        assert len(everybody) == cohort["size"]
        for period, returned in enumerate(cohort["returned"]):
            back = behind(store, ask_retention_behind(asked, cohort["start"], period))
            assert len(back) == returned
            assert back.keys() <= everybody.keys()


@checked
@given(histories(st.one_of(test_elements.elements, visits)), scopes)
def test_numbers_of_elements(store: Pool, events: list[dict[str, Any]], scope: Scope) -> None:
    site, _ = stored_at(store, events)
    scope = msgspec.structs.replace(scope, site=site, action="", params=())
    columns: dict[Did, str] = {"viewed": "views", "hovered": "hovers", "clicked": "clicks", "unusual": "unusual"}

    for row in asyncio.run(read_elements(store, scope, 100)):
        for did, column in columns.items():
            assert sum(behind(store, ask_elements_behind(scope, row["element"], did)).values()) == row[column]
        assert len(behind(store, ask_elements_behind(scope, row["element"], "left"))) == row["hovered_without_click"]


@checked
@given(histories(st.one_of(test_forms.submits, test_forms.abandons, visits)), scopes)
def test_numbers_of_forms(store: Pool, events: list[dict[str, Any]], scope: Scope) -> None:
    site, _ = stored_at(store, events)
    scope = msgspec.structs.replace(scope, site=site, action="", params=())
    columns: dict[Became, str] = {"started": "started", "submitted": "submitted", "left": "abandoned"}

    for row in asyncio.run(read_forms(store, scope, 100)):
        for became, column in columns.items():
            assert sum(behind(store, ask_forms_behind(scope, row["form"], became)).values()) == row[column]
        assert len(behind(store, ask_forms_behind(scope, row["form"], "started"))) == row["customers"]
        assert len(behind(store, ask_forms_behind(scope, row["form"], "submitted"))) == row["submitters"]
