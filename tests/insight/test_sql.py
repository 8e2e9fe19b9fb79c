"""The SQL of each question, to the letter: a change shows in review. TRACKWAY_BLESS=1 writes the files anew."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import pytest

from trackway.insight.elements import ask_elements, ask_lingering
from trackway.insight.forms import ask_forms, ask_submissions
from trackway.insight.funnel import FunnelQuestion
from trackway.insight.funnel import ask_units as ask_units_of_funnel
from trackway.insight.live_now import ask_now
from trackway.insight.paths import PathQuestion, ask_units
from trackway.insight.person import Whom
from trackway.insight.question import Scope, write_sql
from trackway.insight.retention import RetentionQuestion, ask_retention
from trackway.insight.segment import ask_segment
from trackway.insight.sessions import SessionsQuestion, ask_sessions
from trackway.insight.sources import SourceQuestion, ask_sources
from trackway.insight.trend import TrendQuestion, ask_trend
from trackway.segment import Attribute, Came, Did, Identified, Listed, Segment, Used

GOLDEN = Path(__file__).parent / "golden"
SCOPE = Scope("shop", 1, 2, "web", bots=False)
SUCH = Scope("shop", 1, action="cart.*", params=(("size", "M"), ("gift", "true")))
SEGMENT = Segment(
    [
        Did(action="/cart*", params={"size": "M"}, times=2, days=30),
        Attribute(name="plan", value="pro", how="contains"),
        Identified(negated=True),
        Came(value="news", by="campaign"),
        Used(value="phone"),
        Listed(customers=["00000000-0000-4000-8000-000000000001"]),
    ]
)
ANYBODY = "00000000-0000-4000-8000-000000000001"
FUNNEL = FunnelQuestion(SCOPE, ("/", "cart.*", "/thanks"), breakdown="utm_source")


def paths(asked: PathQuestion) -> str:
    return write_sql("paths", UNITS=ask_units(asked)[0])


QUESTIONS: Mapping[str, Callable[[], str]] = {
    "paths": lambda: paths(PathQuestion(Scope("shop"))),
    "paths_back_by_customer": lambda: paths(
        PathQuestion(SCOPE, "cart.*", "previous", by="customer", of="all", patterns=("/product/*", "/blog/*"))
    ),
    "sources": lambda: ask_sources(SourceQuestion(SCOPE))[0],
    "sources_first": lambda: ask_sources(SourceQuestion(SCOPE, "landing", "first"))[0],
    "trend": lambda: ask_trend(
        TrendQuestion(msgspec.structs.replace(SCOPE, action="cart.*"), (1,), "p95", "price", "param.size")
    )[1],
    "trend_names": lambda: ask_trend(TrendQuestion(SCOPE, (1,), breakdown="channel"))[0],
    "trend_of_such_events": lambda: ask_trend(TrendQuestion(SUCH, (1,)))[1],
    "sessions_with_such_events": lambda: ask_sessions(SessionsQuestion(SUCH))[0],
    "retention_of_such_customers": lambda: ask_retention(RetentionQuestion(SUCH))[0],
    "segment": lambda: ask_segment(SEGMENT, ("pay.example",), 10**13).sql,
    "segment_of_some": lambda: (
        ask_segment(Segment(SEGMENT.conditions[:2]), (), 10**13, among=Whom((ANYBODY,), (ANYBODY,))).sql
    ),
    "segment_members": lambda: write_sql("segment_members", SEGMENT="true"),
    "segment_counts": lambda: write_sql("segment_counts", SEGMENT="true"),
    "segment_examples": lambda: write_sql("segment_examples", SEGMENT="true"),
    "elements": lambda: ask_elements(SCOPE)[0],
    "forms": lambda: ask_forms(SCOPE)[0],
    "forms_submissions": lambda: ask_submissions(SCOPE)[0],
    "forms_fields": lambda: ask_forms(SCOPE)[1],
    "live_now": lambda: ask_now(Scope("shop", 1, bots=False))[0],
    "lingering": lambda: ask_lingering("shop")[0],
    "funnel": lambda: write_sql("funnel_counts", UNITS=ask_units_of_funnel(FUNNEL)[0]),
    "funnel_customers": lambda: write_sql(
        "behind",
        UNITS=ask_units_of_funnel(FunnelQuestion(Scope("shop"), ("a.b", "b.*"), by="session"))[0],
        TAKES="reached = {step:UInt8} - 1",
    ),
    "retention": lambda: ask_retention(RetentionQuestion(SCOPE, "/", "order.*", "week"))[0],
    "sessions": lambda: ask_sessions(SessionsQuestion(SCOPE, "param.plan"))[0],
    "paths_customers": lambda: write_sql(
        "behind", UNITS=ask_units(PathQuestion(SCOPE, "/"))[0], TAKES="length(path) < {target_step:UInt8}"
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_sql_is_as_reviewed(name: str) -> None:
    golden = GOLDEN / f"{name}.sql"
    written = QUESTIONS[name]().rstrip() + "\n"
    if os.environ.get("TRACKWAY_BLESS"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(written, encoding="utf-8")

    assert written == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["'; DROP TABLE events --", "{x:String}", "%", "\\"])
def test_what_a_caller_says_is_never_in_the_sql(text: str) -> None:
    asked = PathQuestion(Scope(text, action=text, params=((text, text),)), text, patterns=(text,))

    sql, values = ask_units(asked)

    assert sql == ask_units(PathQuestion(Scope("shop", action="a", params=(("b", "c"),)), "a.b", patterns=("/",)))[0]
    assert text in values.values()


@pytest.mark.parametrize("text", ["'; DROP TABLE events --", "{x:String}", "%", "\\"])
def test_nor_is_it_in_the_sql_of_the_others(text: str) -> None:
    funnel, plain = FunnelQuestion(Scope(text), (text, text), breakdown=f"param.{text}"), Scope("shop")

    assert (
        ask_units_of_funnel(funnel)[0] == ask_units_of_funnel(FunnelQuestion(plain, ("a", "b"), breakdown="param.x"))[0]
    )
    assert (
        ask_retention(RetentionQuestion(Scope(text), text, text))[0]
        == ask_retention(RetentionQuestion(plain, "a.b", "a.b"))[0]
    )
    sessions = SessionsQuestion(Scope(text), f"param.{text}")
    assert ask_sessions(sessions)[0] == ask_sessions(SessionsQuestion(plain, "param.x"))[0]
