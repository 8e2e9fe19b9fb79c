/**
 * Who generates the events: this device's uuid.
 * Never makes a second uuid while the first can still be read, and caches none: another tab may have logged out.
 */

import { claim, recall, remember } from "./keep.js";
import { isUuid, uuid7 } from "./uuid.js";

const NAME = "tw_uuid";

export interface Identity {
  /** The current uuid, made now when there is none. */
  _get(): string;
  /** Takes the uuid for this device. */
  _set(uuid: string): void;
  /** Has the current uuid live for its full time from now on. */
  _renew(): void;
}

/** This device's uuid, kept for `seconds`. */
export function openIdentity(seconds: number): Identity {
  const keep = (uuid: string) => {
    remember(NAME, uuid, seconds);
    return uuid;
  };
  const get = () => {
    const known = recall(NAME);
    const uuid = isUuid(known) ? known.toLowerCase() : keep(uuid7(Date.now()));
    claim(NAME, uuid);
    return uuid;
  };
  return {
    _get: get,
    _set(uuid) {
      claim(NAME, "", true);
      remember(NAME, "", 0);
      keep(uuid.toLowerCase());
    },
    _renew: () => keep(get()),
  };
}
