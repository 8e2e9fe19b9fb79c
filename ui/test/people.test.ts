import { describe, expect, it } from "vitest";
import type { Account } from "../src/model/accounts";
import { agentWords, edits, roleWords, runs } from "../src/model/people";
import { isOpen, readRoute, safeNext } from "../src/model/route";

const account = (role: Account["role"], sites: Account["sites"] = {}): Account => ({
  name: "ann",
  role,
  sites,
  password: true,
  totp: false,
  recovery_codes: 0,
});

describe("roles in words", () => {
  it.each([
    ["admin", {}, "Admin of every site"],
    ["member", { shop: "editor", kiosk: "viewer" }, "Editor of shop, Viewer of kiosk"],
    ["viewer", { shop: "admin" }, "Viewer of every site, Admin of shop"],
    ["member", {}, "No role yet"],
  ] as const)("%s with %o", (role, sites, words) => {
    expect(roleWords(role, sites)).toBe(words);
  });
});

describe("who is offered to change dashboards", () => {
  it.each([
    [account("admin"), true],
    [account("editor"), true],
    [account("member", { shop: "editor" }), true],
    [account("viewer", { shop: "admin" }), true],
    [account("viewer"), false],
    [account("member", { shop: "viewer", kiosk: "admin" }), false],
    [null, false],
  ] as const)("%o: %s", (who, offered) => {
    expect(edits(who, "shop")).toBe(offered);
  });
});

describe("who is offered to change people", () => {
  it.each([
    [account("admin"), true],
    [account("member", { shop: "admin" }), true],
    [account("member", { shop: "editor" }), false],
    [account("editor", { kiosk: "admin" }), false],
    [null, false],
  ])("%o", (who, may) => {
    expect(runs(who, "shop")).toBe(may);
  });
});

describe("a login's browser", () => {
  it.each([
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
      "Safari on macOS",
    ],
    ["Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"],
    ["python-httpx/0.28.1", "python-httpx"],
    ["", "Unknown browser"],
  ])("%s", (agent, words) => {
    expect(agentWords(agent)).toBe(words);
  });
});

describe("addresses", () => {
  it("opens a link to everybody, and never comes back to one after logging in", () => {
    expect(readRoute("/invitation").screen).toBe("invitation");
    expect(isOpen("invitation")).toBe(true);
    expect(isOpen("people")).toBe(false);
    expect(safeNext("/invitation?site=shop")).toBe("/live");
    expect(safeNext("/people?site=shop")).toBe("/people?site=shop");
  });
});
