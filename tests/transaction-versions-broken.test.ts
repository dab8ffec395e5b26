/** Versions with one thing left out: each is caught by an invariant of timestamps, most by the checker of isolation as well. */
import { execute } from '@dsys/runtime';
import type { IsolationLevel } from '@dsys/runtime/design/property';
import type { AnyProtocol } from '@dsys/runtime/protocols/contract';
import { raft } from '@dsys/runtime/protocols/raft/raft';
import { transactionCoordinator } from '@dsys/runtime/protocols/transaction-coordinator/protocol';
import type { Transactions } from '@dsys/runtime/protocols/transactions';
import { describe, expect, it } from 'vitest';
import { designFor } from './support/transactions.ts';
import { isolation, seeds, storm } from './support/versions.ts';

describe('with one thing left out', () => {
  type Call = (group: string, command: { input: unknown }, token: number) => void;
  const onEvents = ['request', 'answered', 'timer', 'boot', 'persisted'] as const;
  /** A coordinator whose calls are changed on their way. */
  const calling = (change: (input: unknown[], group: string) => unknown[]): AnyProtocol => {
    const changed: Record<string, unknown> = { ...transactionCoordinator };
    for (const name of onEvents) {
      const original = transactionCoordinator[name] as ((...args: unknown[]) => unknown) | undefined;
      changed[name] = (...args: unknown[]) => {
        const io = args[args.length - 1] as { call: Call };
        const call: Call = (group, command, token) =>
          io.call(
            group,
            Array.isArray(command.input) ? { ...command, input: change(command.input, group) } : command,
            token,
          );
        return original?.(...args.slice(0, -1), Object.assign(Object.create(io), io, { call }));
      };
    }
    return changed as unknown as AnyProtocol;
  };
  /** Participants that forget something after every message. */
  const forgetting = (forget: (transactions: Transactions) => void): AnyProtocol =>
    ({
      ...raft,
      receive(state: never, from: never, message: never, io: never) {
        raft.receive(state, from, message, io);
        forget((state as { machine: { transactions: Transactions } }).machine.transactions);
      },
    }) as AnyProtocol;

  interface Change {
    readonly skew?: string;
    readonly commit?: string;
    /** In place of the storm. */
    readonly faults?: string;
  }
  const text = (level: string, { faults = '', ...change }: Change) =>
    storm(level, { commit: '', ...change }).replace(/\n {2}chaos.*\n.*\n/, `\n${faults}\n`);
  const caught = async (
    level: IsolationLevel,
    options: { coordinator?: AnyProtocol; protocolOf?: () => AnyProtocol },
    wanted: readonly string[],
    change: Change = {},
  ) => {
    const design = await designFor(text(level, change));
    const all = new Set<string>();
    for (
      let seed = 1;
      seed <= (wanted.length === 0 ? seeds.length : 20) && (wanted.length === 0 || wanted.some(one => !all.has(one)));
      seed++
    ) {
      const executed = execute(design, design.scenarios[0]!, { seed, ...options });
      for (const one of executed.sim.broken) all.add(one.invariant.split(' ')[1]!);
      if (isolation(executed, level).verdict === 'violated') all.add('isolation');
    }
    return wanted.length === 0 ? [...all] : wanted.filter(one => all.has(one));
  };

  it.each<[string, IsolationLevel, readonly string[], object, Change?]>([
    [
      'a start timestamp for each participant',
      'snapshot',
      ['OneSnapshot', 'isolation'],
      {
        coordinator: calling((input, group) => {
          const last = input[input.length - 1];
          if (!['prepare', 'snapshot'].includes(input[0] as string) || !group.startsWith('stock')) return input;
          return [...input.slice(0, -1), [(last as number[])[0]! + 4e6, (last as number[])[1]]];
        }),
      },
    ],
    [
      'a commit timestamp for each participant',
      'snapshot',
      ['OneCommit', 'isolation'],
      {
        coordinator: calling((input, group) =>
          input[0] === 'commit' && group === 'orders' ? ['commit', input[1], (input[2] as number) + 15e6] : input,
        ),
      },
    ],
    [
      'a commit timestamp below what was voted',
      'snapshot',
      ['OneCommit', 'SnapshotRead'],
      {
        coordinator: calling(input =>
          input[0] === 'commit' ? ['commit', input[1], (input[2] as number) - 30e6] : input,
        ),
      },
    ],
    [
      'a commit timestamp that is not on the disk',
      'snapshot',
      ['OneCommit'],
      {
        coordinator: {
          ...transactionCoordinator,
          disk: {
            ...transactionCoordinator.disk,
            apply: (image: never, write: { kind: string }) =>
              transactionCoordinator.disk.apply(
                image,
                (write.kind === 'decision' ? { ...write, stamp: null } : write) as never,
              ),
          },
        },
      },
      {
        commit: 'coordinator c1',
        faults: `  at 0s lose commit from c1 to b1, b2, b3 for 1s
  when ack reaches c1 crash c1 for 1s`,
      },
    ],
    [
      'participants that forget at which timestamps they were read',
      'snapshot',
      ['SnapshotRead', 'isolation'],
      {
        protocolOf: () =>
          forgetting(({ chains }) => {
            for (const [key, chain] of Object.entries(chains))
              chains[key] = { ...chain, readAt: Number.MIN_SAFE_INTEGER };
          }),
      },
      { skew: '200ms' },
    ],
    [
      'writes that nobody has to give way to',
      'snapshot',
      ['FirstCommitterWins', 'NoLostUpdate', 'isolation'],
      {
        protocolOf: () =>
          forgetting(one => {
            one.locks = {};
          }),
      },
    ],
    [
      'reads that are not certified until the outcome',
      'serializable',
      ['CertifiedReads', 'isolation'],
      {
        protocolOf: () =>
          forgetting(one => {
            one.locks = Object.fromEntries(
              Object.entries(one.locks).map(([key, lock]) => [key, { ...lock, readers: [] }]),
            );
          }),
      },
    ],
  ])('%s', async (_name, level, wanted, options, change) => {
    expect(await caught(level, options, wanted, change)).toEqual(wanted);
  });

  it.each<IsolationLevel>(['snapshot', 'serializable'])('and the real one is not accused at %s', async level => {
    expect(await caught(level, {}, [])).toEqual([]);
  });
});
