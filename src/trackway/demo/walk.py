"""One visit being written down: a clock that moves on, and the events it leaves.

Pure and seeded. It must never make an event earlier than the one before, nor longer after the start than a
visit can be: whoever reads a walk may rely on both.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from trackway.demo import goods
from trackway.demo.people import Visitor

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Params: TypeAlias = Mapping[str, Json]

VISIT_MAX_MS = 28 * 60_000  # under the 30 minutes after which a tracker would begin a new session
PAUSE_SPREAD = 0.7
HOVER_SPREAD = 0.8
HOVER_MAX_MS = 60_000
STEP_MS = (20, 240)  # from one event to the next when nobody waits
VIEW_AFTER_MS = 1_000  # an element counts as seen after a second


@dataclass(frozen=True, slots=True)
class Event:
    """One event as a client sends it; `time` in epoch ms. Without a label the server makes one."""

    id: str
    action: str
    time: int
    session: str
    seq: int
    params: Params
    label: str | None = None

    def wire(self) -> dict[str, Json]:
        """The event as it goes into an envelope."""
        fields: dict[str, Json] = {"id": self.id, "action": self.action, "time": self.time}
        fields |= {"session": self.session, "seq": self.seq, "params": self.params}
        return fields | ({"label": self.label} if self.label else {})


class Walk:
    """What one visitor does in one session, step by step; `pace` below 1 makes everything quicker."""

    def __init__(  # noqa: PLR0913 - whose, when, where, and how things stand in the shop
        self, rng: Random, visitor: Visitor, start_ms: int, root: str, pace: float = 1.0, fault_ms: int | None = None
    ) -> None:
        self.rng, self.visitor, self.start_ms, self.root, self.pace = rng, visitor, start_ms, root, pace
        self.fault_ms = fault_ms
        self.now_ms = start_ms
        self.session = uuid7(rng, start_ms)
        self.events: list[Event] = []
        self.path, self.address, self.landed = "", "", False

    def pause(self, median_s: float) -> None:
        """Time goes by: a lognormal share of a minute around the median, never past the longest visit."""
        drawn_ms = self.rng.lognormvariate(math.log(median_s * 1000 * self.pace), PAUSE_SPREAD)
        self._goes_on(int(drawn_ms))

    def does(self, action: str, params: Params, label: str | None = None) -> None:
        """Writes one event down, now; in a browser, with the page it happened on, but for what is known of a person."""
        with_page = self.landed and action != "client.identify"
        page = {"url": self.url(self.address), "title": self.title()} if with_page else {}
        params = {**page, **params}
        self.visitor.seq += 1
        made = Event(uuid7(self.rng, self.now_ms), action, self.now_ms, self.session, self.visitor.seq, params, label)
        self.events.append(made)
        # Even a script takes a moment between two events, so that their times alone say which came first.
        self._goes_on(self.rng.randint(*STEP_MS))

    def lands(self, path: str, referrer: str, utm: Mapping[str, str]) -> None:
        """The first page of a visit; its address carries the campaign."""
        query = "&".join(f"{name}={value}" for name, value in utm.items())
        self.landed = True
        self._visits(path, f"?{query}" if query else "", {"referrer": referrer} if referrer else {}, **utm)

    def opens(self, path: str, query: str = "") -> None:
        """A click to another page of the shop."""
        self._visits(path, query, {"referrer": self.url(self.address)})

    def turns_to(self, path: str) -> None:
        """Another view of the same document, as a single-page application shows it."""
        self._visits(path, "", {"referrer": self.url(self.address)}, referrer_type="spa")

    def url(self, path: str) -> str:
        """The whole address of a page of the shop."""
        return self.root + path

    def title(self) -> str:
        """The title of the page the visitor is on."""
        return goods.titles()[self.path]

    @property
    def is_broken(self) -> bool:
        """Whether the shop's release with the fault is out by now."""
        return self.fault_ms is not None and self.now_ms >= self.fault_ms

    def sees(self, element: str) -> None:
        """A tagged element has been on the screen for a second."""
        self._goes_on(VIEW_AFTER_MS)
        self.does("element.view", {"element": element})

    def hovers(self, element: str, median_s: float) -> None:
        """The pointer rested on a tagged element; touch screens have none."""
        if self.visitor.device.touch:
            return
        drawn_ms = self.rng.lognormvariate(math.log(median_s * 1000), HOVER_SPREAD)
        # The pace of a visit changes how long people wait, not how long they look: dwell stays comparable.
        duration = min(int(drawn_ms), HOVER_MAX_MS)
        self._goes_on(duration)
        self.does("element.hover", {"element": element, "duration": duration})

    def clicks(self, element: str) -> None:
        """A click or tap on a tagged element."""
        self.does("element.click", {"element": element})

    def form(self, action: str, form: str, details: Params) -> None:
        """A form was sent or left (`form.submit`, `form.abandon`)."""
        self.does(action, {"form": form, **details})

    def _goes_on(self, passed_ms: int) -> None:
        self.now_ms = min(self.now_ms + passed_ms, self.start_ms + VISIT_MAX_MS)

    def _visits(self, path: str, query: str, came: Params, **more: str) -> None:
        self.path, self.address = path, path + query
        device = self.visitor.device
        window: Params = {"language": "en-GB", "width": device.width, "height": device.height}
        self.does("page.visit", {**came, **window, **more})


def uuid7(rng: Random, time_ms: int) -> str:
    """A UUIDv7 (RFC 9562) of that moment, its random part from `rng`."""
    value = time_ms << 80 | 0x7 << 76 | rng.getrandbits(12) << 64 | 0b10 << 62 | rng.getrandbits(62)
    return str(uuid.UUID(int=value))
