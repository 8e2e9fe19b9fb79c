"""What the server adds to an event, as a list of named steps. Pure: what a step needs is given to it.

A new step is one function and one line in STEPS. It fills in fields of its own row; it never drops an event, and
never changes what the client said.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from trackway.event import BUILT_IN, FUTURE_MS_MAX, LABEL_LENGTH_MAX, Event
from trackway.load.agent import Agent, read_agent
from trackway.load.channel import channel_of, host_of, utm_of
from trackway.load.place import Place, Places, keep_ip
from trackway.record import Record
from trackway.site import SiteSettings
from trackway.store.row import Row

CLOCK_OFFSET_MS_MIN = 60_000
"""Below this a device's clock is believed: the difference is mostly the network."""

VISITS = frozenset({"page.visit", "session.start"})

_params_decoder = msgspec.json.Decoder(dict[str, Any])


class Request(msgspec.Struct):
    """What is the same for every event of a record, worked out once."""

    record: Record
    settings: SiteSettings
    agent: Agent
    place: Place
    ip: str
    clock_offset_ms: int


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


Step = Callable[[Subject], None]


def read_request(record: Record, settings: SiteSettings, places: Places) -> Request:
    """The facts about a request that its events share. The place is found before the address is cut."""
    offset = record.received - record.sent if record.sent is not None else 0
    return Request(
        record=record,
        settings=settings,
        agent=read_agent(record.agent) if record.source != "server" else Agent(),
        place=places.find(record.ip) if record.source != "server" else Place(),
        ip=keep_ip(record.ip, settings.ip),
        clock_offset_ms=offset if abs(offset) > CLOCK_OFFSET_MS_MIN else 0,
    )


def put_time(subject: Subject) -> None:
    """The time, mended by a device clock that is plainly wrong; a time in the future becomes the time of receipt."""
    event, row, received = subject.event, subject.row, subject.request.record.received
    if event.time is None:
        return
    time = event.time if event.told else event.time + subject.request.clock_offset_ms
    if time > received + FUTURE_MS_MAX:
        time = received
    row.time = time
    if time != event.time:
        row.client_time = event.time


def put_agent(subject: Subject) -> None:
    """Browser, system, device and the robot flag. Robots are flagged and kept."""
    row, agent = subject.row, subject.request.agent
    row.browser, row.os, row.device, row.bot = agent


def put_place(subject: Subject) -> None:
    """Country, region, city, and as much of the address as the site keeps."""
    row, request = subject.row, subject.request
    row.country, row.region, row.city = request.place
    row.ip = request.ip


def put_visit(subject: Subject) -> None:
    """Referrer, campaign and channel of a visit."""
    if subject.event.action not in VISITS:
        return
    row, params = subject.row, subject.params
    url, referrer = text(params.get("url")), text(params.get("referrer"))
    row.utm = utm_of(params, url)
    row.referrer_host = host_of(referrer) if referrer else ""
    virtual = params.get("referrer_type") == "spa"
    row.channel = "internal" if virtual else channel_of(row.utm, row.referrer_host, host_of(url) if url else "")


def put_label(subject: Subject) -> None:
    """The label: as given, else from the action's template, else the action."""
    event = subject.event
    if event.label:
        return
    built_in = BUILT_IN.get(event.action)
    label = event.action
    if built_in is not None:
        label = fill(built_in.label, subject.params) if "{{" in built_in.label else built_in.label
    subject.row.label = label[:LABEL_LENGTH_MAX]


def put_retention(subject: Subject) -> None:
    """How long the site keeps it."""
    subject.row.retention_days = subject.request.settings.retention_days


STEPS: tuple[tuple[str, Step], ...] = (
    ("time", put_time),
    ("agent", put_agent),
    ("place", put_place),
    ("visit", put_visit),
    ("label", put_label),
    ("retention", put_retention),
)


def enrich(event: Event, request: Request, position: int) -> Row:
    """The row of an event. Whatever a step raises is the event's own fault, and sets it aside."""
    record = request.record
    row = Row(
        site=record.site,
        id=event.id,
        position=position,
        action=event.action,
        label=event.label,
        time=record.received,
        received=record.received,
        uuid=event.uuid,
        source=record.source,
        params=bytes(event.params).decode(),
        session=event.session or None,
        seq=event.seq,
        key=record.key,
    )
    subject = Subject(event, request, row)
    for _, step in STEPS:
        step(subject)
    return row


def fill(template: str, params: Mapping[str, Any]) -> str:
    """A label template with its {{names}} replaced. A page without a title is shown by its address."""
    filled = template
    for part in template.split("{{")[1:]:
        name = part.split("}}")[0]
        filled = filled.replace("{{" + name + "}}", value_for(name, params))
    return " ".join(filled.split())


def value_for(name: str, params: Mapping[str, Any]) -> str:
    """What a name in a label template stands for."""
    if name == "seconds":
        duration = params.get("duration")
        return f"{duration / 1000:.1f}" if isinstance(duration, int | float) else ""
    value = params.get(name)
    if value in (None, "") and name == "title":
        value = params.get("url")
    return text(value)


def text(value: Any) -> str:
    """A value as a person reads it; nothing for what is no single value."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)
