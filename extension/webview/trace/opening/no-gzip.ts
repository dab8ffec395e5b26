/**
 * Stands for the library that unpacks where there is no browser: here the browser has done it (`inflate.ts`). What it could not
 * unpack, the decoder asks for once more, to say what is wrong with it.
 */
export function gunzipSync(): never {
  throw new Error('the browser cannot unpack it');
}
