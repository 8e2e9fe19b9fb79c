/**
 * Tagged forms: submitted, or begun and left.
 * Never prevents, delays or repeats a submission, and sends no value of a form that was not submitted. Whether a
 * submission was one is known only after the page's own listeners: values are taken before them, the decision falls after.
 */

import { follow } from "./begun.js";
import type { Params } from "./event.js";
import { dialog, type Field, formName, formOf, valuesOf } from "./fields.js";
import { attempt, listen } from "./guard.js";
import { here, type Page } from "./page.js";
import type { Host } from "./part.js";

/** The same values of the same form within this long are one submission: a double click. */
const DOUBLE_MS = 1_000;
/** After a virtual navigation, a form that has gone by then was left. */
const GONE_MS = 1_000;

type Root = Document | ShadowRoot;

interface Submission {
  _form: Element;
  _params: Params;
  _page: Page;
  /** The event that announced it; none when the page's code called form.submit(). */
  _event?: Event | undefined;
  /** The fields that are wrong, should the page prevent it. */
  _wrong: () => Field[];
}

/** Takes submissions in, and reports those that were: `take` before the page's listeners, `decide` after them. */
function submissions(host: Host, follower: ReturnType<typeof follow>, passwords: WeakSet<object>) {
  const sent = new WeakMap<Element, [json: string, time: number]>();
  const waiting: Submission[] = [];
  const decide = () => {
    for (const { _form, _params, _page, _event, _wrong } of waiting.splice(0)) {
      // A submission that the page prevents is its own way of sending, unless it found fault with a field.
      const wrong = _event?.defaultPrevented ? _wrong() : [];
      wrong.forEach(follower._fail);
      if (wrong[0]) continue;
      follower._forget(_form);
      const [json, time] = sent.get(_form) ?? ["", 0];
      const now = JSON.stringify(_params);
      sent.set(_form, [now, _page.time]);
      if (now !== json || (_event && _page.time - time > DOUBLE_MS)) host._note("form.submit", _params, _page);
    }
  };
  const take = (form: Element, event?: Event) => {
    const name = formName(form);
    const submitter = (event as SubmitEvent | undefined)?.submitter;
    if (!name || dialog(form, submitter)) return;
    const root = Node.prototype.getRootNode.call(form) as Root;
    const params = { ...valuesOf(form, root, submitter, passwords), form: name };
    // Without the browser's own validation a form may come here with invalid fields; the page may reset it before we decide.
    const find = (selector: string) =>
      [...root.querySelectorAll<Field>(selector)].filter((field) => formOf(field) === form);
    const invalid = find(":invalid");
    const wrong = () => [...invalid, ...find("[aria-invalid=true]")];
    waiting.push({ _form: form, _params: params, _page: here(), _event: event, _wrong: wrong });
    setTimeout(decide);
  };
  return [take, decide] as const;
}

/** Calls to form.submit(): no event announces them, and `formdata` cannot be told from a page that only looks. */
function watchCalls(take: (form: Element) => void): void {
  const { prototype } = HTMLFormElement;
  const native = prototype.submit;
  prototype.submit = function () {
    attempt(() => take(this));
    native.call(this);
  };
}

/** The part that reports form.submit and form.abandon. */
export function forms(host: Host): void {
  if (!host._settings.features.forms) return;
  const passwords = new WeakSet<object>();
  const roots = new WeakSet<object>();
  const follower = follow(host);
  const [take, decide] = submissions(host, follower, passwords);
  const on = (name: string, run: (field: Element, event: Event) => void, target?: EventTarget) =>
    listen(name, (event) => run(event.composedPath()[0] as Element, event), target);

  /** Watches what does not leave a shadow root, and which fields were ever a password. */
  const watch = (root: Root) => {
    if (roots.has(root)) return;
    roots.add(root);
    on("submit", take, root);
    on("invalid", follower._fail, root);
    new MutationObserver((changes) => {
      for (const { target, oldValue } of changes) if (/password/i.test(oldValue ?? "")) passwords.add(target);
    }).observe(root, { subtree: true, attributeFilter: ["type"], attributeOldValue: true });
  };

  host._scan = (root: Root = document) => {
    watch(root);
    for (const { shadowRoot } of root.querySelectorAll("*")) if (shadowRoot) host._scan(shadowRoot);
  };

  watch(document);
  watchCalls(take);
  on("focusin", (field) => {
    for (let root = field.getRootNode() as ShadowRoot; root.host; root = root.host.getRootNode() as ShadowRoot)
      watch(root);
    follower._focus(field);
  });
  listen("focusout", follower._blur);
  on("input", follower._touch);
  host._onHide((event) => {
    decide();
    if (event.type !== "visibilitychange") follower._leave(Date.now(), () => true);
  });
  host._onVisit(() => {
    const time = Date.now();
    setTimeout(() => follower._leave(time, (form) => !form.isConnected), GONE_MS);
  });
}
