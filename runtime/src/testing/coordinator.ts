/** A transaction's coordinator by itself, over two groups and on its own disk. */
import type { CoordinatorOptions } from '../protocols/transaction-coordinator/state.ts';

export const coordinatorOptions = (changes: Partial<CoordinatorOptions> = {}): CoordinatorOptions => ({
  name: 't',
  atomic: true,
  threePhases: false,
  groups: ['g', 'h'],
  decisions: null,
  timeoutNs: 1e9,
  durableLog: true,
  presume: 'abort',
  isolation: 'serializable',
  deadlock: 'detect',
  versions: null,
  ...changes,
});
