/**
 * The one clock that relative times are read from.
 * Never: ticks while the page is hidden.
 */

const TICK_MS = 5_000;

let now = $state(Date.now());

export const clockNow = (): number => now;

/** Starts ticking; once, by the page's entry. */
export function startClock(): void {
  const tick = () => {
    if (!document.hidden) now = Date.now();
  };
  setInterval(tick, TICK_MS);
  document.addEventListener("visibilitychange", tick);
}
