import { showValue } from '../model/value.ts';
import type { ChainFinding } from './chain.ts';
import type { OutOfBounds } from './counter-bounds.ts';
import type { Operation, Value } from './history.ts';
import { type Names, type Words, wordsFor } from './words.ts';
import type { ZoneFinding } from './zones.ts';

/** Why a property is violated, and the ids of the operations that say so. */
export interface Explanation {
  readonly why: string;
  readonly operations: readonly number[];
}

export function explanation(
  operations: readonly (Operation | undefined)[],
  names: Names,
  tell: (words: Words) => string,
): Explanation {
  const involved = [...new Set(operations.filter(operation => operation !== undefined))].sort((a, b) => a.id - b.id);
  return { why: tell(wordsFor(names, involved)), operations: involved.map(operation => operation.id) };
}

export function explainZones(
  finding: Exclude<ZoneFinding, { kind: 'holds' | 'not-applicable' }>,
  names: Names,
): Explanation {
  if (finding.kind === 'unwritten') return explainUnwritten(finding.read, finding.read.output, finding.write, names);
  const { early, late, other, otherEarly, writes } = finding;
  return explanation([early, late, other, otherEarly, ...writes], names, words => {
    const told = `${words.did(late)} at ${words.at(late.invoke)}, but ${returned(otherEarly, words)}`;
    if (early === undefined) return `${told}.`;
    const order = `${returned(early, words)} before ${words.the(other)} began at ${words.at(other.invoke)}`;
    return `${told}, and ${order}; each value was written only once.`;
  });
}

/** `c1's write of 1 had returned at 12 ms` */
export function returned(operation: Operation, { the, at }: Words): string {
  return `${the(operation)} had returned at ${at(operation.complete)}`;
}

export function explainUnwritten(
  read: Operation,
  value: Value,
  write: Operation | undefined,
  names: Names,
): Explanation {
  return explanation([read, write], names, ({ did, the, at }) =>
    write === undefined
      ? `${did(read)} at ${at(read.invoke)}, but nobody ever wrote ${showValue(value)}.`
      : `${did(read)} at ${at(read.complete)}, but ${the(write)} began only at ${at(write.invoke)}.`,
  );
}

export function explainBounds({ read, bound, side, increments }: OutOfBounds, names: Names): Explanation {
  return explanation([read, ...increments], names, ({ did, at }) =>
    side === 'below'
      ? `${did(read)} at ${at(read.invoke)}, but what had returned by then adds up to at least ${bound}.`
      : `${did(read)} at ${at(read.complete)}, but what had begun by then adds up to at most ${bound}.`,
  );
}

export function explainChain(
  finding: Exclude<ChainFinding, { kind: 'holds' | 'not-applicable' }>,
  names: Names,
): Explanation {
  switch (finding.kind) {
    case 'unwritten':
      return explanation(
        [finding.read],
        names,
        ({ did, at }) =>
          `${did(finding.read)} at ${at(finding.read.invoke)}, but nobody ever added ${showValue(finding.element)}.`,
      );
    case 'repeated':
      return explanation(
        [finding.read],
        names,
        ({ did, at }) =>
          `${did(finding.read)} at ${at(finding.read.invoke)}, with ${showValue(finding.element)} twice, which was added only once.`,
      );
    case 'incomparable': {
      const [a, b] = finding.reads;
      return explanation(
        [a, b],
        names,
        ({ did, at }) => `${did(a)} at ${at(a.invoke)} and ${did(b)} at ${at(b.invoke)}: neither can have come first.`,
      );
    }
    case 'backwards':
      return explainBackwards(finding.later, finding.earlier, finding.proof, names);
  }
}

function explainBackwards(
  later: Operation,
  earlier: Operation,
  proof: Operation | undefined,
  names: Names,
): Explanation {
  return explanation([later, earlier, proof], names, words => {
    const { did, the, at } = words;
    if (proof !== undefined) {
      return `${did(proof)} at ${at(proof.invoke)}, so ${the(earlier)} came before ${the(later)}, but ${returned(later, words)} before the other began at ${at(earlier.invoke)}.`;
    }
    if (earlier.kind === 'read' && later.kind === 'read')
      return `${did(earlier)} at ${at(earlier.invoke)}, but ${returned(later, words)}, with more in it.`;
    if (earlier.kind === 'read')
      return `${did(earlier)} at ${at(earlier.invoke)}, without ${showValue(later.input)}, but ${returned(later, words)}.`;
    return `${did(later)} at ${at(later.complete)}, but ${the(earlier)} began only at ${at(earlier.invoke)}.`;
  });
}
