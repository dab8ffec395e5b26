/** dsys explain: what a diagnostic means. The text of `docs/rules/`, laid out for the terminal. */
import { allRules, closest, explainedIds, explanationOf, families, otherIds } from '@dsys/language-server';
import { type Colors, exitCode, print, Unusable } from '../output.ts';
import { renderIndex, renderOther, renderPage } from '../render-page.ts';
import { columnsMax } from '../wrap.ts';

export interface ExplainOptions {
  readonly colors: Colors;
  /** Of the terminal; text breaks there, or before. */
  readonly columns: number;
}

/** @param id of a rule or of any other diagnostic; without it all are listed */
export async function explain(id: string | undefined, { colors, columns }: ExplainOptions): Promise<number> {
  const look = { colors, width: Math.max(40, Math.min(columns, columnsMax)) };
  if (id === undefined) {
    print(renderIndex(families, otherIds, look));
    return exitCode.ok;
  }
  const found = await explanationOf(id);
  if (found === undefined) {
    const near = closest(id, explainedIds());
    const hint = near === undefined ? `dsys explain lists all ${allRules.length}.` : `Did you mean ${near}?`;
    throw new Unusable(`There is no rule ${id}. ${hint}`);
  }
  print('rule' in found ? renderPage(found, look) : renderOther(found, look));
  return exitCode.ok;
}
