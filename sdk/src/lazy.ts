/**
 * The files that only some pages need: they lie beside the SDK's own, and are loaded when they are asked for.
 * Loaded as modules: that needs no script element (so nothing for Trusted Types to refuse) and passes the nonce on.
 */

declare const __DEBUG__: string;
declare const __ERRORS__: string;
declare const __VITALS__: string;
declare const __EXTRAS__: string;

/** The files' names with the hash of what is in them; the build fills them in. */
export const overlayFile = (): string => __DEBUG__;
export const errorsFile = (): string => __ERRORS__;
export const vitalsFile = (): string => __VITALS__;
export const extrasFile = (): string => __EXTRAS__;

/** Loads one of the files by its name. */
export type Load = (name: string) => Promise<unknown>;

/** The address of the running script; the page's own where that cannot be told (modules). Ask while the script runs. */
export const source = (): string => (document.currentScript as HTMLScriptElement | null)?.src || location.href;

/** A loader for what lies beside the running script. Call it while the script runs. */
export function beside(): Load {
  const from = source();
  return (name) => import(new URL(name, from).href);
}
