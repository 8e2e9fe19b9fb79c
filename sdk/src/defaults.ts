/**
 * The defaults of what an application passes to `start`. A served file needs none: the server's configuration is whole.
 */

import type { Config, Whole } from "./config.js";

/** The configuration with every default filled in. */
export function whole(config: Config): Whole {
  const { features = {} } = config;
  const { mode = "enforce", allow = [], deny = [] } = config.rules ?? {};
  return {
    ...config,
    endpoint: config.endpoint ?? "",
    path: config.path ?? "/e",
    session_timeout_ms: config.session_timeout_ms || 1_800_000,
    cookie_days: config.cookie_days ?? 400,
    features: { ...features, page_visit: features.page_visit !== false, spa: features.spa !== false },
    rules: mode === "enforce" ? { mode, allow, deny } : { mode, allow: [], deny: [] },
  };
}
