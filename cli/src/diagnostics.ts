/** Diagnostics as text like a compiler's, as JSON, as annotations of GitHub's workflows, and as SARIF. */
import type { Diagnostic, Place } from '@dsys/language-server';
import { pathOf, positionOf } from './load.ts';
import type { Colors } from './output.ts';
import { version } from './version.ts';

/** Control characters of a file, made visible: no text can drive a terminal. */
const visible = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, one => `\\u{${one.charCodeAt(0).toString(16)}}`);

export function diagnosticLine(one: Diagnostic, colors: Colors): string {
  const paint = one.severity === 'error' ? colors.red : one.severity === 'warning' ? colors.yellow : colors.cyan;
  const related = (one.related ?? [])
    .map(other => `\n    ${positionOf(other as Diagnostic)} ${visible(other.message)}`)
    .join('');
  return `${positionOf(one)} ${paint(one.severity)} ${one.rule} ${visible(one.message)}${related}`;
}

const place = ({ uri, range }: Place) => ({ file: pathOf(uri), range });

export const diagnosticJson = (one: Diagnostic) => ({
  rule: one.rule,
  severity: one.severity,
  message: one.message,
  ...place(one),
  related: (one.related ?? []).map(other => ({ message: other.message, ...place(other) })),
  fixes: (one.fixes ?? []).map(fix => ({
    title: fix.title,
    edits: fix.edits.map(edit => ({ ...place(edit), newText: edit.newText })),
  })),
});

export const countBySeverity = (diagnostics: readonly Diagnostic[], severity: Diagnostic['severity']): number =>
  diagnostics.filter(one => one.severity === severity).length;

const escapeGithub = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** https://docs.github.com/actions: workflow commands `error`, `warning`, `notice`. */
export function githubLine(one: Diagnostic): string {
  const kind = one.severity === 'information' ? 'notice' : one.severity;
  const { start, end } = one.range;
  const where = `file=${escapeGithub(pathOf(one.uri))},line=${start.line + 1},endLine=${end.line + 1},col=${start.character + 1},endColumn=${end.character + 1}`;
  return `::${kind} ${where},title=${one.rule}::${escapeGithub(one.message)}`;
}

/** SARIF 2.1.0, OASIS. Columns and lines from 1. */
export function sarif(diagnostics: readonly Diagnostic[]) {
  const level = { error: 'error', warning: 'warning', information: 'note' } as const;
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'dsys',
            version,
            rules: [...new Set(diagnostics.map(one => one.rule))].sort().map(id => ({ id })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map(one => ({
          ruleId: one.rule,
          level: level[one.severity],
          message: { text: one.message },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: pathOf(one.uri).split('\\').map(encodeURI).join('/') },
                region: {
                  startLine: one.range.start.line + 1,
                  startColumn: one.range.start.character + 1,
                  endLine: one.range.end.line + 1,
                  endColumn: one.range.end.character + 1,
                },
              },
            },
          ],
        })),
      },
    ],
  };
}
