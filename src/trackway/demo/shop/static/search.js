// The search page: the shelf is on the page already, so searching is hiding what does not match.

import { count } from "./shelf.js";
import { track } from "./track.js";

/** Shows the products whose words hold everything that was typed. */
export function search(results) {
  const query = (new URLSearchParams(location.search).get("q") ?? "").trim();
  if (!query) return;
  document.querySelector("[data-search] input").value = query;
  const words = query.toLowerCase().split(/\s+/);
  const cards = [...results.querySelectorAll("[data-card]")];
  for (const card of cards) {
    const text = card.dataset.card.toLowerCase();
    card.hidden = !words.every((word) => text.includes(word));
  }
  const found = cards.filter((card) => !card.hidden).length;
  const said = found ? `${count(found)} for “${query}”` : `Nothing for “${query}”. Try “coffee” or “garden”.`;
  document.querySelector("[data-search-said]").textContent = said;
  track("client.search", { query, results: found }, `Searched for “${query}”`);
}
