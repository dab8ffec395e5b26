/** What is decided about a server that does not do what it should; who asks tells people. */

/** Crashes that are answered with a new start, if they are no more than this many … */
export const restartsMax = 4;
/** … within so many ms. */
const restartsWithinMs = 3 * 60_000;

/** Told of each crash at `now` (ms), answers whether to start the server again. */
export function restartPolicy(): (now: number) => boolean {
  const crashes: number[] = [];
  return now => {
    crashes.push(now);
    while (crashes[0]! <= now - restartsWithinMs) crashes.shift();
    return crashes.length <= restartsMax;
  };
}

/** What to say of a server of another version than the extension's: it understands other requests. */
export function versionProblem(server: string | undefined, extension: string): string | undefined {
  if (server === extension) return undefined;
  return `The dsys server is of version ${server ?? 'unknown'}, the extension of version ${extension}: install the extension anew.`;
}
