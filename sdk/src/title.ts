/**
 * Waiting for the title of a page that has just been navigated to: frameworks set it a little later.
 * Never waits longer than its limit, and watches the head only for that long.
 */

const WAIT_MS = 300;

/** Runs once, when the title is no longer `old` or the wait is over. The answer cancels it. */
export function whenTitled(old: string, run: () => void): () => void {
  const stop = () => {
    clearTimeout(timer);
    observer.disconnect();
  };
  const finish = () => {
    stop();
    run();
  };
  const observer = new MutationObserver(() => document.title !== old && finish());
  observer.observe(document.head ?? document, { subtree: true, childList: true, characterData: true });
  const timer = setTimeout(finish, WAIT_MS);
  return stop;
}
