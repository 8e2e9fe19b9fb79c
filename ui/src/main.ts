/**
 * The page's entry: theme first, then the clock and the address, then the page itself.
 * Never: asks the server anything (App does).
 */
import { mount } from "svelte";
import App from "./App.svelte";
import { startClock } from "./state/clock.svelte";
import { startRouter } from "./state/router.svelte";
import { showTheme } from "./state/theme.svelte";
import "./styles/tokens.css";
import "./styles/page.css";
import "./styles/controls.css";
import "./styles/tables.css";

showTheme();
startClock();
startRouter();
mount(App, { target: document.getElementById("page") as HTMLElement });
