"""The demo shop's pages: a path in, the bytes to answer out.

Pages are put together from fragments in the package; every path served is in a table made from those
fragments and the goods. It must never build a file name from a request, so there is nothing to climb out of.
"""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

from trackway.demo import goods

PACKAGE = "trackway.demo"
SNIPPET_MARK = "<!-- trackway:snippet -->"
RELATED_SHOWN = 4
_HOLE = re.compile(r"\{\{(\w+)\}\}")
_TEXT_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Page:
    """What to answer: the body, and the media type to say it is."""

    content: bytes
    media_type: str


def page(path: str, snippet: str) -> Page | None:
    """One page or file of the shop, or None when there is none of that name.

    `path` is what follows the shop's root, decoded and without a query ("" is the home page). `snippet` is
    the site's ready-made `<script>` element; it is put into the head of every HTML page, once, as it is.
    """
    path = "" if path == "index.html" else path
    if path in goods.titles():
        return Page(_document(path).replace(SNIPPET_MARK, snippet, 1).encode(), "text/html; charset=utf-8")
    content = _statics().get(path)
    return None if content is None else Page(content, _media_type(path))


@cache
def _statics() -> dict[str, bytes]:
    """Every file that is served as it lies, by its path; read once."""
    root = files(PACKAGE) / "shop" / "static"
    flat = {f"static/{item.name}": item.read_bytes() for item in root.iterdir() if item.is_file()}
    pictures = {f"static/pictures/{item.name}": item.read_bytes() for item in (root / "pictures").iterdir()}
    return flat | pictures


def _media_type(path: str) -> str:
    suffix = path[path.rfind(".") :]
    if suffix in _TEXT_TYPES:
        return f"{_TEXT_TYPES[suffix]}; charset=utf-8"
    return mimetypes.guess_type(path)[0] or "application/octet-stream"


@cache
def _fragment(name: str) -> str:
    return (files(PACKAGE) / "shop" / name).read_text("utf-8")


@cache
def _document(path: str) -> str:
    """One whole page with the snippet's mark still in it."""
    return _fill(
        "layout.html",
        title=escape(goods.titles()[path]),
        # A page one level down (app/orders) still finds its files: every link is relative to the shop's root.
        root="../" * path.count("/") or "./",
        categories="".join(_category_link(slug, path) for slug in goods.CATEGORIES),
        main=_main(path),
    )


def _main(path: str) -> str:
    """The part of a page between header and footer."""
    product = next((each for each in goods.PRODUCTS if each.path == path), None)
    if product is not None:
        return _product(product)
    if path.startswith("category-"):
        return _category(path.removeprefix("category-").removesuffix(".html"))
    if path in goods.ACCOUNT_TABS:
        return _fill("main/app.html", tabs="".join(_tab(each, path) for each in goods.ACCOUNT_TABS))
    name = path or "home.html"
    return _fill(f"main/{name}", cards=_cards(goods.PRODUCTS), picks=_cards(goods.PRODUCTS[:8:2]))


def _category(slug: str) -> str:
    chosen = tuple(each for each in goods.PRODUCTS if each.category == slug)
    return _fill("main/category.html", name=goods.CATEGORIES[slug], cards=_cards(chosen))


def _product(product: goods.Product) -> str:
    others = (each for each in goods.PRODUCTS if each is not product)
    # Things of the same category first; the sort is stable, so the rest keep the shelf's order.
    related = sorted(others, key=lambda each: each.category != product.category)[:RELATED_SHOWN]
    facts = "".join(f"<li>{escape(fact)}</li>" for fact in product.facts)
    category = f'<a href="category-{product.category}.html">{goods.CATEGORIES[product.category]}</a>'
    return _fill("main/product.html", **_words(product), facts=facts, category=category, related=_cards(related))


def _cards(products: list[goods.Product] | tuple[goods.Product, ...]) -> str:
    return "".join(_fill("card.html", **_words(each)) for each in products)


def _words(product: goods.Product) -> dict[str, str]:
    return {
        "slug": product.slug,
        "path": product.path,
        "name": escape(product.name),
        "cents": str(product.cents),
        "price": goods.money(product.cents),
        "blurb": escape(product.blurb),
        "kind": goods.CATEGORIES[product.category],
    }


def _category_link(slug: str, here: str) -> str:
    target = f"category-{slug}.html"
    current = ' aria-current="page"' if target == here else ""
    return f'<a href="{target}"{current}>{goods.CATEGORIES[slug]}</a>'


def _tab(path: str, here: str) -> str:
    current = ' aria-current="page"' if path == here else ""
    name = path.removesuffix(".html").rpartition("/")[2]
    return f'<a href="{path}"{current} data-track="tab-{name}">{goods.ACCOUNT_TABS[path]}</a>'


def _fill(fragment: str, /, **words: str) -> str:
    """A fragment with each `{{word}}` replaced; a word nobody gave is a fault of the fragment (KeyError)."""
    return _HOLE.sub(lambda hole: words[hole[1]], _fragment(fragment))
