/** Styles are taken out of the bundle by esbuild; they have no exports. */
declare module "*.css";
