"""How often a key or an address may send: token buckets, in memory, bounded in number. Reads no clock itself."""

from collections import OrderedDict

BUCKETS_MAX = 100_000
BURST_S = 10


class RateLimit:
    """Token buckets by name. A bucket holds `burst_s` seconds of its rate."""

    def __init__(self, burst_s: float = BURST_S) -> None:
        self._burst_s = burst_s
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, rate_per_s: float, now_s: float, cost: float = 1.0) -> float:
        """Take `cost` from the bucket `name`: 0 when it may go on, else the seconds to wait.

        Rate 0: no limit. A negative cost gives back what was taken.
        """
        if rate_per_s <= 0:
            return 0.0
        size = max(rate_per_s * self._burst_s, cost)
        level, then = self._buckets.pop(name, (size, now_s))
        level = min(size, level + (now_s - then) * rate_per_s)
        allowed = level >= cost
        self._buckets[name] = (level - cost if allowed else level, now_s)
        if len(self._buckets) > BUCKETS_MAX:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (cost - level) / rate_per_s
