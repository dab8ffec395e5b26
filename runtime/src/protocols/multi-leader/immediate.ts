/** Policies that ask nobody before a write: the last to arrive, the highest stamp, or a merge decides afterwards. */
import type { ClientRequest } from '../contract.ts';
import { nextStamp } from '../versions/stamps.ts';
import { plannedPut, typeOf } from './install.ts';
import { answer } from './relaying.ts';
import { write } from './replication.ts';
import type { MultiLeaderIo, MultiLeaderState } from './state.ts';

export function immediate(state: MultiLeaderState, request: ClientRequest, io: MultiLeaderIo): void {
  const { command, session } = request;
  const { key, operation } = command;
  const { self, options } = state.context;
  const { conflicts } = options;
  const kind = conflicts.kind === 'last-write-wins' ? conflicts.clock : 'hybrid';
  const stamp = nextStamp(kind, state.clock, io.wallNs(), self, state.life);
  const made = { key, stamp, operation, session };
  const type = typeOf(state);
  if (type === undefined) {
    const { effect, output } = plannedPut(state, command);
    if (effect === null) answer(state, request, { kind: 'ok', output }, io);
    else write(state, { ...made, effect, output }, request, io);
    return;
  }
  const before = state.cells[key]?.state ?? type.empty;
  const doing = { replica: state.stream, number: (state.streams[state.stream]?.length ?? 0) + 1, stamp };
  const delta = type.update(before, command, doing);
  if (typeof delta === 'string') answer(state, request, { kind: 'failed', why: delta }, io);
  else write(state, { ...made, effect: { kind: 'merge', delta }, output: null }, request, io);
}
