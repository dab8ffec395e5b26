/** Claims and expectations: one set of properties (what each means stands in the language reference). */
import type { Located } from './source.ts';
import type { NodeId } from './topology.ts';

export const consistencyModels = [
  'strict',
  'linearizable',
  'regular',
  'sequential',
  'causal',
  'causal-memory',
  'causal-convergence',
  'weak-causal',
  'pram',
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
  'eventual',
] as const;
export type ConsistencyModel = (typeof consistencyModels)[number];

export const isolationLevels = [
  'serializable',
  'strict-serializable',
  'snapshot',
  'repeatable-read',
  'read-committed',
  'read-uncommitted',
] as const;
export type IsolationLevel = (typeof isolationLevels)[number];

/** What a system can be said not to do: `no lost-writes`. */
export const anomalies = [
  'lost-writes',
  'lost-updates',
  'split-brain',
  'divergence',
  'blocking',
  'fractured-reads',
] as const;
export type Anomaly = (typeof anomalies)[number];

export type Comparison = '<' | '<=' | '>' | '>=';

/** `p99` = 0.99; `max`: the bound holds for every operation. */
export type Percentile = number | 'max';

export type PropertyKind =
  | { readonly kind: 'consistency'; readonly model: ConsistencyModel }
  | { readonly kind: 'cap'; readonly label: 'CP' | 'AP' | 'CA' }
  | { readonly kind: 'survives'; readonly count: number; readonly level: 'node' | 'zone' | 'region' }
  | { readonly kind: 'survives-place'; readonly place: string; readonly nodes: readonly NodeId[] }
  | { readonly kind: `no-${Anomaly}` }
  /** `bound` is a fraction 0..1. */
  | {
      readonly kind: 'availability';
      readonly of: 'all' | 'read' | 'write';
      readonly comparison: Comparison;
      readonly bound: number;
    }
  | {
      readonly kind: 'latency';
      readonly of: 'read' | 'write' | 'transaction';
      readonly percentile: Percentile;
      readonly comparison: Comparison;
      readonly boundNs: number;
    }
  | {
      readonly kind: 'staleness';
      readonly percentile: Percentile;
      readonly comparison: Comparison;
      readonly boundNs: number;
    }
  | { readonly kind: 'staleness-versions'; readonly comparison: Comparison; readonly bound: number }
  | { readonly kind: 'recovery'; readonly comparison: Comparison; readonly boundNs: number }
  | { readonly kind: 'throughput'; readonly comparison: Comparison; readonly boundPerSecond: number }
  | { readonly kind: 'loss-window'; readonly comparison: Comparison; readonly boundNs: number }
  /** Probability of losing nothing in a year. */
  | { readonly kind: 'durability'; readonly comparison: Comparison; readonly bound: number }
  | { readonly kind: 'isolation'; readonly level: IsolationLevel }
  | { readonly kind: 'keeps-unique'; readonly field: string }
  | { readonly kind: 'keeps-bound'; readonly field: string; readonly comparison: Comparison; readonly bound: number }
  | { readonly kind: 'keeps-sum'; readonly field: string }
  | {
      readonly kind: 'residency';
      readonly of: string;
      readonly within: readonly string[];
      readonly nodes: readonly NodeId[];
    }
  | { readonly kind: 'apart-from'; readonly store: string }
  | { readonly kind: 'invariant'; readonly name: string };

/**
 * `text` is the property as people read it, in the language's own words (`read p99 < 20ms`). A list of consistency
 * models is one property per model.
 */
export type Property = PropertyKind & Located & { readonly text: string };
