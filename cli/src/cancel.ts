/** Being asked to stop: by Ctrl-C, or because the time is up. Polled, never awaited. */
let flag: Int32Array = new Int32Array(1);

/** From here on, `flag[0] === 1` means that somebody wants this to end. */
export function listenTo(shared: Int32Array): void {
  flag = shared;
}

/** A poll that answers true from the moment on at which somebody asked, or the limit was reached. */
export function stopAfter(timeLimitMs: number | undefined): () => boolean {
  const until = timeLimitMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeLimitMs;
  return () => Atomics.load(flag, 0) === 1 || Date.now() > until;
}
