import type { History, Operation, Value } from '../history.ts';

/** One access of a transaction, in its order. A read has the value that was seen. */
export interface Step {
  readonly kind: 'read' | 'write' | 'append';
  readonly key: string;
  readonly value: Value;
}

/** An operation as a transaction; operations on a single object are transactions of one access, a cas of two. */
export interface Transaction {
  readonly operation: Operation;
  /** Only what is known: without the reads of a transaction that was not answered. */
  readonly steps: readonly Step[];
}

export interface Transactions {
  /** By id of the operation. */
  readonly all: readonly Transaction[];
  /** What the history says and the transactions do not, so that finding nothing wrong proves nothing. */
  readonly left: readonly string[];
}

/** Throws nothing: what no transaction can be made of is named in `problem`, as one sentence. */
export function transactionsOf({ operations }: History): Transactions | { readonly problem: string } {
  const all: Transaction[] = [];
  let refused = false;
  for (const operation of operations) {
    const { kind, key, input, output, outcome } = operation;
    const problem = (what: string) => ({ problem: `Operation ${operation.id} (${kind}) ${what}` });
    const known = outcome === 'ok';
    let steps: Step[] = [];
    switch (kind) {
      case 'read':
        if (known) steps = [{ kind, key, value: output }];
        break;
      case 'write':
      case 'append':
        steps = [{ kind, key, value: input }];
        break;
      case 'cas': {
        if (!Array.isArray(input) || input.length !== 2) return problem('has no [expected, replacement].');
        if (known && output === false) refused = true;
        else {
          if (outcome !== 'fail') steps.push({ kind: 'read', key, value: input[0] });
          steps.push({ kind: 'write', key, value: input[1] });
        }
        break;
      }
      case 'delete':
        if (input !== null) return problem('removes an element: isolation is judged for registers and lists.');
        steps = [{ kind: 'write', key, value: null }];
        break;
      case 'transaction': {
        const list: unknown = known ? output : input;
        if (!Array.isArray(list)) return problem('has no list of steps.');
        for (const step of list as readonly unknown[]) {
          const read = stepOf(step);
          if (read === undefined)
            return problem(
              'has a step that is none of ["read", key, value], ["write", key, value], ["append", key, element].',
            );
          if (known || read.kind !== 'read') steps.push(read);
        }
        break;
      }
      default:
        return problem('leaves no version that could be traced: isolation is judged for registers and lists.');
    }
    all.push({ operation, steps });
  }
  return { all, left: refused ? ['what a refused cas says is left out'] : [] };
}

function stepOf(step: unknown): Step | undefined {
  if (!Array.isArray(step) || step.length !== 3) return undefined;
  const [kind, key, value] = step as unknown[] as [Step['kind'], string, Value];
  if ((kind !== 'read' && kind !== 'write' && kind !== 'append') || typeof key !== 'string') return undefined;
  return { kind, key, value };
}
