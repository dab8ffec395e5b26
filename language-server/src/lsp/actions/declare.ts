/** For a name that refers to nothing: the declaration that it lacks, or the import that would bring it. */
import { type Cluster, isName, isRegion, type Name, type Region, type Specification } from '@dsys/grammar';
import { CstUtils, type LangiumDocument, UriUtils } from 'langium';
import { type CodeAction, CodeActionKind } from 'vscode-languageserver';
import type { Edit, Range } from '../../diagnostic.ts';
import { expectedAt } from '../../names/expected.ts';
import { type SymbolKind, symbolsOf, textsFor } from '../../names/symbols.ts';
import { importEdit } from '../completion/names.ts';
import type { Project } from '../project.ts';
import { action } from './actions.ts';
import { atEnd, insertAt, lineEnd, overlaps } from './edits.ts';

export function missingDeclarations(project: Project, range: Range, others: readonly LangiumDocument[]): CodeAction[] {
  return project
    .names()
    .diagnostics.filter(
      each => each.rule === 'unresolved-name' && each.uri === project.uri && overlaps(each.range, range),
    )
    .flatMap(({ range: at }) => {
      const name = nameAt(project, at);
      const expected = name && expectedAt(name);
      if (!name || !expected) return [];
      return [...imports(project, name, expected.kinds, others), ...declarations(project, name, expected.kinds)];
    });
}

function nameAt({ workspace }: Project, { start }: Range): Name | undefined {
  const { document } = workspace.entry;
  const root = document.parseResult.value.$cstNode;
  const leaf = root && CstUtils.findLeafNodeAtOffset(root, document.textDocument.offsetAt(start));
  return isName(leaf?.astNode) ? leaf.astNode : undefined;
}

function imports(
  { workspace, uri }: Project,
  name: Name,
  kinds: readonly SymbolKind[],
  others: readonly LangiumDocument[],
): CodeAction[] {
  const text = name.parts.join('.');
  const folder = UriUtils.dirname(workspace.entry.document.uri);
  return others.flatMap(other => {
    if (workspace.byUri.has(other.uri.toString()) || !UriUtils.equals(UriUtils.dirname(other.uri), folder)) return [];
    const declared = symbolsOf(other.parseResult.value as Specification, other.uri.toString());
    if (!declared.some(symbol => kinds.includes(symbol.kind) && textsFor(symbol).includes(text))) return [];
    const edit: Edit = { uri, ...importEdit(workspace, other.uri) };
    return [action(`Import ${text} from ./${UriUtils.basename(other.uri)}`, CodeActionKind.QuickFix, [edit])];
  });
}

function declarations(project: Project, name: Name, kinds: readonly SymbolKind[]): CodeAction[] {
  const scope = project.names().scopeOf(project.uri);
  const [first, second, ...more] = name.parts;
  if (first === undefined || more.length > 0) return [];
  if (second !== undefined) return kinds.includes('zone') ? zoneIn(project, first, second) : [];
  const [cluster] = scope.list(['cluster']);
  const [store] = scope.list(['store']);
  const texts: Partial<Record<SymbolKind, string>> = {
    region: `region ${first}`,
    cluster: `cluster ${first} {\n  nodes 3\n}`,
    ...(cluster && { store: `store ${first} on ${cluster.path} {\n  consensus raft\n}` }),
    ...(store && { workload: `workload ${first} on ${store.path} {\n  operations 50% read, 50% write\n}` }),
    ...(store && { transaction: `transaction ${first} {\n  update ${store.path}\n}` }),
  };
  const made = kinds.flatMap(kind => {
    const text = texts[kind];
    const edit = text === undefined ? undefined : atEnd(project, text);
    return edit ? [action(`Declare ${kind} ${first}`, CodeActionKind.QuickFix, [edit])] : [];
  });
  return kinds.includes('node') ? [...made, ...nodeIn(project, first)] : made;
}

/** A further zone of a region that is declared in the same file. */
function zoneIn(project: Project, regionName: string, zone: string): CodeAction[] {
  const region = ownDeclarations(project).find((each): each is Region => isRegion(each) && each.name === regionName);
  if (!region?.$cstNode) return [];
  const last = region.zones.at(-1)?.$cstNode;
  const isOpen = region.$cstNode.text.endsWith('}');
  if (!last && isOpen) return [];
  const edit = last
    ? insertAt(project, last.end, `, ${zone}`)
    : insertAt(project, region.$cstNode.end, ` { zones ${zone} }`);
  return [action(`Add zone ${zone} to region ${regionName}`, CodeActionKind.QuickFix, [edit])];
}

/** A further node of the only cluster of the file. */
function nodeIn(project: Project, node: string): CodeAction[] {
  const clusters = ownDeclarations(project).filter((each): each is Cluster => each.$type === 'Cluster');
  const [cluster] = clusters;
  const line = cluster?.members.at(-1);
  if (clusters.length !== 1 || !line?.$cstNode) return [];
  const edit = insertAt(project, line.$cstNode.end, `${lineEnd(project)}  nodes ${node}`);
  return [action(`Add node ${node} to cluster ${cluster!.name}`, CodeActionKind.QuickFix, [edit])];
}

const ownDeclarations = ({ workspace }: Project) => workspace.entry.document.parseResult.value.declarations;
