/** What the build puts before each bundle's JSX: `h(…)` is a tenth shorter than the automatic runtime's `jsx({children})`. */
export { Fragment, h } from "preact";
