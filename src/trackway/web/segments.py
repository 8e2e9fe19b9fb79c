"""A segment as a question takes it: found by its id, with what the site and the books say."""

import asyncio

import msgspec

from trackway.control.directory import now_ms
from trackway.control.saved import SEGMENTS
from trackway.insight.filters import Such
from trackway.insight.person import Whom, whom_of
from trackway.insight.segment import ask_segment, find_members
from trackway.segment import Listed, Segment
from trackway.site import Site
from trackway.store.row import Row
from trackway.web.parts import Parts


def read_such(parts: Parts, site: Site, segment: str, among: Whom | None = None) -> Such:
    """The condition on events of a saved segment; `among` as in `ask_segment`.

    Raises RequestRefused(not_found), also for another site's.
    """
    found = SEGMENTS.find(parts.engine, site.id, segment)
    return resolve(parts, site, msgspec.convert(found.content, Segment), among=among)


async def rows_of_members(parts: Parts, site: Site, segment: str, rows: list[Row]) -> list[Row]:
    """Those of a live reader's rows whose customers are in a saved segment now. Raises RequestRefused(not_found)."""
    register = parts.ledger.register
    wholes = {row.customer: register.whole(site.id, row.customer) for row in rows}

    def among() -> Such:
        return read_such(parts, site, segment, whom_of(register, site.id, {*wholes.values()}))

    async with parts.ring.asking:
        members = await find_members(parts.pool, site.id, await asyncio.to_thread(among))
    return [row for row in rows if row.customer in members]


def resolve(parts: Parts, site: Site, segment: Segment, sealed: bool = False, among: Whom | None = None) -> Such:
    """The condition on events of a segment, as of now. Who is listed counts as whoever they were merged into.

    `sealed`: thought up by somebody who may not see what was put into forms; `among` as in `ask_segment`.
    """
    conditions = [
        Listed(negated=one.negated, customers=sorted({*parts.ledger.register.wholes(site.id, one.customers).values()}))
        if isinstance(one, Listed)
        else one
        for one in segment.conditions
    ]
    return ask_segment(Segment(conditions, segment.match), site.settings.excluded_referrers, now_ms(), sealed, among)
