/**
 * Arrow keys (and j, k) move between the rows of a list.
 * Never: wraps around, or acts while something is typed.
 */
import { isTyping } from "../state/shortcuts";

const steps: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

/** Svelte action for the element that holds the rows; each row has one `a.whole`. */
export function rowKeys(list: HTMLElement): { destroy(): void } {
  function move(event: KeyboardEvent): void {
    const step = steps[event.key];
    if (!step || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const inList = list.contains(document.activeElement);
    if (!inList && document.activeElement !== document.body && event.key.startsWith("Arrow")) return;
    const links = [...list.querySelectorAll<HTMLElement>("a.whole")].filter((link) => link.offsetParent !== null);
    const at = links.indexOf(document.activeElement as HTMLElement);
    const next = links[at === -1 && step < 0 ? 0 : at + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
  document.addEventListener("keydown", move);
  return { destroy: () => document.removeEventListener("keydown", move) };
}
