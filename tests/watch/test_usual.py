"""The usual range against simulated sites: how often it is wrong, and how soon it sees what is really wrong.

Figures stand in docs/alerts.md. Everything is seeded, so a run says the same each time.
"""

import math
import random
from collections.abc import Callable, Sequence

import pytest

from trackway.alert import Alert, Limits, Sensitivity, Watched
from trackway.watch.decide import CALM_WINDOWS, Standing, decide, distance, replay
from trackway.watch.spread import count_range, log_zero, student, tail_of, z_of
from trackway.watch.usual import Finding, Past, judge, make_series

WEEKS = 12
LEARNT_WEEKS = 8
HOUR = 60
FALSE_ALARMS_PER_WEEK_MAX = {15: 0.75, 60: 0.17, 1440: 0.03}
"""By the length of a window, of the least favourable site: 3 events a window, three times Poisson's variance."""

Shape = Callable[[float], float]


def steady(_: float) -> float:
    return 1.0


def daily(day: float) -> float:
    return 1 + 0.9 * math.sin(2 * math.pi * day)


def weekly(day: float) -> float:
    return daily(day) * (0.35 if day % 7 >= 5 else 1)


def growing(day: float) -> float:
    return weekly(day) * 1.01**day


SHAPES: tuple[Shape, ...] = (steady, daily, weekly, growing)


def poisson(rng: random.Random, mean: float) -> int:
    """A count with that mean."""
    if mean > 50:
        return max(0, round(rng.gauss(mean, mean**0.5)))
    limit, count, chance = math.exp(-mean), 0, rng.random()
    while chance > limit:
        count += 1
        chance *= rng.random()
    return count


def stray(rng: random.Random, mean: float, times: float) -> int:
    """A count whose variance is `times` its mean: Poisson's with a gamma-distributed mean."""
    return poisson(rng, mean if times <= 1 or mean <= 0 else rng.gammavariate(mean / (times - 1), times - 1))


def simulate(shape: Shape, level: float, times: float, window_min: int, weeks: int = WEEKS, seed: int = 1) -> list[int]:
    """Counts of the windows of some weeks."""
    rng, per_day = random.Random(seed), 1440 // window_min
    return [stray(rng, level * shape(at / per_day), times) for at in range(weeks * 7 * per_day)]


def count_alert(window_min: int, sensitivity: Sensitivity = "normal", kind: str = "count") -> Alert:
    watched = Watched(kind, action="a.b", window_min=window_min)  # type: ignore[arg-type]  # pyright: ignore
    return Alert("a", "s", "n", watched, Limits(sensitivity=sensitivity))


def past_of(n: Sequence[float], alert: Alert, of: Sequence[float] | None = None) -> Past:
    return Past(make_series(0, alert.watched.window_min * 60_000, n, of or [1.0] * len(n)), alert.watched.kind)


def opened(n: Sequence[float], alert: Alert, of: Sequence[float] | None = None) -> tuple[int, int]:
    """How many incidents there would have been behind the learnt weeks, in how many windows."""
    begin = LEARNT_WEEKS * 7 * 1440 // alert.watched.window_min
    steps = [step for _, step in replay(past_of(n, alert, of), alert, begin, len(n))]
    return steps.count("open"), len(steps)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("window_min", "runs"), [(15, 1), (60, 3), (1440, 10)])
@pytest.mark.parametrize(("level", "times"), [(0.2, 1), (3, 1), (3, 3), (100, 1), (100, 5), (5000, 50)])
def test_false_alarms_are_rare(shape: Shape, window_min: int, runs: int, level: float, times: float) -> None:
    alert = count_alert(window_min)
    found = [opened(simulate(shape, level, times, window_min, seed=seed), alert) for seed in range(runs)]
    weeks = sum(windows for _, windows in found) * window_min / 10_080

    assert sum(incidents for incidents, _ in found) / weeks <= FALSE_ALARMS_PER_WEEK_MAX[window_min]


@pytest.mark.parametrize(("sensitivity", "most"), [("low", 0.0), ("normal", 0.1), ("high", 1.5)])
def test_sensitivity_is_a_choice_of_false_alarms(sensitivity: Sensitivity, most: float) -> None:
    alert = count_alert(HOUR, sensitivity)
    found = [opened(simulate(weekly, 100, 5, HOUR, seed=seed), alert) for seed in range(4)]

    assert sum(incidents for incidents, _ in found) / 16 <= most  # 4 runs of 4 weeks


@pytest.mark.parametrize("shape", [steady, weekly, growing])
@pytest.mark.parametrize(("change", "state"), [(0.0, "below"), (3.5, "above")])
@pytest.mark.parametrize("times", [1, 3])
def test_a_drop_to_nothing_and_a_step_are_seen_in_the_first_window(
    shape: Shape, change: float, state: str, times: float
) -> None:
    n = simulate(shape, 100, times, HOUR)
    at = len(n) - 1 - 12  # noon of a Sunday
    n[at] = round(n[at] * change)
    alert = count_alert(HOUR)

    assert judge(past_of(n, alert), at, alert).state == state


def test_a_doubling_is_seen_within_two_windows() -> None:
    alert = count_alert(HOUR)
    seen: list[int] = []
    for seed in range(20):
        n = simulate(daily, 100, 2, HOUR, seed=seed)
        begin = len(n) - 18  # six in the morning
        n[begin:] = [2 * one for one in n[begin:]]
        past = past_of(n, alert)
        seen.append(next(at for at in range(begin, len(n)) if judge(past, at, alert).state == "above") - begin)

    assert max(seen) <= 1


def test_a_step_that_stays_becomes_usual_within_ten_days() -> None:
    alert = count_alert(HOUR)
    n = simulate(weekly, 100, 1, HOUR, weeks=14)
    begin = 12 * 7 * 24
    n[begin:] = [round(1.6 * one) for one in n[begin:]]
    past = past_of(n, alert)
    states = [judge(past, at, alert).state for at in range(begin, len(n))]

    assert "above" in states[:24]
    assert "above" not in states[10 * 24 :]


def test_an_incident_of_last_week_hides_none_of_today() -> None:
    alert = count_alert(HOUR)
    n = simulate(daily, 100, 1, HOUR)
    at = len(n) - 12
    for hour in range(at - 168 - 3, at - 168 + 3):
        n[hour] = 0
    n[at] = 0

    assert judge(past_of(n, alert), at, alert).state == "below"


def test_one_too_young_to_know_says_that_it_is_learning() -> None:
    alert = count_alert(HOUR)
    n = [*[0] * 1000, *simulate(daily, 100, 1, HOUR, weeks=1)[:20]]
    finding = judge(past_of(n, alert), len(n) - 1, alert)

    assert (finding.state, finding.low, finding.high) == ("learning", None, None)


@pytest.mark.parametrize(("weeks", "basis"), [(8, "week"), (3.5, "week"), (2, "day"), (0.4, "last")])
def test_references_are_of_the_week_then_of_the_day_then_the_last(weeks: float, basis: str) -> None:
    alert = count_alert(HOUR)
    n = [*[0] * 2000, *[50] * round(weeks * 168)]

    assert judge(past_of(n, alert), len(n) - 1, alert).basis == basis


SHARE = Alert("a", "s", "n", Watched("share", action="a.b", of_action="c.d", window_min=60))


@pytest.mark.parametrize("rate", [0.01, 0.3, 0.95])
def test_a_share_rarely_alarms_whatever_the_traffic(rate: float) -> None:
    rng = random.Random(3)
    of = simulate(weekly, 200, 3, HOUR, seed=5)
    n = [sum(rng.random() < rate for _ in range(one)) for one in of]

    assert opened(n, SHARE, [float(one) for one in of])[0] <= 1


@pytest.mark.parametrize(("share", "state"), [(0.3, "above"), (0.0, "below"), (0.1, "usual")])
def test_a_share_that_leaves_its_range_is_seen_at_once(share: float, state: str) -> None:
    of = [float(one) for one in simulate(steady, 300, 1, HOUR)]
    n = [float(poisson(random.Random(at), 0.1 * one)) for at, one in enumerate(of)]
    n[-1] = round(share * of[-1])

    assert judge(past_of(n, SHARE, of), len(n) - 1, SHARE).state == state


def test_a_share_of_few_is_not_judged() -> None:
    of = [100.0] * 2000
    finding = judge(past_of([9.0] * 2000, SHARE, [*of[:-1], 9.0]), 1999, SHARE)

    assert finding.state == "few"


DWELL = Alert("a", "s", "n", Watched("dwell", element="banner", window_min=1440))


def test_a_median_dwell_rarely_alarms_and_a_long_one_is_seen() -> None:
    rng = random.Random(11)
    days = 7 * WEEKS
    medians = [sorted(rng.lognormvariate(math.log(2500), 1.1) for _ in range(60))[30] for _ in range(days)]
    of = [60.0] * days

    assert opened(medians, DWELL, of)[0] <= 1
    assert judge(past_of([*medians, 9000.0], DWELL, [*of, 60.0]), days, DWELL).state == "above"


def silence_alert(window_min: int) -> Alert:
    return count_alert(window_min, kind="stopped")


@pytest.mark.parametrize(("level", "within"), [(100, 2), (3, 5), (0.5, 30)])
def test_a_stop_is_found_after_as_long_as_it_is_rare(level: float, within: int) -> None:
    alert = silence_alert(HOUR)
    n = simulate(steady, level, 1, HOUR)
    begin = len(n) - 40
    n[begin:] = [0] * 40
    past = past_of(n, alert)
    states = [judge(past, at, alert).state for at in range(begin, len(n))]

    assert "above" in states[:within]
    assert states[0] == "usual", "one silent window is not enough"


def test_a_quiet_night_is_no_stop() -> None:
    n = simulate(lambda day: max(0.0, math.sin(2 * math.pi * day)), 20, 1, HOUR)

    assert opened(n, silence_alert(HOUR))[0] == 0


def test_fixed_limits_need_no_past() -> None:
    alert = Alert("a", "s", "n", Watched("count", action="a.b", window_min=60), Limits("fixed", above=10, below=2))
    states = [judge(past_of([n], alert), 0, alert).state for n in (1, 2, 10, 11)]

    assert states == ["below", "usual", "usual", "above"]


def test_a_side_that_is_not_looked_at_is_usual() -> None:
    n = [*[100.0] * 2000, 1000.0]
    limits = Limits(direction="below")
    alert = Alert("a", "s", "n", Watched("count", action="a.b", window_min=60), limits)

    assert judge(past_of(n, alert), 2000, alert).state == "usual"


def finding_of(state: str) -> Finding:
    return Finding(0, 1, 1.0, None, None, state, "week", 9, 1, 1)  # type: ignore[arg-type]  # pyright: ignore


def test_an_incident_opens_once_and_closes_after_two_calm_windows() -> None:
    standing, steps = Standing(), list[str]()
    for state in ("usual", "above", "above", "usual", "above", "usual", "few", "learning", "usual", "usual"):
        step, standing = decide(standing, finding_of(state))
        steps.append(step)

    assert CALM_WINDOWS == 2
    assert steps == ["nothing", "open", *["go on"] * 6, "close", "nothing"]


@pytest.mark.parametrize(
    ("value", "low", "high", "away"),
    [(5, 10, 20, 0.5), (30, 10, 20, 0.5), (15, 10, 20, 0), (3, 0, 0, 3), (None, 1, 2, 0)],
)
def test_how_far_off_is_told_by_the_limit_that_was_broken(
    value: float | None, low: float, high: float, away: float
) -> None:
    assert distance(Finding(0, 1, value, low, high, "usual", "week", 9, 1, 1)) == away


@pytest.mark.parametrize("z", [1.0, 2.0, 3.0, 4.0, 5.0])
def test_tails_and_quantiles_belong_together(z: float) -> None:
    assert z_of(tail_of(z)) == pytest.approx(z, abs=1e-6)
    assert student(z, 10**6) == pytest.approx(z, abs=1e-3)


def test_students_quantiles_are_those_of_the_tables() -> None:
    # The 99.865th percentile (z = 3) of t with 20 and 60 degrees of freedom is 3.42 and 3.13.
    assert student(3.0, 20) == pytest.approx(3.42, abs=0.03)
    assert student(3.0, 60) == pytest.approx(3.13, abs=0.02)


@pytest.mark.parametrize(
    ("mean", "variance"), [(0.3, 0.3), (3, 3), (20, 60), (140, 140), (149, 700), (151, 700), (9000, 9e4)]
)
def test_a_range_holds_what_it_says(mean: float, variance: float) -> None:
    rng = random.Random(7)
    low, high = count_range(mean, variance, 2.0)
    drawn = [stray(rng, mean, variance / mean) for _ in range(4000)]

    assert sum(one > high for one in drawn) / 4000 <= tail_of(2.0) + 0.012
    assert sum(one < low for one in drawn) / 4000 <= tail_of(2.0) + 0.012
    assert low <= mean <= high + 1


def test_no_event_at_all_has_the_probability_of_poisson_and_more_with_stray() -> None:
    assert math.exp(log_zero(4, 4)) == pytest.approx(math.exp(-4), rel=1e-4)
    assert log_zero(4, 12) > log_zero(4, 4)
    assert log_zero(0, 0) == 0
