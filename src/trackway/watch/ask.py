"""What an alert watches, counted window by window: one question to the store (or the books) for the whole past.

Windows begin at multiples of their length since 1970 (UTC), so that a window has the same place in every day and week.
Events are counted by `time`; a window is closed some time after its end, for those that come late.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from trackway.alert import Alert, Watched
from trackway.insight.filters import param_conditions
from trackway.insight.question import Scope, like
from trackway.watch.usual import MINUTE_MS, Series, make_series

DAY_MS = 86_400_000
HISTORY_DAYS = 63
"""Eight weeks of references, and a week before the first to tell how busy it was."""
LAG_MIN_MS = 60_000
LAG_MAX_MS = 600_000
LAG_SHARE = 12
"""A window is closed a twelfth of its length after its end, at least a minute, at most ten."""

COUNTED = """
SELECT intDiv(time, {step:Int64}) AS window, $N AS n, $OF AS of FROM events
WHERE $WHERE GROUP BY window ORDER BY window
"""


class Asked(Protocol):
    """Something that answers questions: a connection to the store."""

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """A query's rows."""
        ...


class Shares(Protocol):
    """Something that knows how many events were received and rejected: the ledger."""

    def rejected_windows(self, site: str, since: int, until: int, step_ms: int) -> list[tuple[int, int, int]]:
        """Window, rejected and received, of those windows in which anything was received."""
        ...


def lag_ms(step_ms: int) -> int:
    """How long after its end a window is closed (ms)."""
    return min(max(step_ms // LAG_SHARE, LAG_MIN_MS), LAG_MAX_MS)


def closed_until(window_min: int, now_ms: int) -> int:
    """The end of the last window that is closed (ms)."""
    step = window_min * MINUTE_MS
    return (now_ms - lag_ms(step)) // step * step


def read_series(  # noqa: PLR0913 - what is asked of whom, for whom
    asked: Asked, shares: Shares, alert: Alert, until: int, more_days: int = 0, sealed: bool = False
) -> Series:
    """What the alert watches in the windows up to `until` (ms), of the last 63 days and `more_days` before them.

    `sealed`: for somebody who may not see what was put into forms, so that conditions on params find no submission.
    Raises ClickHouseError.
    """
    step = alert.watched.window_min * MINUTE_MS
    since = (until - (HISTORY_DAYS + more_days) * DAY_MS) // step * step
    if alert.watched.kind == "rejected":
        return fill(shares.rejected_windows(alert.site, since, until, step), since, until, step, 0)
    scope = Scope(alert.site, since, until, sealed=sealed and bool(alert.watched.params))
    sql, values = question(scope, alert.watched, step)
    told = ((row["window"], row["n"], row["of"]) for row in asked.rows(sql, values))
    return fill(told, since, until, step, 1 if alert.watched.kind in ("count", "stopped") else 0)


def fill(told: Iterable[tuple[int, float, float]], since: int, until: int, step: int, empty_of: float) -> Series:
    """Windows in which something was, as a series without gaps."""
    length, first = (until - since) // step, since // step
    n, of = [0.0] * length, [float(empty_of)] * length
    for window, some, each in told:
        n[window - first], of[window - first] = some, each
    return make_series(since, step, n, of, is_share=not empty_of)


def question(scope: Scope, watched: Watched, step: int) -> tuple[str, dict[str, Any]]:
    """The question to the store and its parameters."""
    where, values = scope.where()
    values["step"] = step
    if watched.kind == "dwell":
        where += " AND action = 'element.hover' AND element = {element:String}"
        values["element"] = watched.element
        n = "quantileExact(0.5)(dwell)" if watched.measure == "median" else "countIf(unusual > 0)"
        return fill_in(n, "count()", where), values
    first, of_first = action_is("action", watched.action, values)
    conditions, named = param_conditions(tuple((one.name, one.value) for one in watched.params))
    of_first = " AND ".join([of_first, *conditions])
    values |= named
    if watched.kind == "share":
        second, _ = action_is("of_action", watched.of_action, values)
        n, of = f"countIf({of_first})", f"countIf({second})"
        return fill_in(n, of, f"{where} AND ({first} OR {second})"), values
    return fill_in("count()", "1", f"{where} AND {of_first}"), values


def action_is(name: str, pattern: str, values: dict[str, Any]) -> tuple[str, str]:
    """The condition that an event's action is `pattern`, twice: to find them by, and to add more to."""
    values[name] = like(pattern) if "*" in pattern else pattern
    condition = f"action {'LIKE' if '*' in pattern else '='} {{{name}:String}}"
    return condition, condition


def fill_in(n: str, of: str, where: str) -> str:
    """COUNTED with its places filled; all of them are SQL of this file."""
    return COUNTED.replace("$N", n).replace("$OF", of).replace("$WHERE", where)
