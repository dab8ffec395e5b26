/** Edits of a project's own file. */
import type { Edit, Range } from '../../diagnostic.ts';
import type { Project } from '../project.ts';

const documentOf = ({ workspace }: Project) => workspace.entry.document.textDocument;

export const lineEnd = (project: Project): string => (documentOf(project).getText().includes('\r\n') ? '\r\n' : '\n');

/** Line ends are those of the file. */
export function insertAt(project: Project, offset: number, text: string): Edit {
  const at = documentOf(project).positionAt(offset);
  const newText = text.replace(/\r?\n/g, lineEnd(project));
  return { uri: project.uri, range: { start: at, end: at }, newText };
}

/** A declaration below everything else, with an empty line before it. */
export function atEnd(project: Project, declaration: string): Edit {
  const text = documentOf(project).getText();
  const blank = text.trim() === '' ? '' : /\n\s*\n$/.test(text) ? '' : text.endsWith('\n') ? '\n' : '\n\n';
  return insertAt(project, text.length, `${blank}${declaration}\n`);
}

export const overlaps = (a: Range, b: Range): boolean => !isBefore(a.end, b.start) && !isBefore(b.end, a.start);

const isBefore = (a: Range['start'], b: Range['start']): boolean =>
  a.line < b.line || (a.line === b.line && a.character < b.character);

/** A name that nothing visible has. */
export function freshName(project: Project, wanted: string): string {
  const scope = project.names().scopeOf(project.uri);
  const isTaken = (name: string) =>
    scope.lookup(name, ['region', 'cluster', 'store', 'transaction', 'workload', 'scenario', 'exploration']).length > 0;
  let name = wanted;
  for (let i = 2; isTaken(name); i++) name = `${wanted}-${i}`;
  return name;
}
