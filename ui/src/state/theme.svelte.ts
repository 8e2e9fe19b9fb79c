/**
 * Light, dark, or as the system says.
 * Never: paints; it only sets `data-theme`, which the style sheet reads.
 */
import { remembered } from "./remember";

export type Theme = "system" | "light" | "dark";

const kept = remembered("theme");
let theme = $state<Theme>(read());

function read(): Theme {
  const value = kept.read();
  return value === "light" || value === "dark" ? value : "system";
}

export const currentTheme = (): Theme => theme;

/** Chooses a theme and shows it at once. */
export function chooseTheme(next: Theme): void {
  theme = next;
  kept.write(next);
  showTheme();
}

/** Applies the theme to the page; called first of all, before anything is drawn. */
export function showTheme(): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
