"""Token buckets: a burst first, the rate after, each name for itself, and a bounded number of them."""

import pytest

from trackway.collect import limit
from trackway.collect.limit import RateLimit


@pytest.mark.parametrize(
    ("rate_per_s", "times", "expected"),
    [
        # rate, seconds at which one is taken, seconds to wait (0: it may go on); the bucket holds 2 s of its rate
        (0, [0, 0, 0], [0, 0, 0]),
        (-1, [0, 0, 0], [0, 0, 0]),
        (1, [0, 0, 0], [0, 0, 1]),
        (1, [0, 0, 0.25], [0, 0, 0.75]),
        (1, [0, 0, 1, 1], [0, 0, 0, 1]),
        (1, [0, 0, 100, 100, 100], [0, 0, 0, 0, 1]),
        (2, [0, 0, 0, 0, 0], [0, 0, 0, 0, 0.5]),
        (0.1, [0, 0, 5, 10], [0, 10, 5, 0]),
    ],
)
def test_taking_one_at_a_time(rate_per_s: float, times: list[float], expected: list[float]) -> None:
    buckets = RateLimit(burst_s=2)

    waits = [buckets.take("a", rate_per_s, now_s) for now_s in times]

    assert waits == pytest.approx(expected)


def test_being_refused_costs_nothing() -> None:
    buckets = RateLimit(burst_s=1)
    buckets.take("a", 1, 0)

    waits = [buckets.take("a", 1, 0.5) for _ in range(5)]

    assert waits == [0.5] * 5
    assert buckets.take("a", 1, 1) == 0


def test_names_do_not_share_a_bucket() -> None:
    buckets = RateLimit(burst_s=1)

    assert [buckets.take(name, 1, 0) == 0 for name in ("a", "b", "a", "b")] == [True, True, False, False]


def test_what_was_taken_can_be_given_back() -> None:
    buckets = RateLimit(burst_s=1)
    buckets.take("a", 1, 0)
    buckets.take("a", 1, 0, cost=-1)

    waits = [buckets.take("a", 1, 0) for _ in range(2)]

    assert waits == [0, 1]


def test_clock_that_stands_still_or_goes_back_gives_nothing() -> None:
    buckets = RateLimit(burst_s=1)
    buckets.take("a", 1, 10)

    assert buckets.take("a", 1, 10) == 1
    assert buckets.take("a", 1, 10) == 1


def test_oldest_bucket_is_forgotten_over_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limit, "BUCKETS_MAX", 2)
    buckets = RateLimit(burst_s=1)
    for name in ("a", "b", "a", "c"):
        buckets.take(name, 1, 0)

    fresh = {name: buckets.take(name, 1, 0) == 0 for name in ("a", "b")}

    assert fresh == {"a": False, "b": True}
