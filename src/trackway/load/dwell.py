"""Was it held longer than usual? How long hovers over each element take, and the threshold of the unusual ones.

Dwells are close to lognormal, so they are counted in buckets that grow by GAMMA. Counts add up, over days as over
servers. Pure: no clock, no store; `load/usual.py` keeps the counts.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from trackway.store.row import UNUSUAL_P

GAMMA = 1.2
BUCKETS = 48
EDGES = tuple(round(100 * GAMMA**number) for number in range(BUCKETS + 1))
"""Bucket n holds dwells from EDGES[n] to EDGES[n + 1] ms; the first also shorter, the last also longer ones."""
INNER_EDGES = EDGES[1:BUCKETS]
LOG_FIRST, LOG_WIDTH = math.log(100), math.log(GAMMA)

Z = 1.645
"""The 95th percentile of a normal distribution, in standard deviations."""
MAD_TO_SD = 1.4826
"""Of a normal distribution: the standard deviation is that many times the median absolute deviation."""
FLOOR_MS = 1_000
UNKNOWN_MS = 3_000
"""The threshold while nothing is known of the site either."""
OWN_MIN = 100
"""From so many hovers on an element speaks for itself."""
SHRUNK_MIN = 20
"""From so many on it is heard, together with the site."""
SHRINK_WEIGHT = 30
HALVINGS = 20

Counts = Sequence[int]


def bucket_of(dwell_ms: float) -> int:
    """The bucket of a dwell."""
    return bisect_right(INNER_EDGES, dwell_ms)


def threshold_ms(own: Counts, site: Counts) -> int:
    """From how many ms on a hover is unusual: 95 % of the reference are shorter. At least a second.

    `own`: earlier hovers over the element by this class of device, `site`: over all elements. With 100 of its own the
    element's own 95th percentile; with 20 its median and spread (on the log scale), drawn to the site's as if the site
    had 30 hovers; else the site's percentile, and 3 s while the site has fewer than 100.
    """
    n = sum(own)
    if n >= OWN_MIN:
        found = math.exp(log_quantile(summed(own), UNUSUAL_P))
    elif n >= SHRUNK_MIN:
        found = math.exp(shrunk_log_p95(summed(own), summed(site)))
    else:
        found = math.exp(log_quantile(summed(site), UNUSUAL_P)) if sum(site) >= OWN_MIN else UNKNOWN_MS
    return max(FLOOR_MS, round(found))


def summed(counts: Counts) -> list[int]:
    """How many dwells lie below each edge."""
    return list(accumulate(counts, initial=0))


def shrunk_log_p95(own: Counts, site: Counts) -> float:
    """The 95th percentile of a lognormal whose median and spread are the element's, drawn to the site's. Of sums."""
    share = own[-1] / (own[-1] + SHRINK_WEIGHT)
    own_median, site_median = log_quantile(own, 0.5), log_quantile(site, 0.5)
    median = share * own_median + (1 - share) * site_median
    spread = share * log_spread(own, own_median) + (1 - share) * log_spread(site, site_median)
    return median + Z * spread


def log_quantile(sums: Counts, p: float) -> float:
    """The p-quantile as a logarithm of ms; within a bucket dwells are taken to be spread evenly on the log scale."""
    wanted = p * sums[-1]
    edge = max(1, bisect_left(sums, wanted))
    share = (wanted - sums[edge - 1]) / (sums[edge] - sums[edge - 1])
    return LOG_FIRST + (edge - 1 + share) * LOG_WIDTH


def log_spread(sums: Counts, middle: float) -> float:
    """The standard deviation on the log scale, by the median absolute deviation: a few long dwells do not move it."""
    at, half = (middle - LOG_FIRST) / LOG_WIDTH, sums[-1] / 2
    low, high = 0.0, float(BUCKETS)
    for _ in range(HALVINGS):
        away = (low + high) / 2
        if below(sums, at + away) - below(sums, at - away) < half:
            low = away
        else:
            high = away
    return MAD_TO_SD * high * LOG_WIDTH


def below(sums: Counts, at: float) -> float:
    """How many dwells are shorter than a place on the log scale, in buckets; a bucket counts by its part below."""
    if at <= 0:
        return 0
    if at >= BUCKETS:
        return sums[-1]
    number = int(at)
    return sums[number] + (at - number) * (sums[number + 1] - sums[number])


def merge(one: Counts, other: Counts) -> list[int]:
    """The counts of two places (days, servers) together."""
    return [mine + theirs for mine, theirs in zip(one, other, strict=True)]
