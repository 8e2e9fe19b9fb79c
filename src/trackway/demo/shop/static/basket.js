// The cart's page.

import { draw, picture } from "./draw.js";
import { asParams, cart, count, money, remove, sum } from "./shelf.js";
import { track } from "./track.js";

/** Shows the cart and says once what it holds. */
export function basket(page) {
  const { pieces, goods } = sum(cart());
  const params = { products: asParams(cart()), pieces, value: goods / 100, currency: "EUR" };
  track("cart.status", params, pieces ? `Cart holds ${count(pieces)}, ${money(goods)}` : "Cart is empty");
  show(page);
}

function show(page) {
  const lines = cart();
  const { goods, delivery, total } = sum(lines);
  page.querySelector("[data-lines]").replaceChildren(...lines.map((line) => row(page, line)));
  page.querySelector("[data-sum]").hidden = lines.length === 0;
  page.querySelector("[data-empty]").hidden = lines.length > 0;
  page.querySelector("[data-goods]").textContent = money(goods);
  page.querySelector("[data-delivery]").textContent = delivery ? money(delivery) : "Free";
  page.querySelector("[data-total]").textContent = money(total);
}

function row(page, line) {
  const button = draw("button", { class: "plain", "aria-label": `Remove ${line.name}` }, "Remove");
  button.addEventListener("click", () => {
    take(line);
    show(page);
  });
  const name = draw("a", { href: `product-${line.slug}.html` }, line.name);
  const words = draw("div", {}, name, draw("small", {}, `${line.quantity} × ${money(line.cents)}`));
  return draw("li", {}, picture(line.slug, 84), words, draw("b", {}, money(line.cents * line.quantity)), button);
}

function take({ slug, name, cents, quantity }) {
  remove(slug);
  const params = { sku: slug, name, price: cents / 100, quantity, currency: "EUR" };
  track("product.removeFromCart", params, `Removed ${name} from the cart`);
}
