/** What the run came to, in the order in which a person wants to know it. */

import { rowsOfEvent } from '@dsys/runtime/trace/access';
import { KIND } from '@dsys/runtime/trace/kinds';
import type { Check, Trace } from '@dsys/runtime/trace/model';
import { valueAt } from '@dsys/runtime/trace/values';
import type { Opened } from './opened.ts';

/** A place where something was broken: a check's witness, or what a monitor saw at an event. */
export interface Violation {
  /** Index into `trace.checks`, or -1: a monitor's alone. */
  readonly check: number;
  readonly name: string;
  readonly message: string;
  /** The event to look at: where it became visible. */
  readonly event: number;
  readonly events: readonly number[];
  readonly ops: readonly number[];
}

/** Most violations that are listed; a broken invariant may be reported at every event from then on. */
export const MAX_VIOLATIONS = 1000;

/** Checks that were violated first (each with its witness), then what monitors saw besides, by time. */
export function violationsOf(trace: Trace): Violation[] {
  const found: Violation[] = [];
  const told = new Set<number>();
  trace.checks.forEach((check, index) => {
    if (check.verdict !== 'violated') return;
    const events = check.witness?.events ?? [];
    const ops = check.witness?.ops ?? [];
    const event = lastEvent(trace, events, ops);
    told.add(event);
    found.push({ check: index, name: check.name, message: check.message, event, events, ops });
  });
  // What monitors see that no check asks for is a hint, and no verdict: options may give an invariant up.
  if (found.length === 0 && trace.header.outcome !== 'fail' && trace.checks.length > 0) return found;
  const { kind, name, length } = trace.events;
  const seen = new Set<string>();
  for (let event = 0; event < length && found.length < MAX_VIOLATIONS; event++) {
    if (kind[event] !== KIND.violation || told.has(event)) continue;
    const title = trace.strings[name[event]] || 'violation';
    // A monitor that keeps on complaining is listed once.
    if (seen.has(title)) continue;
    seen.add(title);
    found.push({ check: -1, name: title, message: detailText(trace, event), event, events: [event], ops: [] });
  }
  return found;
}

/**
 * The operations that show a violation: the last of the witness's to be answered, which contradicts the others; of lost
 * writes all, as each of them is one.
 */
export function violatingOps(trace: Trace, violation: Violation): number[] {
  if (isOfLostWrites(violation)) return [...violation.ops];
  let last = -1;
  let at = -1;
  for (const op of violation.ops) {
    const end = trace.ops.complete[op] >= 0 ? trace.ops.complete[op] : (trace.ops.invoke[op] ?? -1);
    if (end > at) {
      at = end;
      last = op;
    }
  }
  return last < 0 ? [] : [last];
}

/** Whether operations of a witness are broken each for itself, and not by their order. */
export function isOfLostWrites({ name }: Violation): boolean {
  return name.startsWith('no lost-writes');
}

export interface Summary {
  readonly outcome: string;
  /** One of the four words that colours and marks go by. */
  readonly tone: 'danger' | 'warn' | 'info';
  readonly title: string;
  readonly message: string;
  readonly scenario: string;
  readonly held: number;
  readonly violated: number;
  readonly unknown: number;
}

/** The header's words. */
export function summaryOf({ trace, violations }: Opened): Summary {
  const count = (verdict: Check['verdict']): number => trace.checks.filter(check => check.verdict === verdict).length;
  const [first] = violations;
  const unknown = trace.checks.find(check => check.verdict === 'unknown');
  const base = {
    outcome: trace.header.outcome,
    scenario: trace.header.model.name,
    held: count('holds'),
    violated: count('violated'),
    unknown: count('unknown'),
  };
  if (first !== undefined) {
    return { ...base, tone: 'danger', title: `${first.name}: violated`, message: first.message };
  }
  if (unknown !== undefined) {
    return { ...base, tone: 'warn', title: `${unknown.name}: unknown`, message: unknown.message };
  }
  if (trace.checks.length === 0) {
    return { ...base, tone: 'warn', title: 'Nothing was checked', message: 'The trace carries no verdicts.' };
  }
  return {
    ...base,
    tone: base.outcome === 'pass' ? 'info' : 'warn',
    title: `All ${base.held} checks hold`,
    message: `${trace.checks[0].name}: ${trace.checks[0].message}`,
  };
}

function lastEvent(trace: Trace, events: readonly number[], ops: readonly number[]): number {
  let last = -1;
  for (const event of events) if (event > last) last = event;
  for (const op of ops) last = Math.max(last, trace.ops.complete[op] ?? -1, trace.ops.invoke[op] ?? -1);
  return last;
}

/** The text that an event carries, unquoted; '' for none. */
export function detailText(trace: Trace, event: number): string {
  const [from, to] = rowsOfEvent(trace.details, event);
  if (from === to) return '';
  const value = valueAt(trace.values, trace.details.value[from]);
  return typeof value === 'string'
    ? value
    : (JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}` : one)) ?? '');
}
