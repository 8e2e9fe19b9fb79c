/**
 * How high a bar chart reaches, so that one flood (an import, a replay) does not flatten everything else.
 * Never: hides the flood; a bar that is cut says so and keeps its number.
 */

/** A bar is a flood when it is more than so many times the usual one (the median of those with anything in them). */
const FLOOD_TIMES = 8;
/** With fewer bars than this nothing is usual. */
const BARS_MIN = 4;
/** Room above the highest bar that is no flood, so that a cut bar stands out. */
const HEADROOM = 1.2;

/** The value at the chart's top; bars above it are drawn cut. At least 1. */
export function chartTop(values: number[]): number {
  const filled = values.filter((value) => value > 0).sort((a, b) => b - a);
  const highest = filled[0] ?? 1;
  const usual = filled[Math.floor(filled.length / 2)] ?? 1;
  const limit = usual * FLOOD_TIMES;
  if (filled.length < BARS_MIN || highest <= limit) return highest;
  return Math.ceil((filled.find((value) => value <= limit) ?? usual) * HEADROOM);
}
