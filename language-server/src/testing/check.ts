import type { Diagnostic } from '../diagnostic.ts';
import { loadWorkspace } from '../module.ts';
import { type Diagnosis, diagnose } from '../workspace/diagnose.ts';
import type { Workspace } from '../workspace/load.ts';

/** The file that `check` checks; the others stand beside it. */
export const mainFile = 'main.dsys';
const folder = 'file:///test/';

interface Marker {
  readonly file: string;
  /** Zero-based. */
  readonly line: number;
  readonly severity: string;
  readonly rule: string;
  /** The text that the range covers, if the marker says it. */
  readonly at: string | undefined;
  readonly part: string;
  /** `part` is the whole message: `// error: rule-id:= message`. */
  readonly isWhole: boolean;
}

const marker =
  /\/\/ (error|warning|information): ([a-z0-9-]+)(?: at `([^`]*)`)?(?:(:=?) (.*?))?(?=\s*\/\/ (?:error|warning|information): |\s*$)/g;

/** What is said about a workspace; further stages of the analysis take the place of `diagnose`. */
export type Analysis = (workspace: Workspace) => readonly Diagnostic[];

/**
 * Checks that exactly the marked diagnostics are reported. A marker stands at the end of the line on which the
 * diagnostic begins; several follow each other:
 *
 *     store a on eux { }      // error: unresolved-name: no cluster 'eux'
 *     store b on eux { }      // error: unresolved-name at `eux`: Did you mean
 *
 * After `:` stands a part of the message, after `:=` all of it.
 *
 * @param text the main file
 * @param files further files by their paths relative to the main file
 * @throws with a line for every diagnostic that is missing or not expected
 */
export async function check(
  text: string,
  files: Readonly<Record<string, string>> = {},
  analysis: Analysis = workspace => diagnose(workspace).diagnostics,
): Promise<Workspace> {
  const texts: Record<string, string> = { ...files, [mainFile]: text };
  const workspace = await workspaceOf(texts);
  const expected = Object.entries(texts).flatMap(([file, each]) => markersIn(file, each));
  const problems = compare(expected, analysis(workspace), texts);
  if (problems.length > 0) throw new Error(`${problems.join('\n')}\n\nin\n${numbered(text)}`);
  return workspace;
}

/** A text with everything that is known about it before elaboration, errors or not. */
export async function analyse(
  text: string,
  files: Readonly<Record<string, string>> = {},
): Promise<Diagnosis & { workspace: Workspace }> {
  const workspace = await workspaceOf({ ...files, [mainFile]: text });
  return { workspace, ...diagnose(workspace) };
}

export async function workspaceOf(texts: Readonly<Record<string, string>>): Promise<Workspace> {
  const read = (uri: string) => texts[decodeURIComponent(uri.slice(folder.length))];
  const workspace = await loadWorkspace(folder + mainFile, read);
  if (!workspace) throw new Error(`no ${mainFile}`);
  return workspace;
}

function markersIn(file: string, text: string): Marker[] {
  return text.split(/\r?\n/).flatMap((content, line) =>
    [...content.matchAll(marker)].map(([, severity, rule, at, colon, part]) => ({
      file,
      line,
      severity,
      rule,
      at,
      part: part ?? '',
      isWhole: colon === ':=',
    })),
  );
}

function compare(
  expected: readonly Marker[],
  found: readonly Diagnostic[],
  texts: Readonly<Record<string, string>>,
): string[] {
  const rest = [...found];
  const problems: string[] = [];
  for (const each of expected) {
    const index = rest.findIndex(diagnostic => matches(each, diagnostic, texts));
    if (index >= 0) rest.splice(index, 1);
    else
      problems.push(
        `missing     ${each.file}:${each.line + 1} ${each.severity}: ${each.rule}${each.at ? ` at \`${each.at}\`` : ''}: ${each.part}`,
      );
  }
  for (const { uri, range, severity, rule, message } of rest) {
    const at = covered(texts[fileOf(uri)] ?? '', range);
    problems.push(`unexpected  ${fileOf(uri)}:${range.start.line + 1} ${severity}: ${rule} at \`${at}\`: ${message}`);
  }
  return problems;
}

function matches(marker: Marker, diagnostic: Diagnostic, texts: Readonly<Record<string, string>>): boolean {
  return (
    fileOf(diagnostic.uri) === marker.file &&
    diagnostic.range.start.line === marker.line &&
    diagnostic.severity === marker.severity &&
    diagnostic.rule === marker.rule &&
    (marker.isWhole ? diagnostic.message === marker.part : diagnostic.message.includes(marker.part)) &&
    (marker.at === undefined || covered(texts[marker.file], diagnostic.range) === marker.at)
  );
}

const fileOf = (uri: string) => decodeURIComponent(uri.slice(folder.length));

function covered(text: string, { start, end }: Diagnostic['range']): string {
  const lines = text.split('\n');
  if (start.line === end.line) return (lines[start.line] ?? '').slice(start.character, end.character);
  const middle = lines.slice(start.line + 1, end.line);
  return [lines[start.line].slice(start.character), ...middle, lines[end.line].slice(0, end.character)].join('\n');
}

function numbered(text: string): string {
  return text
    .split('\n')
    .map((line, i) => `${String(i + 1).padStart(4)} | ${line}`)
    .join('\n');
}
