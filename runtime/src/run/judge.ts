/**
 * Judging a run: every claim of the stores it touched, every expectation, every promised invariant. What could not be
 * checked is `unknown` and says why. The consistency checkers see nothing but the history that clients recorded.
 */

import { CONSISTENCIES, type Consistency, checkConsistency } from '../checkers/consistency.ts';
import type { Verdict } from '../checkers/history.ts';
import type { Property, PropertyKind } from '../design/property.ts';
import type { Expectation } from '../design/scenario.ts';
import type { SourceRange } from '../design/source.ts';
import type { Store, Transaction } from '../design/store.ts';
import { promisesOf, usesOfStore } from '../protocols/descriptors.ts';
import { ownershipInvariants } from '../protocols/ownership-invariants.ts';
import { differentUses } from '../protocols/uses.ts';
import { noBlocking } from './blocking.ts';
import { excuse, movesOf } from './excuses.ts';
import type { Executed } from './execute.ts';
import { judgeFigure } from './figures.ts';
import { judgeTransactionExpectation, judgeTransactions, noFracturedReads } from './judge-transactions.ts';
import {
  convergence,
  type Finding,
  findingOf,
  groupsOf,
  holds,
  lostUpdates,
  lostWrites,
  splitBrain,
  unknown,
  violated,
} from './state-checks.ts';
import { viewWithTransactions } from './transaction-view.ts';
import { byStays, clip, type StoreView, viewOf } from './view.ts';

export type Origin = 'claim' | 'expect' | 'expect violation' | 'invariant' | 'default';

export interface Judged {
  readonly property: string;
  readonly kind: PropertyKind['kind'];
  readonly of: string;
  readonly origin: Origin;
  readonly verdict: 'holds' | 'violated' | 'unknown';
  readonly why: string;
  /** For figures: the value in base units (ns, fraction, per second). */
  readonly measured: number | null;
  readonly witness: { readonly operations: readonly number[]; readonly events: readonly number[] } | null;
  /** Violated, and the scenario is there to show it. */
  readonly expected: boolean;
  readonly at: SourceRange | null;
}

export interface Window {
  readonly fromNs: number | null;
  readonly untilNs: number | null;
}

const always: Window = { fromNs: null, untilNs: null };

/** Claims whose figures mean nothing under faults: there only expectations are judged; `null`: judged by arithmetic alone. */
const figures = new Set<PropertyKind['kind']>([
  'availability',
  'latency',
  'staleness',
  'staleness-versions',
  'recovery',
  'throughput',
  'loss-window',
  'durability',
]);

export const isFigure = (property: PropertyKind): boolean => figures.has(property.kind);

const hasFaults = (executed: Executed): boolean =>
  executed.scenario.chaos.length > 0 || executed.scenario.actions.some(({ verb }) => verb.kind !== 'operation');

/** Claims that only a fault can put to the test. */
const needFault = new Set<PropertyKind['kind']>([
  'survives',
  'survives-place',
  'no-split-brain',
  'no-lost-writes',
  'no-blocking',
  'recovery',
  'loss-window',
  'cap',
]);

export interface JudgeOptions {
  /** Verdicts on `survives` claims, by store and property text, from the runs made for them. */
  readonly survival?: ReadonlyMap<string, Finding>;
  /** Figures of the same load without faults, by store or transaction, and property text. */
  readonly faultFree?: ReadonlyMap<string, { readonly finding: Finding; readonly measured: number | null }>;
}

/** What a claim's verdict from another run is found by. */
export const claimKey = (of: { readonly name: string }, property: Property): string => `${of.name}\n${property.text}`;

const none = (why: string) => ({ finding: unknown(why), measured: null });
const withFaults = none('no fault was injected: write a scenario that injects one');
const withoutFaults = none('figures of claims are judged without faults, and no such run was made');

export function judge(executed: Executed, options: JudgeOptions = {}): Judged[] {
  const judged: Judged[] = [];
  const { scenario, stores } = executed;
  for (const store of stores) {
    for (const claim of store.claims) judged.push(judgeClaim(executed, store, claim, options));
    if (store.claims.length === 0) judged.push(...judgeDefault(executed, store));
  }
  const beforehand = (of: Transaction, claim: Property) => {
    if (isFigure(claim) && hasFaults(executed)) return options.faultFree?.get(claimKey(of, claim)) ?? withoutFaults;
    return executed.scenario.generated && !hasFaults(executed) && needFault.has(claim.kind) ? withFaults : undefined;
  };
  judged.push(...judgeTransactions(executed, beforehand));
  for (const expectation of scenario.expectations)
    judged.push(
      ...(judgeTransactionExpectation(executed, expectation) ?? judgeExpectation(executed, expectation, options)),
    );
  judged.push(...judgeInvariants(executed));
  return excuse(executed, judged);
}

function judgeClaim(executed: Executed, store: Store, claim: Property, options: JudgeOptions): Judged {
  const base = {
    property: claim.text,
    kind: claim.kind,
    of: store.name,
    origin: 'claim' as const,
    expected: false,
    at: claim.at,
  };
  const faulty = hasFaults(executed);
  if (claim.kind === 'survives' || claim.kind === 'survives-place') {
    return {
      ...base,
      measured: null,
      ...told(options.survival?.get(claimKey(store, claim)) ?? unknown('no domain was taken down in this run')),
    };
  }
  if (isFigure(claim) && faulty) {
    const { finding, measured } = options.faultFree?.get(claimKey(store, claim)) ?? withoutFaults;
    return { ...base, measured, ...told(finding) };
  }
  if (executed.scenario.generated && !faulty && needFault.has(claim.kind)) {
    return { ...base, measured: null, ...told(withFaults.finding) };
  }
  const { finding, measured } = judgeProperty(executed, store, claim, always);
  return { ...base, measured, ...told(finding) };
}

const told = (finding: Finding) => ({
  verdict: finding.verdict,
  why: finding.why,
  witness: finding.verdict === 'violated' ? { operations: finding.operations, events: finding.events } : null,
});

/** No claims: the ceiling of the chosen options is checked. */
function judgeDefault(executed: Executed, store: Store): Judged[] {
  const promises = promisesOf(executed.design, store, undefined, executed.scenario);
  const at = store.mechanism.at;
  const kinds: (PropertyKind & { readonly text: string })[] = [
    { kind: 'consistency', model: promises.consistency, text: `consistency ${promises.consistency}` },
  ];
  if (promises.keepsAcknowledgedWrites) kinds.push({ kind: 'no-lost-writes', text: 'no lost-writes' });
  if (promises.singleWriter) kinds.push({ kind: 'no-split-brain', text: 'no split-brain' });
  if (promises.converges && promises.consistency !== 'eventual')
    kinds.push({ kind: 'no-divergence', text: 'no divergence' });
  const judged = kinds.map((kind): Judged => {
    // Nobody promises more to clients that change their replica than to two clients.
    const stays = kind.kind === 'consistency' && promises.read.availability === 'sticky';
    const { finding, measured } = stays
      ? { finding: judgeConsistency(executed, store, kind.model, always, true), measured: null }
      : judgeProperty(executed, store, { ...kind, at }, always);
    return {
      property: kind.text,
      kind: kind.kind,
      of: store.name,
      origin: 'default',
      expected: false,
      at,
      measured,
      ...told(finding),
    };
  });
  // Nobody asked for these: where somebody asked for something else, what could not be judged here is left out.
  // So it is where transactions write: what they are told, no leader acknowledges.
  const written = executed.transactions.some(({ transaction }) => transaction.stores.includes(store.name));
  const asked = written || executed.scenario.expectations.length > 0;
  return asked ? judged.filter(one => one.verdict !== 'unknown') : judged;
}

/** The store as far as `of` (a store, a partition, an outer partition; null: all) names it; undefined: not at all. */
function narrowed(executed: Executed, store: Store, of: string | null): Store | undefined {
  if (of === null || of === store.name) return store;
  const nameOf = (id: number) => executed.design.partitions[id]!.name;
  const partitions = store.partitions.filter(
    id => nameOf(id) === of || nameOf(id).startsWith(`${of}.`) || `${nameOf(id)}.p0` === of,
  );
  return partitions.length === 0 ? undefined : { ...store, partitions };
}

function judgeExpectation(executed: Executed, expectation: Expectation, options: JudgeOptions): Judged[] {
  const { property, violation, of, fromNs, untilNs } = expectation;
  const stores = executed.stores.flatMap(store => narrowed(executed, store, of) ?? []);
  const origin: Origin = violation ? 'expect violation' : 'expect';
  const base = { property: property.text, kind: property.kind, origin, at: expectation.at };
  if (stores.length === 0) {
    return [
      {
        ...base,
        of: of ?? '',
        expected: false,
        measured: null,
        ...told(unknown(`nothing in this scenario touches ${of ?? 'a store'}`)),
      },
    ];
  }
  return stores.map(store => {
    const survives = property.kind === 'survives' || property.kind === 'survives-place';
    const judged = survives
      ? {
          finding: options.survival?.get(claimKey(store, property)) ?? unknown('no domain was taken down in this run'),
          measured: null,
        }
      : judgeProperty(executed, store, property, { fromNs, untilNs });
    return {
      ...base,
      of: of ?? store.name,
      expected: violation && judged.finding.verdict === 'violated',
      measured: judged.measured,
      ...told(judged.finding),
    };
  });
}

function judgeProperty(
  executed: Executed,
  store: Store,
  property: Property,
  window: Window,
): { readonly finding: Finding; readonly measured: number | null } {
  const plain = (finding: Finding) => ({ finding, measured: null });
  switch (property.kind) {
    case 'consistency':
      return plain(judgeConsistency(executed, store, property.model, window));
    case 'no-lost-writes':
      return plain(lostWrites(executed, store, clipped(executed, store, window)));
    case 'no-lost-updates':
      return plain(lostUpdates(executed, store, clipped(executed, store, window)));
    case 'no-split-brain':
      return plain(splitBrain(executed, store));
    case 'no-divergence':
      return plain(convergence(executed, store));
    case 'no-blocking':
      if (window.fromNs !== null || window.untilNs !== null)
        return plain(unknown(`"${property.text}" is judged over whole runs only`));
      return plain(noBlocking(executed.sim, store, executed.blocking.longest, executed.originNs));
    case 'no-fractured-reads':
      return plain(noFracturedReads(executed, [store.name]));
    case 'invariant':
      return plain(judgeInvariant(executed, store, property.name));
    case 'availability':
    case 'latency':
    case 'staleness':
    case 'staleness-versions':
    case 'recovery':
    case 'throughput':
    case 'loss-window':
      return judgeFigure(executed, store, property, window.fromNs, window.untilNs);
    default:
      return plain(unknown(`"${property.text}" is not checked by runs yet`));
  }
}

/** Undefined: the whole run, settling included. */
function clipped(executed: Executed, store: Store, { fromNs, untilNs }: Window) {
  return fromNs === null && untilNs === null ? undefined : clip(viewOf(executed, store), fromNs, untilNs);
}

/** @param sticky each stay of a client with one replica is judged as a client of its own */
export function judgeConsistency(
  executed: Executed,
  store: Store,
  model: string,
  window = always,
  sticky = false,
): Finding {
  if (model === 'eventual') return convergence(executed, store);
  const whole = viewWithTransactions(executed, store);
  const view = sticky ? byStays(whole) : whole;
  const finding = findingOf(checkModel(view, model), view);
  if (finding.verdict !== 'violated' || (window.fromNs === null && window.untilNs === null)) return finding;
  // A part of a history can look wrong where the whole is right: the whole is judged, the window says what counts.
  const { from, until } = clip(view, window.fromNs, window.untilNs);
  const inside = finding.operations.some(id => {
    const at = executed.log.operations[id]!.invoke - executed.originNs;
    return at >= from && at < until;
  });
  return inside ? finding : holds(`violated, but by operations outside the window only: ${finding.why}`);
}

const isCheckable = (model: string): model is Consistency => (CONSISTENCIES as readonly string[]).includes(model);

function checkModel(view: StoreView, model: string): Verdict {
  if (isCheckable(model)) return checkConsistency(view.history, view.model, model, { names: view.names });
  return { property: model, verdict: 'unknown', why: `consistency ${model} is not checked by runs`, witness: null };
}

function judgeInvariant(executed: Executed, store: Store, name: string): Finding {
  const { invariants } = executed.sim.groups[store.partitions[0]!]!.protocol;
  const known = [...invariants.map(one => one.name), ...movesOf(executed, store)];
  if (!known.includes(name)) {
    const why =
      name in ownershipInvariants ? `nothing of ${store.name} moves in this scenario` : `it has ${known.join(', ')}`;
    return unknown(`${store.mechanism.kind} has no invariant ${name} here: ${why}`);
  }
  const groups = groupsOf(executed, store);
  const broken = executed.sim.broken.find(one => one.invariant === name && groups.includes(one.partition));
  if (broken === undefined) return holds(`checked after each of ${executed.sim.handled} events`);
  return violated(broken.why, [], [broken.event]);
}

/** Every invariant that the options, as those see them who read and write here, do not give up. */
function judgeInvariants(executed: Executed): Judged[] {
  return executed.stores.flatMap(store => {
    const { protocol, group } = executed.sim.groups[store.partitions[0]!]!;
    const uses = differentUses(usesOfStore(executed.design, store, executed.scenario)).filter(use => !use.isWriteBack);
    const ofProtocol = protocol.invariants.filter(one =>
      uses.every(use => one.givenUp(use.store.mechanism, group) === undefined),
    );
    const ofMoves = movesOf(executed, store).filter(name => ownershipInvariants[name].givenUp(store) === undefined);
    return [...ofProtocol.map(({ name }) => name), ...ofMoves].map(
      (name): Judged => ({
        property: `invariant ${name}`,
        kind: 'invariant',
        of: store.name,
        origin: 'invariant',
        measured: null,
        expected: false,
        at: store.mechanism.at,
        ...told(judgeInvariant(executed, store, name)),
      }),
    );
  });
}
