/**
 * Who generates the events: this device's uuid.
 * Never makes a second uuid while the first can still be read, and caches none: another tab may have logged out.
 */

import { recall, remember } from "./keep.js";
import { isUuid, uuid7 } from "./uuid.js";

const NAME = "tw_uuid";

export class Identity {
  constructor(private _seconds: number) {}

  /** The current uuid, made now when there is none. */
  get(): string {
    const known = recall(NAME);
    return isUuid(known) ? known.toLowerCase() : this.set(uuid7(Date.now()));
  }

  /** Takes the uuid for this device, and answers it. */
  set(uuid: string): string {
    const mine = uuid.toLowerCase();
    remember(NAME, mine, this._seconds);
    return mine;
  }
}
