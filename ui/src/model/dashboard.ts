/**
 * Dashboards: their tiles, and what a tile asks.
 * Never: says a question in other words than its page's address.
 */
import { writeWho } from "./behind";
import { stepWords, writeFunnelPlace } from "./funnel";
import { writePlace } from "./paths";
import { type Question, questions } from "./questions";
import type { Ms } from "./shapes";

export interface Tile {
  title: string;
  /** The key of a question. */
  question: string;
  /** Of the question's page. */
  query: string;
}

export interface NewDashboard {
  name: string;
  tiles: Tile[];
}

export interface Dashboard extends NewDashboard {
  id: string;
  created: Ms;
  changed: Ms;
}

/** As the server has them. */
export const NAME_LENGTH_MAX = 100;
export const TILES_MAX = 24;

export const DASHBOARDS_PATH = "/dashboards";
export const dashboardPath = (id: string): string => `${DASHBOARDS_PATH}/${encodeURIComponent(id)}`;

const RANGE_KEYS = ["range", "from", "to"];

/** What a tile asks on a page: its own question, in the page's range where that has one. */
export function tileQuery(own: string, page: URLSearchParams): URLSearchParams {
  const query = new URLSearchParams(own);
  if (!RANGE_KEYS.some((key) => page.has(key))) return query;
  for (const key of RANGE_KEYS) {
    const value = page.get(key);
    if (value === null) query.delete(key);
    else query.set(key, value);
  }
  return query;
}

/** What of an address belongs to its question: not the site, nor the panel that is open. */
export function savedQuery(key: string, query: URLSearchParams): string {
  const panel = key === "paths" ? writePlace(null) : key === "funnels" ? writeFunnelPlace(null) : {};
  const saved = new URLSearchParams(query);
  for (const name of ["site", "panel", ...Object.keys({ ...writeWho(null), ...panel })]) saved.delete(name);
  return saved.toString();
}

/** A title to begin with: “Trends: order.paid”, “Funnels: /cart → order.paid”. */
export function titleOf(question: Question, query: URLSearchParams): string {
  const steps = question.key === "funnels" ? query.getAll("step").filter(Boolean).map(stepWords).join(" → ") : "";
  const about = [steps, query.get("start"), query.get("form"), query.get("action")].find(Boolean);
  return (about ? `${question.name}: ${about}` : question.title).slice(0, NAME_LENGTH_MAX);
}

/** The question of a tile; undefined for one that this page does not know. */
export const questionOf = (tile: Tile): Question | undefined => questions.find((one) => one.key === tile.question);

/** A key for each tile that stays with it wherever it is moved and however it is called. */
export function tileKeys(tiles: Tile[]): string[] {
  const met = new Map<string, number>();
  return tiles.map((tile) => {
    const asked = `${tile.question}?${tile.query}`;
    const before = met.get(asked) ?? 0;
    met.set(asked, before + 1);
    return `${asked}#${before}`;
  });
}
