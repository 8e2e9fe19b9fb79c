/**
 * Names and words of what is exported.
 * Never: a name that a file system refuses.
 */

export type FileForm = "csv" | "parquet";

/** A file's name out of parts; what is no letter, digit, dot or hyphen becomes a hyphen. */
export const fileName = (parts: string[], ending: string): string =>
  `${parts
    .filter(Boolean)
    .map((part) => part.replace(/[^\p{L}\p{N}.-]+/gu, "-").replace(/^-+|-+$/g, ""))
    .join("-")}.${ending}`;
