/**
 * Roles, logins and links in words.
 * Never: decides what a role may do (the server does); what is offered here is only a courtesy.
 */
import type { Account, Role, SiteRole } from "./accounts";

export const siteRoles: { key: SiteRole; name: string; does: string }[] = [
  { key: "viewer", name: "Viewer", does: "sees everything" },
  { key: "editor", name: "Editor", does: "also changes definitions and rules, replays, and asks by SQL" },
  { key: "admin", name: "Admin", does: "also changes settings, keys and people" },
];

export const PASSWORD_LENGTH_MIN = 8;

/** “Admin of every site”, “Editor of Shop, Viewer of Kiosk”, or that there is none yet. */
export function roleWords(role: Role, sites: Record<string, SiteRole>): string {
  const each = Object.entries(sites).map(([site, own]) => `${nameOf(own)} of ${site}`);
  if (role !== "member") each.unshift(`${nameOf(role)} of every site`);
  return each.join(", ") || "No role yet";
}

/** Whether somebody may be offered to change the people of a site. */
export const runs = (account: Account | null, site: string): boolean =>
  account?.role === "admin" || account?.sites[site] === "admin";

/** Whether somebody may be offered to change what is kept of a site: dashboards, say. */
export const edits = (account: Account | null, site: string): boolean =>
  [account?.role, account?.sites[site]].some((role) => role === "admin" || role === "editor");

const nameOf = (role: SiteRole): string => siteRoles.find((one) => one.key === role)?.name ?? role;

const browsers: [RegExp, string][] = [
  [/\bEdg\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bFirefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];
const systems: [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** “Firefox on Linux”; a program says its own name. */
export function agentWords(agent: string): string {
  const find = (table: [RegExp, string][]) => table.find(([pattern]) => pattern.test(agent))?.[1];
  const browser = find(browsers) ?? (agent.split(/[ /]/)[0] || "Unknown browser");
  const system = find(systems);
  return system ? `${browser} on ${system}` : browser;
}

/** The ways a login at another place can end badly, by the word in the address. */
export const signOnProblems: Record<string, string> = {
  user: "You have no access here. Ask an admin of this Trackway for an invitation.",
  provider: "The login there did not work. Try again; if it stays so, this server’s log says why.",
};
