import type { DataModel } from '../model/model.ts';
import type { Budget } from './budget.ts';
import { CAUSAL_MODELS, type CausalModel, checkCausal } from './causal.ts';
import type { History, Verdict } from './history.ts';
import { checkLinearizable } from './linearizable.ts';
import { checkRegular } from './regular.ts';
import { checkSequential } from './sequential.ts';
import { checkSessionGuarantee, SESSION_GUARANTEES, type SessionGuarantee } from './sessions.ts';
import type { VersionOrder } from './versions.ts';
import type { Names } from './words.ts';

/** What can be checked of a history alone, by the names of the language. `eventual` needs replicas: see convergence.ts. */
export const CONSISTENCIES = [
  'linearizable',
  'regular',
  'sequential',
  ...CAUSAL_MODELS,
  ...SESSION_GUARANTEES,
] as const;
export type Consistency = (typeof CONSISTENCIES)[number];

export interface CheckOptions {
  readonly budget?: Budget;
  /** For session guarantees only. */
  readonly order?: VersionOrder;
  readonly names?: Names;
}

/** Checks one consistency model; each checker says what it can decide, and for which data models. */
export function checkConsistency(
  history: History,
  model: DataModel,
  consistency: Consistency,
  { budget, order, names }: CheckOptions = {},
): Verdict {
  switch (consistency) {
    case 'linearizable':
      return checkLinearizable(history, model, budget, names);
    case 'regular':
      return checkRegular(history, model, names);
    case 'sequential':
      return checkSequential(history, model, budget, names);
  }
  return (CAUSAL_MODELS as readonly Consistency[]).includes(consistency)
    ? checkCausal(history, model, consistency as CausalModel, names)
    : checkSessionGuarantee(history, model, consistency as SessionGuarantee, order, names);
}
