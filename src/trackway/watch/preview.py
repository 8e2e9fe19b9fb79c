"""What an alert would have done: its windows of the last 4 weeks judged by the code that judges the next one."""

from typing import Any

from trackway.alert import Alert
from trackway.store.pool import Connection
from trackway.watch.ask import DAY_MS, Shares, closed_until, read_series
from trackway.watch.decide import PICTURE_WINDOWS, picture, replay
from trackway.watch.usual import Past

PREVIEW_DAYS = 28
INCIDENTS_SHOWN = 50


def preview(connection: Connection, shares: Shares, alert: Alert, now_ms: int, sealed: bool = False) -> dict[str, Any]:
    """How often it would have fired, when, how it stands now, and the last windows with their range.

    `sealed`: for somebody who may not see what was put into forms.
    Raises ClickHouseError.
    """
    until = closed_until(alert.watched.window_min, now_ms)
    series = read_series(connection, shares, alert, until, more_days=PREVIEW_DAYS, sealed=sealed)
    past = Past(series, alert.watched.kind)
    end = len(series.n)
    incidents: list[dict[str, Any]] = []
    judged = learning = 0
    now = None
    for finding, step in replay(past, alert, end - PREVIEW_DAYS * DAY_MS // series.step_ms, end):
        judged += finding.state in ("usual", "above", "below")
        learning += finding.state == "learning"
        now = finding
        if step == "open":
            incidents.append({"opened": finding.until, "closed": None, "finding": finding})
        elif step == "close":
            incidents[-1]["closed"] = finding.until
    return {
        "days": PREVIEW_DAYS,
        "judged": judged,
        "learning": learning,
        "fired": len(incidents),
        "incidents": incidents[-INCIDENTS_SHOWN:],
        "now": now,
        "picture": picture(past, alert, end - 1)[-PICTURE_WINDOWS:],
    }
