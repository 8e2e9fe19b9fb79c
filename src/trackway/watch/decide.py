"""What a judged window means: open an incident, go on with it, close it, or nothing. Pure."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import msgspec

from trackway.alert import Alert
from trackway.watch.usual import Finding, Past, judge

CALM_WINDOWS = 2
"""So many windows in a row must be back in range before an incident is closed."""
PICTURE_WINDOWS = 48
"""Windows drawn beside an incident."""

Step = Literal["nothing", "open", "go on", "close"]


class Standing(msgspec.Struct, frozen=True):
    """How an alert stands: whether an incident is open, and how many windows in a row have been in range since."""

    is_open: bool = False
    calm: int = 0


def decide(standing: Standing, finding: Finding) -> tuple[Step, Standing]:
    """The step that a finding makes, and how the alert stands then. What cannot be judged changes nothing."""
    if finding.state in ("above", "below"):
        return ("go on" if standing.is_open else "open"), Standing(is_open=True)
    if not standing.is_open:
        return "nothing", standing
    if finding.state != "usual":
        return "go on", standing
    if standing.calm + 1 >= CALM_WINDOWS:
        return "close", Standing()
    return "go on", Standing(is_open=True, calm=standing.calm + 1)


def replay(past: Past, alert: Alert, since: int, until: int) -> Iterator[tuple[Finding, Step]]:
    """Each window from number `since` up to `until` judged, and the step it would have made: for previews."""
    standing = Standing()
    for at in range(max(since, 0), until):
        finding = judge(past, at, alert)
        step, standing = decide(standing, finding)
        yield finding, step


def picture(past: Past, alert: Alert, at: int) -> list[list[float | int | None]]:
    """The windows up to `at` as [start, value, low, high], the oldest first."""
    judged: Callable[[int], Finding] = lambda one: judge(past, one, alert)  # noqa: E731 - shorter than a loop
    numbers: Sequence[int] = range(max(0, at - PICTURE_WINDOWS + 1), at + 1)
    return [[one.start, one.value, one.low, one.high] for one in map(judged, numbers)]


def distance(finding: Finding) -> float:
    """How far a value is from its range, as a share of the limit it broke; 0 within the range."""
    if finding.value is None:
        return 0.0
    if finding.high is not None and finding.value > finding.high:
        return finding.value / finding.high - 1 if finding.high else finding.value
    if finding.low and finding.value < finding.low:
        return 1 - finding.value / finding.low
    return 0.0
