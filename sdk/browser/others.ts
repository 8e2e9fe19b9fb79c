/**
 * Firefox and WebKit, as far as the tests need them: tabs that open, go, answer and close.
 * Never downloads a browser: what is not installed is skipped, with the reason printed. Firefox is driven by WebDriver BiDi,
 * WebKit (WebKitGTK's MiniBrowser, on a display of Xvfb's) by WebDriver.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import WebSocket from "ws";

const FIREFOX = process.env.TRACKWAY_FIREFOX ?? "/usr/bin/firefox-esr";
const WEBKIT = process.env.TRACKWAY_WEBKIT_DRIVER ?? "/usr/bin/WebKitWebDriver";
const XVFB = "/usr/bin/Xvfb";

export interface OtherBrowser {
  version: string;
  /** Opens a tab (in WebKit a window: a new tab there stays hidden); answers its id. */
  open(url: string): Promise<string>;
  /** Takes a tab to another address. */
  go(tab: string, url: string): Promise<void>;
  /** The value of an expression in the page, awaited. */
  ask<T>(tab: string, expression: string): Promise<T>;
  close(tab: string): Promise<void>;
  quit(): Promise<void>;
}

/** The browsers, each with why it cannot be had here ("" when it can) and how it is started. */
export const OTHERS = [
  { name: "Firefox", missing: existsSync(FIREFOX) ? "" : `no ${FIREFOX}`, start: firefox },
  { name: "WebKit", missing: missingWebKit(), start: webkit },
];

function missingWebKit(): string {
  if (!existsSync(WEBKIT)) return `no ${WEBKIT}`;
  return process.env.DISPLAY || existsSync(XVFB) ? "" : `no display, and no ${XVFB} to make one`;
}

/** Waits for a line that the program says, on either of its outputs. */
function heard(child: ChildProcess, what: RegExp): Promise<string> {
  return new Promise((found, failed) => {
    let said = "";
    const listen = (chunk: Buffer) => {
      said += chunk;
      const match = said.match(what);
      if (match) found(match[1] ?? "");
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    child.once("exit", () => failed(new Error(`it stopped: ${said}`)));
    child.once("error", failed);
  });
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = new Promise((done) => child.once("exit", done));
  if (child.exitCode !== null || !child.kill()) return;
  await exited;
}

type Answer = { id: number; result: Record<string, unknown>; error?: string; message?: string };

/** A WebDriver BiDi connection: a command out, its result back. */
async function bidi(url: string) {
  const socket = new WebSocket(url);
  await new Promise((done, failed) => socket.once("open", done).once("error", failed));
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.on("message", (data) => {
    const answer: Answer = JSON.parse(String(data));
    waiting.get(answer.id)?.(answer);
  });
  let last = 0;
  const send = async (method: string, params: object): Promise<Record<string, unknown>> => {
    const id = ++last;
    const answer = new Promise<Answer>((done) => waiting.set(id, done));
    socket.send(JSON.stringify({ id, method, params }));
    const { result, error, message } = await answer;
    if (error) throw new Error(`${method}: ${error} ${message}`);
    return result;
  };
  return { send, end: () => socket.close() };
}

async function firefox(): Promise<OtherBrowser> {
  const profile = mkdtempSync(join(tmpdir(), "trackway-firefox-"));
  const child = spawn(FIREFOX, ["--headless", "--remote-debugging-port=0", "--profile", profile, "--no-remote"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const address = await heard(child, /WebDriver BiDi listening on (ws:\S+)/);
  const { send, end } = await bidi(`${address}/session`);
  const { capabilities } = (await send("session.new", { capabilities: {} })) as {
    capabilities: { browserVersion: string };
  };
  const go = async (context: string, url: string) =>
    void (await send("browsingContext.navigate", { context, url, wait: "complete" }));
  return {
    version: capabilities.browserVersion,
    go,
    async open(url) {
      const { context } = (await send("browsingContext.create", { type: "tab" })) as { context: string };
      await go(context, url);
      return context;
    },
    async ask(context, expression) {
      const text = `Promise.resolve(${expression}).then(JSON.stringify)`;
      const asked = { expression: text, target: { context }, awaitPromise: true };
      const { result } = (await send("script.evaluate", asked)) as { result: { value?: string } };
      return result?.value === undefined ? undefined : JSON.parse(result.value);
    },
    close: async (context) => void (await send("browsingContext.close", { context })),
    async quit() {
      await send("browser.close", {}).catch(() => undefined);
      end();
      await stop(child);
      rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

async function display(): Promise<[string, ChildProcess | undefined]> {
  if (process.env.DISPLAY) return [process.env.DISPLAY, undefined];
  const child = spawn(XVFB, ["-displayfd", "1", "-screen", "0", "1280x900x24"], { stdio: ["ignore", "pipe", "pipe"] });
  return [`:${await heard(child, /^(\d+)\s/m)}`, child];
}

async function webkit(): Promise<OtherBrowser> {
  const [screen, x] = await display();
  const port = 20_000 + (process.pid % 20_000);
  const child = spawn(WEBKIT, [`--port=${port}`], { env: { ...process.env, DISPLAY: screen }, stdio: "ignore" });
  const send = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const text = body && JSON.stringify(body);
    const answer = await fetch(`http://127.0.0.1:${port}/session${path}`, { method, body: text ?? null });
    const { value } = (await answer.json()) as { value: T & { error?: string; message?: string } };
    if (!answer.ok) throw new Error(`${method} ${path}: ${value.error} ${value.message}`);
    return value;
  };
  let made: { sessionId: string; capabilities: { browserVersion: string } } | undefined;
  for (let tries = 0; !made && tries < 50; tries++) {
    await new Promise((done) => setTimeout(done, 100));
    made = await send<NonNullable<typeof made>>("POST", "", { capabilities: {} }).catch(() => undefined);
  }
  if (!made) throw new Error("WebKitWebDriver does not answer");
  const at = `/${made.sessionId}`;
  const first = await send<string>("GET", `${at}/window`);
  const use = (handle: string) => send("POST", `${at}/window`, { handle });
  const go = async (tab: string, url: string) => {
    await use(tab);
    await send("POST", `${at}/url`, { url });
  };
  return {
    version: made.capabilities.browserVersion,
    go,
    async open(url) {
      const { handle } = await send<{ handle: string }>("POST", `${at}/window/new`, { type: "window" });
      await go(handle, url);
      return handle;
    },
    async ask(tab, expression) {
      await use(tab);
      const script = `const done = arguments[arguments.length - 1]; Promise.resolve(${expression}).then(done)`;
      return send("POST", `${at}/execute/async`, { script, args: [] });
    },
    async close(tab) {
      await use(tab);
      await send("DELETE", `${at}/window`);
      await use(first);
    },
    async quit() {
      await send("DELETE", at).catch(() => undefined);
      await stop(child);
      if (x) await stop(x);
    },
  };
}
