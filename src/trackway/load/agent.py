"""What a user agent says: browser, system, device, and whether it calls itself a robot. Pure, remembered by text."""

import re
from functools import lru_cache
from typing import NamedTuple

from ua_parser import parse

AGENTS_REMEMBERED = 10_000

# Cubot makes phones. Programs that fetch pages without a person, by the words they put in their own user agent.
ROBOT = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|headless|phantomjs|lighthouse|pingdom|uptime|monitor|preview|facebookexternalhit"
    r"|curl/|wget/|python-|httpx|aiohttp|go-http-client|java/|okhttp|libwww|scrapy|node-fetch|axios",
    re.IGNORECASE,
)
TABLET = re.compile(r"ipad|tablet|kindle|silk", re.IGNORECASE)
# Browsers on Android say Mobile on phones and leave it out on tablets; apps say neither.
ANDROID_BROWSER = re.compile(r"Mozilla/.*Android")
PHONE = re.compile(r"mobile|iphone|ipod|android|phone", re.IGNORECASE)


class Agent(NamedTuple):
    """A parsed user agent; empty texts where it says nothing."""

    browser: str = ""
    os: str = ""
    device: str = ""
    bot: bool = False


@lru_cache(AGENTS_REMEMBERED)
def read_agent(text: str) -> Agent:
    """The parts of a user agent text."""
    if not text:
        return Agent()
    found = parse(text)
    browser = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    spider = bool(found.device and found.device.family == "Spider")
    return Agent(browser, system, kind_of_device(text), spider or bool(ROBOT.search(text)))


def kind_of_device(text: str) -> str:
    """desktop, phone or tablet."""
    if TABLET.search(text) or (ANDROID_BROWSER.match(text) and "Mobile" not in text):
        return "tablet"
    return "phone" if PHONE.search(text) else "desktop"
