/** What the build puts in (scripts/build.mjs). */
declare const __INLAY_PORT__: number;
declare const __INLAY_VERSION__: string;

/** The bridge's port: fixed, because the plugins' manifests list it. */
export const PORT: number = __INLAY_PORT__;
export const PLUGIN_VERSION: string = __INLAY_VERSION__;
