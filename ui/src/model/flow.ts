/**
 * The picture of paths: columns of boxes whose heights are counts, and bands between them.
 * Never: leaves anybody out: each column is as high as the start, with those who went no further at its foot.
 */
import { LEFT, leaving, OTHER, type Paths, START } from "./paths";

/** Pixels. */
export const COLUMN = 208;
const BOX = 12;
const FULL = 300;
const SLOT_MIN = 22;
const GAP = 8;
const TOP = 8;

export interface Box {
  key: string;
  step: number;
  name: string;
  count: number;
  kind: "start" | "name" | "other" | "left";
  x: number;
  y: number;
  height: number;
}

export interface Band {
  key: string;
  step: number;
  source: string;
  target: string;
  count: number;
  kind: "name" | "left";
  /** A path down the band's middle. */
  line: string;
  width: number;
}

export interface Flow {
  width: number;
  height: number;
  box: number;
  boxes: Box[];
  bands: Band[];
}

/** The picture of an answer. */
export function layFlow(paths: Paths): Flow {
  const scale = FULL / Math.max(1, paths.total);
  const columns = [stack([{ name: START, count: paths.total }], 0, scale)];
  for (const [at, step] of paths.steps.entries()) {
    const rest = [
      { name: OTHER, count: step.other },
      { name: LEFT, count: step.left },
    ].filter((one) => one.count > 0);
    columns.push(stack([...step.nodes, ...rest], at + 1, scale));
  }
  const boxes = columns.flat();
  const bottom = Math.max(...boxes.map((box) => box.y + Math.max(box.height, SLOT_MIN)));
  return {
    width: columns.length * COLUMN,
    height: bottom + TOP,
    box: BOX,
    boxes,
    bands: bandsOf(paths, columns, scale),
  };
}

function stack(nodes: { name: string; count: number }[], step: number, scale: number): Box[] {
  let y = TOP;
  return nodes.map(({ name, count }) => {
    const height = Math.max(2, count * scale);
    const box: Box = { key: `${step}/${name}`, step, name, count, kind: kindOf(name), x: step * COLUMN, y, height };
    y += Math.max(height, SLOT_MIN) + GAP;
    return box;
  });
}

function kindOf(name: string): Box["kind"] {
  if (name === START) return "start";
  if (name === OTHER) return "other";
  return name === LEFT ? "left" : "name";
}

/** Bands leave a box and reach the next in the order of the boxes, so that they cross as little as can be. */
function bandsOf(paths: Paths, columns: Box[][], scale: number): Band[] {
  const bands: Band[] = [];
  for (let step = 1; step < columns.length; step++) {
    const reached = new Map<string, number>();
    for (const from of columns[step - 1] ?? []) {
      let out = from.y;
      for (const to of columns[step] ?? []) {
        const count = flowing(paths, step, from.name, to.name);
        if (count <= 0) continue;
        const width = count * scale;
        const into = to.y + (reached.get(to.key) ?? 0);
        reached.set(to.key, (reached.get(to.key) ?? 0) + width);
        const line = bend(from.x + BOX, out + width / 2, to.x, into + width / 2);
        const kind = to.name === LEFT ? "left" : "name";
        bands.push({
          key: `${step}/${from.name}>${to.name}`,
          step,
          source: from.name,
          target: to.name,
          count,
          kind,
          line,
          width: Math.max(1, width),
        });
        out += width;
      }
    }
  }
  return bands;
}

function flowing(paths: Paths, step: number, source: string, target: string): number {
  if (source === LEFT) return target === LEFT ? (paths.steps[step - 2]?.left ?? 0) : 0;
  if (target === LEFT) return leaving(paths, step, source);
  const same = paths.links.find((link) => link.step === step && link.source === source && link.target === target);
  return same?.count ?? 0;
}

function bend(x1: number, y1: number, x2: number, y2: number): string {
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}
