/**
 * Keys of the whole page: search, shortcut sheet, going between screens, the rail.
 * Never: takes a key away from a field that is being typed into.
 */
import { screenRows } from "../parts/screens";
import { overlay } from "./overlay.svelte";
import { toggleRail } from "./rail.svelte";
import { go } from "./router.svelte";

/** How long `g` waits for the letter of a screen. */
const CHORD_MS = 1_200;

let chordUntil = 0;

/** Whether a key belongs to what is typed into (or to an open overlay) and not to the page. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as Element | null;
  return !!target?.closest?.("input, textarea, select, [contenteditable], [role='menu'], [aria-modal='true']");
}

const byKey: Record<string, () => void> = {
  "/": () => overlay.open("search"),
  "?": () => overlay.open("shortcuts"),
  "[": toggleRail,
};

/** Handles a key pressed anywhere. */
export function handleKey(event: KeyboardEvent): void {
  const act = actFor(event);
  if (!act) return;
  event.preventDefault();
  act();
}

function actFor(event: KeyboardEvent): (() => void) | undefined {
  const withModifier = event.ctrlKey || event.metaKey;
  if (withModifier && event.key.toLowerCase() === "k") return () => overlay.open("search");
  if (withModifier || event.altKey || isTyping(event) || overlay.shown) return undefined;
  if (performance.now() < chordUntil) return screenFor(event.key);
  if (event.key === "g") chordUntil = performance.now() + CHORD_MS;
  return byKey[event.key];
}

function screenFor(letter: string): (() => void) | undefined {
  chordUntil = 0;
  const row = screenRows.find((one) => one.key === letter);
  return row && (() => go(row.path));
}
