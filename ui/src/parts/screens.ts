/**
 * The screens there are, in the order of the rail: one row each; and the places that only the search finds.
 * Never: a screen that does not exist yet.
 */
import Bell from "@lucide/svelte/icons/bell";
import BookOpen from "@lucide/svelte/icons/book-open";
import Braces from "@lucide/svelte/icons/braces";
import CircleUserRound from "@lucide/svelte/icons/circle-user-round";
import Compass from "@lucide/svelte/icons/compass";
import ListFilter from "@lucide/svelte/icons/list-filter";
import Radio from "@lucide/svelte/icons/radio";
import Scale from "@lucide/svelte/icons/scale";
import Settings from "@lucide/svelte/icons/settings";
import Users from "@lucide/svelte/icons/users";
import UsersRound from "@lucide/svelte/icons/users-round";
import { DASHBOARDS_PATH } from "../model/dashboard";
import { questions } from "../model/questions";
import { ALERTS_PATH, API_PATH, type Screen, settingTabs, tabPath } from "../model/route";
import { SEGMENTS_PATH } from "../model/segment";

export interface ScreenRow {
  name: string;
  path: string;
  /** The letter after `g` that leads there. */
  key: string;
  icon: typeof Radio;
  screens: Screen[];
}

export const screenRows: ScreenRow[] = [
  { name: "Live", path: "/live", key: "l", icon: Radio, screens: ["live"] },
  { name: "Customers", path: "/customers", key: "c", icon: Users, screens: ["customers", "customer", "segments"] },
  { name: "Events", path: "/events", key: "e", icon: ListFilter, screens: ["events"] },
  { name: "Explore", path: "/explore", key: "x", icon: Compass, screens: ["explore", "dashboards"] },
  { name: "Catalogue", path: "/catalogue", key: "a", icon: BookOpen, screens: ["catalogue"] },
  { name: "Quality", path: "/quality", key: "q", icon: Scale, screens: ["quality"] },
  {
    name: "Settings",
    path: "/settings",
    key: "s",
    icon: Settings,
    screens: ["settings", "newsite", "api", "people", "account"],
  },
];

/** Everything the search can lead to by its name. */
export const placeRows: Pick<ScreenRow, "name" | "path" | "icon">[] = [
  ...screenRows,
  { name: "Segments", path: SEGMENTS_PATH, icon: Users },
  { name: "Dashboards", path: DASHBOARDS_PATH, icon: Compass },
  ...questions.map(({ name, path }) => ({ name: `Explore: ${name}`, path, icon: Compass })),
  ...settingTabs.slice(1).map(({ key, name }) => ({ name: `Settings: ${name}`, path: tabPath(key), icon: Settings })),
  { name: "Alerts", path: ALERTS_PATH, icon: Bell },
  { name: "API", path: API_PATH, icon: Braces },
  { name: "People", path: "/people", icon: UsersRound },
  { name: "Your account", path: "/account", icon: CircleUserRound },
];
