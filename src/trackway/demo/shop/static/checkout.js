// Paying, without money: an order is made from the cart and said as transaction.charge.

import { draw, say } from "./draw.js";
import { asParams, cart, count, money, order, recall, sum } from "./shelf.js";
import { track } from "./track.js";

/** The checkout form. An empty cart cannot be ordered. */
export function checkout(form) {
  const lines = cart();
  const each = ({ name, quantity, cents }) =>
    draw("li", {}, draw("span", {}, `${quantity} × ${name}`), draw("b", {}, money(cents * quantity)));
  form.querySelector("[data-order]").replaceChildren(...lines.map(each));
  form.querySelector("[data-total]").textContent = money(sum(lines).total);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (cart().length === 0) return say(form, "Your cart is empty, so there is nothing to order.");
    charge(order(new FormData(form).get("payment")));
    location.assign("thanks.html");
  });
}

function charge(made) {
  const params = {
    orderId: made.id,
    products: asParams(made.lines),
    value: made.goods / 100,
    delivery: made.delivery / 100,
    revenue: { amount: made.total / 100, currency: "EUR" },
    payment: made.payment,
  };
  track("transaction.charge", params, `Paid ${money(made.total)} for ${count(made.pieces)}`);
}

/** The page after: names the newest order. */
export function thanks(place) {
  place.textContent = recall("orders", [])[0]?.id ?? "";
}
