"""How far counts stray: the negative binomial distribution, and quantiles of the normal and Student's. Pure.

Counts that vary more than Poisson's are the rule on sites (people act in bursts), so a mean and a variance above it are
all that is asked; with a variance equal to the mean these are Poisson's formulas in the limit.
"""

import math

EXACT_MEAN_MAX = 150.0
"""Up to this mean the probabilities are summed one by one; above, by the Wilson-Hilferty formula."""
TERMS_MAX = 5_000
SPARE = 1.000_001
"""The variance is at least that many times the mean: the negative binomial has none below."""


def student(z: float, freedom: int) -> float:
    """The quantile of Student's t that has the tail of `z` under the normal distribution.

    The first three terms of the Cornish-Fisher expansion (Abramowitz and Stegun, 26.7.5); `freedom` at least 1.
    """
    n = max(1, freedom)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
    return z + (z**3 + z) / (4 * n) + second


def tail_of(z: float) -> float:
    """The share of a normal distribution beyond `z` standard deviations."""
    return math.erfc(z / math.sqrt(2)) / 2


def z_of(tail: float) -> float:
    """The standard deviations beyond which `tail` of a normal distribution lies, by halving."""
    low, high = 0.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if tail_of(middle) > tail else (low, middle)
    return low


def log_zero(mean: float, variance: float) -> float:
    """The logarithm of the probability of no event at all: (r / (r + mean))^r with r = mean² / (variance - mean)."""
    if mean <= 0:
        return 0.0
    variance = max(variance, mean * SPARE)
    return -(mean**2) / (variance - mean) * math.log(variance / mean)


def count_range(mean: float, variance: float, z: float) -> tuple[float, float]:
    """The lowest and the highest count that are not out of the ordinary: at most `tail_of(z)` lies beyond each.

    The low one is 0 where even no event at all would be nothing unusual.
    """
    if mean <= 0:
        return 0.0, 0.0
    variance = max(variance, mean * SPARE)
    if mean > EXACT_MEAN_MAX:
        return wilson_hilferty(mean, variance, -z), wilson_hilferty(mean, variance, z)
    return exact_range(mean, variance, tail_of(z))


def exact_range(mean: float, variance: float, tail: float) -> tuple[float, float]:
    """The same by summing: the first count with more than `tail` up to it, and the one with all but `tail` up to it."""
    r = mean**2 / (variance - mean)
    stay = 1 - mean / variance
    chance = math.exp(log_zero(mean, variance))
    total, low, count = chance, 0 if chance > tail else None, 0
    while total < 1 - tail and count < TERMS_MAX:
        chance *= (r + count) / (count + 1) * stay
        count += 1
        total += chance
        if low is None and total > tail:
            low = count
    return float(low or 0), float(count)


def wilson_hilferty(mean: float, variance: float, z: float) -> float:
    """A quantile of the gamma distribution with that mean and variance, which large counts come close to.

    Wilson and Hilferty, 1931: the cube root of a gamma variable is nearly normal.
    """
    shape = mean**2 / variance
    root = 1 - 1 / (9 * shape) + z / (3 * math.sqrt(shape))
    return max(0.0, mean * root**3)
