/**
 * Three projects: unit (pure parts, no browser), browser (the built files in a real Chromium; most of a test is waiting, so
 * two files at a time, one test of each), and trace, which measures the main thread and has the machine to itself.
 */

import { defineConfig } from "vitest/config";

const browser = { environment: "node" as const, testTimeout: 20_000, hookTimeout: 30_000 };
const TRACE = "browser/trace.test.ts";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/**/*.test.ts"], environment: "node" } },
      {
        test: {
          ...browser,
          name: "browser",
          include: ["browser/**/*.test.ts"],
          exclude: [TRACE],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      { test: { ...browser, name: "trace", include: [TRACE], maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
});
