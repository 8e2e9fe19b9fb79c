/**
 * Addresses of the screens.
 * Never: touches the browser's history (see state/router).
 */

export type Screen =
  | "live"
  | "customers"
  | "customer"
  | "segments"
  | "events"
  | "dashboards"
  | "explore"
  | "catalogue"
  | "quality"
  | "alerts"
  | "settings"
  | "api"
  | "login"
  | "invitation"
  | "account"
  | "people"
  | "newsite"
  | "missing";

export interface Route {
  screen: Screen;
  /** The customer, event, action or question the path names. */
  id: string | null;
}

const plain: Record<string, Screen> = {
  "": "live",
  live: "live",
  customers: "customers",
  segments: "segments",
  events: "events",
  dashboards: "dashboards",
  explore: "explore",
  catalogue: "catalogue",
  quality: "quality",
  alerts: "alerts",
  settings: "settings",
  login: "login",
  invitation: "invitation",
  account: "account",
  people: "people",
};

/** The screen a path names; unknown paths are “missing”, never silently the start page. */
export function readRoute(path: string): Route {
  if (/^\/api\/docs\/?$/.test(path)) return { screen: "api", id: null };
  const [first = "", second, ...more] = path.split("/").filter(Boolean);
  if (more.length > 0) return { screen: "missing", id: null };
  if (second === undefined) return { screen: plain[first] ?? "missing", id: null };
  const id = decodePart(second);
  if (first === "customers") return { screen: "customer", id };
  if (first === "segments") return { screen: "segments", id };
  if (first === "dashboards") return { screen: "dashboards", id };
  if (first === "events") return { screen: "events", id };
  if (first === "explore") return { screen: "explore", id };
  if (first === "catalogue") return { screen: "catalogue", id };
  if (first === "settings" && id === "new") return { screen: "newsite", id: null };
  if (first === "settings" && isTab(id)) return { screen: "settings", id };
  return { screen: "missing", id: null };
}

/** The settings' pages: what stands in the address behind `/settings/`, and its name. The first has no word of its own. */
export const settingTabs = [
  { key: "", name: "Site" },
  { key: "rules", name: "Rules" },
  { key: "keys", name: "Keys" },
  { key: "sdk", name: "SDK" },
  { key: "privacy", name: "Privacy" },
  { key: "audit", name: "Audit" },
] as const;

export type SettingTab = (typeof settingTabs)[number]["key"];

const isTab = (text: string): boolean => settingTabs.some((one) => one.key !== "" && one.key === text);

export const NEW_SITE_PATH = "/settings/new";
export const tabPath = (tab: SettingTab): string => (tab ? `/settings/${tab}` : "/settings");
export const API_PATH = "/api/docs";
export const ALERTS_PATH = "/alerts";
export const customerPath = (customer: string): string => `/customers/${encodeURIComponent(customer)}`;
export const actionPath = (action: string): string => `/catalogue/${encodeURIComponent(action)}`;
export const eventPath = (id: string): string => `/events/${encodeURIComponent(id)}`;

/** Whether a screen is shown to everybody, logged in or not. */
export const isOpen = (screen: Screen): boolean => ["login", "api", "invitation"].includes(screen);

/** Where to go after logging in: only a path of this page, never another origin. */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) && !/^\/(login|invitation)/.test(next) ? next : "/live";
}

/** A part of an address as it was meant; one that was encoded wrongly stays as it is. */
export function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
