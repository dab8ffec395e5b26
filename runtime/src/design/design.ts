/**
 * A design: what a `.dsys` file (with its imports) means. Plain data with every default filled in, every name
 * resolved, every replica group placed, every quorum a set system; each part knows where it was written. Rules and
 * runtime read this and nothing else. The same `Design` and seed give the same trace, byte for byte.
 */
import type { Exploration, Scenario, Workload } from './scenario.ts';
import type { Located } from './source.ts';
import type { Partition, Store, Transaction } from './store.ts';
import type { Cluster, FaultModel, LinkRule, NodeSpec, Region } from './topology.ts';

export interface SourceFile {
  /** As shown to people; relative to where the tool was started when it can be. */
  readonly path: string;
  readonly uri: string;
  readonly text: string;
}

export interface RuleSetting extends Located {
  readonly rule: string;
  readonly severity: 'off' | 'error' | 'warning' | 'information';
}

export interface Design {
  /** The entry file is the first. */
  readonly files: readonly SourceFile[];
  readonly regions: readonly Region[];
  readonly clusters: readonly Cluster[];
  readonly nodes: readonly NodeSpec[];
  readonly links: readonly LinkRule[];
  readonly faults: FaultModel;
  readonly stores: readonly Store[];
  readonly partitions: readonly Partition[];
  readonly transactions: readonly Transaction[];
  readonly workloads: readonly Workload[];
  readonly scenarios: readonly Scenario[];
  readonly explorations: readonly Exploration[];
  readonly ruleSettings: readonly RuleSetting[];
}
