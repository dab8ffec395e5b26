/** One action for many findings: all of one rule, or everything that has one fix only (`source.fixAll`). */
import { type CodeAction, CodeActionKind, type Diagnostic as LspDiagnostic } from 'vscode-languageserver';
import type { Diagnostic, Edit, Position } from '../../diagnostic.ts';
import { action } from './actions.ts';

type Fix = NonNullable<Diagnostic['fixes']>[number];

/** The validator puts the fixes of a diagnostic into its data. */
export const fixesIn = ({ data }: LspDiagnostic): readonly Fix[] =>
  (data as { fixes?: readonly Fix[] } | undefined)?.fixes ?? [];

/** For each rule that speaks at the cursor: its fix for every place of the file where it speaks. */
export function fixesOfKind(here: readonly LspDiagnostic[], all: readonly LspDiagnostic[]): CodeAction[] {
  const rules = [...new Set(here.filter(one => fixesIn(one).length > 0).map(({ code }) => code))];
  return rules.flatMap(rule => {
    const same = all.filter(one => one.code === rule && fixesIn(one).length > 0);
    if (same.length < 2) return [];
    // Where a finding has several fixes, the first is the one that the rule would take.
    const edits = together(same.map(one => fixesIn(one)[0]!));
    return [{ ...action(`Fix all ${same.length} of ${rule}`, CodeActionKind.QuickFix, edits), diagnostics: same }];
  });
}

/**
 * Everything that can be mended in one way only, in this file. What has several ways is a decision, and what changes
 * other files is not done by saving this one.
 */
export function fixAll(uri: string, all: readonly LspDiagnostic[]): CodeAction[] {
  const sole = all.flatMap(one => (fixesIn(one).length === 1 ? [fixesIn(one)[0]!] : []));
  const own = sole.filter(({ edits }) => edits.every(edit => edit.uri === uri));
  if (own.length === 0) return [];
  return [action('Fix everything that has one fix', CodeActionKind.SourceFixAll, together(own))];
}

/** The edits of all fixes that do not get in each other's way: of two that do, the first. */
function together(fixes: readonly Fix[]): Edit[] {
  const taken: Edit[] = [];
  for (const { edits } of fixes) {
    if (edits.every(edit => taken.some(other => isSame(edit, other)))) continue;
    if (!edits.some(edit => taken.some(other => overlap(edit, other)))) taken.push(...edits);
  }
  return taken;
}

const compare = (a: Position, b: Position): number => a.line - b.line || a.character - b.character;

const isSame = (a: Edit, b: Edit): boolean =>
  a.uri === b.uri &&
  a.newText === b.newText &&
  compare(a.range.start, b.range.start) === 0 &&
  compare(a.range.end, b.range.end) === 0;

/** Insertions at the same place count: their order would be a matter of chance. */
const overlap = (a: Edit, b: Edit): boolean =>
  a.uri === b.uri && compare(a.range.start, b.range.end) <= 0 && compare(b.range.start, a.range.end) <= 0;
