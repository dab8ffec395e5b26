/**
 * S53. Fischer, Lynch and Paterson, "Impossibility of Distributed Consensus with One Faulty Process", JACM 1985: whoever may
 * delay messages can keep deterministic agreement from ever being reached, without losing one. Here the network holds back
 * each message that could decide, a proposal on its way to an acceptor, just long enough for the other proposer to outbid
 * it. Random pauses end it with probability 1 (Ben-Or, PODC 1983), against the same network.
 */
import type { Design } from '@dsys/runtime/design/design';
import { execute } from '@dsys/runtime/run/execute';
import { watchingTrace } from '@dsys/runtime/testing/watching';
import { describe, expect, it } from 'vitest';
import { designOf, isLong } from './support/design.ts';

const seeds = isLong ? 100 : 10;

/** Two clients that each want a value of their own for the one register, through two proposers. */
const contest = (retry: string, forS: number, heldBack: string | null): string => `
faults { delay up to 1s }
network { latency 1ms }
cluster three { nodes p, q, r }
store agreement on three {
  model register
  consensus paxos { retry ${retry} }
}
scenario adversary {
  run for ${forS}s
  ${heldBack === null ? '' : `at 0s delay accept from three to three by ${heldBack}`}
  ${Array.from({ length: forS / 2 }, (_, i) => `at ${2 * i}s client a${i} write x = ${2 * i + 1} via p\n  at ${2 * i}s client b${i} write x = ${2 * i + 2} via q`).join('\n  ')}
}
`;

async function contested(
  retry: string,
  forS: number,
  heldBack: string | null = '8ms',
): Promise<(seed: number) => Decided> {
  const design: Design = await designOf(contest(retry, forS, heldBack), 'flp.dsys', { withErrors: true });
  return seed => {
    let rounds = 0;
    // A round begins with as many prepares as there are acceptors.
    const trace = watchingTrace(({ kind, name }) => {
      if (kind === 'send' && name === 'prepare') rounds += 1 / 3;
    });
    const { sim, log } = execute(design, design.scenarios[0]!, { seed, trace });
    expect(sim.broken).toEqual([]);
    return { rounds: Math.round(rounds), written: log.operations.filter(one => one.outcome === 'ok').length };
  };
}
interface Decided {
  readonly rounds: number;
  readonly written: number;
}

describe('an adversary that only delays', () => {
  it('keeps two proposers with fixed pauses from deciding anything for 10,000 rounds', async () => {
    const { rounds, written } = (await contested('fixed 5ms', 100))(1);
    expect(rounds).toBeGreaterThan(10_000);
    expect(written).toBe(0);
  });

  it('is what keeps them from it: without it they decide', async () => {
    expect((await contested('fixed 5ms', 2, null))(1).written).toBeGreaterThan(0);
  });

  it('cannot keep random pauses from deciding', async () => {
    const run = await contested('randomized', 2);
    for (let seed = 1; seed <= seeds; seed++) expect(run(seed).written, `seed ${seed}`).toBeGreaterThan(0);
  });
});
