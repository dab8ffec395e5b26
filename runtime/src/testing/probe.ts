/** A protocol that does what a test tells it to: for looking at the kernel from where protocols stand. */

import type { NodeId } from '../design/topology.ts';
import type { Tracer } from '../kernel/tracer.ts';
import type { AnyProtocol, ClientRequest, Io, Message } from '../protocols/contract.ts';
import { type Executed, execute } from '../run/execute.ts';
import { type Sketch, sketch } from './design.ts';

export interface ProbeMessage extends Message {
  readonly type: string;
  readonly number?: number;
}
export interface ProbeState {
  readonly self: NodeId;
  /** What its disk had kept at boot. */
  readonly kept: readonly unknown[];
  leads: number;
}
export type ProbeIo = Io<ProbeMessage, unknown>;

export interface Probe {
  boot?(state: ProbeState, io: ProbeIo): void;
  receive?(state: ProbeState, from: NodeId, message: ProbeMessage, io: ProbeIo): void;
  timer?(state: ProbeState, name: string, io: ProbeIo): void;
  persisted?(state: ProbeState, token: number, io: ProbeIo): void;
  request?(state: ProbeState, request: ClientRequest, io: ProbeIo): void;
  /** With leaders: who leads is read from `state.leads`. */
  readonly withLeaders?: boolean;
}

export const probeProtocol = (probe: Probe): AnyProtocol => ({
  kind: 'raft',
  messages: {},
  classOf: () => 'control',
  disk: { empty: () => [], apply: (image: unknown[], write: unknown) => void image.push(write) },
  bytes: () => 100,
  boot(context, image, io) {
    const state: ProbeState = { self: context.self, kept: [...(image ?? [])], leads: -1 };
    probe.boot?.(state, io);
    return state;
  },
  request: (state, request, io) => probe.request?.(state, request, io as ProbeIo),
  administer: () => {},
  receive: (state, from, message, io) => probe.receive?.(state, from, message as ProbeMessage, io as ProbeIo),
  timer: (state, name, io) => probe.timer?.(state, name, io as ProbeIo),
  persisted: (state, token, io) => probe.persisted?.(state, token, io as ProbeIo),
  ...(probe.withLeaders && { leads: (state: ProbeState) => state.leads }),
  watched: {},
  contents: () => ({}),
  applied: () => [],
  invariants: [],
});

/** Runs the probe on the sketch's nodes, without clients; times count from 0. */
export function runProbe(wanted: Sketch, probe: Probe, seed = 1, trace?: Tracer): Executed {
  const { design, scenario } = sketch({ settleNs: 0, forNs: 1_000_000_000, workload: { clients: 0 }, ...wanted });
  const protocol = probeProtocol(probe);
  return execute(design, scenario, { seed, trace, protocolOf: () => protocol });
}
