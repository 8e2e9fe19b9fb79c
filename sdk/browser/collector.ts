/**
 * A collector that remembers what arrived, and can be told to answer badly or not at all.
 * Never judges events: tests assert on what it recorded.
 */

import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { WireEvent } from "../src/event.js";

/** One request to the collector. */
export interface Arrival {
  method: string;
  at: number;
  beacon: boolean;
  cookie: string | undefined;
  bytes: number;
  sent: number;
  dropped: number;
  events: WireEvent[];
  status: number;
}

/** What the collector says to a request; undefined means: accepted. */
export type Answer = (arrival: Arrival) =>
  | {
      status: number;
      headers?: Record<string, string>;
      body?: unknown;
    }
  | undefined;

const CORS = { "access-control-allow-origin": "*", "access-control-expose-headers": "retry-after" };

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function arrivalOf(request: IncomingMessage, body: Buffer): Arrival {
  const { sent = 0, dropped = 0, events = [] } = body.length ? JSON.parse(body.toString()) : {};
  return {
    method: request.method ?? "",
    at: Date.now(),
    beacon: request.headers["sec-fetch-mode"] === "no-cors",
    cookie: request.headers.cookie,
    bytes: body.length,
    sent,
    dropped,
    events,
    status: 200,
  };
}

export class Collector {
  arrivals: Arrival[] = [];
  answer: Answer = () => undefined;
  private server: Server | undefined;
  private port = 0;

  /** Opens the door, on the port it had before. */
  async open(): Promise<void> {
    this.server = createServer(async (request, response) => {
      const arrival = arrivalOf(request, await bodyOf(request));
      this.arrivals.push(arrival);
      const { status, headers, body } = this.answer(arrival) ?? { status: 200 };
      arrival.status = status;
      const said = body ?? { accepted: arrival.events.length, rejected: [], now: Date.now() };
      response.writeHead(status, { ...CORS, ...headers }).end(typeof said === "string" ? said : JSON.stringify(said));
    });
    await new Promise<void>((done) => this.server?.listen(this.port, "127.0.0.1", done));
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Refuses connections from now on. */
  async close(): Promise<void> {
    const closed = new Promise((done) => this.server?.close(done));
    this.server?.closeAllConnections();
    await closed;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Every event received with status 200, each id once, in the order of arrival. */
  stored(action?: string): WireEvent[] {
    const events = this.arrivals.filter((arrival) => arrival.status === 200).flatMap((arrival) => arrival.events);
    const distinct = [...new Map(events.map((event) => [event.id, event])).values()];
    return distinct.filter((event) => !action || event.action === action);
  }

  /** Waits until that many distinct events of the action have arrived; fails with what did arrive. */
  async until(action: string, count: number, withinMs = 8_000): Promise<WireEvent[]> {
    await until(
      () => this.stored(action).length >= count,
      () => `${count} × ${action}; arrived: ${this.stored().map((event) => event.action)}`,
      withinMs,
    );
    return this.stored(action);
  }
}

/** Waits for a condition, asking every 20 ms. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: () => string,
  withinMs = 8_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${withinMs} ms for ${what()}`);
    await pause(20);
  }
}

/** Lets time pass: only for showing that something does not happen, or that a clock ran out. */
export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
