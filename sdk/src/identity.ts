/**
 * Who generates the events: this device's uuid.
 * Never makes a second uuid while the first can still be read, and caches none: another tab may have logged out.
 */

import { claim, recall, remember } from "./keep.js";
import { isUuid, uuid7 } from "./uuid.js";

const NAME = "tw_uuid";

export class Identity {
  constructor(private _seconds: number) {}

  private _write(uuid: string): string {
    remember(NAME, uuid, this._seconds);
    return uuid;
  }

  /** The current uuid, made now when there is none. */
  get(): string {
    const known = recall(NAME);
    const uuid = isUuid(known) ? known.toLowerCase() : this._write(uuid7(Date.now()));
    claim(NAME, uuid);
    return uuid;
  }

  /** Takes the uuid for this device. */
  set(uuid: string): void {
    claim(NAME, "", true);
    this._write(uuid.toLowerCase());
  }

  /** Has the current uuid live for its full time from now on. */
  renew(): void {
    this._write(this.get());
  }
}
