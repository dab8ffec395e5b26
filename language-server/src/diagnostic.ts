import type { AstNode, CstNode, Properties } from 'langium';
import { AstUtils, GrammarUtils } from 'langium';

/** Zero-based; characters are UTF-16 units, as in LSP. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export type Severity = 'error' | 'warning' | 'information';

export interface Place {
  readonly uri: string;
  readonly range: Range;
}

export interface Edit extends Place {
  readonly newText: string;
}

/** Everything that dsys says about a file: syntax, names, elaboration and rules use this one shape. */
export interface Diagnostic extends Place {
  /** `syntax`, `unresolved-name` or a rule of the catalogue. */
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly related?: readonly (Place & { readonly message: string })[];
  readonly fixes?: readonly { readonly title: string; readonly edits: readonly Edit[] }[];
}

const fileStart: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** Where a node, one of its properties or one element of it is written; the node if the property is not written. */
export function placeOf<N extends AstNode>(node: N, property?: Properties<N>, index?: number): Place {
  const part = property && GrammarUtils.findNodeForProperty(node.$cstNode, property, index);
  return placeOfCst(node, part ?? node.$cstNode);
}

function placeOfCst(node: AstNode, cst: CstNode | undefined): Place {
  const uri = AstUtils.getDocument(node).uri.toString();
  return { uri, range: cst?.range ?? fileStart };
}
