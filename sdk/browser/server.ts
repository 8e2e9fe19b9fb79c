/**
 * The real `trackway serve` for a test file, and a door before it that can misbehave.
 * What tests assert on is what the server stored, read through its API, not what the SDK believes.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as listenTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./collector.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PYTHON = process.env.TRACKWAY_PYTHON ?? join(ROOT, ".venv/bin/python");

/** An event as the server shows it. */
export interface Stored {
  id: string;
  action: string;
  label: string;
  time: number;
  received: number;
  uuid: string;
  customer: string;
  session?: string;
  seq?: number;
  authenticated: boolean;
  params: Record<string, unknown>;
  context: Record<string, unknown>;
}

/** A site made on it for one test. */
export interface StoredSite {
  id: string;
  key: string;
}

/** A machine that runs several test files at a time may take this long to start a server. */
const START_MS = 50_000;

async function freePort(): Promise<number> {
  const probe = listenTcp();
  await new Promise<void>((done) => probe.listen(0, "127.0.0.1", done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}

export class RealServer {
  private child: ChildProcess | undefined;
  private data = mkdtempSync(join(tmpdir(), "trackway-real-"));
  private token = "";
  private said = "";
  port = 0;

  /** `settings`: of the server, as environment variables. */
  constructor(private settings: Record<string, string> = {}) {}

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it and waits until it answers. */
  async open(): Promise<void> {
    this.port ||= await freePort();
    this.child = spawn(PYTHON, ["-m", "trackway", "serve", "--data", this.data, "--port", String(this.port)], {
      env: { ...process.env, PYTHONPATH: join(ROOT, "src"), TRACKWAY_DISK_RESERVE_MB: "0", ...this.settings },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const out of [this.child.stdout, this.child.stderr]) out?.on("data", (chunk) => (this.said += chunk));
    await until(
      () => this.ready(),
      () => `the server to start: ${this.said.slice(-2000)}`,
      START_MS,
    );
    this.token = JSON.parse(readFileSync(join(this.data, "server.json"), "utf8")).token;
  }

  private async ready(): Promise<boolean> {
    if (!existsSync(join(this.data, "server.json"))) return false;
    const answer = await fetch(`${this.origin}/health/ready`).catch(() => undefined);
    return answer?.ok === true;
  }

  /** Stops it; what it stored stays until `remove`. */
  async close(): Promise<void> {
    const child = this.child;
    if (!child) return;
    const exited = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    await exited;
    this.child = undefined;
  }

  /** Deletes its data folder. */
  remove(): void {
    rmSync(this.data, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Asks its API as the owner of the folder. `path` is behind /api/v1. */
  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.origin}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : (undefined as T);
  }

  /** A new site, with these settings. */
  async addSite(settings: Record<string, unknown> = {}): Promise<StoredSite> {
    const name = `site ${Math.random().toString(36).slice(2, 12)}`;
    const made = await this.api<{ id: string; tracker_key: string }>("POST", "/sites", { name, settings });
    return { id: made.id, key: made.tracker_key };
  }

  /** Everything stored for the site, in the order it happened (by time, then seq). */
  async stored(site: StoredSite, action?: string): Promise<Stored[]> {
    const query = action ? `&action=${action}` : "";
    const { items } = await this.api<{ items: Stored[] }>("GET", `/sites/${site.id}/events?limit=1000${query}`);
    return items.sort((a, b) => a.time - b.time || (a.seq ?? 0) - (b.seq ?? 0));
  }

  /** Waits until that many events of the action are stored; fails with what is. */
  async until(site: StoredSite, action: string, count: number, withinMs = 10_000): Promise<Stored[]> {
    let found: Stored[] = [];
    const enough = async () => {
      found = await this.stored(site, action);
      return found.length >= count;
    };
    await until(
      enough,
      () => `${count} × ${action}; stored: ${JSON.stringify(found.map((one) => one.params))}`,
      withinMs,
    );
    return found;
  }
}

/** What the door does with a request to the collector; undefined: lets it through. */
export type Misdeed =
  | { kind: "answer"; status: number; headers?: Record<string, string>; body?: unknown }
  /** Never answers. */
  | { kind: "hang" }
  /** Cuts the connection before the server has seen the request. */
  | { kind: "refuse" }
  /** Lets the server store it, then cuts the connection: the browser never learns. */
  | { kind: "cut" }
  | undefined;

/** One request at the door. */
export interface Knock {
  path: string;
  at: number;
  bytes: number;
  beacon: boolean;
  body: string;
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A door before the real server: the SDK is loaded and sends through it. */
export class Door {
  knocks: Knock[] = [];
  /** How many times a browser asked whether it may. */
  preflights = 0;
  misdeed: (knock: Knock) => Misdeed = () => undefined;
  private door: Server | undefined;
  private port = 0;

  constructor(private server: RealServer) {}

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Opens it, on the port it had before. */
  async open(): Promise<void> {
    this.door = createServer(
      (request, response) => void this.pass(request, response).catch(() => request.socket.destroy()),
    );
    await new Promise<void>((done) => this.door?.listen(this.port, "127.0.0.1", done));
    this.port = (this.door.address() as AddressInfo).port;
  }

  /** Refuses connections from now on. */
  async close(): Promise<void> {
    const closed = new Promise((done) => this.door?.close(done));
    this.door?.closeAllConnections();
    await closed;
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    const path = request.url ?? "/";
    const beacon = request.headers["sec-fetch-mode"] === "no-cors" && request.method === "POST";
    const knock = { path, at: Date.now(), bytes: body.length, beacon, body: body.toString() };
    if (request.method === "POST") this.knocks.push(knock);
    if (request.method === "OPTIONS") this.preflights++;
    const misdeed = request.method === "POST" ? this.misdeed(knock) : undefined;
    if (misdeed?.kind === "hang") return;
    if (misdeed?.kind === "refuse") return void request.socket.destroy();
    if (misdeed?.kind === "answer") {
      const headers = { "access-control-allow-origin": "*", "access-control-expose-headers": "retry-after" };
      const text = typeof misdeed.body === "string" ? misdeed.body : JSON.stringify(misdeed.body ?? {});
      return void response.writeHead(misdeed.status, { ...headers, ...misdeed.headers }).end(text);
    }
    const { host: _, connection: __, "content-length": ___, ...headers } = request.headers as Record<string, string>;
    const answer = await fetch(this.server.origin + path, {
      method: request.method,
      headers,
      body: body.length ? new Uint8Array(body) : undefined,
      redirect: "manual",
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (misdeed?.kind === "cut") return void request.socket.destroy();
    const kept = [...answer.headers].filter(([name]) => !/^(content-(encoding|length)|transfer-encoding)$/.test(name));
    response.writeHead(answer.status, Object.fromEntries(kept)).end(bytes);
  }
}
