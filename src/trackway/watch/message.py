"""What a message says: its JSON body, and the same in words. Pure."""

import datetime as dt
import html
from typing import Any

from trackway.alert import Alert
from trackway.watch.usual import Finding

OPENED, CLOSED, TEST = "incident.opened", "incident.closed", "test"


def body_of(  # noqa: PLR0913 - the parts of a message
    event: str, alert: Alert, finding: Finding, incident: int, page: str, now_ms: int
) -> dict[str, Any]:
    """A message's body: `type`, `timestamp` and `data`, as the Standard Webhooks convention has it."""
    data = {
        "site": alert.site,
        "incident": incident,
        "alert": {"id": alert.id, "name": alert.name, "watched": alert.watched, "limits": alert.limits},
        "finding": finding,
        "text": sentence(event, alert, finding),
        "url": f"{page}/alerts?site={alert.site}&incident={incident}",
    }
    return {"type": event, "timestamp": iso(now_ms), "data": data}


def test_body(site: str, page: str, now_ms: int) -> dict[str, Any]:
    """The body of a test message."""
    data = {
        "site": site,
        "text": "This is a test from Trackway: alerts will come here.",
        "url": f"{page}/alerts?site={site}",
    }
    return {"type": TEST, "timestamp": iso(now_ms), "data": data}


def iso(ms: int) -> str:
    """A moment in ISO 8601, UTC."""
    return dt.datetime.fromtimestamp(ms / 1000, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sentence(event: str, alert: Alert, finding: Finding) -> str:
    """What happened, in one sentence."""
    what, value = what_is_watched(alert), amount(alert, finding.value)
    if event == CLOSED:
        return f"{alert.name}: back in range. {what} is {value}{usual_words(alert, finding)}."
    if alert.watched.kind == "stopped":
        longest = f"; usual is at most {amount(alert, finding.high)}" if finding.high is not None else ""
        return f"{alert.name}: {alert.watched.action} has not come for {value}{longest}."
    return f"{alert.name}: {what} is {value}{usual_words(alert, finding)}."


def what_is_watched(alert: Alert) -> str:
    """What is watched, as the beginning of a sentence."""
    watched, window = alert.watched, span(alert.watched.window_min * 60_000)
    return {
        "count": f"The number of {watched.action} in {window}",
        "share": f"The number of {watched.action} for each {watched.of_action} in {window}",
        "rejected": f"The share of rejected events in {window}",
        "dwell": f"The {'median dwell' if watched.measure == 'median' else 'share of unusual hovers'} over "
        f"{watched.element} in {window}",
        "stopped": f"The time without {watched.action}",
    }[watched.kind]


def usual_words(alert: Alert, finding: Finding) -> str:
    """The range that the value was judged by."""
    kind = "usual is" if finding.basis != "fixed" else "the limit is"
    low, high = finding.low, finding.high
    if low is not None and high is not None:
        return f"; {kind} {amount(alert, low)} to {amount(alert, high)}"
    if high is not None:
        return f"; {kind} at most {amount(alert, high)}"
    return f"; {kind} at least {amount(alert, low)}" if low is not None else ""


def amount(alert: Alert, value: float | None) -> str:
    """A value in the unit of what is watched."""
    kind = alert.watched.kind
    if value is None:
        return "not known"
    if kind == "stopped":
        return span(value)
    if kind == "dwell" and alert.watched.measure == "median":
        return f"{value / 1000:.1f} s"
    if kind == "rejected" or kind == "dwell":
        return f"{value:.1%}"
    return f"{value:,.0f}" if kind == "count" else f"{value:.3g}"


def span(ms: float) -> str:
    """A length of time in whole minutes, hours or days."""
    minutes = round(ms / 60_000)
    if minutes % 1440 == 0 and minutes:
        return f"{minutes // 1440} d"
    if minutes % 60 == 0 and minutes:
        return f"{minutes // 60} h"
    return f"{minutes // 60} h {minutes % 60} min" if minutes > 60 else f"{minutes} min"


def as_text(body: dict[str, Any]) -> str:
    """A message as plain text."""
    return f"{body['data']['text']}\n\n{body['data']['url']}\n\nSite {body['data']['site']} · {body['timestamp']}\n"


def as_html(body: dict[str, Any]) -> str:
    """A message as HTML; whatever a person or a site named is escaped."""
    text, url, site = (html.escape(str(body["data"][name])) for name in ("text", "url", "site"))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><body>'
        f'<p>{text}</p><p><a href="{url}">Look at it in Trackway</a></p>'
        f"<p><small>Site {site} · {html.escape(body['timestamp'])}</small></p></body></html>"
    )


def subject_of(body: dict[str, Any]) -> str:
    """An e-mail's subject: one line, without anything that is no character."""
    kind = {OPENED: "Alert", CLOSED: "Back in range", TEST: "Test"}[body["type"]]
    name = body["data"].get("alert", {}).get("name", "alerts will come here")
    return "".join(one if one.isprintable() else " " for one in f"[Trackway] {kind}: {name}")
