// "My account": one document, four addresses. Tabs change the address and the title without loading a page, as any
// single-page application does. Nobody is really signed in: a name and an email stay in this browser.

import { draw, picture, say } from "./draw.js";
import { cart, count, keep, money, recall, sum } from "./shelf.js";
import { forget, identify, track } from "./track.js";

const SHOP = "Kettle & Fern";
const fillers = { overview, orders, wishlist, settings };

/** Starts the application in `app`; the tab shown is the one in the address. */
export function account(app) {
  app.querySelector("[data-tabs]").addEventListener("click", (event) => {
    const tab = event.target.closest("a");
    if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (tab.href === location.href) return;
    history.pushState(null, "", tab.href);
    show(app);
  });
  addEventListener("popstate", () => show(app));
  show(app);
}

function show(app) {
  const name = location.pathname.match(/\/app\/(\w+)$/)?.[1] ?? "overview";
  for (const tab of app.querySelectorAll("[data-tabs] a")) {
    const here = tab.pathname === location.pathname;
    if (here) document.title = `${tab.textContent} · ${SHOP}`;
    if (here) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  const panel = app.querySelector("[data-panel]");
  const who = recall("who", null);
  panel.replaceChildren(document.getElementById(who ? name : "sign-in").content.cloneNode(true));
  if (who) fillers[name](panel, who, app);
  else signIn(panel.querySelector("form"), app);
}

function signIn(form, app) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { email, firstName } = Object.fromEntries(new FormData(form));
    const who = { email: email.trim().toLowerCase(), firstName: firstName.trim() };
    keep("who", who);
    identify(who);
    track("client.login", { method: "password" });
    show(app);
  });
}

function overview(panel, who, app) {
  panel.querySelector("[data-first-name]").textContent = who.nickname || who.firstName;
  const { pieces, goods } = sum(cart());
  const waiting = pieces ? `${count(pieces)} in your cart, ${money(goods)}.` : "Your cart is empty.";
  panel.querySelector("[data-overview]").textContent = waiting;
  panel.querySelector("[data-sign-out]").addEventListener("click", () => {
    track("client.logout", {});
    forget();
    keep("who", null);
    show(app);
  });
}

function orders(panel) {
  const day = (time) => new Date(time).toLocaleDateString("en", { dateStyle: "medium" });
  const row = (order) => {
    const words = draw("div", {}, draw("b", {}, order.id), draw("small", {}, `${day(order.time)} · ${count(order.pieces)}`));
    return draw("li", {}, picture(order.lines[0].slug, 64), words, draw("b", {}, money(order.total)));
  };
  const rows = recall("orders", []).map(row);
  panel.querySelector("[data-orders]").replaceChildren(...(rows.length ? rows : ["No orders yet."]));
}

function wishlist(panel) {
  const card = ({ slug, name, cents }) => {
    const row = draw("span", { class: "row" }, draw("b", {}, name), draw("span", {}, money(cents)));
    return draw("article", { class: "card", "data-track": `card-${slug}` }, draw("a", { href: `product-${slug}.html` }, picture(slug, 400), row));
  };
  const cards = recall("wishes", []).map(card);
  panel.querySelector("[data-wishes]").replaceChildren(...(cards.length ? cards : ["Nothing kept for later yet."]));
}

function settings(panel, who) {
  const form = panel.querySelector("form");
  form.nickname.value = who.nickname ?? "";
  form.shelf.value = who.shelf ?? "Coffee";
  form.reminders.checked = who.reminders ?? false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = { nickname: form.nickname.value, shelf: form.shelf.value, reminders: form.reminders.checked };
    keep("who", { ...who, ...chosen });
    say(form, "Saved.");
  });
}
