/**
 * A table of cells is one stop of the tab key; arrow keys, Home and End move between its cells.
 * Never: wraps around, or leaves the table without a stop.
 */
const ways: Record<string, [number, number]> = {
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  Home: [0, -Infinity],
  End: [0, Infinity],
};

/** Svelte action for the table body; its cells are `[role=gridcell]`, the first of which has `tabindex` 0, the others -1. */
export function gridKeys(body: HTMLElement): { destroy(): void } {
  const rows = () =>
    [...body.querySelectorAll("tr")].map((row) => [...row.querySelectorAll<HTMLElement>("[role=gridcell]")]);

  function move(event: KeyboardEvent): void {
    if (event.key === "Enter" && event.target instanceof HTMLElement) event.target.querySelector("a")?.click();
    const way = ways[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    const cells = rows();
    const row = cells.findIndex((one) => one.includes(event.target as HTMLElement));
    const line = cells[row + way[0]];
    const at = (cells[row]?.indexOf(event.target as HTMLElement) ?? 0) + way[1];
    const next = line?.[Math.max(0, Math.min(at, line.length - 1))];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  function stop(event: FocusEvent): void {
    for (const cell of rows().flat()) cell.tabIndex = cell === event.target ? 0 : -1;
  }

  body.addEventListener("keydown", move);
  body.addEventListener("focusin", stop);
  return {
    destroy() {
      body.removeEventListener("keydown", move);
      body.removeEventListener("focusin", stop);
    },
  };
}
