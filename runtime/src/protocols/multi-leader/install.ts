/** What a replica's copy becomes by a write: the same when it comes and when it is read from disk again. */
import type { Value } from '../../checkers/history.ts';
import { type DataModel, modelNamed } from '../../model/model.ts';
import type { Command } from '../contract.ts';
import { crdtNamed } from '../crdts/crdts.ts';
import { compareStamps } from '../versions/stamps.ts';
import { type Cell, type Deed, type Effect, includes, type MultiLeaderState, type Write } from './state.ts';

const modelOf = ({ context }: MultiLeaderState): DataModel => modelNamed(context.group.model)!;

/** The replicated data type that stands under every key; undefined: there is none, writes put states. */
export const typeOf = ({ context }: MultiLeaderState) => {
  const { conflicts } = context.options;
  return conflicts.kind === 'merge' ? crdtNamed(conflicts.type) : undefined;
};

/** What a read of a key finds. */
export function readingOf(state: MultiLeaderState, cell: Cell | undefined): Value {
  const type = typeOf(state);
  if (type !== undefined) return type.value(cell === undefined ? type.empty : cell.state);
  const model = modelOf(state);
  const object = cell === undefined ? model.initial(null) : (cell.state as Value);
  return model.apply(object, { kind: 'read', input: null }).output;
}

/** Puts the write behind its stream, and into the copy where it belongs there. */
export function install(state: MultiLeaderState, write: Write, refused: boolean): Extract<Deed, { kind: 'took' }> {
  const { stream, number, key, effect, session, output } = write;
  let written = state.streams[stream];
  if (written === undefined) state.streams[stream] = written = [];
  written.push(write);
  for (const name in write.after) state.heard[name] = Math.max(state.heard[name] ?? 0, write.after[name]!);
  state.heard[stream] = Math.max(state.heard[stream] ?? 0, number);
  if (refused) {
    const those = state.refused[stream];
    if (those === undefined) state.refused[stream] = [number];
    else those.push(number);
  }
  const last = session === null ? undefined : state.sessions[session.client];
  if (session !== null && (last === undefined || last.sequence < session.sequence))
    state.sessions[session.client] = { sequence: session.sequence, output };
  const before = state.cells[key];
  const type = typeOf(state);
  if (effect.kind === 'merge') {
    const merged = type!.merge(before === undefined ? type!.empty : before.state, effect.delta);
    state.cells[key] = { write, state: merged, deleted: false };
  } else if (before === undefined || !state.policy.ordered || compareStamps(write.stamp, before.write.stamp) > 0) {
    state.cells[key] = { write, state: effect.state, deleted: effect.deleted };
    if (before !== undefined) discard(state, before.write, write);
  } else discard(state, write, before.write);
  const cell = state.cells[key]!;
  return {
    kind: 'took',
    write,
    shown: cell.write,
    value: readingOf(state, cell),
    installed: cell.write === write,
    refused,
  };
}

/** One write gives way to another: an update is lost if that one had not seen it. */
function discard(state: MultiLeaderState, loser: Write, winner: Write): void {
  const { operation } = loser;
  if (operation < 0 || operation === winner.operation || includes(winner.after, loser)) return;
  state.discarded.set(operation, winner.operation);
}

export interface Planned {
  readonly effect: Effect;
  /** What the client is told. */
  readonly output: Value;
}

/** What a command would put in place of what stands here; null: nothing changes, and this is the answer. */
export function plannedPut(
  state: MultiLeaderState,
  command: Command,
  before: Value | undefined = state.cells[command.key]?.state as Value | undefined,
): Planned | { readonly effect: null; readonly output: Value } {
  const model = modelOf(state);
  const object = before === undefined ? model.initial(null) : before;
  const { state: after, output } = model.apply(object, command);
  if (command.kind === 'cas' && output === false) return { effect: null, output };
  const deleted = command.kind === 'delete' && model.overwrites.includes('delete');
  return { effect: { kind: 'put', state: after, deleted }, output };
}
