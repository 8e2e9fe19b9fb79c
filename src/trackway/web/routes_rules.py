"""The rules of a site over HTTP: read, put, tried on what was received, and what they marked. They hold at once."""

import msgspec
from litestar import get, post, put

from trackway.control.directory import now_ms
from trackway.control.sites import put_rules
from trackway.insight.preview import marked, preview
from trackway.rules import Rules, check_rules
from trackway.web.access import Access
from trackway.web.routes_quality import HOUR_MS
from trackway.web.routes_read import Since, Until
from trackway.web.shapes_govern import MarkedPage, PreviewRequest, PreviewShape, RulesShape


@get("/sites/{site:str}/rules", tags=["rules"], summary="A site's allowlist and denylist")
async def read_rules(access: Access, site: str) -> RulesShape:
    """As they hold now."""
    return shape(access.site(site).rules)


@put("/sites/{site:str}/rules", tags=["rules"], summary="Give a site these rules")
async def write_rules(access: Access, site: str, data: RulesShape) -> RulesShape:
    """They take the place of those there are. The server has them at once, browsers within five minutes."""
    found = access.site(site, "edit")
    rules = check_rules(data.mode, data.allow, data.deny)
    put_rules(access.parts.engine, access.author, found, rules, now_ms())
    access.parts.directory.refresh()
    return shape(rules)


@post("/sites/{site:str}/rules/preview", tags=["rules"], summary="Try rules on what was received", status_code=200)
async def preview_rules(access: Access, site: str, data: PreviewRequest) -> PreviewShape:
    """What enforcing them would have made of the last events, stored and quarantined. Nothing is changed."""
    found = access.site(site)
    rules = check_rules(data.mode, data.allow, data.deny)
    parts = access.parts
    seen = await preview(parts.pool, parts.ledger, found.id, rules, parts.directory.gate_of_key, data.last)
    return msgspec.convert(seen, PreviewShape)


@get("/sites/{site:str}/rules/marked", tags=["rules"], summary="What rules in report mode would have refused")
async def read_marked(access: Access, site: str, since: Since = None, until: Until = None) -> MarkedPage:
    """Stored events that were marked, by action; those received in the last 24 hours unless told otherwise."""
    until = now_ms() + 60_000 if until is None else until
    since = until - 24 * HOUR_MS if since is None else since
    found = await marked(access.parts.pool, access.site(site).id, since, until)
    return msgspec.convert({"items": found}, MarkedPage)


def shape(rules: Rules) -> RulesShape:
    """Rules as they are shown."""
    return RulesShape(rules.mode, list(rules.allow), list(rules.deny))
