/** Where the steps of a transaction go: each to the group that holds its key, as the client knows it. */
import type { OperationKind, Value } from '../checkers/history.ts';
import type { Design } from '../design/design.ts';
import type { Store } from '../design/store.ts';
import type { Router } from './router.ts';

export type Step = readonly [store: Store, kind: OperationKind, key: string, value: Value];

/**
 * @returns the steps as the coordinator takes them; `ask`: a store whose directory has to be asked first; undefined: some
 * key is held by no partition
 */
export function routed(
  { partitions }: Design,
  router: Router,
  steps: readonly Step[],
): { readonly input: Value } | { readonly ask: Store } | undefined {
  const input: Value[] = [];
  for (const [store, kind, key, value] of steps) {
    const group = router.groupFor(store, key);
    if (group === null) return { ask: store };
    if (group === undefined) return undefined;
    input.push([partitions[group]!.name, kind, key, value]);
  }
  return { input };
}
