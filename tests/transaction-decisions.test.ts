/**
 * Participants of transactions that do something about a silent coordinator, scripted: what three-phase commit and its
 * timeouts come to, which decisions break atomicity and for what reason, and what each invariant is there for.
 */
import { execute } from '@dsys/runtime';
import { noTrace, type Tracer } from '@dsys/runtime/kernel/tracer';
import type { AnyProtocol, Reply } from '@dsys/runtime/protocols/contract';
import { raft } from '@dsys/runtime/protocols/raft/raft';
import { transactionCoordinator } from '@dsys/runtime/protocols/transaction-coordinator/protocol';
import type { Open } from '@dsys/runtime/protocols/transaction-coordinator/state';
import { transactionParticipant } from '@dsys/runtime/protocols/transaction-participant/protocol';
import { describe, expect, it } from 'vitest';
import { isLong, testScenario } from './support/design.ts';
import { brokenIn, designFor, lossyStorm, transactionStorm as storm, threeClusters } from './support/transactions.ts';

const seeds = Array.from({ length: isLong ? 200 : 6 }, (_, i) => i + 1);

/** One transaction on x of both stores, coordinated by c1, and what happens to it. */
const scripted = (commit: string, script: string) => `${threeClusters}
store orders on a { consensus raft }
store stock on b { consensus raft }
transaction place { update orders, stock  commit ${commit} }
scenario scripted {
  run for 12s
  at 1s client c transaction place via c1
  ${script}
  at 11s client d read x on orders
  at 11s client d read x on stock
}`;

const threePhases = (onTimeout: string) =>
  `three-phase-commit { coordinator c1  timeout 500ms  on-timeout ${onTimeout} }`;
const twoPhases = (onTimeout: string) => `two-phase-commit { coordinator c1  timeout 500ms  on-timeout ${onTimeout} }`;

/** S2, S3: the decision is known to orders and to the coordinator, which is down. */
const decisionKnownToOne = `at 1s lose commit from c1 to b1, b2, b3 for 2s
  when ack reaches c1 crash c1 for 6s`;
/** S4: a vote is lost, and the outcome does not reach those who have given theirs. */
const lostVote = `at 1s lose yes from b1, b2, b3 to c1 for 2s
  at 1s lose abort from c1 to a1, a2, a3 for 2s`;
/** S6: orders is pre-committed and stock is not when the coordinator dies. */
const diesWhileTelling = `at 1s lose pre-commit from c1 to b1, b2, b3 for 200ms
  when ack-pre reaches c1 crash c1 for 9s`;
/** S7: and then they lose each other. */
const andSplit = `${diesWhileTelling}
  when ack-pre reaches c1 cut a1, a2, a3 from b1, b2, b3 for 6s`;
/** S8: all are pre-committed, and the outcome comes late to stock: nobody crashes, nothing is cut. */
const lateOutcome = 'at 1s delay commit from c1 to b1, b2, b3 by 4s for 2s';

interface Outcome {
  /** What is broken, as `AC1: why`, with the transaction's name before it. */
  readonly broken: readonly string[];
  readonly waiting: boolean;
  readonly at: Readonly<Record<string, string>>;
  readonly client: string | undefined;
  /** What the trace says. */
  readonly notes: readonly string[];
}

type Variants = Pick<Parameters<typeof execute>[2], 'participant' | 'coordinator' | 'protocolOf'>;

async function outcomeOf(text: string, variants: Variants = {}) {
  const design = await designFor(text);
  return (seed: number): Outcome => {
    const notes: string[] = [];
    const tracer = noTrace();
    const trace: Tracer = {
      ...tracer,
      detailed: true,
      event(...event) {
        if (event[3] === 'note') notes.push(event[6]!);
        return tracer.event(...event);
      },
    };
    const executed = execute(design, design.scenarios[0]!, { seed, trace, ...variants });
    const at: Record<string, string> = {};
    for (const { partition, protocol, members } of executed.sim.groups)
      if (protocol.machine !== undefined)
        for (const { state } of members.values())
          if (state !== undefined)
            for (const outcome of Object.values(protocol.machine(state).transactions.outcomes))
              at[partition.name] = outcome;
    return {
      broken: brokenIn(executed),
      waiting: executed.sim.broken.some(one => one.invariant.endsWith('ConcurrencySet')),
      at,
      client: executed.log.operations.find(one => one.kind === 'transaction')?.outcome,
      notes,
    };
  };
}

/** All are pre-committed and it is decided: nobody is told, and the coordinator dies. */
const decidedAndDead = `at 1s lose commit from c1 to a1, a2, a3, b1, b2, b3 for 300ms
  at 1100ms crash c1 for 10s`;
/** Stock fails altogether before it is pre-committed; the others go on, and who knows it is down when it is back. */
const failsAltogether = `at 1s lose pre-commit from c1 to b1, b2, b3 for 200ms
  when ack-pre reaches c1 crash b1, b2, b3 for 4s
  at 3s crash c1 for 8s`;

describe('scripted, one line apart', () => {
  it.each([
    ['S2, S3: in doubt, it waits', twoPhases('block'), decisionKnownToOne, 'committed', 'committed'],
    ['S4: a lost vote, and who waits hears of it', twoPhases('block'), lostVote, 'aborted', 'aborted'],
    ['S6: the termination protocol commits', threePhases('terminate'), diesWhileTelling, 'committed', 'committed'],
    ['S8: the termination protocol commits', threePhases('terminate'), lateOutcome, 'committed', 'committed'],
    ['S8: timeouts commit what is pre-committed', threePhases('skeen'), lateOutcome, 'committed', 'committed'],
    ['decided, and nobody was told', threePhases('terminate'), decidedAndDead, 'committed', 'committed'],
    ['decided, nobody told, timeouts', threePhases('skeen'), decidedAndDead, 'committed', 'committed'],
    ['a participant that was down asks', threePhases('terminate'), failsAltogether, 'committed', 'committed'],
    ['and does not trust its timeout', threePhases('skeen'), failsAltogether, 'committed', 'committed'],
    ['a lost vote in three phases', threePhases('terminate'), lostVote, 'aborted', 'aborted'],
    ['and with timeouts', threePhases('skeen'), lostVote, 'aborted', 'aborted'],
  ])('%s', async (_name, commit, script, orders, stock) => {
    const run = await outcomeOf(scripted(commit, script));
    for (const seed of seeds) expect(run(seed)).toMatchObject({ broken: [], at: { orders, stock } });
  });

  const alone = 'which had waited too long and decided alone';
  it.each([
    [
      'S3: in doubt, it aborts alone',
      twoPhases('abort'),
      decisionKnownToOne,
      RegExp(`AC1: .* was aborted at stock, ${alone}, and committed at orders`),
    ],
    [
      'S4: a lost vote, and it commits alone',
      twoPhases('commit'),
      lostVote,
      RegExp(`AC1: .* was committed at orders, ${alone}, and (aborted at stock|its coordinator decided to abort)`),
    ],
    [
      'S6 with timeouts: one commits, the other aborts',
      threePhases('skeen'),
      diesWhileTelling,
      RegExp(
        `AC1: .* was (committed at orders|aborted at stock), ${alone}, and (committed at orders|aborted at stock), ${alone}`,
      ),
    ],
    [
      'S7: termination on either side of a cut',
      threePhases('terminate'),
      andSplit,
      /AC1: .* was (committed at orders and aborted at stock|aborted at stock and committed at orders)/,
    ],
    [
      'S7: timeouts on either side of a cut',
      threePhases('skeen'),
      andSplit,
      RegExp(
        `AC1: .* was (committed at orders|aborted at stock), ${alone}, and (committed at orders|aborted at stock), ${alone}`,
      ),
    ],
    [
      'S8: the pre-commit is discarded',
      threePhases('discard'),
      lateOutcome,
      RegExp(`AC1: .* was aborted at stock, ${alone}, and committed at orders`),
    ],
    [
      'S8: and NonBlock says why',
      threePhases('discard'),
      lateOutcome,
      /NonBlock: stock went from precommitted to aborted in place#\S+, and orders from precommitted to committed/,
    ],
  ])('%s', async (_name, commit, script, wanted) => {
    const run = await outcomeOf(scripted(commit, script));
    for (const seed of seeds.slice(0, 5)) expect(run(seed).broken.join('\n')).toMatch(wanted);
  });

  it('the trace says who decided alone, and why', async () => {
    const run = await outcomeOf(scripted(twoPhases('abort'), decisionKnownToOne));
    expect(run(1).notes).toContainEqual(
      expect.stringMatching(
        /^stock decides alone to abort place#\S+: prepared for [5-9]\d\d ms, and its coordinator is silent$/,
      ),
    );
    const other = await outcomeOf(scripted(threePhases('terminate'), diesWhileTelling));
    expect(other(1).notes).toContainEqual(expect.stringMatching(/its coordinator is silent; \S+ here, takes over$/));
    expect(other(1).notes).toContainEqual(expect.stringMatching(/: commit, by the states of orders, stock$/));
  });

  it('what is unsafe is not promised, and the scenario that shows it passes', async () => {
    const text = scripted(threePhases('discard'), `${lateOutcome}  expect violation invariant AC1 of place`);
    const { outcome, properties } = testScenario(await designFor(text), 'scripted', 3);
    expect(outcome).toBe('pass');
    expect(properties.filter(one => one.origin === 'invariant' && one.of === 'place').map(one => one.property)).toEqual(
      ['invariant AC4', 'invariant InDoubtLocks'],
    );
  });
});

describe('with one thing left out', () => {
  const answering = (
    protocol: AnyProtocol,
    change: (state: never, token: number, reply: Reply) => Reply | undefined,
  ): AnyProtocol => ({
    ...protocol,
    answered: (state, token, reply, io) =>
      protocol.answered!(state, token, change(state as never, token, reply) ?? reply, io as never),
  });
  type Coordinator = {
    open: Record<string, Open>;
    calls: Record<number, { kind: string; id: string; group: string }>;
  };
  const last = ({ open, calls }: Coordinator, token: number, reply: Reply) => {
    const call = calls[token];
    const tx = call?.kind === 'prepare' ? open[call.id] : undefined;
    const isYes = reply.kind === 'ok' && (reply.output as readonly string[])[0] === 'yes';
    return isYes && tx?.groups.every(group => group === call!.group || tx.votes[group] !== undefined) ? tx : undefined;
  };
  const no: Reply = { kind: 'ok', output: ['no', 'it does not feel like it'] };

  /** Commits as soon as all have voted. */
  const withoutPrecommit = answering(transactionCoordinator, (state: Coordinator, token, reply) => {
    const tx = last(state, token, reply);
    if (tx !== undefined) tx.precommitted = tx.groups.slice(1);
    return undefined;
  });
  /** Has every vote and aborts. */
  const moody = answering(transactionCoordinator, (state: Coordinator, token, reply) => {
    const tx = last(state, token, reply);
    if (tx === undefined) return undefined;
    for (const group of tx.groups) tx.votes[group] = [];
    return no;
  });
  /** Takes the last yes for a no. */
  const deaf = answering(transactionCoordinator, (state: Coordinator, token, reply) =>
    last(state, token, reply) === undefined ? undefined : no,
  );
  /** Its groups do not remember that they are pre-committed. */
  const forgetful: AnyProtocol = {
    ...raft,
    receive(state, from, message, io) {
      raft.receive(state, from, message as never, io as never);
      state.machine.transactions.phases = {};
    },
  } as AnyProtocol;
  /** Terminates without looking whether somebody is pre-committed. */
  const hasty = answering(transactionParticipant, (_state, _token, reply) =>
    reply.kind === 'ok' && (reply.output as readonly string[])[1] === 'precommitted'
      ? { kind: 'ok', output: ['state-response', 'prepared', 0] }
      : undefined,
  );
  /** Does not see that it was down. */
  const neverDown: AnyProtocol = {
    ...transactionParticipant,
    boot: (context, image, io) => ({
      ...(transactionParticipant.boot(context as never, image as never, io as never) as object),
      heardNs: Number.POSITIVE_INFINITY,
    }),
  };

  it.each<[string, string, Variants, RegExp]>([
    [
      'pre-commits that are not in the log',
      scripted(threePhases('terminate'), decidedAndDead),
      { protocolOf: () => forgetful },
      /^place AC1: \S+ was aborted at (orders|stock) and its coordinator decided to commit/,
    ],
    [
      'a termination that does not look at the pre-commits',
      scripted(threePhases('terminate'), decidedAndDead),
      { participant: hasty },
      /^place AC1: \S+ was aborted at (orders|stock) and its coordinator decided to commit/,
    ],
    [
      'a participant that was down and decides alone',
      scripted(threePhases('skeen'), failsAltogether),
      { participant: neverDown },
      /^place AC1: .* aborted at stock, which had waited too long and decided alone/,
    ],
    [
      'a coordinator that has every vote and aborts',
      scripted(threePhases('terminate'), ''),
      { coordinator: moody },
      /^place AC4: c1 aborted \S+, for which it had every vote/,
    ],
    [
      'the same in two phases, in a storm',
      storm('two-phase-commit { timeout 500ms  coordinator c1 }', lossyStorm),
      { coordinator: moody },
      /^place AC4: c1 aborted \S+, for which it had every vote/,
    ],
    [
      'a coordinator that aborts without a reason',
      scripted(twoPhases('block'), ''),
      { coordinator: deaf },
      /^place AC4: c1 aborted \S+, which all of orders, stock had prepared, and nothing had failed/,
    ],
  ])('%s', async (_name, text, variants, wanted) => {
    const run = await outcomeOf(text, variants);
    for (const seed of seeds.slice(0, 3)) expect(run(seed).broken).toContainEqual(expect.stringMatching(wanted));
  });

  it('a commit before everybody is pre-committed leaves somebody waiting', async () => {
    const slow = `at 1s lose pre-commit from c1 to b1, b2, b3 for 200ms
  at 1s lose commit from c1 to b1, b2, b3 for 200ms`;
    const text = scripted(threePhases('terminate'), slow);
    const [broken, sound] = [await outcomeOf(text, { coordinator: withoutPrecommit }), await outcomeOf(text)];
    for (const seed of seeds.slice(0, 3)) expect([broken(seed).waiting, sound(seed).waiting]).toEqual([true, false]);
  });

  it('a lock in the way is a reason: such aborts keep AC4', async () => {
    const text = storm('two-phase-commit { timeout 200ms }', '').replace('keys 4', 'keys 1');
    const report = testScenario(await designFor(text), 'storm', 5);
    expect(report.properties.filter(one => /AC4/.test(one.property)).map(one => one.verdict)).toEqual([
      'holds',
      'holds',
    ]);
  });
});
