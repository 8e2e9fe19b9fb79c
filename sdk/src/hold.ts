/**
 * The stand-in for a page that has the file without the snippet, which brings one (`snippet.ts`): calls made before the SDK runs
 * are kept with the page they were made on.
 */

import { here } from "./page.js";
import type { Call, Place } from "./stub.js";

/** Most calls that wait. */
const HELD_MAX = 200;

/** A stand-in of any depth: whatever is asked of it is another one, and whatever is called waits in `q`. */
function standIn(q: Call[], path: string[]): object {
  const call = (...args: unknown[]) =>
    new Promise((resolve) => {
      if (q.length < HELD_MAX) q.push([path.join("."), args, ...(Object.values(here()) as Place), resolve]);
      else resolve(undefined);
    });
  call.q = q;
  // biome-ignore lint/suspicious/noThenProperty: nobody who awaits a stand-in shall wait for it
  call.then = undefined;
  return new Proxy(call as unknown as { [name: string]: unknown }, {
    get: (there, name: string) => {
      if (!(name in there)) there[name] = standIn(q, [...path, name]);
      return there[name];
    },
  });
}

/** Puts a stand-in under that global name, unless something is there. */
export function hold(name: string): void {
  const globals = window as unknown as { [name: string]: unknown };
  globals[name] ??= standIn([], []);
}
