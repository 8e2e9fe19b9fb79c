/**
 * A part of the page as a picture: what is on the screen, drawn by the browser itself, with words above it.
 * Never: asks the network, or draws what is not shown. Styles are set by script, so that the page's policy holds.
 */

/** Pixels for each pixel of the page. */
const SCALE = 2;
const MARGIN = 24;
const TITLE_PX = 18;
const LINE_PX = 13;
const HEAD = 64;
/** A part that is higher is cut here; browsers draw no larger canvas. */
export const HEIGHT_MAX = 4_000;
/** More than that is no picture but a file. */
export const NODES_MAX = 6_000;

/** What makes an element look as it does; used values, so that nothing is laid out anew. */
const LOOKS = [
  "display", "position", "top", "right", "bottom", "left", "float", "box-sizing", "width", "height", "min-width",
  "min-height", "max-width", "padding-top", "padding-right", "padding-bottom", "padding-left", "margin-top",
  "margin-right", "margin-bottom", "margin-left", "border-top-width", "border-right-width", "border-bottom-width",
  "border-left-width", "border-top-style", "border-right-style", "border-bottom-style", "border-left-style",
  "border-top-color", "border-right-color", "border-bottom-color", "border-left-color", "border-top-left-radius",
  "border-top-right-radius", "border-bottom-left-radius", "border-bottom-right-radius", "border-collapse",
  "border-spacing", "background-color", "background-image", "background-size", "background-position",
  "background-repeat", "color", "opacity", "visibility", "font-family", "font-size", "font-weight", "font-style",
  "font-variant-numeric", "line-height", "letter-spacing", "text-align", "text-decoration-line",
  "text-decoration-style", "text-decoration-color", "text-transform", "text-overflow", "white-space",
  "overflow-wrap", "vertical-align", "overflow-x", "overflow-y", "flex-direction", "flex-wrap", "flex-grow",
  "flex-shrink", "flex-basis", "align-items", "align-self", "align-content", "justify-content", "justify-items",
  "grid-template-columns", "grid-template-rows", "grid-column-start", "grid-column-end", "grid-row-start",
  "grid-row-end", "row-gap", "column-gap", "list-style-type", "transform", "transform-origin", "z-index",
  "table-layout", "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap",
  "stroke-linejoin", "stroke-opacity", "paint-order", "vector-effect", "text-anchor", "dominant-baseline",
] as const; // biome-ignore format: a list of names

export interface Words {
  title: string;
  /** Below the title: whose numbers, and of when. */
  line: string;
}

/** The part as PNG. @throws Error with words for the reader where it cannot be drawn. */
export async function drawPicture(part: HTMLElement, words: Words): Promise<Blob> {
  if (part.querySelectorAll("*").length > NODES_MAX)
    throw new Error("It has too many rows for a picture; CSV has them all.");
  const { width, height: whole } = part.getBoundingClientRect();
  const height = Math.min(whole, HEIGHT_MAX);
  const image = await load(part, width, height);
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil((width + 2 * MARGIN) * SCALE);
  canvas.height = Math.ceil((height + HEAD + 2 * MARGIN) * SCALE);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser draws no pictures.");
  pen.scale(SCALE, SCALE);
  const look = getComputedStyle(document.body);
  pen.fillStyle = look.backgroundColor;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = look.color;
  pen.textBaseline = "top";
  pen.font = `600 ${TITLE_PX}px ${look.fontFamily}`;
  pen.fillText(words.title, MARGIN, MARGIN, width);
  pen.globalAlpha = 0.75;
  pen.font = `${LINE_PX}px ${look.fontFamily}`;
  pen.fillText(words.line, MARGIN, MARGIN + TITLE_PX + 10, width);
  pen.globalAlpha = 1;
  pen.drawImage(image, MARGIN, MARGIN + HEAD, width, height);
  return new Promise((done, failed) => {
    try {
      canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("The picture is too large."))), "image/png");
    } catch {
      failed(new Error("This browser does not let a page be drawn; take a screenshot, or the CSV."));
    }
  });
}

/** The part inside an image: a copy of it with its looks written on each element. */
async function load(part: HTMLElement, width: number, height: number): Promise<HTMLImageElement> {
  const copy = part.cloneNode(true) as HTMLElement;
  dress(part, copy);
  copy.style.margin = "0";
  copy.setAttribute("xmlns", "http://www.w3.org/1999/xhtml");
  const inner = new XMLSerializer().serializeToString(copy);
  const size = `width="${Math.ceil(width)}" height="${Math.ceil(height)}"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" ${size}><foreignObject width="100%" height="100%">${inner}</foreignObject></svg>`;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode().catch(() => {
    throw new Error("This browser could not draw it; take a screenshot, or the CSV.");
  });
  return image;
}

function dress(from: Element, to: Element): void {
  const look = getComputedStyle(from);
  if (to instanceof HTMLElement || to instanceof SVGElement) {
    for (const name of LOOKS) to.style.setProperty(name, look.getPropertyValue(name));
    to.style.animation = to.style.transition = "none";
  }
  for (const name of ["href", "class", "data-tip"]) to.removeAttribute(name);
  const inside = [...from.children];
  [...to.children].forEach((child, at) => {
    const same = inside[at];
    if (same) dress(same, child);
  });
}
