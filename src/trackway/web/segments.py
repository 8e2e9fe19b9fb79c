"""A segment as a question takes it: found by its id, with what the site and the books say."""

import msgspec

from trackway.control.directory import now_ms
from trackway.control.saved import SEGMENTS
from trackway.insight.filters import Such
from trackway.insight.segment import ask_segment
from trackway.segment import Listed, Segment
from trackway.site import Site
from trackway.web.parts import Parts


def read_such(parts: Parts, site: Site, segment: str) -> Such:
    """The condition on events of a saved segment. Raises RequestRefused(not_found), also for another site's."""
    return resolve(parts, site, msgspec.convert(SEGMENTS.find(parts.engine, site.id, segment).content, Segment))


def resolve(parts: Parts, site: Site, segment: Segment, sealed: bool = False) -> Such:
    """The condition on events of a segment, as of now. Who is listed counts as whoever they were merged into.

    `sealed`: thought up by somebody who may not see what was put into forms.
    """
    conditions = [
        Listed(negated=one.negated, customers=sorted({*parts.ledger.register.wholes(site.id, one.customers).values()}))
        if isinstance(one, Listed)
        else one
        for one in segment.conditions
    ]
    return ask_segment(Segment(conditions, segment.match), site.settings.excluded_referrers, now_ms(), sealed)
