/**
 * The bucket of a 64-bit key among `buckets`, in [0, buckets). When a bucket is added, 1 / (n + 1) of the keys move to it
 * and no other moves. Lamping and Veach, "A fast, minimal memory, consistent hash algorithm", 2014, figure 1.
 */
export function jumpHash(key: bigint, buckets: number): number {
  let state = BigInt.asUintN(64, key);
  let bucket = -1;
  for (let jump = 0; jump < buckets; ) {
    bucket = jump;
    state = BigInt.asUintN(64, state * 2862933555777941757n + 1n);
    jump = Math.floor(((bucket + 1) * 2147483648) / (Number(state >> 33n) + 1));
  }
  return bucket;
}
