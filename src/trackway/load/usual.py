"""What is usual for each element, kept while events are loaded, and each hover judged by what came before it.

A hover is judged by all that the site stored before it, in order of position, within the last 28 days of receipt: not
by itself, and not by how events were parted into loads. So a load done again decides the same. What was judged unusual
stays in the reference: without it the threshold would creep down. It must never judge by what is not in the store.
"""

from array import array
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from trackway.load.dwell import BUCKETS, INNER_EDGES, bucket_of, merge, threshold_ms
from trackway.store.pool import Connection
from trackway.store.row import Row

HOVER = "element.hover"
DAY_MS = 86_400_000
WINDOW_DAYS = 28
KEPT_DAYS = 35
"""A few more than are asked: events that waited in the spool are judged by the day they were received."""
ELEMENTS_PER_SITE_MAX = 2_000
ELEMENTS_MAX = 10_000
"""Elements (by class of device) with counts of their own; those beyond are judged by the site's."""
NAME_LENGTH_MAX = 256

LEARNT = """
SELECT site, element, device, intDiv(received, {day_ms:Int64}) AS day,
       arrayCount(edge -> dwell >= edge, {edges:Array(UInt32)}) AS bucket, count() AS n, min(position) AS first
FROM events
WHERE action = {hover:String} AND received >= {since:Int64} AND position < {before:UInt64}
GROUP BY site, element, device, day, bucket
ORDER BY first
"""

Key = tuple[str, str | None, str]
"""Site, element (None: all of the site's) and class of device."""


class Hover(msgspec.Struct, gc=False):
    """The params a hover is judged by."""

    element: str
    duration: float


class Days:
    """Counts by day of receipt, and those of the 28 days up to one day together."""

    __slots__ = ("_day", "_days", "_window")

    def __init__(self) -> None:
        self._days: dict[int, array[int]] = {}
        self._day = -1
        self._window: list[int] = [0] * BUCKETS

    def window(self, day: int) -> Sequence[int]:
        """The counts of the 28 days that end with `day`."""
        if day != self._day:
            self._day, self._window = day, [0] * BUCKETS
            for one in range(day - WINDOW_DAYS + 1, day + 1):
                if one in self._days:
                    self._window = merge(self._window, self._days[one])
        return self._window

    def add(self, day: int, bucket: int, n: int) -> None:
        """Count `n` more (or, negative, fewer) dwells."""
        if day not in self._days:
            self._days[day] = array("q", bytes(8 * BUCKETS))
            for old in [one for one in self._days if one <= day - KEPT_DAYS]:
                del self._days[old]
        self._days[day][bucket] += n
        if self._day - WINDOW_DAYS < day <= self._day:
            self._window[bucket] += n


class Usual:
    """The counts of all sites. For one thread: `judge` a load, then `settle` it; judging again begins anew."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[Key, Days] = {}
        self._elements: dict[str, int] = {}
        self._unsettled: dict[int, list[tuple[Key, int, int]]] = {}

    def learn(self, before: int, now_ms: int) -> None:
        """Begin with what the store has below a position. Raises ClickHouseError."""
        asked: dict[str, Any] = {
            "before": before,
            "hover": HOVER,
            "day_ms": DAY_MS,
            "since": (now_ms // DAY_MS - KEPT_DAYS + 1) * DAY_MS,
            "edges": list(INNER_EDGES),
        }
        for row in self._connection.rows(LEARNT, asked):
            for key in ((row["site"], row["element"], row["device"]), (row["site"], None, row["device"])):
                self._add(key, row["day"], row["bucket"], row["n"])

    def judge(self, rows: Iterable[Row]) -> None:
        """Mark the hovers that were longer than usual: `unusual` is the threshold in ms, 0 for all others."""
        self._take_back(list(self._unsettled))
        for row in rows:
            if row.action == HOVER:
                self._judge(row)

    def settle(self, refused: Iterable[Row] = ()) -> None:
        """The load that was judged is stored, but for those the store refused: they are no part of the reference."""
        self._take_back([row.position for row in refused])
        self._unsettled.clear()

    def _judge(self, row: Row) -> None:
        hover = msgspec.json.decode(row.params, type=Hover)
        own, site = (row.site, hover.element, row.device), (row.site, None, row.device)
        day, bucket = row.received // DAY_MS, bucket_of(hover.duration)
        threshold = threshold_ms(self._window(own, day), self._window(site, day))
        row.unusual = threshold if hover.duration >= threshold else 0
        for key in (own, site):
            if self._add(key, day, bucket, 1):
                self._unsettled.setdefault(row.position, []).append((key, day, bucket))

    def _window(self, key: Key, day: int) -> Sequence[int]:
        days = self._known.get(key)
        return days.window(day) if days else (0,) * BUCKETS

    def _add(self, key: Key, day: int, bucket: int, n: int) -> bool:
        """Count; False where there is no room for another element."""
        days = self._known.get(key)
        if days is None:
            site, element, _ = key
            if element is not None:
                of_site = self._elements.get(site, 0)
                if (
                    of_site >= ELEMENTS_PER_SITE_MAX
                    or len(self._known) >= ELEMENTS_MAX
                    or len(element) > NAME_LENGTH_MAX
                ):
                    return False
                self._elements[site] = of_site + 1
            days = self._known[key] = Days()
        days.add(day, bucket, n)
        return True

    def _take_back(self, positions: Iterable[int]) -> None:
        for position in positions:
            for key, day, bucket in self._unsettled.pop(position, ()):
                self._known[key].add(day, bucket, -1)
