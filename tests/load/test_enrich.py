"""What the server adds to an event, step by step, as tables. Pure: no server, no clock."""

from typing import Any

import msgspec
import pytest

from trackway.definition import Catalogue, Definition
from trackway.event import Event
from trackway.load.agent import Agent, read_agent
from trackway.load.channel import channel_of, host_of, utm_of
from trackway.load.enrich import Requests, enrich
from trackway.load.place import Places, keep_ip
from trackway.record import Record
from trackway.site import IpPolicy, SiteSettings
from trackway.store.row import Row

UUID = "0192f0c4-7d7a-7cc3-a1b2-3c4d5e6f7081"
RECEIVED = 1_700_000_000_000
MINUTE_MS = 60_000


def make_row(
    event: dict[str, Any], settings: SiteSettings | None = None, catalogue: Catalogue | None = None, **record: Any
) -> Row:
    """The row of one event in a record received at RECEIVED."""
    params = msgspec.Raw(msgspec.json.encode(event.pop("params", {})))
    fields: dict[str, Any] = {"id": UUID, "action": "test.event", "uuid": UUID, "params": params, **event}
    sent = Event(**fields)
    request: dict[str, Any] = {
        "site": "s",
        "received": RECEIVED,
        "source": "web",
        "key": "k",
        "n": 1,
        "events": [sent],
        **record,
    }
    requests = Requests(lambda _: settings or SiteSettings(), Places(), lambda _: catalogue)
    return enrich(sent, requests.read(Record(**request)), 7)


CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 "
    "Safari/605.1.15"
)
FIREFOX = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 "
    "Mobile/15E148 Safari/604.1"
)
PIXEL = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Mobile Safari/537.36"
)
IPAD = (
    "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 "
    "Mobile/15E148 Safari/604.1"
)
GALAXY_TAB = (
    "Mozilla/5.0 (Linux; Android 13; SM-X900) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
CUBOT = (
    "Mozilla/5.0 (Linux; Android 12; CUBOT P60) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Mobile Safari/537.36"
)


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (CHROME, Agent("Chrome", "Windows", "desktop", False)),
        (SAFARI, Agent("Safari", "Mac OS X", "desktop", False)),
        (FIREFOX, Agent("Firefox", "Ubuntu", "desktop", False)),
        (IPHONE, Agent("Mobile Safari", "iOS", "phone", False)),
        (PIXEL, Agent("Chrome Mobile", "Android", "phone", False)),
        (IPAD, Agent("Mobile Safari", "iOS", "tablet", False)),
        (GALAXY_TAB, Agent("Chrome", "Android", "tablet", False)),
        ("", Agent("", "", "", False)),
    ],
)
def test_people_by_browser_system_and_device(agent: str, expected: Agent) -> None:
    assert read_agent(agent) == expected


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0) Chrome/103.0 Safari/537.36",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36",
        "facebookexternalhit/1.1",
        "curl/8.5.0",
        "python-requests/2.32.3",
        "Go-http-client/2.0",
        "Baiduspider/2.0",
    ],
)
def test_robots_say_so_themselves(agent: str) -> None:
    assert read_agent(agent).bot


@pytest.mark.parametrize(
    "agent",
    [
        CHROME,
        PIXEL,
        pytest.param(CUBOT),
    ],
)
def test_people_are_no_robots(agent: str) -> None:
    assert not read_agent(agent).bot


@pytest.mark.parametrize("source", ["web", "mobile"])
def test_agent_of_a_browser_and_not_of_a_server_is_told(source: str) -> None:
    browser = make_row({}, source=source, agent=PIXEL)
    server = make_row({}, source="server", agent="python-requests/2.32.3")

    assert (browser.browser, browser.os, browser.device, browser.bot) == ("Chrome Mobile", "Android", "phone", False)
    assert (server.browser, server.os, server.device, server.bot) == ("", "", "", False)


@pytest.mark.parametrize(
    ("utm", "referrer_host", "expected"),
    [
        ({}, "", "direct"),
        ({}, "shop.example", "internal"),
        ({}, "google.com", "search"),
        ({}, "google.co.uk", "search"),
        ({}, "duckduckgo.com", "search"),
        ({}, "m.facebook.com", "social"),
        ({}, "t.co", "social"),
        ({}, "mail.google.com", "email"),
        ({}, "blog.example", "referral"),
        ({}, "notgoogle.example", "referral"),
        ({"medium": "CPC", "source": "google"}, "google.com", "paid"),
        ({"medium": "email"}, "", "email"),
        ({"medium": "social"}, "", "social"),
        ({"medium": "affiliate"}, "google.com", "affiliate"),
        ({"medium": "push"}, "", "push"),
        ({"medium": "organic"}, "", "search"),
        ({"medium": "carrier-pigeon"}, "", "direct"),
        ({"source": "Facebook"}, "", "social"),
        ({"source": "google"}, "blog.example", "search"),
        ({"source": "spring"}, "google.com", "campaign"),
    ],
)
def test_channel_of_a_visit(utm: dict[str, str], referrer_host: str, expected: str) -> None:
    assert channel_of(utm, referrer_host, "shop.example") == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.Shop.Example:8443/a?b#c", "shop.example"),
        ("http://user:secret@shop.example/", "shop.example"),
        ("android-app://com.google.android.gm/", "com.google.android.gm"),
        ("https://[2001:db8::1]:80/", "[2001:db8::1]"),
        ("/only/a/path", ""),
        ("about:blank", ""),
        ("", ""),
    ],
)
def test_host_of_an_address(url: str, expected: str) -> None:
    assert host_of(url) == expected


@pytest.mark.parametrize(
    ("params", "url", "expected"),
    [
        ({}, "https://a.example/?utm_source=news&utm_medium=email&utm_x=1", {"source": "news", "medium": "email"}),
        ({}, "https://a.example/?utm_source=spring%20sale&utm_term=a+b", {"source": "spring sale", "term": "a b"}),
        ({"utm_source": "own"}, "https://a.example/?utm_source=url", {"source": "own"}),
        ({"utm_source": 5, "utm_campaign": ""}, "https://a.example/", {}),
        ({"utm_content": "x" * 300}, "", {"content": "x" * 256}),
        ({}, "https://[broken?utm_source=x", {}),
        ({}, "https://a.example/utm_source", {}),
    ],
)
def test_campaign_from_params_else_from_the_address(params: dict[str, Any], url: str, expected: dict[str, str]) -> None:
    assert utm_of(params, url) == expected


def test_visit_carries_its_source_and_other_events_do_not() -> None:
    params = {"url": "https://shop.example/?utm_source=news", "referrer": "https://www.google.com/search?q=x"}

    visit = make_row({"action": "page.visit", "params": params})
    click = make_row({"action": "element.click", "params": params | {"element": "e"}})

    assert (visit.channel, visit.referrer_host, visit.utm) == ("campaign", "google.com", {"source": "news"})
    assert (click.channel, click.referrer_host, click.utm) == ("", "", {})


def test_session_start_without_an_address_has_no_channel() -> None:
    """It comes before the first visit, whose source would be hidden behind a mere guess."""
    assert make_row({"action": "session.start", "params": {}}).channel == ""
    assert make_row({"action": "session.start", "params": {"url": "https://shop.example/"}}).channel == "direct"


def test_virtual_navigation_is_internal() -> None:
    params = {"url": "https://shop.example/b", "referrer": "https://shop.example/a", "referrer_type": "spa"}

    assert make_row({"action": "page.visit", "params": params}).channel == "internal"


def test_campaign_left_in_the_address_is_no_second_landing() -> None:
    within = {"url": "https://shop.example/b?utm_source=news", "referrer_type": "spa"}

    assert make_row({"action": "page.visit", "params": within}).utm == {}
    assert make_row({"action": "page.visit", "params": within | {"utm_source": "mail"}}).utm == {"source": "mail"}


@pytest.mark.parametrize(
    "params", [{"url": "https://[", "referrer": "https://["}, {"url": "", "referrer": 5}, {"url": "x"}]
)
def test_visit_with_a_strange_address_is_kept(params: dict[str, Any]) -> None:
    assert make_row({"action": "page.visit", "params": params}).channel in ("direct", "internal")


@pytest.mark.parametrize(
    ("ip", "policy", "expected"),
    [
        ("203.0.113.77", "truncated", "203.0.113.0"),
        ("203.0.113.77", "full", "203.0.113.77"),
        ("203.0.113.77", "none", ""),
        ("2001:db8:1:2:3:4:5:6", "truncated", "2001:db8:1::"),
        ("2001:DB8:0:0::1", "full", "2001:db8::1"),
        ("2001:db8::1", "none", ""),
        ("unknown", "full", ""),
        ("203.0.113.77:4000", "truncated", ""),
        ("", "full", ""),
        pytest.param(
            "::ffff:203.0.113.77",
            "truncated",
            "203.0.113.0",
        ),
    ],
)
def test_address_is_kept_as_the_site_says(ip: str, policy: IpPolicy, expected: str) -> None:
    assert keep_ip(ip, policy) == expected
    assert make_row({}, SiteSettings(ip=policy), ip=ip).ip == expected


@pytest.mark.parametrize(
    ("fields", "sent", "time", "client_time"),
    [
        # event fields; the client's clock when it sent; the event's time; what is kept of the client's own
        ({}, None, RECEIVED, None),
        ({"time": RECEIVED - 5000}, None, RECEIVED - 5000, None),
        ({"time": RECEIVED - 5000}, RECEIVED - MINUTE_MS, RECEIVED - 5000, None),
        ({"time": RECEIVED - 5000}, RECEIVED + MINUTE_MS, RECEIVED - 5000, None),
        ({"time": 1000}, 2000, RECEIVED - 1000, 1000),
        ({"time": RECEIVED - 65_000}, RECEIVED - MINUTE_MS - 1, RECEIVED - 4999, RECEIVED - 65_000),
        ({"time": RECEIVED + 600_000}, RECEIVED + 601_000, RECEIVED - 1000, RECEIVED + 600_000),
        ({"time": RECEIVED + 300_000}, None, RECEIVED + 300_000, None),
        ({"time": RECEIVED + 300_001}, None, RECEIVED, RECEIVED + 300_001),
        ({"time": RECEIVED + 600_000}, RECEIVED, RECEIVED, RECEIVED + 600_000),
        ({"time": 0}, RECEIVED, 0, None),
        ({"time": 1_556_474_400_000, "told": True}, 5, 1_556_474_400_000, None),
        ({"time": RECEIVED + 300_001, "told": True}, None, RECEIVED, RECEIVED + 300_001),
        pytest.param(
            {"time": RECEIVED}, 2**53 - 1, RECEIVED, None,
        ),
    ],
)  # fmt: skip
def test_time_is_mended_by_a_clock_that_is_plainly_wrong(
    fields: dict[str, Any], sent: int | None, time: int, client_time: int | None
) -> None:
    row = make_row(dict(fields), sent=sent)

    assert (row.time, row.client_time, row.received) == (time, client_time, RECEIVED)


@pytest.mark.parametrize(
    ("action", "params", "expected"),
    [
        ("page.visit", {"title": "Hello", "url": "u"}, "Visited page Hello"),
        ("page.visit", {"url": "https://a.example/x"}, "Visited page https://a.example/x"),
        ("page.visit", {"title": "", "url": "u"}, "Visited page u"),
        ("session.start", {}, "Started session"),
        ("session.end", {}, "Session end"),
        ("element.click", {"element": "buy"}, "Clicked buy"),
        ("element.view", {"element": "banner"}, "Saw banner"),
        ("element.hover", {"element": "banner", "duration": 2000}, "Hovered over banner for 2.0 s"),
        ("element.hover", {"element": "banner", "duration": 1250.0}, "Hovered over banner for 1.2 s"),
        ("element.rage", {"element": "pay"}, "Clicked pay again and again"),
        ("element.dead", {"element": "pay"}, "Clicked pay in vain"),
        ("link.outbound", {"href": "https://b.example/x", "url": "u"}, "Left for https://b.example/x"),
        ("file.download", {"file": "guide.pdf"}, "Downloaded guide.pdf"),
        ("form.submit", {"form": "news"}, "Submitted form news"),
        ("form.abandon", {"form": "news"}, "Left form news"),
        ("screen.view", {"name": "Basket"}, "Viewed screen Basket"),
        ("screen.click", {"element": "pay"}, "Tapped pay"),
        ("app.start", {}, "Started the app"),
        ("client.login", {}, "Logged in"),
        ("client.logout", {}, "Logged out"),
        ("client.identify", {"customId": "1"}, "Identified"),
        ("scroll.depth", {"percent": 75}, "Scrolled to 75 %"),
        ("scroll.depth", {"percent": [75]}, "Scrolled to %"),
        ("product.view", {"title": "Shoe"}, "product.view"),
        ("element.click", {"element": "x" * 300}, ("Clicked " + "x" * 300)[:256]),
        ("element.click", {"element": " a \n b "}, "Clicked a b"),
        ("element.hover", {"element": "{{seconds}}", "duration": 2000}, "Hovered over {{seconds}} for 2.0 s"),
    ],
)  # fmt: skip
def test_label_from_the_template_of_the_action(action: str, params: dict[str, Any], expected: str) -> None:
    assert make_row({"action": action, "params": params}).label == expected


def test_label_as_given_wins() -> None:
    assert (
        make_row({"action": "page.visit", "label": "Mine {{title}}", "params": {"url": "u"}}).label == "Mine {{title}}"
    )


def test_row_carries_what_was_sent_and_its_place() -> None:
    row = make_row({"params": {"a": 1.0}, "session": UUID, "seq": 0}, SiteSettings(retention_days=30), source="import")

    assert (row.id, row.uuid, row.session, row.seq, row.params) == (UUID, UUID, UUID, 0, '{"a":1.0}')
    assert (row.site, row.key, row.source, row.position, row.retention_days) == ("s", "k", "import", 7, 30)


@pytest.mark.parametrize(
    ("declared", "days"), [(None, 30), (Definition("test.event"), 30), (Definition("test.event", retention_days=7), 7),
    (Definition("test.event", retention_days=0), 0), (Definition("other.event", retention_days=7), 30)],
)  # fmt: skip
def test_retention_is_the_actions_else_the_sites(declared: Definition | None, days: int) -> None:
    catalogue = Catalogue([declared]) if declared else None

    assert make_row({}, SiteSettings(retention_days=30), catalogue).retention_days == days
