/**
 * Reads at the tail (OSDI'04 §2). The paper's servers fail by stopping, so who answers as the tail is the tail. Here it
 * may have been cut off and taken out without knowing. It therefore asks the configuration service, once for all reads
 * that wait, whether its epoch is still the latest: then no later chain had acknowledged anything when the reads came.
 * That needs no clock, and no waiting for leases when a tail is replaced; it costs a read the way to the service.
 */
import type { ClientRequest } from '../contract.ts';
import { lastIndex } from '../log.ts';
import { readingOf } from '../machine.ts';
import { seenBy } from '../overrides.ts';
import { tailOf } from './configuration.ts';
import { chain } from './descriptor.ts';
import { ask } from './service.ts';
import type { ChainIo, ChainState } from './state.ts';
import { actsAsTail, inChain, isTail } from './updates.ts';

export function read(state: ChainState, request: ClientRequest, io: ChainIo): void {
  const { read: who } = seenBy(chain, state.context.options, request.overrides);
  if (who === 'any' && inChain(state)) return io.reply(request, readingOf(state.machine, request.command.key));
  if (!isTail(state)) return handOn(state, request, io);
  // A question that is under way may have been answered before this read began: the next one counts.
  state.reads.push({ request, round: state.nextToken, found: null });
  ask(state, io);
  serveReads(state, io);
}

/** Without a service nobody is ever taken out. */
const isConfirmed = (state: ChainState, round: number): boolean =>
  state.context.options.master === null || round <= state.confirmed;

/** Answers confirmed reads, as soon as what they found cannot be lost any more. */
export function serveReads(state: ChainState, io: ChainIo): void {
  if (state.reads.length === 0 || !actsAsTail(state)) return;
  const waiting: typeof state.reads = [];
  for (const pending of state.reads) {
    if (pending.found === null && isConfirmed(state, pending.round))
      pending.found = { index: lastIndex(state.log), reading: readingOf(state.machine, pending.request.command.key) };
    if (pending.found === null || pending.found.index > state.stable) waiting.push(pending);
    else io.reply(pending.request, pending.found.reading);
  }
  state.reads = waiting;
}

/** Not the tail any more: others answer. */
export function handReadsOn(state: ChainState, io: ChainIo): void {
  const { reads } = state;
  state.reads = [];
  for (const { request } of reads) handOn(state, request, io);
}

function handOn(state: ChainState, request: ClientRequest, io: ChainIo): void {
  const tail = tailOf(state.configuration);
  if (tail === undefined || tail === state.context.self)
    io.reply(request, { kind: 'refused', why: 'no chain is known', leader: null });
  else io.forward(request, tail);
}
