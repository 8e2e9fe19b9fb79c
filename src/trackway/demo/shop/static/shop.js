// What every page of the shop runs: the cart's count in the header, the letter, and the page's own part.

import { account } from "./account.js";
import { basket } from "./basket.js";
import { checkout, thanks } from "./checkout.js";
import { say } from "./draw.js";
import { product } from "./product.js";
import { search } from "./search.js";
import { cart, sum } from "./shelf.js";

const parts = {
  "[data-product]": product,
  "[data-basket]": basket,
  "[data-checkout]": checkout,
  "[data-order-id]": thanks,
  "[data-search-results]": search,
  "[data-app]": account,
};

function countCart() {
  const badge = document.querySelector("[data-cart-count]");
  const { pieces } = sum(cart());
  badge.textContent = pieces;
  badge.hidden = pieces === 0;
}

function letter(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say(form, "Thank you. The first letter comes with the new moon.");
    form.reset();
  });
}

countCart();
addEventListener("shelf", countCart);
// Another tab changed the cart, or this page came back from the browser's memory.
addEventListener("storage", countCart);
addEventListener("pageshow", countCart);
letter(document.querySelector("[data-newsletter]"));
for (const [selector, start] of Object.entries(parts)) {
  const element = document.querySelector(selector);
  if (element) start(element);
}
