/** Since when a run was one that breaks: moments along it, and how likely it was from each of them. */

import type { Likelihood, Looked } from '@dsys/runtime/trace/probability';
import type { Opened } from './opened.ts';
import { firstGreater } from './search.ts';
import { grouped, moment } from './times.ts';
import type { Violation } from './verdict.ts';

/** Moments that are asked for, and seeds for each of them. */
export const MOMENTS = 14;
export const SEEDS = 20;

/** What a violation is of, as hosts are asked for it. */
export const lookedFor = ({ check, name }: Violation): Looked => ({ kind: check < 0 ? 'invariant' : 'check', name });

/** Events from the scenario's time 0 to the violation, at equal distances of time; the violation's own is the last. */
export function momentsTo({ trace, origin }: Opened, { event }: Violation): number[] {
  const { t } = trace.events;
  if (event < 0) return [];
  const from = Math.min(origin, t[event]);
  const events = Array.from({ length: MOMENTS }, (_, index) => {
    if (index === MOMENTS - 1) return event;
    const ns = from + ((t[event] - from) * index) / (MOMENTS - 1);
    return Math.max(0, firstGreater(t as Float64Array, ns) - 1);
  });
  return [...new Set(events.filter(one => one <= event))];
}

/** First those far from one another, then those between: the shape shows early. */
export function coarseFirst<T>(list: readonly T[]): T[] {
  const order: T[] = [];
  const taken = new Set<number>();
  const take = (index: number): void => {
    if (index < 0 || index >= list.length || taken.has(index)) return;
    taken.add(index);
    order.push(list[index]);
  };
  take(0);
  take(list.length - 1);
  for (let step = 2; step < 4 * list.length; step *= 2)
    for (let part = 1; part < step; part += 2) take(Math.round(((list.length - 1) * part) / step));
  for (const index of list.keys()) take(index);
  return order;
}

/** The share of violated runs among those with a verdict, from 0 to 1; undefined where there is none. */
export function shareOf({ violated, held }: Likelihood): number | undefined {
  return violated + held === 0 ? undefined : violated / (violated + held);
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** `85 %`; `?` where nothing is known. */
export function shareText(one: Likelihood): string {
  const share = shareOf(one);
  return share === undefined ? '?' : percent(share);
}

/** All that is known of one moment, in a sentence. */
export function likelihoodInWords({ trace, origin }: Opened, event: number, one: Likelihood | undefined): string {
  const from = `other seeds from ${moment(trace.events.t[event] - origin)} on`;
  if (one === undefined) return `${from}: not known yet`;
  const { violated, held, unknown, interval } = one;
  const rest = unknown > 0 ? `, ${grouped(unknown)} more unknown` : '';
  if (violated + held === 0) return `${from}: unknown in all ${grouped(unknown)} runs`;
  const [low, high] = interval.map(percent);
  return `${from}: violated in ${grouped(violated)} of ${grouped(violated + held)} runs, ${shareText(one)} (${low} to ${high})${rest}`;
}
