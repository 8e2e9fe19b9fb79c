"""Where did they come from? Sessions by what brought them, or by what first brought their customer.

A redirect through a login or a payment is no source: hosts in the site's `excluded_referrers`, with their subdomains,
and the site's own pages overwrite nothing. It must never count a session twice.
"""

from typing import Any, Literal

import msgspec

from trackway.insight.behind import Behind
from trackway.insight.question import UNITS, Scope, write_sql
from trackway.insight.stretches import BROUGHT, Telling, ask_stretches
from trackway.store.pool import Pool

By = Literal["channel", "referrer", "campaign", "source", "landing"]
Which = Literal["session", "first"]

TELLING = {
    "channel": Telling(),
    "referrer": Telling(what="toString(referrer_host)", came="referrer_host"),
    "campaign": Telling(what="utm['campaign']", came="campaign"),
    "source": Telling(what="utm['source']", came="utm_source"),
    "landing": Telling("page != ''", "page", "entered", "entry"),
}
NOT_EXCLUDED = """(notEmpty(utm) OR NOT arrayExists(
               host -> referrer_host = host OR endsWith(referrer_host, concat('.', host)), {excluded:Array(String)}))"""
CHANNEL_NAME = "multiIf(told, came, visited, 'internal', 'unknown')"


class SourceQuestion(msgspec.Struct, frozen=True):
    """Sessions of which events, by what; `which`: what brought the session, or first brought its customer."""

    scope: Scope
    by: By = "channel"
    which: Which = "session"
    excluded: tuple[str, ...] = ()


def ask_sources(asked: SourceQuestion) -> tuple[str, dict[str, Any]]:
    """The question, with its parameters."""
    sessions, values = ask_sessions(asked)
    return write_sql("sources", SESSIONS=sessions, NAME=name_of(asked)), values


def ask_sources_behind(asked: SourceQuestion, name: str) -> Behind:
    """The customers of the sessions of a source."""
    sessions, values = ask_sessions(asked)
    return Behind(sessions, f"{name_of(asked)} = {{name:String}}", values | {"name": name})


def name_of(asked: SourceQuestion) -> str:
    """What the source of a session is called."""
    return CHANNEL_NAME if asked.by == "channel" else "came"


def ask_sessions(asked: SourceQuestion) -> tuple[str, dict[str, Any]]:
    """The SQL of each session with what brought it, and its parameters."""
    telling, excluded = TELLING[asked.by], list[str]()
    if asked.excluded and asked.by != "landing":
        telling, excluded = telling._replace(tells=f"{BROUGHT} AND {NOT_EXCLUDED}"), list(asked.excluded)
    stretches, values = ask_stretches(asked.scope, "session", telling, by_event=bool(excluded))
    sessions = write_sql("sources_sessions", STRETCHES=stretches, UNIT=UNITS["session"], SUCH="true")
    if asked.which == "first":
        always = msgspec.structs.replace(asked.scope, since=None, until=None, action="", params=(), sealed=False)
        visits, more = ask_stretches(always, "customer", telling, by_event=bool(excluded))
        such = "visited OR entered != 0"
        ever = write_sql("sources_sessions", STRETCHES=visits, UNIT="person", SUCH=such)
        sessions, values = write_sql("sources_first", SESSIONS=sessions, EVER=ever), more | values
    if excluded:
        values["excluded"] = excluded
    return sessions, values


async def read_sources(pool: Pool, asked: SourceQuestion, limit: int) -> dict[str, Any]:
    """At most `limit` sources, those with the most sessions first; `other`: sessions of those not listed."""
    sql, values = ask_sources(asked)
    items = await pool.rows(sql, values | {"limit": limit}, heavy=True)
    total = items[0]["total"] if items else 0
    listed = [{name: row[name] for name in ("name", "sessions", "customers")} for row in items]
    return {"total": total, "other": total - sum(row["sessions"] for row in items), "items": listed}
