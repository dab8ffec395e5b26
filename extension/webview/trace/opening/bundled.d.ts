/** The script that a file bundles to, as a text: `scripts/bundled-text.mjs`. */
declare module '*?bundled' {
  const text: string;
  export default text;
}
