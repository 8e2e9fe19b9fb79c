"""Alerts and their channels, as people made them. What alerts come to is in the books (`books/incidents.py`).

A webhook's secret lies here as it is, for the reason signing keys do: signing needs it. It is shown once.
"""

import base64
import secrets
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, Table, delete, func, insert, select, update

from trackway.alert import ALERTS_MAX, CHANNELS_MAX, Alert, Channel, Limits, Watched, check_alert
from trackway.control.audit import Author, note_change
from trackway.control.database import alert_channels, alerts
from trackway.errors import RequestRefused

SECRET_PREFIX = "whsec_"  # noqa: S105 - the convention's prefix
SECRET_BYTES = 32
OVERLAP_MS = 24 * 3_600_000
"""How long a webhook's old secret signs too, after it was rotated."""


class Content(msgspec.Struct):
    """An alert without what has columns of its own."""

    name: str
    watched: Watched
    limits: Limits
    muted: bool
    channels: tuple[str, ...]


def list_alerts(engine: Engine, site: str | None = None) -> list[Alert]:
    """The alerts of a site, or of all, the oldest first."""
    wanted = select(alerts).order_by(alerts.c.created, alerts.c.id)
    with engine.connect() as connection:
        rows = connection.execute(wanted if site is None else wanted.where(alerts.c.site == site))
        return [to_alert(row) for row in rows]


def add_alert(engine: Engine, author: Author, alert: Alert, now_ms: int) -> Alert:
    """A new alert; its id and times are made here. Raises RequestRefused(invalid_parameter, conflict)."""
    alert = msgspec.structs.replace(alert, id=secrets.token_hex(6), created=now_ms, changed=now_ms)
    with engine.begin() as connection:
        check_whole(connection, alert)
        refuse_more(connection, alerts, alert.site, ALERTS_MAX, "alerts")
        connection.execute(insert(alerts).values(**to_columns(alert)))
        note_change(connection, author, now_ms, "alert.add", alert.site, None, told(alert))
    return alert


def put_alert(engine: Engine, author: Author, alert: Alert, now_ms: int) -> Alert:
    """Change an alert. Raises RequestRefused(not_found, invalid_parameter)."""
    with engine.begin() as connection:
        before = one_alert(connection, alert.site, alert.id)
        same = (before.watched, before.limits) == (alert.watched, alert.limits)
        changed = before.changed if same else now_ms
        alert = msgspec.structs.replace(alert, created=before.created, changed=changed)
        check_whole(connection, alert)
        connection.execute(update(alerts).where(alerts.c.id == alert.id).values(**to_columns(alert)))
        note_change(connection, author, now_ms, "alert.change", alert.site, told(before), told(alert))
    return alert


def remove_alert(engine: Engine, author: Author, site: str, alert: str, now_ms: int) -> None:
    """Take an alert away; its incidents stay. Raises RequestRefused(not_found)."""
    with engine.begin() as connection:
        before = one_alert(connection, site, alert)
        connection.execute(delete(alerts).where(alerts.c.id == alert))
        note_change(connection, author, now_ms, "alert.remove", site, told(before), None)


def list_channels(engine: Engine, site: str | None = None) -> list[Channel]:
    """The channels of a site, or of all, with their secrets; the oldest first."""
    wanted = select(alert_channels).order_by(alert_channels.c.created, alert_channels.c.id)
    with engine.connect() as connection:
        rows = connection.execute(wanted if site is None else wanted.where(alert_channels.c.site == site))
        return [to_channel(row) for row in rows]


def find_channel(engine: Engine, site: str, channel: str) -> Channel:
    """One channel. Raises RequestRefused(not_found)."""
    with engine.connect() as connection:
        return one_channel(connection, site, channel)


def add_channel(engine: Engine, author: Author, channel: Channel, now_ms: int) -> Channel:
    """A new channel, a webhook's with a secret. `channel` has been checked. Raises RequestRefused(conflict)."""
    secret = new_secret() if channel.kind == "webhook" else ""
    channel = msgspec.structs.replace(channel, id=secrets.token_hex(6), secret=secret, created=now_ms)
    with engine.begin() as connection:
        refuse_more(connection, alert_channels, channel.site, CHANNELS_MAX, "channels")
        content = {"url": channel.url, "addresses": list(channel.addresses)}
        columns = {name: getattr(channel, name) for name in ("id", "site", "kind", "name", "secret", "created")}
        connection.execute(insert(alert_channels).values(**columns, content=content))
        note_change(connection, author, now_ms, "channel.add", channel.site, None, told_channel(channel))
    return channel


def rotate_secret(engine: Engine, author: Author, site: str, channel: str, now_ms: int) -> Channel:
    """A new secret for a webhook; the old one signs too for a day. Raises RequestRefused(not_found, conflict)."""
    with engine.begin() as connection:
        before = one_channel(connection, site, channel)
        if before.kind != "webhook":
            raise RequestRefused("conflict", "Only webhooks have a secret.")
        until = now_ms + OVERLAP_MS
        after = msgspec.structs.replace(before, secret=new_secret(), old_secret=before.secret, old_until=until)
        values = {"secret": after.secret, "old_secret": after.old_secret, "old_until": until}
        connection.execute(update(alert_channels).where(alert_channels.c.id == channel).values(**values))
        was, now = {"old_until": before.old_until}, {"old_until": until}
        note_change(connection, author, now_ms, "channel.rotate", site, was, now)
    return after


def remove_channel(engine: Engine, author: Author, site: str, channel: str, now_ms: int) -> None:
    """Take a channel away, and from the alerts that used it. Raises RequestRefused(not_found)."""
    with engine.begin() as connection:
        before = one_channel(connection, site, channel)
        connection.execute(delete(alert_channels).where(alert_channels.c.id == channel))
        for row in connection.execute(select(alerts).where(alerts.c.site == site)).all():
            alert = to_alert(row)
            if channel in alert.channels:
                left = tuple(one for one in alert.channels if one != channel)
                values = to_columns(msgspec.structs.replace(alert, channels=left))
                connection.execute(update(alerts).where(alerts.c.id == alert.id).values(**values))
        note_change(connection, author, now_ms, "channel.remove", site, told_channel(before), None)


def one_alert(connection: Connection, site: str, alert: str) -> Alert:
    """An alert of a site. Raises RequestRefused(not_found)."""
    found = connection.execute(select(alerts).where(alerts.c.site == site, alerts.c.id == alert)).one_or_none()
    if found is None:
        raise RequestRefused("not_found", f"Site {site} has no alert {alert!r}.")
    return to_alert(found)


def one_channel(connection: Connection, site: str, channel: str) -> Channel:
    """A channel of a site. Raises RequestRefused(not_found)."""
    mine = (alert_channels.c.site == site, alert_channels.c.id == channel)
    found = connection.execute(select(alert_channels).where(*mine)).one_or_none()
    if found is None:
        raise RequestRefused("not_found", f"Site {site} has no channel {channel!r}.")
    return to_channel(found)


def check_whole(connection: Connection, alert: Alert) -> None:
    """Raise RequestRefused(invalid_parameter) for an alert that is not whole, or names a channel that is not there."""
    check_alert(alert.name, alert.watched, alert.limits, alert.channels)
    mine = select(alert_channels.c.id).where(alert_channels.c.site == alert.site)
    missing = set(alert.channels) - set(connection.execute(mine).scalars())
    if missing:
        raise RequestRefused("invalid_parameter", f"There is no channel {min(missing)!r}.", "channels")


def refuse_more(connection: Connection, table: Table, site: str, most: int, what: str) -> None:
    """Raise RequestRefused(conflict) where a site has all that it may have."""
    mine = select(func.count()).select_from(table).where(table.c.site == site)
    if connection.execute(mine).scalar_one() >= most:
        raise RequestRefused("conflict", f"A site has at most {most} {what}; take one away first.")


def new_secret() -> str:
    """A webhook's secret, as the Standard Webhooks convention writes it: a prefix and base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def told(alert: Alert) -> dict[str, Any]:
    """An alert as the audit log holds it."""
    return msgspec.to_builtins(alert)


def told_channel(channel: Channel) -> dict[str, Any]:
    """A channel as the audit log holds it: of a webhook's address, which may be a secret itself, only the host."""
    address: Sequence[str] | str = channel.addresses or channel.url.split("/")[2]
    return {"id": channel.id, "name": channel.name, "kind": channel.kind, "to": address}


def to_columns(alert: Alert) -> dict[str, Any]:
    """An alert as its table's columns."""
    content = Content(alert.name.strip(), alert.watched, alert.limits, alert.muted, alert.channels)
    columns = {name: getattr(alert, name) for name in ("id", "site", "created", "changed")}
    return columns | {"content": msgspec.to_builtins(content)}


def to_alert(row: Row[Any]) -> Alert:
    """An alert from its table row."""
    made = {"id": row.id, "site": row.site, "created": row.created, "changed": row.changed}
    return msgspec.convert({**made, **row.content}, Alert)


def to_channel(row: Row[Any]) -> Channel:
    """A channel from its table row."""
    names = ("id", "site", "name", "kind", "secret", "old_secret", "old_until", "created")
    return msgspec.convert({**{name: getattr(row, name) for name in names}, **row.content}, Channel)
