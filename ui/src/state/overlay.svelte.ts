/**
 * Which of the page's overlays is open: the search, the shortcut sheet, or none.
 * Never: two at once.
 */

type Name = "search" | "shortcuts";

let shown = $state<Name | null>(null);

export const overlay = {
  get shown(): Name | null {
    return shown;
  },
  open(name: Name): void {
    shown = name;
  },
  close(): void {
    shown = null;
  },
};
