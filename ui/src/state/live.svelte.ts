/**
 * The server's live stream of events, with an honest state of the connection.
 * Never: stays open after `close`, or claims to be live while it is not.
 */
import type { TrackedEvent } from "../model/shapes";

export type Connection = "connecting" | "live" | "waiting" | "offline" | "closed";

/** Waits between own attempts, after the browser itself has given up. The last one repeats. */
const WAITS_MS = [1_000, 2_000, 5_000, 10_000, 30_000];
/** Events are handed over in batches at most this often: a fast stream must not freeze the page. */
const BATCH_MS = 120;

export class Live {
  connection = $state<Connection>("closed");
  /** When the connection was lost; null while it holds. */
  lostAt = $state<number | null>(null);
  /** When the next own attempt begins. */
  nextTry = $state<number | null>(null);
  /** The stream was opened anew rather than resumed: events between may not be shown here. */
  resumedBlind = $state(false);
  #source: EventSource | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #flush: ReturnType<typeof setTimeout> | undefined;
  #batch: TrackedEvent[] = [];
  #attempt = 0;
  #url = "";
  #take: (events: TrackedEvent[]) => void = () => {};
  #onLost: (refused: boolean) => void = () => {};

  /**
   * Opens the stream; any other of this object is closed first.
   * @param take receives events in order of arrival, oldest first.
   * @param onLost hears of each loss, and whether the server refused: EventSource itself never tells why.
   */
  open(url: string, take: (events: TrackedEvent[]) => void, onLost: (refused: boolean) => void = () => {}): void {
    this.close();
    this.#url = url;
    this.#take = take;
    this.#onLost = onLost;
    this.#attempt = 0;
    this.resumedBlind = false;
    this.lostAt = null;
    this.#connect();
  }

  /** Closes for good and forgets what was not handed over. */
  close(): void {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#retry);
    clearTimeout(this.#flush);
    this.#flush = undefined;
    this.#batch = [];
    this.nextTry = null;
    this.connection = "closed";
  }

  /** Tries again now instead of waiting. */
  tryNow(): void {
    if (this.connection === "live" || this.connection === "closed") return;
    this.#source?.close();
    this.#connect();
  }

  #connect(): void {
    clearTimeout(this.#retry);
    this.nextTry = null;
    if (this.lostAt === null) this.connection = "connecting";
    const source = new EventSource(this.#url);
    this.#source = source;
    source.onopen = () => this.#opened();
    source.onerror = () => this.#failed(source);
    source.addEventListener("event", (message) => this.#received(message as MessageEvent<string>));
  }

  #opened(): void {
    this.connection = "live";
    this.lostAt = null;
    this.#attempt = 0;
  }

  #received(message: MessageEvent<string>): void {
    this.#batch.push(JSON.parse(message.data) as TrackedEvent);
    this.#flush ??= setTimeout(() => {
      this.#flush = undefined;
      const batch = this.#batch;
      this.#batch = [];
      this.#take(batch);
    }, BATCH_MS);
  }

  /** The browser reconnects and resumes by itself, unless the server refused: then it is ours to try again. */
  #failed(source: EventSource): void {
    if (source !== this.#source) return;
    const first = this.lostAt === null;
    this.lostAt ??= Date.now();
    this.connection = navigator.onLine ? "waiting" : "offline";
    const refused = source.readyState === EventSource.CLOSED;
    if (first || refused) this.#onLost(refused);
    // onLost may have closed it, having found out that trying again is of no use.
    if (!refused || this.#source !== source) return;
    this.resumedBlind = true;
    const wait = WAITS_MS[Math.min(this.#attempt++, WAITS_MS.length - 1)] as number;
    this.nextTry = Date.now() + wait;
    this.#retry = setTimeout(() => this.#connect(), wait);
  }
}
