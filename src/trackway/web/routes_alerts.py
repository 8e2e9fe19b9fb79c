"""The routes of alerts: who reads a site sees its alerts and incidents, who edits it makes them."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import delete, get, post, put
from litestar.params import QueryParameter

from trackway.alert import Alert, Channel, check_alert, check_channel
from trackway.books.incidents import Judged
from trackway.control.alerts import (
    add_alert,
    add_channel,
    find_channel,
    list_alerts,
    list_channels,
    put_alert,
    remove_alert,
    remove_channel,
    rotate_secret,
)
from trackway.control.directory import now_ms
from trackway.insight.filters import decode_cursor, encode_cursor
from trackway.watch.message import test_body
from trackway.watch.preview import preview
from trackway.web.access import Access
from trackway.web.routes_read import Cursor, CursorPosition, Limit, is_sealed
from trackway.web.shapes_alerts import (
    AlertPage,
    AlertPreview,
    AlertShape,
    ChannelPage,
    ChannelShape,
    IncidentPage,
    NewAlert,
    NewChannel,
    TestAnswer,
)

LAST = 2**63 - 1
NEVER_JUDGED = Judged(0, 0, 0, None)

OfAlert = Annotated[str | None, QueryParameter(max_length=32, description="Only incidents of this alert.")]
IsOpen = Annotated[
    bool | None, QueryParameter(name="open", description="Only incidents that are open, or (false) closed.")
]


@get("/sites/{site:str}/alerts", tags=["alerts"], summary="A site's alerts, and how they stand")
async def read_alerts(access: Access, site: str) -> AlertPage:
    """The oldest first. A new alert has a finding within some seconds."""
    mine = access.site(site).id
    known = access.parts.watch.incidents.judged()
    return AlertPage([shape(alert, known.get(alert.id)) for alert in list_alerts(access.parts.engine, mine)])


@post("/sites/{site:str}/alerts", tags=["alerts"], summary="Make an alert")
async def create_alert(access: Access, site: str, data: NewAlert) -> AlertShape:
    """It is judged at once, and then whenever a window has closed."""
    found = access.site(site, "edit")
    made = add_alert(access.parts.engine, access.author, to_alert("", found.id, data), now_ms())
    access.parts.watch.rounds.wake()
    return shape(made, None)


@put("/sites/{site:str}/alerts/{alert:str}", tags=["alerts"], summary="Change an alert")
async def change_alert(access: Access, site: str, alert: str, data: NewAlert) -> AlertShape:
    """A change of what is watched or of its limits closes an open incident, without a message; judging begins anew."""
    found = access.site(site, "edit")
    made = put_alert(access.parts.engine, access.author, to_alert(alert, found.id, data), now_ms())
    access.parts.watch.rounds.wake()
    known = access.parts.watch.incidents.judged().get(alert)
    return shape(made, known if known and known.changed == made.changed else None)


@delete("/sites/{site:str}/alerts/{alert:str}", tags=["alerts"], summary="Take an alert away", status_code=204)
async def delete_alert(access: Access, site: str, alert: str) -> None:
    """Its incidents stay in the list; an open one is closed, without a message."""
    found = access.site(site, "edit")
    remove_alert(access.parts.engine, access.author, found.id, alert, now_ms())
    access.parts.watch.incidents.end(alert, "the alert was taken away", now_ms())


@post("/sites/{site:str}/alerts/preview", tags=["alerts"], summary="What would an alert have done?", status_code=200)
async def preview_alert(access: Access, site: str, data: NewAlert) -> AlertPreview:
    """The windows of the last 4 weeks judged by the code that judges the next one. Nothing is kept."""
    alert = to_alert("", access.site(site).id, data)
    check_alert(alert.name, alert.watched, alert.limits, ())
    ledger, sealed = access.parts.ledger, is_sealed(access, alert.site)
    told = await access.parts.pool.use(lambda connection: preview(connection, ledger, alert, now_ms(), sealed))
    return msgspec.convert(msgspec.to_builtins(told), AlertPreview)


@get("/sites/{site:str}/incidents", tags=["alerts"], summary="Incidents of a site's alerts")
async def read_incidents(  # noqa: PLR0913 - one argument a query parameter
    access: Access, site: str, is_open: IsOpen = None, alert: OfAlert = None, limit: Limit = 20, cursor: Cursor = None
) -> IncidentPage:
    """The newest first, each with its messages and their tries."""
    mine, incidents = access.site(site).id, access.parts.watch.incidents
    upto = decode_cursor(cursor, tuple[CursorPosition])[0] if cursor else LAST
    found = await asyncio.to_thread(incidents.page, mine, limit + 1, upto, is_open, alert)
    following = encode_cursor(found[limit]["id"]) if len(found) > limit else None
    told = {"items": found[:limit], "open": incidents.count_open(mine), "next": following}
    return msgspec.convert(told, IncidentPage)


@get("/sites/{site:str}/alert-channels", tags=["alerts"], summary="Where alerts are sent")
async def read_channels(access: Access, site: str) -> ChannelPage:
    """The oldest first. A secret is never shown again."""
    mine = access.site(site).id
    whole = access.may("edit", mine)
    items = [channel_shape(one, whole) for one in list_channels(access.parts.engine, mine)]
    return ChannelPage(items, bool(access.parts.config.text("smtp_host")))


@post("/sites/{site:str}/alert-channels", tags=["alerts"], summary="Make a channel")
async def create_channel(access: Access, site: str, data: NewChannel) -> ChannelShape:
    """The answer has the secret that a webhook's messages are signed with; it is shown this once."""
    found = access.site(site, "edit")
    insecure = access.parts.config.is_on("alert_private_addresses")
    check_channel(data.name, data.kind, data.url, data.addresses, insecure)
    is_webhook = data.kind == "webhook"
    url, addresses = (data.url, ()) if is_webhook else ("", tuple(data.addresses))
    wanted = Channel("", found.id, data.name.strip(), data.kind, url, addresses)
    made = add_channel(access.parts.engine, access.author, wanted, now_ms())
    return with_secret(made)


@post("/sites/{site:str}/alert-channels/{channel:str}/rotate", tags=["alerts"], summary="A new secret", status_code=200)
async def rotate_channel(access: Access, site: str, channel: str) -> ChannelShape:
    """The old one signs too, for a day: a receiver that takes either goes on meanwhile."""
    found = access.site(site, "edit")
    return with_secret(rotate_secret(access.parts.engine, access.author, found.id, channel, now_ms()))


@post("/sites/{site:str}/alert-channels/{channel:str}/test", tags=["alerts"], summary="Send a test", status_code=200)
async def try_channel(access: Access, site: str, channel: str) -> TestAnswer:
    """Sends a message of type `test` once, now, and says what was answered."""
    found = find_channel(access.parts.engine, access.site(site, "edit").id, channel)
    body = test_body(found.site, access.parts.config.public_url, now_ms())
    came = await access.parts.watch.deliveries.send_now(found, body)
    return TestAnswer(came.ok, came.status, came.answer, came.took_ms)


@delete(
    "/sites/{site:str}/alert-channels/{channel:str}", tags=["alerts"], summary="Take a channel away", status_code=204
)
async def delete_channel(access: Access, site: str, channel: str) -> None:
    """Alerts no longer go there; messages that wait for it are given up."""
    remove_channel(access.parts.engine, access.author, access.site(site, "edit").id, channel, now_ms())


def to_alert(number: str, site: str, data: NewAlert) -> Alert:
    """An alert as it was asked for; what is kept is checked when it is written."""
    return Alert(number, site, data.name.strip(), data.watched, data.limits, data.muted, tuple(data.channels))


def shape(alert: Alert, known: Judged | None) -> AlertShape:
    """An alert as it is shown."""
    known = known or NEVER_JUDGED
    told: dict[str, Any] = msgspec.to_builtins(alert)
    return msgspec.convert({**told, "finding": known.finding, "incident": known.incident}, AlertShape)


def channel_shape(channel: Channel, whole: bool) -> ChannelShape:
    """A channel as it is shown: a webhook's address may be a secret itself."""
    host = "/".join(channel.url.split("/")[:3])
    to = list(channel.addresses) or [channel.url if whole else f"{host}/…"]
    until = channel.old_until if channel.old_until > now_ms() else None
    return ChannelShape(channel.id, channel.name, channel.kind, to, channel.created, old_until=until)


def with_secret(channel: Channel) -> ChannelShape:
    """A channel whose secret is new."""
    made = channel_shape(channel, whole=True)
    made.secret = channel.secret or None
    return made
