"""What would rules have done to the last events received? And what did they mark, in report mode?

Events that the rules decided about are decided again, by the very code that enforces them; events refused for other
reasons stay refused. It looks at a bounded number of events, and changes nothing.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from trackway.books import Ledger, QuarantineFilter
from trackway.rules import Gate, Rules, Ruling, gate_of
from trackway.store.pool import Pool

PREVIEW_EVENTS = 1_000
PREVIEW_EVENTS_MAX = 10_000
QUARANTINE_PAGE = 500
"""Rows of the quarantine held at a time: each may be 32 KiB."""
ACTIONS_SHOWN_MAX = 100
EXAMPLES_MAX = 3
BY_RULES = frozenset({"denied", "not_allowed"})

# What the server made itself was never received.
LAST_STORED = """
SELECT position, toString(id) AS id, action, key, received, 'stored' AS was FROM events
WHERE site = {site:String} AND source != 'system' ORDER BY position DESC LIMIT {limit:UInt32}
"""
MARKED = """
SELECT action, would_reject AS code, count() AS count, min(received) AS first, max(received) AS last FROM events
WHERE site = {site:String} AND would_reject != '' AND received >= {since:Int64} AND received < {until:Int64}
GROUP BY action, code ORDER BY count DESC, action LIMIT {limit:UInt32}
"""

GateOfKey = Callable[[str], Gate | None]


class Received(msgspec.Struct):
    """One event received, and what became of it: stored, or the reason it was refused for."""

    position: int
    id: str | None
    action: str
    key: str
    received: int
    was: str


class Group(NamedTuple):
    """Events of one action that the rules would decide about alike."""

    action: str
    ruling: Ruling | None


async def preview(  # noqa: PLR0913 - what it asks, of whom
    pool: Pool, ledger: Ledger, site: str, rules: Rules, gate_of_key: GateOfKey, last: int
) -> dict[str, Any]:
    """What enforcing `rules` would have made of the `last` events received. `gate_of_key`: an API key's own lists."""
    lines = await pool.lines(LAST_STORED, {"site": site, "limit": last}, heavy=True)
    stored = msgspec.json.Decoder(Received, strict=False).decode_lines(lines)
    refused = await asyncio.to_thread(lambda: list(last_refused(ledger, site, last)))
    newest = sorted([*stored, *refused], key=lambda one: one.position, reverse=True)[:last]
    return decide(newest, gate_of(rules, "this site"), gate_of_key)


def last_refused(ledger: Ledger, site: str, last: int) -> Iterator[Received]:
    """The last events in quarantine, without those that were replayed: these are among the stored."""
    before = 2**63 - 1
    while last > 0:
        page = ledger.quarantine(QuarantineFilter(site, before, limit=min(last, QUARANTINE_PAGE)))
        for row in page:
            if not row["replayed"]:
                yield Received(
                    row["position"], row["id"], action_in(row["event"]), row["key"], row["received"], row["code"]
                )
        if len(page) < min(last, QUARANTINE_PAGE):
            return
        last -= len(page)
        before = page[-1]["position"]


def action_in(event: msgspec.Raw) -> str:
    """The action of an event as received; empty where it has none."""
    found: Any = msgspec.json.decode(event)
    action: Any = found.get("action") if isinstance(found, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return action if isinstance(action, str) else ""


def decide(received: list[Received], gate: Gate | None, gate_of_key: GateOfKey) -> dict[str, Any]:
    """What becomes of events under a site's rules and their keys' own lists. Pure but for what it is given."""
    accepted, rejected = 0, dict[str, int]()
    groups: dict[Group, list[Received]] = {}
    for one in received:
        if one.was != "stored" and one.was not in BY_RULES:
            rejected[one.was] = rejected.get(one.was, 0) + 1
            continue
        ruling = rule_on(one, gate, gate_of_key(one.key))
        if ruling is None:
            accepted += 1
        else:
            rejected[ruling.code] = rejected.get(ruling.code, 0) + 1
        if ruling is not None or one.was != "stored":
            groups.setdefault(Group(one.action, ruling), []).append(one)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0].action))
    return {
        "received": len(received),
        "since": received[-1].received if received else None,
        "accepted": accepted,
        "rejected": rejected,
        "actions": [show_group(group, members) for group, members in ordered[:ACTIONS_SHOWN_MAX]],
    }


def rule_on(one: Received, gate: Gate | None, key_gate: Gate | None) -> Ruling | None:
    """The first ruling against an event: the site's, then its key's, as the collector asks them."""
    ruling = gate.rule_on(one.action) if gate else None
    return ruling or (key_gate.rule_on(one.action) if key_gate else None)


def show_group(group: Group, members: list[Received]) -> dict[str, Any]:
    """A group in the shape of the answer."""
    was: dict[str, int] = {}
    for one in members:
        was[one.was] = was.get(one.was, 0) + 1
    ruling = group.ruling
    return {
        "action": group.action,
        "code": ruling.code if ruling else None,
        "rule": ruling.rule if ruling else "",
        "message": ruling.message if ruling else "The rules let it pass.",
        "count": len(members),
        "was": was,
        "examples": [{"id": one.id, "received": one.received, "was": one.was} for one in members[:EXAMPLES_MAX]],
    }


async def marked(pool: Pool, site: str, since: int, until: int) -> list[dict[str, Any]]:
    """Stored events that rules in report mode would have refused, by action, the most frequent first."""
    asked = {"site": site, "since": since, "until": until, "limit": ACTIONS_SHOWN_MAX}
    return await pool.rows(MARKED, asked, heavy=True)
