"""Longer than usual: the estimates against what was drawn, and who is flagged of simulated visitors."""

import math
import random
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackway.load.dwell import (
    BUCKETS,
    EDGES,
    FLOOR_MS,
    UNKNOWN_MS,
    bucket_of,
    log_quantile,
    log_spread,
    merge,
    summed,
    threshold_ms,
)

dwells = st.lists(st.floats(1, 2_000_000), min_size=1, max_size=200)
NOTHING = [0] * BUCKETS


def counted(values: list[float]) -> list[int]:
    counts = [0] * BUCKETS
    for value in values:
        counts[bucket_of(value)] += 1
    return counts


def drawn(chance: random.Random, n: int, sigma: float, median_ms: float = 2_000) -> list[float]:
    return [chance.lognormvariate(math.log(median_ms), sigma) for _ in range(n)]


@given(st.floats(0, 10_000_000))
def test_every_dwell_has_its_bucket(dwell: float) -> None:
    bucket = bucket_of(dwell)

    assert bucket == 0 or dwell >= EDGES[bucket]
    assert bucket == BUCKETS - 1 or dwell < EDGES[bucket + 1]


@given(dwells, dwells)
def test_counts_of_two_places_are_the_counts_of_all(one: list[float], other: list[float]) -> None:
    assert merge(counted(one), counted(other)) == counted(one + other)


@given(dwells, st.floats(0.01, 1))
def test_quantile_lies_in_the_bucket_of_the_right_dwell(values: list[float], p: float) -> None:
    bucket = bucket_of(sorted(values)[math.ceil(round(p * len(values), 9)) - 1])

    found = math.exp(log_quantile(summed(counted(values)), p))

    assert EDGES[bucket] * 0.999 <= found <= EDGES[bucket + 1] * 1.001


@pytest.mark.parametrize("sigma", [0.8, 1.0, 1.3])
def test_estimates_are_those_of_the_distribution(sigma: float) -> None:
    counts = summed(counted(drawn(random.Random(1), 100_000, sigma)))
    p95 = 2_000 * math.exp(NormalDist().inv_cdf(0.95) * sigma)

    assert math.exp(log_quantile(counts, 0.5)) == pytest.approx(2_000, rel=0.02)
    assert math.exp(log_quantile(counts, 0.95)) == pytest.approx(p95, rel=0.02)
    assert log_spread(counts, math.log(2_000)) == pytest.approx(sigma, rel=0.03)


@pytest.mark.parametrize(
    ("own", "site", "expected"),
    [
        ([], [], UNKNOWN_MS),
        ([500.0] * 19, [500.0] * 99, UNKNOWN_MS),
        ([500.0] * 19, [20_000.0] * 100, pytest.approx(20_000, rel=0.2)),
        ([8_000.0] * 100, [500.0] * 9_000, pytest.approx(8_000, rel=0.2)),
        ([100.0] * 1_000, [100.0] * 1_000, FLOOR_MS),
    ],
)
def test_who_speaks_for_an_element(own: list[float], site: list[float], expected: int) -> None:
    assert threshold_ms(counted(own), counted(site)) == expected


def test_an_element_with_few_hovers_is_drawn_to_its_site() -> None:
    chance = random.Random(2)
    slow, site = drawn(chance, 40, 1.0, 6_000), drawn(chance, 5_000, 1.0, 1_500)
    alone, alike = (threshold_ms(counted(one), counted(one)) for one in (slow, site))

    assert alike < threshold_ms(counted(slow), counted(site)) < alone
