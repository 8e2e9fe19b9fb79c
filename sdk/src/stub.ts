/**
 * The snippet's stand-in becomes the real thing: its waiting calls are replayed, and its object is filled in place,
 * so that a reference the page took to it (`const { event } = SR`) goes on working.
 * Never overwrites a global that is not ours.
 */

import type { Trackway } from "./api.js";
import { warn } from "./guard.js";
import { asOf, here } from "./page.js";

/** When (epoch ms) and where a call was made, in the order of `Page`. */
type Place = [time: number, url: string, title: string, referrer: string];

/** A call made before the SDK arrived: what, with what, when and on which page, and who waits for the answer. */
export type Call = [path: string, args: unknown[], ...Place, resolve: (value: unknown) => void];

/** The stand-in: the names of the API, each only queueing. */
export type Stub = { q: Call[] } & { [name: string]: unknown };

type Callable = (...args: unknown[]) => unknown;
type Members = Callable & { [name: string]: Members };

/** The stand-in under that global name, if there is one. */
export function stubOf(name: string): Stub | undefined {
  const there = (window as unknown as { [name: string]: Stub | undefined })[name];
  return Array.isArray(there?.q) ? there : undefined;
}

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

/** Puts a stand-in under that global name where a page has the file without the snippet, which brings one (`snippet.ts`). */
export function hold(name: string): void {
  const globals = window as unknown as { [name: string]: unknown };
  globals[name] ??= standIn([], []);
}

function find(api: Trackway, path: string): Callable | undefined {
  return path.split(".").reduce((at: Members | undefined, name) => at?.[name], api as unknown as Members);
}

function replay(api: Trackway, call: Call): void {
  const [path, args, time, url, title, referrer, resolve] = call;
  const run = find(api, path);
  if (!run) warn(`${path} is unknown`);
  resolve(run && asOf({ time, url, title, referrer }, () => run(...args)));
}

/** Makes the API the global of that name, and replays what waited for it. */
export function install(name: string, api: Trackway): void {
  const stub = stubOf(name);
  const globals = window as unknown as { [name: string]: unknown };
  if (!stub) {
    globals[name] ??= api;
    if (globals[name] !== api) warn(`${name} is taken`);
    return;
  }
  const calls = stub.q.splice(0);
  for (const [member, value] of Object.entries(api)) {
    if (typeof value === "object") stub[member] = Object.assign(stub[member] ?? {}, value);
    else stub[member] = value;
  }
  stub.q.push = (...late) => {
    for (const call of late) replay(api, call);
    return 0;
  };
  stub.q.push(...calls);
}
