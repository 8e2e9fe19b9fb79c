// One product's page: seen, put in the cart, kept for later.

import { draw } from "./draw.js";
import { add, count, money, recall, sum, wish } from "./shelf.js";
import { track } from "./track.js";

/** Brings a product's page to life; `page` carries the product in its data attributes. */
export function product(page) {
  const { product: slug, name, cents, kind } = page.dataset;
  const thing = { slug, name, cents: Number(cents) };
  const params = { sku: slug, name, category: kind, price: thing.cents / 100, currency: "EUR" };
  track("product.view", params, `Viewed ${name}`);
  page.querySelector("[data-add]").addEventListener("click", () => put(page, thing, params));
  later(page.querySelector("[data-wish]"), thing, params);
}

function put(page, thing, params) {
  const quantity = Number(page.querySelector("[data-quantity]").value);
  const { pieces, goods } = sum(add(thing, quantity));
  track("product.addToCart", { ...params, quantity }, `Added ${thing.name} to the cart`);
  const link = draw("a", { href: "cart.html" }, "See the cart");
  page.querySelector("[data-added]").replaceChildren(`In your cart: ${count(pieces)}, ${money(goods)}. `, link);
}

function later(button, thing, params) {
  const show = (kept) => {
    button.setAttribute("aria-pressed", kept);
    button.textContent = kept ? "Kept for later" : "Keep for later";
  };
  show(recall("wishes", []).some((each) => each.slug === thing.slug));
  button.addEventListener("click", () => {
    const kept = wish(thing);
    show(kept);
    if (kept) track("product.addToWishlist", params, `Kept ${thing.name} for later`);
    else track("product.removeFromWishlist", params, `No longer keeps ${thing.name}`);
  });
}
