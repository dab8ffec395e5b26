/** All rules over a design: findings located, with their fixes as edits, severities as set, ignored ones left out. */
import type { Design } from '@dsys/runtime/design/design';
import type { Diagnostic, Place, Severity } from '../diagnostic.ts';
import type { Analysis } from '../elaborate/analyse.ts';
import { closest } from '../names/suggest.ts';
import type { Workspace } from '../workspace/load.ts';
import { allRules } from './all.ts';
import { editsOf } from './changes.ts';
import { withoutIgnored } from './ignore.ts';
import type { Finding, Rule } from './rule.ts';
import { type Written, writtenIn } from './spots.ts';

/** What a user has set about rules, by id. */
export type RuleLevels = Readonly<Record<string, Severity | 'off'>>;

export interface Review {
  /** Those of the analysis and those of rules, in the order of files and text. */
  readonly diagnostics: readonly Diagnostic[];
  /** How many findings comments have silenced. */
  readonly ignored: number;
}

/** Findings of one rule beyond this are told by their number only: a wall of them is not read. */
const findingsPerRuleMax = 50;

/**
 * Everything that can be said about a design without running it.
 * @param levels of the user's settings; what the head of the file sets goes before them
 */
export function review(analysis: Analysis, levels: RuleLevels = {}, rules: readonly Rule[] = allRules): Review {
  const { workspace, design } = analysis;
  const written = writtenIn(workspace, design);
  const set = levelsOf(design, levels);
  const of = (asked: readonly Rule[]) =>
    asked
      .filter(rule => set[rule.id] !== 'off')
      .flatMap(rule => diagnosticsOf(rule, design, written, set[rule.id]))
      .filter(one => !isInBrokenText(one, analysis.diagnostics));
  const special = of(rules.filter(rule => !rule.isGeneral));
  const general = of(rules.filter(rule => rule.isGeneral)).filter(one => !isExplained(one, special));
  const said = [...special, ...general];
  const known = new Set(rules.map(rule => rule.id));
  const { diagnostics, count } = withoutIgnored(said, workspace, known);
  const settings = unknownSettings(design, written, rules);
  return { diagnostics: inOrder([...analysis.diagnostics, ...diagnostics, ...settings], workspace), ignored: count };
}

const levelsOf = (design: Design, levels: RuleLevels): RuleLevels => ({
  ...levels,
  ...Object.fromEntries(design.ruleSettings.map(({ rule, severity }) => [rule, severity])),
});

function diagnosticsOf(
  rule: Rule,
  design: Design,
  written: Written,
  level: Severity | 'off' | undefined,
): Diagnostic[] {
  const all = [...rule.check(design)];
  const shown = all.slice(0, findingsPerRuleMax).map(finding => diagnosticOf(rule, finding, written, level));
  if (all.length > shown.length) {
    const last = shown.at(-1)!;
    shown.push({ ...last, fixes: [], message: `${last.message} (and ${all.length - shown.length} more like this)` });
    shown.splice(-2, 1);
  }
  return shown;
}

function diagnosticOf(rule: Rule, finding: Finding, written: Written, level: Severity | 'off' | undefined): Diagnostic {
  const fixes = (finding.fixes ?? []).flatMap(fix => editsOf(fix, written) ?? []);
  const related = finding.related?.map(({ at, message }) => ({ ...written.placeOf(at), message }));
  return {
    ...written.placeOf(finding.at),
    rule: rule.id,
    severity: level === undefined || level === 'off' ? (finding.severity ?? rule.severity) : level,
    message: finding.message,
    ...(related && related.length > 0 && { related }),
    ...(fixes.length > 0 && { fixes }),
  };
}

/** Another rule has found an error in what a general rule would speak of. */
const isExplained = (general: Place, special: readonly Diagnostic[]): boolean =>
  special.some(
    one => one.severity === 'error' && [one, ...(one.related ?? [])].some(place => isSamePlace(place, general)),
  );

const isSamePlace = (a: Place, b: Place): boolean =>
  a.uri === b.uri && JSON.stringify(a.range) === JSON.stringify(b.range);

/** Where text could not be read or makes no sense, a rule would judge what nobody has written. */
function isInBrokenText({ uri, range }: Place, diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(
    one =>
      one.severity === 'error' &&
      one.uri === uri &&
      one.range.start.line <= range.end.line &&
      range.start.line <= one.range.end.line,
  );
}

function unknownSettings(design: Design, written: Written, rules: readonly Rule[]): Diagnostic[] {
  const known = rules.map(rule => rule.id);
  return design.ruleSettings
    .filter(({ rule }) => !known.includes(rule))
    .map(setting => {
      const near = closest(setting.rule, known);
      const hint = near === undefined ? 'dsys explain lists all rules.' : `Did you mean ${near}?`;
      return {
        ...written.placeOf(setting),
        rule: 'unknown-rule',
        severity: 'warning' as const,
        message: `There is no rule ${setting.rule}. ${hint}`,
      };
    });
}

function inOrder(diagnostics: readonly Diagnostic[], workspace: Workspace): Diagnostic[] {
  const order = new Map(workspace.files.map((file, index) => [file.uri, index]));
  return [...diagnostics].sort(
    (a, b) =>
      (order.get(a.uri) ?? 0) - (order.get(b.uri) ?? 0) ||
      a.range.start.line - b.range.start.line ||
      a.range.start.character - b.range.start.character,
  );
}
