/**
 * What a served file has: sites that do not use something are served one without it. The package has everything, and the
 * bundler of the application throws nothing out.
 */

/** Set by the build of the served files; absent in the package. */
declare const HAS_OPTINS: boolean;
declare const HAS_TOKENS: boolean;
declare const HAS_RARE: boolean;

/** What loads the files of autocapture, frustration, errors and vitals. */
export const OPTINS = typeof HAS_OPTINS === "undefined" || HAS_OPTINS;
/** Customer tokens. */
export const TOKENS = typeof HAS_TOKENS === "undefined" || HAS_TOKENS;
/** No cookies, ignored programs, server cookies, links between domains. */
export const RARE = typeof HAS_RARE === "undefined" || HAS_RARE;
