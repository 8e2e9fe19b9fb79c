"""What events say about whose they are: which identifiers of which events may join devices. Pure."""

import msgspec

from trackway.books.people import Why
from trackway.event import Event
from trackway.identifier import folded, identifiers_in
from trackway.load.identify import Claim
from trackway.record import Record
from trackway.site import SiteSettings
from trackway.store.row import Row

IDENTIFY, FORM = "client.identify", "form.submit"
VOUCHED_SOURCES = frozenset({"server", "import"})
"""What an API key or an administrator sent: its addresses are believed."""


def claim_of(event: Event, record: Record, settings: SiteSettings, row: Row) -> Claim | None:
    """What an event claims, as stored in `row`; None for all that name nobody. A token and a server's `customer` count
    before what the params say.
    """
    says = event.action in (IDENTIFY, FORM)
    if not says and not event.customer:
        return None
    vouched = record.authenticated or record.source in VOUCHED_SOURCES
    told = identifiers_in(msgspec.json.decode(event.params)) if says else {}
    if not vouched and not may_join(event.action, settings):
        told.pop("email", None)
    named = folded(told | (event.customer or {}))
    if not named and event.uuid:
        return None
    return Claim(record.site, event.uuid, named, why_of(event, record), row.time, row.position, row.id)


def may_join(action: str, settings: SiteSettings) -> bool:
    """Whether a site believes an e-mail address that nobody vouches for."""
    return settings.email_joins == "forms" or (settings.email_joins == "identify" and action == IDENTIFY)


def why_of(event: Event, record: Record) -> Why:
    """What kind of event it is that claims."""
    if record.authenticated and event.customer:
        return "token"
    if event.customer:
        return "server"
    return "form" if event.action == FORM else "identify"
