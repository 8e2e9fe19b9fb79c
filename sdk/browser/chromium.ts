/**
 * A real Chromium, in two ways: driven (to call into pages) and unattended (nothing attached, so that hidden tabs and
 * prerendering behave as they do for a visitor).
 * Never downloads a browser: the executable is TRACKWAY_CHROMIUM, by default /usr/bin/chromium.
 */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium } from "playwright-core";

const EXECUTABLE = process.env.TRACKWAY_CHROMIUM ?? "/usr/bin/chromium";

/** Whether the browser has tabs that can be hidden and a back/forward cache: the headless build of npm has neither. */
export const WHOLE = !EXECUTABLE.includes("/.cache/browser/");

const ARGS = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--enable-features=BackForwardCache",
  "--host-resolver-rules=MAP *.test 127.0.0.1",
];

/** A browser that tests drive page by page; the back/forward cache is on. */
export const driven = (): Promise<Browser> =>
  chromium.launch({
    executablePath: EXECUTABLE,
    args: ARGS,
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
  });

/** A browser with a profile folder that outlives it. */
export const persistent = (profile: string): Promise<BrowserContext> =>
  chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    args: ARGS,
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
  });

/** A browser that is only asked to open, show and close tabs. */
export interface Unattended {
  /** Opens a tab in front; answers its id. */
  open(url: string): Promise<string>;
  /** Brings a tab to the front; the one that was there is hidden. */
  show(id: string): Promise<void>;
  close(id: string): Promise<void>;
  quit(): Promise<void>;
}

/** Most tries to delete a profile, and ms between them. */
const DISCARDS = 50;
const DISCARD_MS = 100;

/** Deletes a profile. A browser's last processes may still write into it, and Node looks only once what is in a folder. */
async function discard(profile: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return rmSync(profile, { recursive: true, force: true });
    } catch (error) {
      if (tries === DISCARDS) throw error;
      await new Promise((done) => setTimeout(done, DISCARD_MS));
    }
  }
}

/** Starts a browser of the second kind. */
export async function unattended(): Promise<Unattended> {
  const profile = mkdtempSync(join(tmpdir(), "trackway-chromium-"));
  const flags = ["--headless", "--remote-debugging-port=0", `--user-data-dir=${profile}`];
  const child = spawn(EXECUTABLE, [...ARGS, ...flags, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
  const exited = new Promise((done) => child.once("exit", done));
  const host = await new Promise<string>((found, failed) => {
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
      const match = said.match(/ws:\/\/([^/]+)\//);
      if (match?.[1]) found(match[1]);
    });
    child.once("exit", () => failed(new Error(`the browser did not start: ${said}`)));
  });
  const ask = async (command: string) => (await fetch(`http://${host}/json/${command}`, { method: "PUT" })).text();
  return {
    open: async (url) => JSON.parse(await ask(`new?${url}`)).id,
    show: async (id) => void (await ask(`activate/${id}`)),
    close: async (id) => void (await ask(`close/${id}`)),
    quit: async () => {
      child.kill();
      await exited;
      await discard(profile);
    },
  };
}
