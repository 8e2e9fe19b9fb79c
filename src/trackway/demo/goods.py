"""What the demo shop sells, and what each of its pages is called.

The one table that both the served pages and the simulated visitors read, so that a made-up visit always names
a page that exists. Plain data: it must never read a file or the clock.
"""

from __future__ import annotations

from dataclasses import dataclass

SHOP = "Kettle & Fern"
CURRENCY = "EUR"


@dataclass(frozen=True, slots=True)
class Product:
    """One thing on the shelf; `cents` is its price with tax, `facts` are short lines under its picture."""

    slug: str
    name: str
    category: str
    cents: int
    blurb: str
    facts: tuple[str, ...]

    @property
    def path(self) -> str:
        """The address of its page, relative to the shop's root."""
        return f"product-{self.slug}.html"

    @property
    def price(self) -> float:
        """The price in whole euros, as events carry it."""
        return self.cents / 100


@dataclass(frozen=True, slots=True)
class Banner:
    """One named picture link of the home page; `holds_s` is how long a pointer usually rests on it."""

    name: str
    target: str
    holds_s: float


CATEGORIES: dict[str, str] = {
    "coffee": "Coffee",
    "kitchen": "Kitchen",
    "table": "Table",
    "garden": "Garden",
    "home": "Home",
}

PRODUCTS: tuple[Product, ...] = (
    Product(
        "gooseneck-kettle",
        "Gooseneck kettle",
        "coffee",
        6900,
        "A slow, narrow pour that goes exactly where you point it. Brushed steel, "
        "beech handle, and a lid that stays on.",
        ("0.9 litres", "All hobs, induction too", "Handle oiled by hand in Jutland"),
    ),
    Product(
        "pour-over-set",
        "Pour-over set",
        "coffee",
        4200,
        "A glass carafe, a steel filter you rinse and keep, and a collar so nobody burns a thumb before breakfast.",
        ("Two to four cups", "Dishwasher safe", "No paper filters needed"),
    ),
    Product(
        "hand-grinder",
        "Hand grinder",
        "coffee",
        9500,
        "Forty quiet turns for one cup. The burrs are steel, the drawer is walnut, and the sound wakes no one.",
        ("Conical steel burrs", "Holds 30 g of beans", "Spare parts for ten years"),
    ),
    Product(
        "storage-jar",
        "Storage jar",
        "kitchen",
        2400,
        "Keeps beans, tea or oats dry and in sight. The cork lid is turned from a single piece and seals by itself.",
        ("1.1 litres", "Borosilicate glass", "Cork from Alentejo"),
    ),
    Product(
        "linen-apron",
        "Linen apron",
        "kitchen",
        3900,
        "Washed once before it reaches you, so it is already soft. Crossed straps, "
        "no knots, one pocket for everything.",
        ("One size, long straps", "Wash at 60 °C", "European flax"),
    ),
    Product(
        "serving-board",
        "Walnut serving board",
        "table",
        4800,
        "Bread at noon, cheese at night. Cut along the grain from one plank, so no two boards look alike.",
        ("42 by 20 cm", "Food-safe oil finish", "A hole to hang it by"),
    ),
    Product(
        "stoneware-mug",
        "Stoneware mug",
        "table",
        1800,
        "Thrown by hand, glazed in four greens, and heavy enough to keep the second half of your coffee warm.",
        ("320 ml", "Microwave and dishwasher safe", "Each one slightly different"),
    ),
    Product(
        "watering-can",
        "Brass watering can",
        "garden",
        5400,
        "A long spout for the pots at the back of the sill. The brass darkens with the years; let it.",
        ("1.5 litres", "Soldered, never glued", "Comes with a linen bag"),
    ),
    Product(
        "terracotta-pot",
        "Terracotta pot",
        "garden",
        2200,
        "Fired hot enough to stand outside all winter, with a saucer that fits, for once.",
        ("18 cm, with saucer", "Frost-proof", "Hand-turned in Impruneta"),
    ),
    Product(
        "herb-planter",
        "Herb planter",
        "garden",
        3400,
        "Three herbs on one windowsill. An oak frame, three steel inserts, and drainage where it should be.",
        ("38 by 13 cm", "Three lift-out inserts", "Oiled oak"),
    ),
    Product(
        "wool-throw",
        "Wool throw",
        "home",
        11000,
        "New wool, woven wide enough for two and light enough for summer evenings that last too long.",
        ("130 by 190 cm", "100 % new wool", "Woven in the Borders"),
    ),
    Product(
        "beeswax-candles",
        "Beeswax candles",
        "home",
        1600,
        "Six candles that smell of the hive and nothing else. They drip less than you remember.",
        ("Box of six", "Seven hours each", "From a cooperative of 40 beekeepers"),
    ),
)

BANNERS: tuple[Banner, ...] = (
    Banner("banner-summer", "category-garden.html", 4.8),
    Banner("banner-grinder", "product-hand-grinder.html", 1.3),
    Banner("banner-journal", "journal.html", 1.1),
)

ACCOUNT_TABS: dict[str, str] = {
    "app.html": "My account",
    "app/orders": "Orders",
    "app/wishlist": "Wishlist",
    "app/settings": "Settings",
}

_SINGLE_PAGES: dict[str, str] = {
    "products.html": "All products",
    "search.html": "Search",
    "journal.html": "How to pour a better cup",
    "cart.html": "Your cart",
    "checkout.html": "Checkout",
    "thanks.html": "Thank you for your order",
}


def titles() -> dict[str, str]:
    """Every page of the shop: its path below the shop's root ("" is the home page) to its full title."""
    names = dict(_SINGLE_PAGES)
    names |= {f"category-{slug}.html": name for slug, name in CATEGORIES.items()}
    names |= {product.path: product.name for product in PRODUCTS}
    names |= ACCOUNT_TABS
    return {"": f"{SHOP}: things for slow mornings"} | {path: f"{name} · {SHOP}" for path, name in names.items()}


def matches(query: str) -> int:
    """How many products the shop's search finds.

    Those whose words hold every word of `query`, as search.js does it.
    """
    words = query.lower().split()
    texts = (f"{each.name} {CATEGORIES[each.category]} {each.blurb}".lower() for each in PRODUCTS)
    return sum(all(word in text for word in words) for text in texts)


def money(cents: int) -> str:
    """An amount as the shop prints it: `€18.00`."""
    return f"€{cents / 100:,.2f}"
