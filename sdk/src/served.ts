/** The served file with every part; what only some pages need lies beside it. */

import type { Trackway } from "./api.js";
import type { Config } from "./config.js";
import { start as startFull } from "./full.js";
import { beside } from "./lazy.js";

export const start = (config: Config): Trackway => startFull(config, beside());
