/** How keys are spread: over the slots of a store, and over whatever else is to be even and the same everywhere. */

/** FNV-1a, 32 bits: stable, and good enough to spread keys over slots. */
export function hashKey(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  // FNV's low bits are weak for short keys: one finalising mix (Murmur3's).
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
