/**
 * The files that only some pages need: they lie beside the SDK's own, and are loaded when they are asked for.
 * Loaded as modules: that needs no script element (so nothing for Trusted Types to refuse) and passes the nonce on.
 */

/** The hash of what is in all of them, which is part of each one's name; the build fills it in. */
declare const __HASH__: string;

/** Loads one of the files. `attempt`: another number for each try, as a browser may remember what it could not load. */
export type Load = (
  name: "ahead" | "errors" | "vitals" | "extras" | "overlay",
  attempt?: number | string,
) => Promise<unknown>;

/** The address of the running script; the page's own where that cannot be told (modules). Ask while the script runs. */
export const source = (): string => (document.currentScript as HTMLScriptElement | null)?.src || location.href;

/** A loader for what lies beside the script from that address. */
export const beside =
  (from: string): Load =>
  (name, attempt = "") =>
    import(new URL(`${name}-${__HASH__}.js?${attempt}`, from).href);
