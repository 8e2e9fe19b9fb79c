/**
 * The views of the questions under Explore, by the questions' keys; on their pages and on dashboards.
 * Never: a view of its own for a tile.
 */
import type { Component } from "svelte";
import ElementsView from "./ElementsView.svelte";
import FormsView from "./FormsView.svelte";
import FunnelView from "./FunnelView.svelte";
import PathsView from "./PathsView.svelte";
import RetentionView from "./RetentionView.svelte";
import SessionsView from "./SessionsView.svelte";
import SourcesView from "./SourcesView.svelte";
import SqlView from "./SqlView.svelte";
import TrendView from "./TrendView.svelte";

export const views: Record<string, Component> = {
  trends: TrendView,
  paths: PathsView,
  elements: ElementsView,
  forms: FormsView,
  sources: SourcesView,
  funnels: FunnelView,
  retention: RetentionView,
  sessions: SessionsView,
  sql: SqlView,
};
