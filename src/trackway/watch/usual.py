"""The usual range of what an alert watches, from the same windows of the past. Pure; the clock is the window's number.

References are windows at the same time of the week, else of the day, else the last ones; each with its neighbours,
since a rush hour does not keep to the minute. Their rate and how much it strays are estimated so that a few odd ones
(an incident of last week) move neither.
"""

import math
from collections.abc import Sequence
from itertools import accumulate
from statistics import median
from typing import Literal, NamedTuple

import msgspec

from trackway.alert import Alert, Kind, Sensitivity
from trackway.watch.spread import count_range, log_zero, student, tail_of

MINUTE_MS = 60_000
DAY_MIN = 1_440
WEEKS_MAX = 8
WEEKS_MIN = 3
DAYS_MAX = 28
DAYS_MIN = 4
LAST_MIN = 7
"""At least so many windows, and a whole day of them, before anything is judged by the last ones."""
LAST_MAX = 576
NEIGHBOURS_UP_TO_MIN = 360
"""Windows up to this long are compared with those beside them too."""
FEW = 10
"""A share or a median of fewer events is not judged."""
LEVEL_BOUNDS = (0.5, 2.0)
"""How far growth or decline within the references is believed."""
LEVEL_PRIOR = 30.0
MAD_TO_SD = 1.4826
"""Of a normal distribution: the standard deviation is that many times the median absolute deviation."""
CAP_SD = 3.0
CAP_SHARE = 0.1
"""A value that so many of the references reach is no odd one."""
LOG_DWELL_SD = 1.3
MEDIAN_FACTOR = 1.2533
"""The standard error of a median, in standard errors of a mean: the square root of pi / 2."""
Z: dict[Sensitivity, float] = {"low": 5.0, "normal": 4.0, "high": 3.0}
"""Standard deviations at which a window is out of range: 1 in 3.5 million, 32,000 or 740 windows on each side."""
SILENCE_WINDOWS_MAX = 2_016

State = Literal["learning", "few", "usual", "above", "below"]
Basis = Literal["week", "day", "last", "fixed", "none"]


class Series(NamedTuple):
    """What was counted, window by window, without a gap. `n` for each of `of`: events (of is 1), A for each B, or the
    median dwell (ms) of so many hovers. `seen`: the first window in which there was anything.
    """

    first_ms: int
    step_ms: int
    n: Sequence[float]
    of: Sequence[float]
    seen: int

    def start_of(self, at: int) -> int:
        """When a window began (ms)."""
        return self.first_ms + at * self.step_ms


class Finding(msgspec.Struct, frozen=True):
    """A window judged. `value`, `low` and `high` are in one unit; None: not known, or no limit on that side."""

    start: int
    until: int
    value: float | None
    low: float | None
    high: float | None
    state: State
    basis: Basis
    references: int
    n: float
    of: float


class Expected(NamedTuple):
    """What is expected of one unit of exposure: the rate, how much counts stray beyond Poisson's, and from how much."""

    rate: float
    stray: float
    exposure: float
    references: int
    basis: Basis
    freedom: int
    """From how many windows, less one, the stray is known."""


class Reference(NamedTuple):
    """A window of the past: its count and its exposure."""

    n: float
    of: float


def make_series(first_ms: int, step_ms: int, n: Sequence[float], of: Sequence[float], is_share: bool = False) -> Series:
    """A series. What was seen first: of a share its whole, so that "A has never come" is known by then."""
    seen = next((at for at, one in enumerate(of if is_share else n) if one), len(n))
    return Series(first_ms, step_ms, n, of, seen)


class Past:
    """A series and what was worked out of it. For one alert; nothing in it changes."""

    def __init__(self, series: Series, kind: Kind) -> None:
        self.series = series
        self._sums = list(accumulate(series.n, initial=0.0))
        self._grows = kind == "count"
        self._any_day = kind not in ("count", "stopped")  # shares hardly depend on the day of the week
        self._window_min = series.step_ms // MINUTE_MS
        self._day = DAY_MIN // self._window_min
        self._expected: dict[int, Expected | None] = {}

    def references(self, at: int) -> tuple[list[int], Basis]:
        """The windows that one is compared with, and what they have in common with it; none while there are too few."""
        kinds: tuple[tuple[int, int, int, Basis], ...] = (
            (7 * self._day, WEEKS_MAX, WEEKS_MIN, "week"),
            (self._day, DAYS_MAX, DAYS_MIN, "day"),
        )
        for step, most, least, basis in kinds[self._any_day :]:
            found = [at - back * step for back in range(1, most + 1) if at - back * step >= self.series.seen]
            if len(found) >= least + (self._day == 1):
                return self._with_neighbours(found, at), basis
        begin = max(self.series.seen, at - min(LAST_MAX, max(2 * self._day, 28)))
        last = list(range(begin, at))
        return (last, "last") if len(last) >= max(LAST_MIN, self._day) else ([], "none")

    def expect(self, at: int) -> Expected | None:
        """What is expected of a window, None while too little is known."""
        if at not in self._expected:
            references, basis = self.references(at)
            self._expected[at] = self._estimate(references, at, basis) if references else None
        return self._expected[at]

    def _with_neighbours(self, found: Sequence[int], at: int) -> list[int]:
        if self._window_min > NEIGHBOURS_UP_TO_MIN:
            return list(found)
        return [near for one in found for near in (one - 1, one, one + 1) if self.series.seen <= near < at]

    def _estimate(self, references: Sequence[int], at: int, basis: Basis) -> Expected | None:
        """Few weeks tell a rate, and hardly how much it strays: the days between may say that, where they say less."""
        known = self._known(references, at)
        if len(known) < (WEEKS_MIN if basis == "week" else LAST_MIN):
            return None
        rate, stray, exposure = rate_and_stray(known)
        freedom = len(known) - 1
        if basis == "week":
            days = [at - back * self._day for back in range(1, DAYS_MAX + 1)]
            others = self._known(self._with_neighbours([one for one in days if one >= self.series.seen], at), at)
            _, stray_of_days, _ = rate_and_stray(others)
            found = [(stray, freedom), (stray_of_days, len(others) - 1)]
            stray, freedom = min(found, key=lambda one: one[0] * student(Z["normal"], one[1]) ** 2)
        return Expected(rate, stray, exposure, len(known), basis, freedom)

    def _known(self, references: Sequence[int], at: int) -> list[Reference]:
        exposures = [self._exposure(one, at) for one in references]
        return [Reference(self.series.n[one], of) for one, of in zip(references, exposures, strict=True) if of > 0]

    def _exposure(self, one: int, at: int) -> float:
        """What a reference counts for: its denominator, or how busy the site was then, against now."""
        if not self._grows:
            return self.series.of[one]
        week = 7 * self._day
        if one - week < self.series.seen:
            return 1.0
        then = self._sums[one] - self._sums[one - week] + LEVEL_PRIOR
        now = self._sums[at] - self._sums[at - week] + LEVEL_PRIOR
        low, high = LEVEL_BOUNDS
        return min(max(then / now, low), high)


def rate_and_stray(known: Sequence[Reference]) -> tuple[float, float, float]:
    """Events for each unit of exposure, how many times Poisson's their variance is (at least once), and all exposure.

    Values more than 3 standard deviations (by the median absolute deviation, at least Poisson's) from the median count
    as that far away, unless a tenth of the references goes there: Winsor's way. The variance is
    Pearson's chi-square over its degrees of freedom: it holds too that it gets busier from window to window.
    """
    exposure = sum(one.of for one in known)
    rates = sorted(one.n / one.of for one in known)
    middle = median(rates)
    typical = exposure / len(known)
    poisson = ((middle * typical + 1) ** 0.5) / typical
    sd = max(MAD_TO_SD * median(abs(rate - middle) for rate in rates), poisson)
    place = int(CAP_SHARE * len(rates))
    low = min(middle - CAP_SD * sd, rates[place])
    high = max(middle + CAP_SD * sd, rates[-1 - place])
    capped = [one._replace(n=min(max(one.n, low * one.of), high * one.of)) for one in known]
    rate = sum(one.n for one in capped) / exposure
    if rate <= 0:
        return 0.0, 1.0, exposure
    chi_square = sum((one.n - rate * one.of) ** 2 / (rate * one.of) for one in capped)
    return rate, max(1.0, chi_square / max(1, len(known) - 1)), exposure


def judge(past: Past, at: int, alert: Alert) -> Finding:
    """A closed window against its usual range or the alert's fixed limits."""
    if alert.watched.kind == "stopped":
        return judge_silence(past, at, alert)
    series = past.series
    n, of = series.n[at], series.of[at]
    ratio = alert.watched.kind in ("share", "rejected") or alert.watched.measure == "unusual"
    is_dwell_median = alert.watched.kind == "dwell" and alert.watched.measure == "median"
    value = n if alert.watched.kind == "count" or is_dwell_median else (n / of if of else None)
    if alert.watched.kind != "count" and of < FEW:
        return found(series, at, value if of else None, None, None, "few", "none", 0)
    if alert.limits.mode == "fixed":
        return compared(series, at, value, alert.limits.below, alert.limits.above, "fixed", 0, alert)
    if is_dwell_median:
        return judge_median(past, at, alert)
    expected = past.expect(at)
    if expected is None or (ratio and expected.exposure < FEW):
        return found(series, at, value, None, None, "learning", "none", 0)
    low, high = band(expected, of if ratio else 1.0, Z[alert.limits.sensitivity])
    scale = of if ratio else 1.0
    return compared(series, at, value, low / scale, high / scale, expected.basis, expected.references, alert)


def band(expected: Expected, exposure: float, z: float) -> tuple[float, float]:
    """The usual range of a count: a negative binomial's, the uncertainty of the rate itself within the variance.

    With a gamma distribution about the rate from `exposure` of the past, the next count's variance is
    mean x (1 + exposure now / exposure then), times the stray; z is Student's where the stray had to be estimated.
    """
    mean = exposure * expected.rate
    if mean <= 0:  # Never seen in the references: the rule of three says how rare it may be.
        mean = 3.0 * exposure / max(expected.exposure, exposure)
    variance = expected.stray * mean * (1 + exposure / expected.exposure)
    t = student(z, expected.freedom) if expected.stray > 1 else z
    return count_range(mean, variance, t)


def judge_median(past: Past, at: int, alert: Alert) -> Finding:
    """The median dwell against those of the references, on the log scale, on which dwells are close to normal.

    The standard deviation is the references' own (by the median absolute deviation), and at least that of a median of
    so many lognormal dwells.
    """
    series = past.series
    references, basis = past.references(at)
    logs = [math.log(series.n[one]) for one in references if series.of[one] >= FEW and series.n[one] > 0]
    if len(logs) < LAST_MIN and not (basis == "week" and len(logs) >= WEEKS_MIN):
        return found(series, at, series.n[at], None, None, "learning", "none", 0)
    middle = median(logs)
    own = MAD_TO_SD * median(abs(one - middle) for one in logs)
    z, least = Z[alert.limits.sensitivity], MEDIAN_FACTOR * LOG_DWELL_SD / series.of[at] ** 0.5
    away = max(z * least, student(z, len(logs) - 1) * own) * (1 + 1 / len(logs)) ** 0.5
    low, high = math.exp(middle - away), math.exp(min(middle + away, 30.0))
    return compared(series, at, series.n[at], low, high, basis, len(logs), alert)


def judge_silence(past: Past, at: int, alert: Alert) -> Finding:
    """How long nothing has come, against how long that happens: until no event at all is as rare as `Z` says.

    Expected counts of the silent windows add up; their negative binomial's chance of none shrinks with each.
    """
    series = past.series
    silent = 0
    while at - silent >= series.seen and series.n[at - silent] == 0:
        silent += 1
    value = float(silent * series.step_ms)
    if alert.limits.mode == "fixed":
        high = (alert.limits.above or 0) * MINUTE_MS
        return compared(series, at, value, None, high, "fixed", 0, alert)
    chance = tail_of(Z[alert.limits.sensitivity])
    usual, basis, references = usual_silence(past, at, silent, chance)
    if usual is None:
        return found(series, at, value, None, None, "learning", "none", references)
    return compared(series, at, value, None, usual * series.step_ms, basis, references, alert)


def usual_silence(past: Past, at: int, silent: int, chance: float) -> tuple[int | None, Basis, int]:
    """How many windows without an event are still usual, by those that end with `at`; None where that is not known."""
    mean, variance, basis, references = 0.0, 0.0, "none", 0
    for back in range(SILENCE_WINDOWS_MAX):
        expected = past.expect(at - back) if at - back >= past.series.seen else None
        if expected is None:
            break
        basis, references = expected.basis, expected.references
        mean += expected.rate
        variance += expected.stray * expected.rate * (1 + 1 / expected.exposure)
        if log_zero(mean, variance) < math.log(chance):
            return max(back, 1), basis, references
    return None, basis, references


def compared(  # noqa: PLR0913 - the parts of a finding
    series: Series, at: int, value: float | None, low: float | None, high: float | None, basis: Basis,
    references: int, alert: Alert,
) -> Finding:  # fmt: skip
    """A finding with the side on which the value is out of range, where the alert looks at that side."""
    state: State = "usual"
    direction = "both" if alert.limits.mode == "fixed" else alert.limits.direction
    if value is not None and high is not None and value > high and direction != "below":
        state = "above"
    if value is not None and low is not None and value < low and direction != "above":
        state = "below"
    return found(series, at, value, low, high, state, basis, references)


def found(  # noqa: PLR0913 - the parts of a finding
    series: Series, at: int, value: float | None, low: float | None, high: float | None, state: State, basis: Basis,
    references: int,
) -> Finding:  # fmt: skip
    """A finding about one window of a series."""
    start = series.start_of(at)
    return Finding(
        start, start + series.step_ms, value, low, high, state, basis, references, series.n[at], series.of[at]
    )
