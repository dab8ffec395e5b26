import type { Import, Specification } from '@dsys/grammar';
import { GrammarUtils, type LangiumDocument, type URI, UriUtils } from 'langium';

export interface ResolvedImport {
  readonly node: Import;
  /** Where the import leads, whether or not there is a file; undefined while the path is not written yet. */
  readonly uri: string | undefined;
}

/** The imports of a file with their paths taken relative to it. */
export function importsOf(document: LangiumDocument<Specification>): ResolvedImport[] {
  return document.parseResult.value.imports.map(node => ({
    node,
    uri: resolveImport(document.uri, writtenPath(node)),
  }));
}

/** The path as written: paths are pasted from Windows too, and there a backslash is no escape. */
function writtenPath(node: Import): string {
  const written = GrammarUtils.findNodeForProperty(node.$cstNode, 'path')?.text ?? '';
  return written.replace(/^"|"$/g, '').replace(/\\+/g, '/');
}

function resolveImport(from: URI, path: string): string | undefined {
  return path === '' ? undefined : UriUtils.resolvePath(UriUtils.dirname(from), path).toString();
}
