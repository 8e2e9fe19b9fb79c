/**
 * The snippet's stand-in becomes the real thing: its waiting calls are replayed, and its object is filled in place,
 * so that a reference the page took to it (`const { event } = SR`) goes on working.
 * Never overwrites a global that is not ours.
 */

import type { Trackway } from "./api.js";
import { warn } from "./guard.js";
import { asOf } from "./page.js";

/** When (epoch ms) and where a call was made, in the order of `Page`. */
export type Place = [time: number, url: string, title: string, referrer: string];

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
