"""The demo shop as it is served: every page whole, every link alive, nothing outside the shop reachable.

Must never look at the shop's files directly: what counts is what `page` answers.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from posixpath import normpath
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackway.demo import goods
from trackway.demo.pages import SNIPPET_MARK, page

SNIPPET = "<script>/* the snippet */</script>"
PAGES = sorted(goods.titles())
MODULES = ("shop", "track", "shelf", "draw", "product", "basket", "checkout", "search", "account")


class Links(HTMLParser):
    """Collects what a page points at, and the names of what it tags."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.tags: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"href", "src", "action"} and tag != "base":
                self.targets.append(value or "")
            if name.startswith("data-track"):
                self.tags.setdefault(name, []).append(value or "")


def html(path: str, snippet: str = SNIPPET) -> str:
    answer = page(path, snippet)
    assert answer is not None, path
    assert answer.media_type == "text/html; charset=utf-8"
    return answer.content.decode()


def links(path: str) -> Links:
    found = Links()
    found.feed(html(path))
    return found


@pytest.mark.parametrize("path", PAGES)
def test_page_has_its_title_and_the_snippet_once_in_its_head(path: str) -> None:
    text = html(path)
    head = text[: text.index("</head>")]

    assert head.count(SNIPPET) == text.count(SNIPPET) == 1
    assert SNIPPET_MARK not in text
    assert re.findall(r"<title>(.*?)</title>", head) == [goods.titles()[path].replace("&", "&amp;")]
    assert "{{" not in text


@pytest.mark.parametrize("path", PAGES)
def test_every_link_leads_somewhere_and_none_fetches_from_elsewhere(path: str) -> None:
    outside = [each for each in links(path).targets if "://" in each or each.startswith("//")]
    inside = [each for each in links(path).targets if each not in outside]

    assert all(each.startswith("https://en.wikipedia.org/") for each in outside)
    for target in inside:
        assert not target.startswith("/"), "the shop must work wherever it is mounted"
        name = "" if target == "./" else target
        assert page(name, SNIPPET) is not None, target


@pytest.mark.parametrize("path", PAGES)
def test_base_leads_to_the_root_of_the_shop(path: str) -> None:
    base = re.findall(r'<base href="(.*?)">', html(path))

    assert len(base) == 1
    assert normpath(f"/demo/{path.rpartition('/')[0]}/{base[0]}") == "/demo"


@pytest.mark.parametrize("product", goods.PRODUCTS, ids=lambda each: each.slug)
def test_product_page_says_what_the_table_says(product: goods.Product) -> None:
    text = unescape(html(product.path))

    assert f'data-product="{product.slug}" data-name="{product.name}" data-cents="{product.cents}"' in text
    assert product.blurb in text
    assert goods.money(product.cents) in text
    picture = page(f"static/pictures/{product.slug}.svg", SNIPPET)
    assert picture is not None
    assert picture.media_type.startswith("image/svg+xml")
    assert ElementTree.fromstring(picture.content).tag.endswith("svg")


def test_home_page_tags_its_banners_and_every_page_its_newsletter() -> None:
    home = links("").tags["data-track"]

    assert [name for name in home if name.startswith("banner-")] == [banner.name for banner in goods.BANNERS]
    assert all("newsletter" in links(path).tags["data-track-form"] for path in PAGES)
    assert {"email", "firstName", "newsletter_agreement"} <= set(links("").tags["data-track-field"])


def test_cards_tabs_and_the_link_out_are_tagged() -> None:
    cards = [name for name in links("products.html").tags["data-track"] if name.startswith("card-")]

    assert cards == [f"card-{product.slug}" for product in goods.PRODUCTS]
    assert {"tab-app", "tab-orders", "tab-wishlist", "tab-settings"} <= set(links("app.html").tags["data-track"])
    assert {"wikipedia", "care-guide"} <= set(links("journal.html").tags["data-track"])


def test_password_is_not_tagged() -> None:
    password = re.findall(r'<input name="password".*?>', html("app.html"))

    assert len(password) == 1
    assert "data-track" not in password[0]


@pytest.mark.parametrize("name", MODULES)
def test_scripts_come_from_the_shop_and_ask_whether_there_is_a_tracker(name: str) -> None:
    script = page(f"static/{name}.js", SNIPPET)
    assert script is not None
    text = script.content.decode()

    assert script.media_type == "text/javascript; charset=utf-8"
    assert all(each.startswith("./") for each in re.findall(r'from "(.*?)"', text))
    if name == "track":
        assert 'typeof SR === "undefined"' in text
    else:
        assert not re.search(r"\bSR\b", text), "only track.js may speak to the tracker"


def test_snippet_is_put_in_as_it_is() -> None:
    """No part of the snippet is taken for a hole or a replacement pattern."""
    odd = r"<script>{{title}} \1 $& \g<0></script>"

    assert odd in html("", odd)


def test_index_is_the_home_page() -> None:
    assert page("index.html", SNIPPET) == page("", SNIPPET)


NOT_PAGES = """
    ../goods.py static/../../pages.py static/../layout.html layout.html main/home.html card.html /etc/passwd
    static static/ static/pictures static//shop.css ./static/shop.css ..\\goods.py static/shop.css\0
    app/../app.html app/nothing product-.html %2e%2e/goods.py STATIC/shop.css category-.html home.html
"""


@pytest.mark.parametrize("path", NOT_PAGES.split())
def test_what_is_not_a_page_is_none(path: str) -> None:
    assert page(path, SNIPPET) is None


@given(st.lists(st.sampled_from(["..", ".", "static", "shop", "main", "app", "goods.py", "etc", "", "pictures"])))
def test_no_path_climbs_out(parts: list[str]) -> None:
    path = "/".join(parts)

    assert page(path, SNIPPET) is None or path == ""
