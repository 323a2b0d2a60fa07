/** Set by the bundler; a run from the sources has no version of its own. */
declare const FLASHFLEET_VERSION: string | undefined;

export const version = typeof FLASHFLEET_VERSION === "undefined" ? "0.0.0-source" : FLASHFLEET_VERSION;
