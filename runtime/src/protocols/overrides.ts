/**
 * What a workload may say of its own reads and writes, as the consistency levels that Cassandra and Riak take with each
 * request: `read one`, `write all`, `read local from any`. A mechanism answers with its options as such a request sees
 * them; whoever serves the request, or judges it, goes by those.
 */
import type { Mechanism } from '../design/mechanism.ts';
import type { QuorumSpec } from '../design/quorum.ts';
import type { Overrides } from '../design/scenario.ts';

/** What each part says, for whoever cannot do it. */
const says = {
  quorum: 'says how many replicas are asked',
  local: 'says that the leader answers unchecked',
  from: 'says which replicas answer',
  write: 'says how many replicas acknowledge',
} as const;

export type OverridePart = keyof typeof says;

/** `why`: what the mechanism does instead, and a way out: "raft commits by its own quorum: leave it out". */
export type Overridden<M> = { readonly options: M } | { readonly part: OverridePart; readonly why: string };

/** What mechanisms say that can be asked in another way than the store's; the others cannot. */
export interface Overridable<M> {
  overridden?(options: M, overrides: Overrides): Overridden<M>;
}

/** The options as a request sees them. What makes no sense for the mechanism was refused before the run. */
export function seenBy<M extends Mechanism>(by: Overridable<M>, options: M, overrides: Overrides | undefined): M {
  if (overrides === undefined) return options;
  const seen = by.overridden?.(options, overrides);
  return seen !== undefined && 'options' in seen ? seen.options : options;
}

/** Why the mechanism cannot be asked like that, and which option of the workload that is; undefined: it can. */
export function whyNotOverridden<M extends Mechanism>(
  by: Overridable<M>,
  options: M,
  overrides: Overrides,
): { readonly option: 'read' | 'write'; readonly why: string } | undefined {
  const seen = by.overridden?.(options, overrides) ?? {
    part: partsOf(overrides)[0]!,
    why: `${options.kind} serves all requests alike: leave it out`,
  };
  if ('options' in seen) return undefined;
  const { part, why } = seen;
  return {
    option: part === 'write' ? 'write' : 'read',
    why: `${wordsOf(overrides, part)} ${says[part]}, and ${why}`,
  };
}

function partsOf({ read, write }: Overrides): OverridePart[] {
  const parts = {
    quorum: read.quorum !== null,
    local: read.local,
    from: read.from !== null,
    write: write.quorum !== null,
  };
  return (Object.keys(parts) as OverridePart[]).filter(part => parts[part]);
}

function wordsOf({ read, write }: Overrides, part: OverridePart): string {
  switch (part) {
    case 'quorum':
      return `read ${quorumWords(read.quorum!)}`;
    case 'local':
      return 'read local';
    case 'from':
      return `read from ${read.from}`;
    case 'write':
      return `write ${quorumWords(write.quorum!)}`;
  }
}

/** `read local from any`: what is said of reads or of writes; empty: nothing. */
export const overrideWords = (overrides: Overrides, option: 'read' | 'write'): string =>
  partsOf(overrides)
    .filter(part => (part === 'write') === (option === 'write'))
    .map((part, i) => (i === 0 ? wordsOf(overrides, part) : wordsOf(overrides, part).slice('read '.length)))
    .join(' ');

/** As it is written, but without the names of nodes. */
function quorumWords(spec: QuorumSpec): string {
  switch (spec.kind) {
    case 'count':
      return String(spec.count);
    case 'of':
      return spec.need === spec.members.length ? 'all of (…)' : `any ${spec.need} of (…)`;
    case 'weight':
      return `weight ${spec.need} of (…)`;
    case 'grid':
      return `grid(${spec.rows}, ${spec.columns}) ${spec.take}`;
    default:
      return spec.kind.replace('-', ' ');
  }
}
