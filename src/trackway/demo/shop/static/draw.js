// Small pieces of page made from data. Text always goes in as text: nothing here may read HTML from a value.

/** An element: draw("a", {href: "x"}, "text", child). */
export function draw(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A product's picture; it says nothing to a screen reader, the name beside it does. */
export const picture = (slug, size) =>
  draw("img", { src: `static/pictures/${slug}.svg`, alt: "", width: size, height: size });

/** Says something in the status line next to `element`. */
export function say(element, text) {
  element.querySelector(".said").textContent = text;
}
