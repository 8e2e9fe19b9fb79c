/**
 * Forms that somebody has turned to and not yet submitted: which fields, for how long, what was found wrong with them.
 * Never looks at a value.
 */

import { type Field, fieldName, formName, formOf } from "./fields.js";
import { here, type Page } from "./page.js";
import type { Host } from "./part.js";

/** Most forms that are followed at a time; the one begun first is forgotten. */
const BEGUN_MAX = 20;

interface Begun {
  _form: string;
  _page: Page;
  _last: string;
  _touched: Set<string>;
  /** The fields that were found invalid and not touched since. */
  _errors: Set<string>;
  /** How long each field had the focus, ms. */
  _times: Record<string, number>;
}

/** Follows the tagged forms of a page. */
export function follow(host: Host) {
  const begun = new Map<Element, Begun>();
  let focused: Begun | undefined;
  let since = 0;

  /** Does something with what is known of the field's form, and the field's name; nothing when either has none. */
  const turn = (field: Field, run: (state: Begun, name: string) => void): void => {
    const form = formOf(field);
    const title = form && formName(form);
    const name = title && fieldName(field);
    if (!name) return;
    const state = begun.get(form) ?? {
      _form: title,
      _page: here(),
      _last: "",
      _touched: new Set(),
      _errors: new Set(),
      _times: {},
    };
    begun.set(form, state);
    if (begun.size > BEGUN_MAX) begun.delete([...begun.keys()][0] as Element);
    run(state, name);
  };

  const blur = () => {
    if (focused) focused._times[focused._last] = (focused._times[focused._last] ?? 0) + Date.now() - since;
    focused = undefined;
  };

  return {
    /** No field has the focus. */
    _blur: blur,
    /** The field has the focus from now on. */
    _focus: (field: Field) => {
      blur();
      since = Date.now();
      turn(field, (state, name) => {
        focused = state;
        state._last = name;
      });
    },
    /** Something was put into the field. */
    _touch: (field: Field) =>
      turn(field, (state, name) => {
        state._touched.add(name);
        state._errors.delete(name);
      }),
    /** The field was found invalid. */
    _fail: (field: Field) => turn(field, (state, name) => state._errors.add(name)),
    /** The form was submitted. */
    _forget: (form: Element) => begun.delete(form),
    /** Reports the forms for which `left` holds, as left at `time` (epoch ms). */
    _leave: (time: number, left: (form: Element) => boolean) => {
      blur();
      for (const [form, { _form, _page, _last, _touched, _errors, _times }] of begun) {
        if (!left(form)) continue;
        begun.delete(form);
        if (!_touched.size && !_errors.size) continue;
        const fields = { last_field: _last, touched: [..._touched], errors: [..._errors], times: _times };
        host._note("form.abandon", { form: _form, ...fields, duration: time - _page.time }, { ..._page, time });
      }
    },
  };
}
