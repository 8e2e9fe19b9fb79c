"""The visitors who are in the shop right now: who has just come in, and which of their events is due.

Pure and seeded: the clock is an argument. It must never hold more people than its limits, whatever the hour.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from random import Random

from trackway.demo.journeys import REST_MS, Journey, journey
from trackway.demo.people import Visitor, people
from trackway.demo.walk import Event

PRESENT_MIN = 9
PRESENT_MAX = 15
KNOWN_MAX = 5_000  # people remembered, to come back another time
NEW_SHARE = 0.35
PACE = 0.6  # a little brisker than a month's visitors, so that a screen has something to show
PICK_TRIES = 20


class Crowd:
    """Between 9 and 15 visitors at a time, about one to three events a second in all."""

    def __init__(self, rng: Random, known: Sequence[Visitor], root: str, fault_ms: int | None = None) -> None:
        self._rng, self._root, self._fault_ms = rng, root, fault_ms
        self._known = list(known)[-KNOWN_MAX:]
        self._back_at: dict[str, int] = {}  # uuid -> when that device may come again
        self._due: list[tuple[int, int, Journey, int]] = []  # time, tie-breaker, journey, which of its events
        self._count = 0

    def due(self, now_ms: int) -> list[tuple[Journey, Event]]:
        """The events whose time has come, in order; each is handed out once."""
        self._let_in(now_ms)
        ready: list[tuple[Journey, Event]] = []
        while self._due and self._due[0][0] <= now_ms:
            _, _, visit, index = heapq.heappop(self._due)
            ready.append((visit, visit.events[index]))
            self._plan(visit, index + 1)
        return ready

    def _let_in(self, now_ms: int) -> None:
        """New visitors, until there are as many as there should be at this minute."""
        # A slow tide with a period of half an hour, so that the numbers on a screen live.
        tide = abs((now_ms // 60_000) % 30 - 15) / 15
        wanted = PRESENT_MIN + round(tide * (PRESENT_MAX - PRESENT_MIN))
        for _ in range(wanted - len(self._due)):
            visitor = self._someone(now_ms)
            start = now_ms + self._rng.randrange(4_000)
            visit = journey(self._rng, visitor, start, self._root, PACE, self._fault_ms)
            self._back_at[visitor.uuid] = visit.events[-1].time + REST_MS
            self._plan(visit, 0)

    def _plan(self, visit: Journey, index: int) -> None:
        if index < len(visit.events):
            self._count += 1
            heapq.heappush(self._due, (visit.events[index].time, self._count, visit, index))

    def _someone(self, now_ms: int) -> Visitor:
        """Somebody who has been here before and has had time to leave, or somebody new."""
        if self._known and self._rng.random() > NEW_SHARE:
            for _ in range(PICK_TRIES):
                visitor = self._rng.choice(self._known)
                if self._back_at.get(visitor.uuid, 0) <= now_ms:
                    return visitor
        visitor = people(self._rng, 1)[0][0]
        self._known.append(visitor)
        if len(self._known) > KNOWN_MAX:
            self._back_at.pop(self._known.pop(0).uuid, None)
        return visitor
