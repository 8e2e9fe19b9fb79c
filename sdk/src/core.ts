/** The served file of a site that uses none of the parts: delivery, visits, sessions, identity. */

import type { Trackway } from "./api.js";
import type { Config } from "./config.js";
import { beside } from "./lazy.js";
import { run } from "./start.js";

export const start = (config: Config): Trackway => run(config, [], [], beside());
