"""Whole visits, and a month of them: who comes, from where, when, and what they do.

Pure and seeded: the random source, the clock and the shop's address are arguments. The same ones give the
same events, to the letter. It must never read the time or send anything.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate
from random import Random

from trackway.demo import goods, plots
from trackway.demo.people import Visitor, people
from trackway.demo.places import address_of
from trackway.demo.walk import Event, Walk

PEOPLE_PER_DAY = 20
VISITS_MEAN = 2.6
VISITS_MAX = 14
RECENT_VISITS = 40
RECENT_MS = 45 * 60_000
REST_MS = 40 * 60_000  # between two visits of one device: longer than the session timeout
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
FAULT_BEFORE_MS = 50 * HOUR_MS
"""How long before the end of a history the release with the fault came out."""
APP_SCREENS = ("Home", "Search", "Orders", "Profile")

# How busy each hour of the day and each day of the week (Monday first) is, against the busiest.
_HOURS = (9, 5, 3, 2, 2, 4, 12, 26, 40, 48, 52, 55, 62, 58, 52, 50, 54, 62, 74, 90, 100, 92, 60, 26)
_WEEKDAYS = (88, 84, 82, 86, 78, 92, 100)

PARTNER = "https://slow-mornings.example/reviews/kettles"
_UTM = {"utm_source": "newsletter", "utm_medium": "email", "utm_campaign": "summer-sill"}
_SOURCES: dict[str, tuple[int, str, Mapping[str, str], tuple[str, ...]]] = {
    # name: how often, the referrer, the campaign, the pages it leads to
    "direct": (30, "", {}, ("", "", "", "products.html")),
    "google": (
        32,
        "https://www.google.com/",
        {},
        ("", "", "category-coffee.html", "journal.html", "product-hand-grinder.html"),
    ),
    "newsletter": (14, "", _UTM, ("", "category-garden.html", "product-watering-can.html")),
    "instagram": (
        14,
        "https://l.instagram.com/",
        {},
        ("product-stoneware-mug.html", "product-wool-throw.html", ""),
    ),
    "partner": (10, PARTNER, {}, ("product-gooseneck-kettle.html", "product-pour-over-set.html")),
}


@dataclass(frozen=True, slots=True)
class Journey:
    """One finished visit: whose, from what and where, and its events in order of time."""

    visitor: Visitor
    session: str
    user_agent: str
    address: str
    context: Mapping[str, str]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class History:
    """Visits in order of their start, and the visitors as the last visit left them."""

    journeys: list[Journey] = field(default_factory=list[Journey])
    visitors: list[Visitor] = field(default_factory=list[Visitor])


@dataclass(frozen=True, slots=True)
class Calendar:
    """The hours a history is made of, by their start, and how busy each is, summed up."""

    hours_ms: list[int]
    cumulative: list[int]


def journey(  # noqa: PLR0913 - whose, when, where, and how things stand in the shop
    rng: Random, visitor: Visitor, start_ms: int, root: str, pace: float = 1.0, fault_ms: int | None = None
) -> Journey:
    """One visit beginning at `start_ms`; `root` is the shop's address with a slash at the end. From `fault_ms` on the
    shop's product pages have a script that fails.
    """
    walk = Walk(rng, visitor, start_ms, root, pace, fault_ms)
    walk.does("session.start", {})
    _TELLERS[visitor.device.kind](walk)
    context = {"platform": _platform(visitor), "app_version": "3.2"} if visitor.device.kind == "app" else {}
    address = address_of(visitor.person.email, visitor.person.habit, visitor.device.kind == "bot")
    return Journey(visitor, walk.session, visitor.device.user_agent, address, context, tuple(walk.events))


def history(rng: Random, now_ms: int, days: int, root: str) -> History:
    """All that happened in the `days` before `now_ms`, as `History`.

    About 450 events a day, the last three quarters of an hour busier than the rest; each within the range.
    """
    crowd = people(rng, PEOPLE_PER_DAY * days)
    calendar = _calendar(now_ms, days)
    visits = [visit for devices in crowd for visit in _visits(rng, devices, calendar)]
    busy = [devices[0] for devices in people(rng, RECENT_VISITS)]
    visits += [(now_ms - rng.randrange(RECENT_MS), visitor) for visitor in busy]
    visits.sort(key=lambda visit: (visit[0], visit[1].uuid))
    told = [each for start, visitor in visits if (each := _told(rng, visitor, start, now_ms, root))]
    return History(told, [visitor for devices in crowd for visitor in devices] + busy)


def _told(rng: Random, visitor: Visitor, start_ms: int, now_ms: int, root: str) -> Journey | None:
    """The visit, or None (and nothing remembered of it) when it would not be over by now."""
    before = replace(visitor, cart=list(visitor.cart))
    made = journey(rng, visitor, start_ms, root, fault_ms=now_ms - FAULT_BEFORE_MS)
    if made.events[-1].time <= now_ms:
        return made
    visitor.seq, visitor.known, visitor.cart = before.seq, before.known, before.cart
    return None


def _visits(rng: Random, devices: list[Visitor], calendar: Calendar) -> list[tuple[int, Visitor]]:
    """When one person comes, and with what; no device comes again before it has left."""
    count = min(1 + int(rng.expovariate(1 / (VISITS_MEAN - 1))), VISITS_MAX)
    weights = None if devices[0].device.kind == "bot" else calendar.cumulative  # machines come at any hour
    hours = rng.choices(calendar.hours_ms, cum_weights=weights, k=count)
    starts = sorted(hour + rng.randrange(HOUR_MS) for hour in hours)
    apart = [start for n, start in enumerate(starts) if n == 0 or start - starts[n - 1] > REST_MS]
    return [(start, rng.choice(devices)) for start in apart]


def _calendar(now_ms: int, days: int) -> Calendar:
    first = now_ms - days * DAY_MS
    hours = [first + n * HOUR_MS for n in range(days * 24)]
    moments = (dt.datetime.fromtimestamp(hour / 1000, dt.UTC) for hour in hours)
    busy = (_HOURS[each.hour] * _WEEKDAYS[each.weekday()] for each in moments)
    return Calendar(hours, list(accumulate(busy)))


def _in_browser(walk: Walk) -> None:
    name = walk.visitor.person.habit
    if name is None or walk.rng.random() < 0.4:
        name = walk.rng.choices(list(_SOURCES), [weight for weight, *_ in _SOURCES.values()])[0]
    _, referrer, utm, pages = _SOURCES[name]
    walk.lands(walk.rng.choice(pages), referrer, utm)
    product = next((each for each in goods.PRODUCTS if each.path == walk.path), None)
    if product is not None:
        plots.views(walk, product)
    if walk.path == "":
        plots.banners(walk)
    # Some come, see that it is not what they meant, and go.
    if not walk.visitor.cart and walk.rng.random() > 0.55 + 0.5 * walk.visitor.person.keen:
        return
    plots.wanders(walk)
    if walk.visitor.person.member and walk.path not in goods.ACCOUNT_TABS and walk.rng.random() < 0.25:
        plots.account(walk)


def _in_app(walk: Walk) -> None:
    walk.does("app.start", {})
    _shows(walk, "Home")
    if not walk.visitor.known:
        walk.pause(10)
        plots.identifies(walk)
        walk.does("client.login", {"method": "password"})
    for _ in range(walk.rng.randint(1, 5)):
        walk.pause(7)
        if walk.rng.random() < 0.55:
            product = walk.rng.choice(goods.PRODUCTS)
            walk.does("screen.click", {"element": f"card-{product.slug}", "screen": "Home"})
            _shows(walk, "Product")
            plots.views(walk, product)
        else:
            screen = walk.rng.choice(APP_SCREENS)
            walk.does("screen.click", {"element": f"tab-{screen.lower()}", "screen": "Home"})
            _shows(walk, screen)
    if walk.visitor.cart and walk.rng.random() < 0.5:
        walk.pause(8)
        _shows(walk, "Basket")
        walk.does("screen.click", {"element": "pay", "screen": "Basket"})
        plots.charges(walk, "invoice")


def _shows(walk: Walk, screen: str) -> None:
    walk.does("screen.view", {"name": screen})


def _as_bot(walk: Walk) -> None:
    paths = [path for path in goods.titles() if not path.startswith(("app", "thanks", "checkout"))]
    for path in walk.rng.sample(paths, walk.rng.randint(2, 7)):
        walk.lands(path, "", {})
        walk.pause(2)


def _platform(visitor: Visitor) -> str:
    return "ios" if "iPhone" in visitor.device.user_agent else "android"


_TELLERS: Mapping[str, Callable[[Walk], None]] = {"web": _in_browser, "app": _in_app, "bot": _as_bot}
