/**
 * The replicated state machine that log-based protocols apply their entries to: the store's data, the sessions that
 * make retries harmless (Raft thesis §6.3), and which operations have been applied.
 */
import type { Value } from '../checkers/history.ts';
import type { DataModel as ModelName } from '../design/store.ts';
import { type DataModel, modelNamed } from '../model/model.ts';
import type { Command, Reply } from './contract.ts';
import {
  applyOwnership,
  executedBy,
  type Ownership,
  ownedAtFirst,
  owns,
  refusedByMap,
  type Shard,
} from './ownership.ts';
import { installSingle } from './transactions/versions.ts';
import {
  applyTransaction,
  copyTransactions,
  isHeld,
  keysAsked,
  noTransactions,
  type Transactions,
} from './transactions.ts';

export interface Session {
  readonly sequence: number;
  readonly output: Value;
}

export interface Machine {
  readonly model: ModelName;
  /** State per key; keys that were never touched are not there. */
  data: Record<string, Value>;
  sessions: Record<number, Session>;
  /** Operations applied, in order, in chunks: copying a machine shares all but the last. */
  chunks: readonly (readonly number[])[];
  tail: number[];
  /** What this partition has to do with transactions over several. */
  readonly transactions: Transactions;
  /** null: whoever asks it for a key is right to do so. */
  ownership: Ownership | null;
}

/** A machine as a snapshot holds it: nothing in it changes any more. */
export interface MachineImage {
  readonly model: ModelName;
  readonly data: Readonly<Record<string, Value>>;
  readonly sessions: Readonly<Record<number, Session>>;
  readonly chunks: readonly (readonly number[])[];
  readonly transactions: Readonly<Transactions>;
  /** Left out where nobody owns anything. */
  readonly ownership?: Ownership;
}

const specification = (machine: { readonly model: ModelName }): DataModel => modelNamed(machine.model)!;

export const emptyMachine = (model: ModelName, shard?: Shard): Machine => ({
  model,
  data: {},
  sessions: {},
  chunks: [],
  tail: [],
  transactions: noTransactions(),
  ownership: shard === undefined ? null : ownedAtFirst(shard),
});

/**
 * Freezes what has been applied so far into a chunk, so that image and machine share it. Small chunks are joined like
 * the digits of a binary counter: an image after every operation costs no more for what came long before.
 */
export function takeImage(machine: Machine): MachineImage {
  if (machine.tail.length > 0) {
    const chunks = machine.chunks.slice();
    let last: readonly number[] = machine.tail;
    while (chunks.length > 0 && chunks[chunks.length - 1]!.length <= last.length) last = [...chunks.pop()!, ...last];
    machine.chunks = [...chunks, last];
    machine.tail = [];
  }
  return {
    model: machine.model,
    data: { ...machine.data },
    sessions: { ...machine.sessions },
    chunks: machine.chunks,
    transactions: copyTransactions(machine.transactions),
    ...(machine.ownership !== null && { ownership: machine.ownership }),
  };
}

export const fromImage = (image: MachineImage): Machine => ({
  model: image.model,
  data: { ...image.data },
  sessions: { ...image.sessions },
  chunks: image.chunks,
  tail: [],
  transactions: copyTransactions(image.transactions),
  ownership: image.ownership ?? null,
});

/** The output of an operation that did nothing, because a prepared transaction holds its key: compared by identity. */
const held: Value = ['held by a transaction'];
const heldReply: Reply = { kind: 'refused', why: 'a prepared transaction holds the key', leader: null };

/** Outputs of operations that did nothing, because another group owns their key: what is to be told of each. */
const elsewhere = new WeakMap<object, Reply>();

/** undefined: it is owned, or nobody looks. */
function notOwned({ ownership }: Machine, key: string): Value | undefined {
  if (ownership?.checks !== true || owns(ownership, key)) return undefined;
  const output: Value = ['owned by another group'];
  elsewhere.set(output, refusedByMap(ownership, key));
  return output;
}

/**
 * Applies one command. With a session, a sequence number that was applied before answers what it answered then and
 * changes nothing (a client has one operation open at a time, so the last one suffices). `undefined`: the client has
 * begun a later operation since; this one did not happen and nobody waits for an answer.
 */
export function apply(
  machine: Machine,
  command: Command,
  session: { readonly client: number; readonly sequence: number } | null,
): Value | undefined {
  if (session !== null) {
    const last = machine.sessions[session.client];
    if (last !== undefined && session.sequence <= last.sequence)
      return session.sequence === last.sequence ? last.output : undefined;
  }
  const model = specification(machine);
  if (command.kind === 'transaction') {
    const keys = machine.ownership === null ? [] : keysAsked(machine.transactions, command);
    for (const key of keys) {
      const refused = notOwned(machine, key);
      if (refused !== undefined) return refused;
    }
    for (const key of keys) executedBy(machine, { ...command, key });
    return (
      applyOwnership(machine, command, key => machine.transactions.locks[key] !== undefined) ??
      applyTransaction(machine, model, command, operation => machine.tail.push(operation))
    );
  }
  const refused = notOwned(machine, command.key);
  if (refused !== undefined) return refused;
  if (isHeld(machine.transactions, command.key, command.kind)) return held;
  const { state, output } = model.apply(machine.data[command.key] ?? model.initial(null), command);
  if (command.kind !== 'read') installSingle(machine.transactions, command.key, state);
  machine.data[command.key] = state;
  if (session !== null) machine.sessions[session.client] = { sequence: session.sequence, output };
  if (command.operation >= 0) machine.tail.push(command.operation);
  executedBy(machine, command);
  return output;
}

/** A machine of one's own with the same contents; what no longer changes is shared. */
export const copyMachine = (machine: Machine): Machine => ({
  model: machine.model,
  data: { ...machine.data },
  sessions: { ...machine.sessions },
  chunks: machine.chunks,
  tail: machine.tail.slice(),
  transactions: copyTransactions(machine.transactions),
  ownership: machine.ownership,
});

/** What the machine knows of a session's operation: its answer, that a later one has begun, or nothing. */
export function executedBefore(
  machine: Machine,
  session: { readonly client: number; readonly sequence: number } | null,
): Reply | undefined {
  const last = session === null ? undefined : machine.sessions[session.client];
  if (last === undefined || session!.sequence > last.sequence) return undefined;
  return answerOf(session!.sequence === last.sequence ? last.output : undefined);
}

/**
 * Applies a command that was agreed to be executed exactly once, whatever its session did since: where only operations
 * on the same key have an order, replicas may come to a client's operations on two keys in either one.
 */
export function applyAgreed(
  machine: Machine,
  command: Command,
  session: { readonly client: number; readonly sequence: number } | null,
): Value {
  const output = apply(machine, command, null)!;
  const last = session === null ? undefined : machine.sessions[session.client];
  if (session !== null && (last === undefined || last.sequence < session.sequence))
    machine.sessions[session.client] = { sequence: session.sequence, output };
  return output;
}

/** What the command would answer now; nothing changes. */
export const foresee = (machine: Machine, { kind, key, input }: Command): Value => {
  const model = specification(machine);
  return model.apply(machine.data[key] ?? model.initial(null), { kind, input }).output;
};

/** What a read of `key` finds. */
export function look(machine: Machine, key: string): Value {
  const model = specification(machine);
  return model.apply(machine.data[key] ?? model.initial(null), { kind: 'read', input: null }).output;
}

/** What a client is told that reads `key` past the log: what a prepared transaction writes may be decided already. */
export function readingOf(machine: Machine, key: string): Reply {
  const { ownership } = machine;
  if (ownership?.checks === true && !owns(ownership, key)) return refusedByMap(ownership, key);
  return isHeld(machine.transactions, key, 'read') ? heldReply : { kind: 'ok', output: look(machine, key) };
}

/** What a client is told of an applied command. */
export function answerOf(output: Value | undefined): Reply {
  if (output === held) return heldReply;
  const owned = typeof output === 'object' && output !== null ? elsewhere.get(output) : undefined;
  if (owned !== undefined) return owned;
  return output === undefined
    ? { kind: 'unknown', why: 'the client has begun a later operation' }
    : { kind: 'ok', output };
}

export function contents(machine: Machine): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const key of Object.keys(machine.data).sort()) values[key] = look(machine, key);
  return values;
}

/** Those of prepared transactions are among them: they are kept, whatever is decided. */
export function* appliedOperations(machine: Machine): Iterable<number> {
  for (const chunk of machine.chunks) yield* chunk;
  yield* machine.tail;
  for (const { operation } of Object.values(machine.transactions.prepared)) if (operation >= 0) yield operation;
}
