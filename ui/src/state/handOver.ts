/**
 * A file made in the page, given to the person as a download.
 * Never: keeps it longer than the browser needs to save it.
 */

const KEPT_MS = 60_000;

export function handOver(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
