/**
 * The contract was tried on throwaway protocols before it was kept: groups compose. Here they are as small as they can be:
 * a leaderless store, a directory that is itself a store, and two-phase commit over two Raft groups.
 */
import { describe, expect, it } from 'vitest';
import type { Design } from '../design/design.ts';
import type { Store } from '../design/store.ts';
import { execute } from '../run/execute.ts';
import { atMs, nodesTarget, raftOptions, sketch } from '../testing/design.ts';
import type { AnyProtocol, ClientRequest, Io, Protocol } from './contract.ts';
import { protocolOf } from './registry.ts';

const noDisk = { empty: () => ({}), apply: () => {} };
const common = {
  kind: 'one-copy' as const,
  disk: noDisk,
  bytes: () => 64,
  administer: () => {},
  timer: () => {},
  watched: {},
  contents: () => ({}),
  applied: () => [],
  invariants: [],
};

/** The sketch's store, and more of them on the same nodes, by name and mechanism. */
function withStores(
  others: readonly { readonly name: string; readonly mechanism: Store['mechanism'] }[],
  forNs = 3_000_000_000,
) {
  const { design, scenario } = sketch({ workload: { clients: 3 }, forNs });
  const [store] = design.stores;
  const [partition] = design.partitions;
  const made: Design = {
    ...design,
    stores: [store!, ...others.map(({ name, mechanism }, i) => ({ ...store!, name, mechanism, partitions: [i + 1] }))],
    partitions: [partition!, ...others.map(({ name }, i) => ({ ...partition!, id: i + 1, name, store: name }))],
  };
  return { design: made, scenario };
}

describe('a leaderless store', () => {
  interface State {
    readonly self: number;
    readonly all: readonly number[];
    readonly values: Record<string, { stamp: number; value: unknown }>;
    readonly open: Record<number, { request: ClientRequest; answers: { stamp: number; value: unknown }[] }>;
  }
  type M =
    | {
        readonly type: 'put';
        readonly id: number;
        readonly key: string;
        readonly stamp: number;
        readonly value: unknown;
      }
    | { readonly type: 'get'; readonly id: number; readonly key: string }
    | { readonly type: 'put-ack'; readonly id: number; readonly stamp: number }
    | { readonly type: 'got'; readonly id: number; readonly stamp: number; readonly value: unknown };

  const leaderless: Protocol<State, M, never, object, unknown> = {
    ...common,
    messages: { put: '', get: '', 'put-ack': '', got: '' },
    classOf: m =>
      m.type === 'put'
        ? 'write-request'
        : m.type === 'put-ack'
          ? 'write-acknowledge'
          : m.type === 'get'
            ? 'read-request'
            : 'read-response',
    boot: context => ({ self: context.self, all: context.group.replicas, values: {}, open: {} }),
    request(state, request, io) {
      state.open[request.id] = { request, answers: [] };
      const { kind, key, input } = request.command;
      for (const node of state.all) {
        io.send(
          node,
          kind === 'read'
            ? { type: 'get', id: request.id, key }
            : { type: 'put', id: request.id, key, stamp: io.wallNs(), value: input },
        );
      }
    },
    receive(state, from, m, io) {
      if (m.type === 'put') {
        const known = state.values[m.key];
        if (known === undefined || known.stamp < m.stamp) state.values[m.key] = { stamp: m.stamp, value: m.value };
        return io.send(from, { type: 'put-ack', id: m.id, stamp: m.stamp });
      }
      if (m.type === 'get') {
        const { stamp, value } = state.values[m.key] ?? { stamp: -1, value: null };
        return io.send(from, { type: 'got', id: m.id, stamp, value });
      }
      const open = state.open[m.id];
      if (open === undefined) return;
      open.answers.push(m.type === 'got' ? m : { stamp: 0, value: null });
      if (open.answers.length < 2) return;
      delete state.open[m.id];
      const latest = open.answers.reduce((a, b) => (b.stamp > a.stamp ? b : a));
      io.reply(open.request, {
        kind: 'ok',
        output: open.request.command.kind === 'read' ? (latest.value as null) : null,
      });
    },
  };

  it('runs without leaders: two of three answer', () => {
    const { design, scenario } = sketch({
      forNs: 2_000_000_000,
      actions: [atMs(500, { kind: 'crash', targets: [nodesTarget(2)], losingDisk: false })],
    });
    const executed = execute(design, scenario, { seed: 1, protocolOf: () => leaderless as AnyProtocol });
    expect(executed.originNs).toBe(0);
    const late = executed.log.operations.filter(one => one.invoke > 2_000_000_000 - 500_000_000);
    expect(late.length).toBeGreaterThan(20);
    expect(late.filter(one => one.outcome !== 'ok')).toEqual([]);
  });
});

/** Hands every request to another group and answers with its answer: what a directory's client does. */
interface Caller {
  readonly open: Record<number, { readonly request: ClientRequest; waiting: number; phase: number; failed: boolean }>;
  next: number;
}

function caller(
  groups: readonly string[],
  phases = 1,
): Protocol<Caller, { readonly type: 'none' }, never, object, unknown> {
  return {
    ...common,
    messages: { none: '' },
    classOf: () => 'control',
    boot: () => ({ open: {}, next: 0 }),
    request(state, request, io: Io<never, never>) {
      const token = state.next++;
      state.open[token] = { request, waiting: groups.length, phase: 1, failed: false };
      for (const group of groups) io.call(group, request.command, token);
    },
    receive: () => {},
    answered(state, token, reply, io) {
      const open = state.open[token];
      if (open === undefined) return;
      open.failed ||= reply.kind !== 'ok';
      if (--open.waiting > 0) return;
      if (open.phase < phases && !open.failed) {
        // All have prepared: now they are told to commit, through their logs again.
        open.phase++;
        open.waiting = groups.length;
        for (const group of groups)
          io.call(group, { ...open.request.command, key: `commit ${open.request.command.key}` }, token);
        return;
      }
      delete state.open[token];
      io.reply(open.request, open.failed ? { kind: 'unknown', why: 'a participant did not answer' } : reply);
    },
  };
}

describe('groups as services of groups', () => {
  it('a directory is a store of its own: calls find its leader, also after that has changed', () => {
    const { design, scenario } = withStores([
      { name: 'routes', mechanism: { ...raftOptions(), at: sketch().design.stores[0]!.at } },
    ]);
    const directory: Design = {
      ...design,
      stores: design.stores.map(store =>
        store.name === 'db' ? { ...store, partitioning: { kind: 'directory', field: 'id', store: 'routes' } } : store,
      ),
    };
    const actions = [
      atMs(
        1000,
        {
          kind: 'crash',
          targets: [{ at: scenario.at, kind: 'role', text: '', role: 'leader', of: 'routes', partitions: [1] }],
          losingDisk: false,
        },
        500,
      ),
    ];
    const executed = execute(
      directory,
      { ...scenario, actions },
      { seed: 3, protocolOf: store => (store.name === 'db' ? (caller(['routes']) as AnyProtocol) : protocolOf(store)) },
    );
    const late = executed.log.operations.filter(one => one.invoke - executed.originNs > 2_000_000_000);
    expect(late.length).toBeGreaterThan(10);
    expect(late.filter(one => one.outcome !== 'ok')).toEqual([]);
    expect(executed.sim.broken).toEqual([]);
  });

  it('both phases of a commit over two Raft groups go through their logs', () => {
    const at = sketch().design.stores[0]!.at;
    const { design, scenario } = withStores([
      { name: 'left', mechanism: { ...raftOptions(), at } },
      { name: 'right', mechanism: { ...raftOptions(), at } },
    ]);
    const both: Design = {
      ...design,
      stores: design.stores.map(store =>
        store.name === 'db'
          ? { ...store, mechanism: { kind: 'chain', master: 'left', read: 'tail', resend: true, at } }
          : store,
      ),
    };
    // The coordinator prepares at both, commits at both, and answers when both logs have it; `right` runs along as a touched store.
    const touched = {
      ...scenario,
      actions: [
        atMs(100, {
          kind: 'operation',
          client: 'x',
          operation: 'write',
          key: 'k',
          value: 0,
          expected: null,
          via: null,
          on: 'right',
        }),
      ],
    };
    const executed = execute(both, touched, {
      seed: 5,
      protocolOf: store => (store.name === 'db' ? (caller(['left', 'right'], 2) as AnyProtocol) : protocolOf(store)),
    });
    const writes = executed.log.operations.filter(
      one => one.store === 'db' && one.kind === 'write' && one.outcome === 'ok',
    );
    expect(writes.length).toBeGreaterThan(20);
    for (const partition of [1, 2]) {
      const members = [...executed.sim.groups[partition]!.members.values()];
      for (const member of members) {
        const applied = new Set(member.protocol.applied(member.state));
        expect(writes.filter(one => !applied.has(one.id))).toEqual([]);
        const committed = Object.keys(member.protocol.contents(member.state)).filter(key => key.startsWith('commit'));
        expect(committed.length).toBeGreaterThan(3);
      }
    }
    expect(executed.sim.broken).toEqual([]);
  });
});
