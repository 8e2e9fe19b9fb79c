/**
 * The list of debug mode: each event, what has become of it, and why. Loaded by SR.debug() alone.
 * Never touches the page's own elements and styles: it lives in a shadow root, and is gone when it is closed.
 */

import type { OverlayFile } from "./api.js";
import { listen } from "./guard.js";
import { STYLE } from "./overlay-style.js";

const ELEMENT = "trackway-debug";
/** Most events shown; the oldest go first. */
const ROWS_MAX = 200;

interface Shown {
  row: HTMLElement;
  state: HTMLElement;
  why: HTMLElement;
}

function draw<K extends keyof HTMLElementTagNameMap>(tag: K, text = "", name = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.textContent = text;
  if (name) element.className = name;
  return element;
}

const clock = (time: number): string => new Date(time).toTimeString().slice(0, 8);

function parsed(text: unknown): Record<string, unknown> | undefined {
  try {
    const value = typeof text === "string" && JSON.parse(text);
    return value && typeof value === "object" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The panel: its element, the list in it, and what closes it. */
function panel() {
  document.querySelector(ELEMENT)?.remove();
  const host = document.createElement(ELEMENT);
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  const section = draw("section");
  section.setAttribute("role", "region");
  section.setAttribute("aria-label", "Trackway events");
  const list = draw("ol");
  list.setAttribute("aria-live", "polite");
  list.tabIndex = 0;
  const empty = draw("p", "No events yet. What the page sends from now on is listed here.", "empty");
  const close = draw("button", "Close");
  const clear = draw("button", "Clear");
  const head = draw("header");
  head.append(draw("strong", "Trackway"), draw("span", "", "note"), clear, close);
  section.append(head, empty, list);
  root.append(section);
  document.documentElement.append(host);
  return { host, list, empty, note: head.querySelector("span") as HTMLElement, close, clear };
}

/** One line of the list. */
function line(action: string, time: number, detail: unknown): Shown {
  const row = draw("li");
  const box = draw("details");
  const head = draw("summary");
  const state = draw("b", "", "state");
  head.append(draw("time", clock(time)), draw("span", action, "action"), state);
  box.append(head, draw("pre", JSON.stringify(detail, null, 2)));
  const why = draw("p", "", "why");
  row.append(box, why);
  return { row, state, why };
}

/** Opens the list and has `listen` tell it what the SDK does. */
export const open: OverlayFile["open"] = (tellMe) => {
  const { host, list, empty, note, close, clear } = panel();
  const rows = new Map<string, Shown>();
  const remove = () => host.remove();
  close.onclick = remove;
  clear.onclick = () => {
    rows.clear();
    list.replaceChildren();
    empty.hidden = false;
  };
  listen("keydown", (event) => (event as KeyboardEvent).key === "Escape" && remove());

  const become = (id: string, status: string, why: string) => {
    const shown = rows.get(id);
    if (!shown) return;
    shown.row.dataset.state = shown.state.textContent = status;
    shown.why.textContent = why;
  };
  const add = (id: string, action: string, time: number, detail: unknown) => {
    if (rows.has(id)) return;
    const shown = line(action, time, detail);
    rows.set(id, shown);
    list.prepend(shown.row);
    empty.hidden = true;
    const [oldest] = rows;
    if (rows.size > ROWS_MAX && oldest) {
      oldest[1].row.remove();
      rows.delete(oldest[0]);
    }
  };
  const addEvent = (text: unknown) => {
    const event = parsed(text);
    if (event) add(String(event.id), String(event.action), Number(event.time), event);
  };

  let answer = "";
  tellMe((...what) => {
    console.log("[trackway]", ...what);
    const [first, second, third] = what;
    const verdict = second as { id?: string; status?: string; code?: string; message?: string } | undefined;
    if (first === "off") remove();
    else if (first === "answer") {
      answer = second ? `the server answered ${second}` : "no answer";
      note.textContent = answer;
    } else if (first === "sent") {
      for (const { id } of second as { id: string }[]) become(id, "sent", "waiting for the answer");
    } else if (verdict?.status) {
      addEvent(third);
      const why = [verdict.code, verdict.message].filter(Boolean).join(": ");
      become(
        String(verdict.id),
        verdict.status,
        why || (verdict.status === "queued" ? `${answer || "not sent"}; will be tried again` : ""),
      );
    } else if (parsed(second)) {
      addEvent(second);
      become(String(parsed(second)?.id), "queued", "");
    } else if (typeof second === "string") {
      const id = `refused ${rows.size} ${Date.now()}`;
      add(id, second, Date.now(), {});
      become(id, "rejected", `${first}: not sent`);
    }
  });
};
