"""Made-up events for the proofs: few names, few people, many ties, so that every rule is met often."""

import itertools
import json
import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import strategies as st

from trackway.store.pool import Pool
from trackway.store.row import Row
from trackway.store.writer import Writer

HOUR = 3_600_000
DAY = 24 * HOUR
NOW = 1_760_000_000_000
PEOPLE = [f"00000000-0000-4000-8000-00000000000{number}" for number in range(3)]
SESSIONS = [None, *(f"00000000-0000-7000-8000-0000000000a{number}" for number in range(2))]
PAGES = ["/", "/a", "/b", "/shop/1", "/shop/2"]
positions = itertools.count(1)


def page_row(page: str, **fields: Any) -> dict[str, Any]:
    """A visit of a page, as fields of a row."""
    return {"action": "page.visit", "params": {"url": f"https://shop.example{page}?x=1"}, **fields}


def action_row(action: str) -> dict[str, Any]:
    """An event of an action, as fields of a row."""
    return {"action": action, "params": dict[str, Any]()}


visits = st.sampled_from(PAGES).map(page_row)
screens = st.sampled_from(["Home", "other"]).map(lambda name: {"action": "screen.view", "params": {"name": name}})
actions = st.sampled_from(["a.one", "a.two", "b.one"]).map(action_row)
# Times collide often, come in any order, and lie in the same quarter of an hour and in others.
ticks, beside = st.integers(0, 4), st.sampled_from([0, 0, 0, 1, 250_000, 800_000])
times = st.tuples(ticks, beside).map(lambda both: NOW - both[0] * 2 * HOUR + both[1])


@st.composite
def histories(draw: st.DrawFn, kinds: st.SearchStrategy[dict[str, Any]], most: int = 40) -> list[dict[str, Any]]:
    """Events in order of arrival, some sent twice."""
    single = st.fixed_dictionaries(
        {
            "time": times,
            "uuid": st.sampled_from(PEOPLE),
            "session": st.sampled_from(SESSIONS),
            "seq": st.one_of(st.none(), st.integers(0, 3)),
            "source": st.sampled_from(["web", "web", "mobile", "system"]),
            "bot": st.sampled_from([False, False, False, True]),
        }
    )
    least = draw(st.sampled_from([0, most // 2]))
    made = draw(st.lists(st.tuples(single, kinds).map(lambda pair: pair[0] | pair[1]), min_size=least, max_size=most))
    for number, one in enumerate(made):
        one["id"] = str(uuid.UUID(int=(uuid.uuid4().int >> 12 << 12) | number))
    again = draw(st.lists(st.sampled_from(made), max_size=5)) if made else []
    return made + [dict(one) for one in again]


def put(store: Pool, events: Sequence[dict[str, Any]], site: str | None = None) -> tuple[str, list[dict[str, Any]]]:
    """Store events through the writer on a site of their own; the site, and the stored ones with their positions."""
    site = site or f"s{uuid.uuid4().hex}"
    connection = store.connect()
    rows: list[Row] = []
    kept: dict[str, dict[str, Any]] = {}
    for event in events:
        position = next(positions)
        bare = {"label": "", "received": NOW, "customer": event["uuid"]}
        fields = bare | event | {"params": json.dumps(event["params"])}
        rows.append(msgspec.convert(fields | {"site": site, "position": position}, Row))
        kept.setdefault(event["id"], event | {"position": position})
    try:
        written = Writer(connection).write(rows)
    finally:
        connection.close()
    assert len(written.stored) == len(kept)
    return site, list(kept.values())


def page_of(event: dict[str, Any]) -> str:
    """The page an event was on, in plain Python."""
    if event["action"] == "screen.view":
        return f"screen:{event['params']['name']}"
    if event["action"] != "page.visit":
        return ""
    return str(event["params"]["url"]).removeprefix("https://shop.example").partition("?")[0] or "/"


def unit_of(event: dict[str, Any], by: str) -> tuple[str, str]:
    """Whose path or session an event belongs to."""
    if by == "session" and event["session"]:
        return ("session", event["session"])
    return ("customer", event["uuid"])


def in_order(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The order within a unit: time, the device's number, arrival."""
    return sorted(events, key=lambda one: (one["time"], one["seq"] or 0, one["position"]))


def decoys(store: Pool, events: Sequence[dict[str, Any]]) -> None:
    """The same events under other ids on another site: none of them may be counted."""
    put(store, [event | {"id": str(uuid.uuid4())} for event in events])
