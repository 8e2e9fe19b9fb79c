"""What the server adds to an event, as a list of named steps. Pure: what a step needs is given to it.

A new step is one function and one line in REQUEST_STEPS (the same for all events of a request) or EVENT_STEPS. It fills
in fields of its row; it never drops an event, and never changes what the client said.
"""

from collections.abc import Callable, Mapping
from copy import copy
from functools import cache
from typing import Any

import msgspec

from trackway.actions import BUILT_IN, NUMBER
from trackway.definition import Catalogue
from trackway.event import FUTURE_MS_MAX, LABEL_LENGTH_MAX, Event
from trackway.load.agent import read_agent
from trackway.load.channel import channel_of, host_of, utm_of
from trackway.load.place import Places, keep_ip
from trackway.record import Record
from trackway.site import SiteSettings
from trackway.store.row import Row

CLOCK_OFFSET_MS_MIN = 60_000
"""Below this a device's clock is believed: the difference is mostly the network."""

CLOCK_OFFSET_MS_MAX = 100 * 366 * 86_400_000
"""Beyond a century `sent` is no clock, but some other number."""

VISITS = frozenset({"page.visit", "session.start"})
INSIDE = ("spa", "bfcache")
"""Visits the SDK reports from within a page's life: virtual navigation, and back to a page kept in memory."""

_params_decoder = msgspec.json.Decoder(dict[str, Any])


class Request(msgspec.Struct):
    """What is the same for every event of a record, worked out once; `row` is what their rows begin as."""

    record: Record
    settings: SiteSettings
    clock_offset_ms: int
    row: Row
    catalogue: Catalogue | None = None


class Subject:
    """One event on its way through the steps. `params` are decoded when a step first asks for them."""

    __slots__ = ("_params", "event", "request", "row")

    def __init__(self, event: Event, request: Request, row: Row) -> None:
        self.event = event
        self.request = request
        self.row = row
        self._params: Mapping[str, Any] | None = None

    @property
    def params(self) -> Mapping[str, Any]:
        """The event's params."""
        if self._params is None:
            self._params = _params_decoder.decode(self.event.params)
        return self._params


RequestStep = Callable[[Row, Record, SiteSettings, Places], None]
EventStep = Callable[[Subject], None]
CatalogueOf = Callable[[str], Catalogue | None]


def no_catalogue(_: str) -> None:
    """The catalogue of a site that has declared nothing."""


def put_agent(row: Row, record: Record, _: SiteSettings, __: Places) -> None:
    """Browser, system, device and the robot flag. Robots are flagged and kept; a server's own agent says nothing."""
    if record.source != "server":
        row.browser, row.os, row.device, row.bot = read_agent(record.agent)


def put_place(row: Row, record: Record, _: SiteSettings, places: Places) -> None:
    """Country, region and city: of a customer's own address, so not of a server's."""
    if record.source != "server":
        row.country, row.region, row.city = places.find(record.ip)


def put_ip(row: Row, record: Record, settings: SiteSettings, _: Places) -> None:
    """As much of the address as the site keeps."""
    row.ip = keep_ip(record.ip, settings.ip)


def put_retention(row: Row, _: Record, settings: SiteSettings, __: Places) -> None:
    """How long the site keeps it."""
    row.retention_days = settings.retention_days


def put_time(subject: Subject) -> None:
    """The time, mended by a device clock that is plainly wrong; a time in the future becomes the time of receipt."""
    event, row, received = subject.event, subject.row, subject.request.record.received
    if event.time is None:
        return
    time = event.time if event.told else event.time + subject.request.clock_offset_ms
    row.time = time if time <= received + FUTURE_MS_MAX else received
    if row.time != event.time:
        row.client_time = event.time


def put_visit(subject: Subject) -> None:
    """Referrer, campaign and channel of a visit.

    Within a page's life only params name a campaign: an address that still carries the utm parameters of its landing is
    no second one.
    """
    if subject.event.action not in VISITS:
        return
    row, params = subject.row, subject.params
    url, referrer = text(params.get("url")), text(params.get("referrer"))
    inside = params.get("referrer_type") in INSIDE
    if "utm_" in row.params:
        row.utm = utm_of(params, "" if inside else url)
    row.referrer_host = host_of(referrer) if referrer else ""
    if subject.event.action == "session.start" and not (url or referrer or row.utm):
        return  # it says nothing of where it was: no reason to call it direct
    row.channel = "internal" if inside else channel_of(row.utm, row.referrer_host, host_of(url) if url else "")


def put_label(subject: Subject) -> None:
    """The label: as given, else from the template declared or built in, else the name declared, else the action."""
    event, catalogue = subject.event, subject.request.catalogue
    if event.label:
        return
    declared = catalogue.get(event.action) if catalogue else None
    built_in = BUILT_IN.get(event.action)
    template = (declared.label if declared else "") or (built_in.label if built_in else "")
    label = fill(template, subject.params) if template else ""
    subject.row.label = (label or (declared.name if declared else "") or event.action)[:LABEL_LENGTH_MAX]


def put_own_retention(subject: Subject) -> None:
    """How long events of the action are kept, where it is declared."""
    catalogue = subject.request.catalogue
    declared = catalogue.get(subject.event.action) if catalogue else None
    if declared is not None and declared.retention_days is not None:
        subject.row.retention_days = declared.retention_days


REQUEST_STEPS: tuple[tuple[str, RequestStep], ...] = (
    ("agent", put_agent),
    ("place", put_place),
    ("ip", put_ip),
    ("retention", put_retention),
)
EVENT_STEPS: tuple[tuple[str, EventStep], ...] = (
    ("time", put_time),
    ("visit", put_visit),
    ("label", put_label),
    ("own retention", put_own_retention),
)


class Requests:
    """The facts about requests, for one load. Requests that differ in nothing a step looks at share a row."""

    def __init__(
        self, settings_of: Callable[[str], SiteSettings], places: Places, catalogue_of: CatalogueOf = no_catalogue
    ) -> None:
        self._settings_of = settings_of
        self._catalogue_of = catalogue_of
        self._places = places
        self._rows: dict[tuple[str | bool, ...], Row] = {}

    def read(self, record: Record) -> Request:
        """What the events of a record share: each request step has filled in its part of the row."""
        settings = self._settings_of(record.site)
        alike = (record.site, record.source, record.key, record.agent, record.ip, record.authenticated)
        row = self._rows.get(alike)
        if row is None:
            row = self._rows[alike] = first_row(record, settings, self._places)
        if row.received != record.received:
            row = copy(row)
            row.time = row.received = record.received
        return Request(record, settings, clock_offset(record), row, self._catalogue_of(record.site))


def first_row(record: Record, settings: SiteSettings, places: Places) -> Row:
    """A row with what the request steps know of a record."""
    row = Row(
        site=record.site,
        id="",
        position=0,
        action="",
        label="",
        time=record.received,
        received=record.received,
        uuid="",
        source=record.source,
        params="",
        key=record.key,
        authenticated=record.authenticated,
    )
    for _, step in REQUEST_STEPS:
        step(row, record, settings, places)
    return row


def clock_offset(record: Record) -> int:
    """How far the device's clock is behind ours, in ms; 0 where it may be believed, or is no clock at all."""
    if record.sent is None:
        return 0
    offset = record.received - record.sent
    return offset if CLOCK_OFFSET_MS_MIN < abs(offset) < CLOCK_OFFSET_MS_MAX else 0


def enrich(event: Event, request: Request, position: int) -> Row:
    """The row of an event. Whatever a step raises is the event's own fault, and sets it aside."""
    row = copy(request.row)
    row.id = event.id
    row.position = position
    row.action = event.action
    row.label = event.label
    row.uuid = row.customer = event.uuid
    row.session = event.session or None
    row.seq = event.seq
    row.params = str(event.params, "utf-8")
    row.would_reject = event.would_reject
    subject = Subject(event, request, row)
    for _, step in EVENT_STEPS:
        step(subject)
    return row


@cache
def template_parts(template: str) -> tuple[tuple[str, str], ...]:
    """A label template as (text, name of the param behind it) pairs; the last pair has no name."""
    pieces = [piece.partition("}}") for piece in template.split("{{")]
    texts = [pieces[0][0], *(rest for _, _, rest in pieces[1:])]
    return tuple(zip(texts, [*(name for name, _, _ in pieces[1:]), ""], strict=True))


def fill(template: str, params: Mapping[str, Any]) -> str:
    """A label template with its {{names}} replaced. A page without a title is shown by its address."""
    parts = template_parts(template)
    if len(parts) == 1:
        return template
    filled = "".join([words + (value_for(name, params) if name else "") for words, name in parts])
    return " ".join(filled.split())


def value_for(name: str, params: Mapping[str, Any]) -> str:
    """What a name in a label template stands for."""
    if name == "seconds":
        duration = params.get("duration")
        return f"{duration / 1000:.1f}" if isinstance(duration, int | float) else ""
    value = params.get(name)
    if not value and name == "title":
        value = params.get("url")
    return text(value)


def text(value: Any) -> str:
    """A value as a person reads it; nothing for what is no single value."""
    if type(value) is str:
        return value
    return str(value) if type(value) in NUMBER else ""
