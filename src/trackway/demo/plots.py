"""What visits are made of: looking round, falling for a banner, a cart, a checkout, a form left half-way.

Each plot takes a walk and takes it some steps further. Pure and seeded; it must never touch anything but the
walk and what the visitor's device remembers.
"""

from __future__ import annotations

import math
from collections import Counter

from trackway.demo import goods
from trackway.demo.goods import Product, money
from trackway.demo.walk import Json, Walk

FREE_DELIVERY_CENTS = 6000
DELIVERY_CENTS = 490
PAGES_MAX = 25
CART_MAX = 5
FAULT_SHARE = 0.6
"""Of the views of a product in a browser, once the fault is out."""
_SEARCHES = ("coffee", "walnut", "garden", "brass", "teapot", "linen")
_SHELF = {product.slug: product for product in goods.PRODUCTS}
_GUEST_FORM = ("name", "email", "city", "payment")
_LETTER_FORM = ("firstName", "email", "newsletter_agreement")
_CITIES = ("Gdańsk", "Leeds", "Lyon", "Malmö", "Porto", "Utrecht")
_TYPING_S = 4.0
_TROUBLE = {"email": 0.35, "city": 0.2, "newsletter_agreement": 0.5}
"""How often a field is found wrong, and people think about it for longer."""


def wanders(walk: Walk) -> None:
    """Some pages, more of them the keener the person is, and what follows from them."""
    pages = 1 + int(walk.rng.expovariate(1 / (1 + 4 * walk.visitor.person.keen)))
    for _ in range(min(pages, PAGES_MAX)):
        walk.pause(11)
        walk.rng.choices((_to_product, _to_category, _to_search, _to_journal, _home), (56, 20, 9, 6, 9))[0](walk)
    if walk.visitor.cart:
        checks_out(walk)
    if walk.rng.random() < 0.09:
        letter(walk)


def banners(walk: Walk) -> None:
    """The home page's banners: seen by all who scroll, held by some, clicked by few."""
    for banner in goods.BANNERS:
        if walk.rng.random() < 0.22:
            break
        walk.pause(1.2)
        walk.sees(banner.name)
        if walk.rng.random() < 0.65:
            walk.hovers(banner.name, banner.holds_s)
        if walk.rng.random() < 0.12:
            walk.clicks(banner.name)
            walk.opens(banner.target)
            _arrives(walk)
            return


def account(walk: Walk) -> None:
    """The account pages, a single-page application: signing in if need be, then from tab to tab."""
    walk.pause(6)
    walk.opens("app.html")
    signs_in(walk)
    for path in walk.rng.sample(list(goods.ACCOUNT_TABS)[1:], walk.rng.randint(1, 3)):
        walk.pause(8)
        walk.turns_to(path)
        if path.endswith("settings") and walk.rng.random() < 0.3:
            walk.pause(15)
            shelf = walk.rng.choice(list(goods.CATEGORIES.values()))
            walk.form("form.submit", "settings", {"favourite_shelf": shelf, "reminders": True})
    if walk.rng.random() < 0.1:
        walk.pause(5)
        walk.does("client.logout", {})


def signs_in(walk: Walk) -> None:
    """From here on the device is known to be this customer's."""
    person = walk.visitor.person
    if walk.visitor.known or not person.member:
        return
    walk.pause(14)
    if walk.rng.random() < 0.2:
        _leaves_form(walk, "sign-in", ("firstName", "email"))
        walk.pause(12)
    walk.form("form.submit", "sign-in", {"firstName": person.name, "email": person.email})
    identifies(walk)
    walk.does("client.login", {"method": "password"})


def identifies(walk: Walk) -> None:
    """Says whose device this is, once per device."""
    person = walk.visitor.person
    walk.visitor.known = True
    walk.does("client.identify", {"customId": person.customer_id, "email": person.email, "firstName": person.name})


def letter(walk: Walk) -> None:
    """The newsletter form at the foot of every page: sent, or left at the tick box."""
    person = walk.visitor.person
    walk.pause(20)
    if walk.rng.random() < 0.45:
        _leaves_form(walk, "newsletter", _LETTER_FORM)
        if walk.rng.random() < 0.7:
            return
        walk.pause(25)
    fields: dict[str, Json] = {"firstName": person.name, "email": person.email, "newsletter_agreement": True}
    walk.form("form.submit", "newsletter", fields)


def fails(walk: Walk) -> None:
    """The page's script stops with an error: the fault of a release, which an alert is there to find."""
    url = walk.url("static/product.js")
    error: dict[str, Json] = {
        "type": "TypeError",
        "message": "Cannot read properties of null (reading 'sizes')",
        "source": f"{url}:31:17",
        "stack": f"at showPicture ({url}:31:17)",
        "kind": "error",
        "group": "5b1f0c3e",
        "count": 1,
    }
    walk.does("error.javascript", error)


def views(walk: Walk, product: Product) -> None:
    """A product was looked at; perhaps it goes into the cart."""
    if walk.is_broken and walk.landed and walk.rng.random() < FAULT_SHARE:
        fails(walk)
    walk.does("product.view", about(product), f"Viewed {product.name}")
    cart, keen = walk.visitor.cart, walk.visitor.person.keen
    if walk.rng.random() < 0.34 * keen and len(cart) < CART_MAX:
        walk.pause(16)
        if walk.visitor.device.kind == "web":
            walk.clicks("add-to-cart")
        cart.append(product.slug)
        walk.does("product.addToCart", {**about(product), "quantity": 1}, f"Added {product.name} to the cart")


def checks_out(walk: Walk) -> None:
    """The cart, and as often as not the checkout behind it."""
    walk.pause(9)
    walk.opens("cart.html")
    _says_cart(walk)
    if walk.rng.random() < 0.13:
        _takes_out(walk)
    if not walk.visitor.cart or walk.rng.random() > 0.35 + 0.5 * walk.visitor.person.keen:
        return
    walk.pause(5)
    walk.clicks("go-to-checkout")
    walk.opens("checkout.html")
    walk.pause(35)
    if walk.rng.random() < 0.4:
        _leaves_form(walk, "checkout", _GUEST_FORM)
        if walk.rng.random() < 0.6:
            return
        walk.pause(40)
        walk.opens("checkout.html")
        walk.pause(20)
    _pays(walk)


def charges(walk: Walk, payment: str) -> None:
    """Pays for what is in the cart, and empties it."""
    lines = _lines(walk.visitor.cart)
    goods_cents = sum(_SHELF[slug].cents for slug in walk.visitor.cart)
    delivery_cents = 0 if goods_cents >= FREE_DELIVERY_CENTS else DELIVERY_CENTS
    total = goods_cents + delivery_cents
    params: dict[str, Json] = {
        "orderId": f"KF-{walk.rng.randrange(100_000, 1_000_000)}",
        "products": lines,
        "value": goods_cents / 100,
        "delivery": delivery_cents / 100,
        "revenue": {"amount": total / 100, "currency": goods.CURRENCY},
        "payment": payment,
    }
    walk.does("transaction.charge", params, f"Paid {money(total)} for {_count(len(walk.visitor.cart))}")
    walk.visitor.cart.clear()


def about(product: Product) -> dict[str, Json]:
    """A product as the shop's events carry it."""
    kind = goods.CATEGORIES[product.category]
    named: dict[str, Json] = {"sku": product.slug, "name": product.name, "category": kind}
    return named | {"price": product.price, "currency": goods.CURRENCY}


def _pays(walk: Walk) -> None:
    person, payment = walk.visitor.person, walk.rng.choice(("invoice", "invoice", "transfer", "collect"))
    walk.clicks("place-order")
    city = walk.rng.choice(_CITIES)
    fields: dict[str, Json] = {"name": person.name, "email": person.email, "city": city, "payment": payment}
    walk.form("form.submit", "checkout", fields)
    charges(walk, payment)
    walk.pause(1)
    walk.opens("thanks.html")
    if person.member and walk.rng.random() < 0.4:
        account(walk)


def _leaves_form(walk: Walk, form: str, fields: tuple[str, ...]) -> None:
    """Fills some of a form, in order, and goes: most often from the field that gave them trouble."""
    touched: list[Json] = []
    errors: list[Json] = []
    times: dict[str, int] = {}
    for field in fields:
        touched.append(field)
        trouble = walk.rng.random() < _TROUBLE.get(field, 0.05)
        times[field] = int(walk.rng.lognormvariate(math.log(_TYPING_S * (2.5 if trouble else 1) * 1000), 0.5))
        if trouble:
            errors.append(field)
        if walk.rng.random() < (0.7 if trouble else 0.2):
            break
    told: dict[str, Json] = {"last_field": touched[-1], "touched": touched, "errors": errors, "times": times}
    walk.form("form.abandon", form, told | {"duration": sum(times.values())})


def _says_cart(walk: Walk) -> None:
    cart = walk.visitor.cart
    cents = sum(_SHELF[slug].cents for slug in cart)
    params: dict[str, Json] = {"products": _lines(cart), "pieces": len(cart), "value": cents / 100}
    walk.does(
        "cart.status",
        params | {"currency": goods.CURRENCY},
        f"Cart holds {_count(len(cart))}, {money(cents)}",
    )


def _takes_out(walk: Walk) -> None:
    walk.pause(7)
    slug = walk.rng.choice(walk.visitor.cart)
    quantity = walk.visitor.cart.count(slug)
    walk.visitor.cart[:] = [each for each in walk.visitor.cart if each != slug]
    product = _SHELF[slug]
    params = {**about(product), "quantity": quantity}
    walk.does("product.removeFromCart", params, f"Removed {product.name} from the cart")


def _lines(cart: list[str]) -> list[dict[str, Json]]:
    shelf = ((_SHELF[slug], quantity) for slug, quantity in Counter(cart).items())
    return [{"sku": each.slug, "name": each.name, "price": each.price, "quantity": count} for each, count in shelf]


def _count(pieces: int) -> str:
    return f"{pieces} product{'' if pieces == 1 else 's'}"


def _arrives(walk: Walk) -> None:
    """What a page says of itself once it is open."""
    product = next((each for each in goods.PRODUCTS if each.path == walk.path), None)
    if product is not None:
        views(walk, product)


def _to_product(walk: Walk) -> None:
    # Squaring makes the first of the shelf sell best, as first things do.
    walk.opens(goods.PRODUCTS[int(walk.rng.random() ** 2 * len(goods.PRODUCTS))].path)
    _arrives(walk)


def _to_category(walk: Walk) -> None:
    walk.opens(f"category-{walk.rng.choice(list(goods.CATEGORIES))}.html")


def _to_search(walk: Walk) -> None:
    query = walk.rng.choice(_SEARCHES)
    walk.opens("search.html", f"?q={query}")
    walk.does("client.search", {"query": query, "results": goods.matches(query)}, f"Searched for “{query}”")


def _to_journal(walk: Walk) -> None:
    walk.opens("journal.html")
    walk.pause(70)


def _home(walk: Walk) -> None:
    walk.opens("")
    banners(walk)
