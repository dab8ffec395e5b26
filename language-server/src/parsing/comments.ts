import type { Specification } from '@dsys/grammar';
import { type AstNode, type CstNode, CstUtils, type LeafCstNode } from 'langium';

/** All comments of a file in the order of the text, `// dsys-ignore` among them. */
export function commentsIn(root: Specification): LeafCstNode[] {
  return root.$cstNode
    ? CstUtils.flattenCst(root.$cstNode)
        .filter(leaf => leaf.hidden)
        .toArray()
    : [];
}

/** The Markdown of the doc comment directly before a declaration; line comments may stand between the two. */
export function documentationOf(node: AstNode): string | undefined {
  let before: CstNode | undefined = node.$cstNode && CstUtils.getPreviousNode(node.$cstNode, true);
  while (before?.hidden && before.text.startsWith('//')) before = CstUtils.getPreviousNode(before, true);
  return before?.hidden && /^\/\*\*(?!\/)/.test(before.text) ? markdownOf(before.text) : undefined;
}

function markdownOf(comment: string): string {
  return comment
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split(/\r?\n/)
    .map(line => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim();
}
