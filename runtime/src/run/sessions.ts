/** Consistency models other than linearizability, as far as they are built. */
import type { History, Verdict } from '../checkers/history.ts';
import type { Names } from '../checkers/words.ts';
import type { DataModel } from '../model/model.ts';

export function checkSession(model: string, _history: History, _data: DataModel, _names: Names): Verdict {
  return { property: model, verdict: 'unknown', why: `consistency ${model} is not checked by runs yet`, witness: null };
}
