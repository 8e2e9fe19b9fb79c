// What this browser remembers for the shopper: cart, wishlist, orders, and who signed in. Kept in localStorage, or for
// this page only where that is blocked. It must never send anything anywhere.

const PREFIX = "kettle-and-fern.";
const QUANTITY_MAX = 20;
const ORDERS_MAX = 30;
const FREE_DELIVERY_CENTS = 6000;
const DELIVERY_CENTS = 490;
const memory = new Map();

/** The value kept under `name`, or `otherwise` when there is none or it cannot be read. */
export function recall(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name)) ?? otherwise;
  } catch {
    // Storage is blocked, or holds something that is not ours.
    return memory.get(name) ?? otherwise;
  }
}

/** Keeps `value` under `name`. */
export function keep(name, value) {
  memory.set(name, value);
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Blocked or full: the value lives as long as this page does.
  }
  dispatchEvent(new CustomEvent("shelf", { detail: name }));
}

/** The cart's lines: [{slug, name, cents, quantity}]. */
export const cart = () => recall("cart", []);

/** Puts `quantity` of a product in the cart; at most 20 of one thing. Answers the cart. */
export function add(product, quantity) {
  const lines = cart();
  const line = lines.find((each) => each.slug === product.slug);
  if (line) line.quantity = Math.min(line.quantity + quantity, QUANTITY_MAX);
  else lines.push({ ...product, quantity: Math.min(quantity, QUANTITY_MAX) });
  keep("cart", lines);
  return lines;
}

/** Takes one line out of the cart, and answers it (undefined when it was not there). */
export function remove(slug) {
  const lines = cart();
  keep("cart", lines.filter((each) => each.slug !== slug));
  return lines.find((each) => each.slug === slug);
}

/** What a cart comes to, in cents: {goods, delivery, total, pieces}. */
export function sum(lines) {
  const goods = lines.reduce((total, line) => total + line.cents * line.quantity, 0);
  const pieces = lines.reduce((total, line) => total + line.quantity, 0);
  const delivery = goods === 0 || goods >= FREE_DELIVERY_CENTS ? 0 : DELIVERY_CENTS;
  return { goods, delivery, total: goods + delivery, pieces };
}

/** Turns the cart into an order, newest first among the orders, and empties it. Answers the order. */
export function order(payment) {
  const lines = cart();
  // Unlike a counter, a random number needs no server to be told apart from another browser's.
  const number = 100000 + (crypto.getRandomValues(new Uint32Array(1))[0] % 900000);
  const made = { id: `KF-${number}`, lines, payment, time: Date.now(), ...sum(lines) };
  keep("orders", [made, ...recall("orders", [])].slice(0, ORDERS_MAX));
  keep("cart", []);
  return made;
}

/** Adds a product to the wishlist or takes it off; answers whether it is on it now. */
export function wish(product) {
  const wishes = recall("wishes", []);
  const others = wishes.filter((each) => each.slug !== product.slug);
  keep("wishes", others.length < wishes.length ? others : [...others, product]);
  return others.length === wishes.length;
}

/** €18.00 */
export const money = (cents) => `€${(cents / 100).toLocaleString("en", { minimumFractionDigits: 2 })}`;

/** "1 product", "3 products" */
export const count = (pieces) => `${pieces} product${pieces === 1 ? "" : "s"}`;

/** The cart's lines as events carry them: prices in euros. */
export const asParams = (lines) =>
  lines.map(({ slug, name, cents, quantity }) => ({ sku: slug, name, price: cents / 100, quantity }));
