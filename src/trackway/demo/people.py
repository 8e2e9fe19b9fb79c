"""The made-up people of the demo, and the devices they come with.

Pure and seeded: the same `random.Random` makes the same people. It must never use a real person's name with a
real address: every email ends in a domain reserved for examples.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from random import Random
from typing import Literal

Kind = Literal["web", "app", "bot"]

BOT_SHARE = 0.02
SECOND_DEVICE_SHARE = 0.22
MEMBER_SHARE = 0.45

_FIRST = (
    "Ada Bram Chiara Dov Elif Finn Greta Hugo Ines Jonas Klara Luca Maja "
    "Nils Olga Pavel Quinn Rosa Samir Tova Ugo Vera Wim Xenia Yara Zofia"
)
_LAST = (
    "Adler Berg Costa Dahl Eriksen Fabre Gallo Holm Ivanova Jansen Kowalski Lind "
    "Moreau Novak Okafor Petrov Rossi Santos Tamm Urban Vidal Wolff Yilmaz Zeman"
)
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_KIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@dataclass(frozen=True, slots=True)
class Device:
    """What a visit comes from.

    `touch` devices never hover; `width` and `height` are the window's, in CSS pixels.
    """

    kind: Kind
    user_agent: str
    touch: bool
    width: int
    height: int


_BROWSERS: tuple[tuple[int, Device], ...] = (
    (24, Device("web", f"{_WINDOWS} {_KIT} Chrome/143.0.0.0 Safari/537.36", False, 1536, 730)),
    (9, Device("web", f"{_WINDOWS} {_KIT} Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0", False, 1920, 945)),
    (
        7,
        Device(
            "web",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
            False,
            1920,
            919,
        ),
    ),
    (8, Device("web", f"{_MAC} {_KIT} Chrome/143.0.0.0 Safari/537.36", False, 1512, 823)),
    (
        9,
        Device(
            "web",
            f"{_MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
            False,
            1440,
            790,
        ),
    ),
    (
        3,
        Device("web", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", False, 1680, 940),
    ),
    (
        21,
        Device(
            "web",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/26.1 Mobile/15E148 Safari/604.1",
            True,
            390,
            664,
        ),
    ),
    (
        14,
        Device(
            "web",
            f"Mozilla/5.0 (Linux; Android 10; K) {_KIT} Chrome/143.0.0.0 Mobile Safari/537.36",
            True,
            412,
            775,
        ),
    ),
    (
        4,
        Device(
            "web",
            f"Mozilla/5.0 (Linux; Android 15; SM-S921B) {_KIT} SamsungBrowser/28.0 Chrome/130.0.0.0 "
            "Mobile Safari/537.36",
            True,
            360,
            660,
        ),
    ),
    (
        3,
        Device(
            "web",
            "Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/26.1 Mobile/15E148 Safari/604.1",
            True,
            820,
            1080,
        ),
    ),
)
_APPS: tuple[Device, ...] = (
    Device("app", "KettleAndFern/3.2.1 (iPhone; iOS 18.7.1; Scale/3.00)", True, 393, 852),
    Device("app", "KettleAndFern/3.2.0 (Linux; Android 15; Pixel 9)", True, 412, 915),
)
_BOTS: tuple[Device, ...] = (
    Device("bot", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", True, 412, 732),
    Device("bot", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", False, 1024, 768),
    Device("bot", "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", False, 1024, 768),
    Device(
        "bot",
        f"Mozilla/5.0 (X11; Linux x86_64) {_KIT} HeadlessChrome/143.0.0.0 Safari/537.36",
        False,
        800,
        600,
    ),
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody.

    `keen` (0..1) says how readily they look on, put in the cart and pay; a member has an account.
    """

    name: str
    email: str
    customer_id: str
    member: bool
    keen: float
    habit: str | None


@dataclass(slots=True)
class Visitor:
    """One person on one device, and what that device remembers from visit to visit.

    The only thing that changes.
    """

    person: Person
    device: Device
    uuid: str
    seq: int = 0
    known: bool = False
    cart: list[str] = field(default_factory=list[str])


def people(rng: Random, count: int) -> list[list[Visitor]]:
    """`count` people, each as the list of the devices they use (one or two)."""
    return [_devices_of(rng, _person(rng, number)) for number in range(1, count + 1)]


def _person(rng: Random, number: int) -> Person:
    first, last = rng.choice(_FIRST.split()), rng.choice(_LAST.split())
    domain = rng.choice(("example.com", "example.org", "example.net"))
    habit = rng.choice(("google", "newsletter", "instagram", "direct", None, None))
    # The number keeps two people of one name apart.
    email = f"{first}.{last}{number}@{domain}".lower()
    customer_id = f"C{rng.randrange(10, 99)}{number:04d}"
    return Person(first, email, customer_id, rng.random() < MEMBER_SHARE, rng.betavariate(2, 3), habit)


def _devices_of(rng: Random, person: Person) -> list[Visitor]:
    if rng.random() < BOT_SHARE:
        return [_visitor(rng, person, rng.choice(_BOTS))]
    weights = [weight for weight, _ in _BROWSERS]
    own = [_visitor(rng, person, rng.choices(_BROWSERS, weights)[0][1])]
    if person.member and rng.random() < SECOND_DEVICE_SHARE / MEMBER_SHARE:
        own.append(_visitor(rng, person, rng.choice(_APPS)))
    return own


def _visitor(rng: Random, person: Person, device: Device) -> Visitor:
    return Visitor(person, device, str(uuid.UUID(bytes=rng.randbytes(16), version=4)))
