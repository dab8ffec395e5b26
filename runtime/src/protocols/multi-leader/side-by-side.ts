/**
 * Siblings under a key, and what clients make of them: of a set the union, of a register or an entry the one with the
 * highest stamp. A client is told all of them, and its next write of the key replaces what it was told (Dynamo §4.4).
 */
import type { OperationKind, Value } from '../../checkers/history.ts';
import { type DataModel, modelNamed } from '../../model/model.ts';
import type { ClientRequest, Reply } from '../contract.ts';
import { merge, type Versioned, versionFor, type Writer } from '../versions/siblings.ts';
import { compareStamps, nextStamp, type Stamp, seeStamp } from '../versions/stamps.ts';
import { answer } from './relaying.ts';
import { write } from './replication.ts';
import { type Cell, type MultiLeaderIo, type MultiLeaderState, type Positions, positionsOf } from './state.ts';

export interface Sibling extends Versioned {
  readonly stamp: Stamp;
  readonly state: Value;
  readonly deleted: boolean;
}

/** What a client keeps of an answer. */
interface Known {
  readonly all: readonly Sibling[];
  /** What the replica had that has told it: who takes the client's next write gets that first, as it may depend on it. */
  readonly after: Positions;
}

const nothing: Known = { all: [], after: {} };

/** What the client has been told of the key. */
export const knownTo = ({ carried }: ClientRequest): Known => (carried?.context as Known | undefined) ?? nothing;

type Context = MultiLeaderState['context'];

const optionsOf = ({ options }: Context) => {
  const { conflicts } = options;
  return conflicts.kind === 'siblings' ? conflicts : undefined;
};

const isUnion = (model: DataModel): boolean => model.name === 'set';

/** The writes that need no order of all: those after which nothing before counts, or that a client can merge. */
export const writableBeside = (model: DataModel): readonly OperationKind[] =>
  isUnion(model) ? ['add', 'delete'] : model.overwrites;

export const siblingsIn = (cell: Cell | undefined): readonly Sibling[] =>
  cell === undefined ? [] : (cell.state as readonly Sibling[]);

export const together = (context: Context, a: readonly Sibling[], b: readonly Sibling[]): readonly Sibling[] =>
  merge(optionsOf(context)!.by, a, b);

/** State of the object after the client's merge. */
function mergedState(model: DataModel, all: readonly Sibling[]): Value {
  if (all.length === 0) return model.initial(null);
  if (isUnion(model)) return model.initial(all.flatMap(one => one.state as readonly Value[]));
  return all.reduce((newest, one) => (compareStamps(one.stamp, newest.stamp) > 0 ? one : newest)).state;
}

const look = (model: DataModel, state: Value): Value => model.apply(state, { kind: 'read', input: null }).output;

export const readingBeside = (model: DataModel, all: readonly Sibling[]): Value => look(model, mergedState(model, all));

/** What stands side by side. */
export const valuesOf = (model: DataModel, all: readonly Sibling[]): readonly Value[] =>
  all.map(({ state }) => look(model, state));

/** What a client is told of a key besides the value; nothing, where there are no siblings. */
export function toldOf(
  state: MultiLeaderState,
  key: string,
  all: readonly Sibling[] = siblingsIn(state.cells[key]),
): Pick<Extract<Reply, { kind: 'ok' }>, 'context' | 'siblings'> {
  if (optionsOf(state.context) === undefined) return {};
  const model = modelNamed(state.context.group.model)!;
  const context: Known = { all, after: positionsOf(state) };
  return { context, ...(all.length > 1 && { siblings: valuesOf(model, all) }) };
}

export function writeBeside(state: MultiLeaderState, request: ClientRequest, io: MultiLeaderIo): void {
  const { command, carried, session } = request;
  const { key, kind, operation } = command;
  const { self, group } = state.context;
  const { by, per } = optionsOf(state.context)!;
  const model = modelNamed(group.model)!;
  if (!writableBeside(model).includes(kind)) {
    const why = `${kind} of ${key} needs an order of all writes, which nobody gives here`;
    return answer(state, request, { kind: 'failed', why }, io);
  }
  const { all: known } = knownTo(request);
  for (const { stamp } of known) seeStamp('hybrid', state.clock, stamp, io.wallNs());
  // Streams count for themselves: who has lost its disk has another name.
  const writer: Writer =
    per === 'client' && carried !== undefined
      ? { kind: 'client', actor: `c${carried.client}`, sequence: carried.sequence }
      : { kind: 'server', actor: state.stream, floor: 0 };
  const version = versionFor(by, known, siblingsIn(state.cells[key]), writer);
  const given = nextStamp('hybrid', state.clock, io.wallNs(), self, state.life);
  const stamp = by === 'lamport' ? { ...given, time: version.count } : given;
  const effect = {
    kind: 'sibling',
    version,
    state: model.apply(isUnion(model) ? mergedState(model, known) : model.initial(null), command).state,
    deleted: kind === 'delete' && model.overwrites.includes('delete'),
    told: known.map(one => one.version.id),
  } as const;
  write(state, { key, stamp, operation, session, effect, output: null }, request, io);
}

/** What the client of a write is told: all that stands there now, and what it knew. */
export function toldAfter(state: MultiLeaderState, request: ClientRequest): ReturnType<typeof toldOf> {
  if (optionsOf(state.context) === undefined) return {};
  const { key } = request.command;
  return toldOf(state, key, together(state.context, siblingsIn(state.cells[key]), knownTo(request).all));
}
