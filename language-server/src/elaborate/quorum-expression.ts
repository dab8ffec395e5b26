/** Quorums on their own, as the command line takes them: `any 2 of (a, b, c)`, with the grammar and the meaning they have in a store. */
import { isGrid, type Name, type Quorum as QuorumAst } from '@dsys/grammar';
import type { Quorum } from '@dsys/runtime/design/quorum';
import { AstUtils } from 'langium';
import { loadWorkspace, partsParser } from '../module.ts';
import { diagnose } from '../workspace/diagnose.ts';
import { elaborate } from './elaborate.ts';

export interface QuorumExpressions {
  /** Names of the nodes: those that the expressions name, in the order in which they do, then the further ones. */
  readonly nodes: readonly string[];
  /** In the order of the texts; a node is its position in `nodes`. */
  readonly quorums: readonly Quorum[];
}

/** What cannot be read, in one plain sentence. */
export interface QuorumProblem {
  readonly problem: string;
}

/** Most expressions that are read together: a read and a write quorum. */
const words = ['read', 'write'] as const;

/**
 * @param texts one or two quorums, over the same nodes
 * @param further nodes that hold the key too, by name: what `majority` and numbers count beside the named ones
 */
export async function readQuorums(
  texts: readonly string[],
  further: readonly string[],
): Promise<QuorumExpressions | QuorumProblem> {
  const names = new Set<string>();
  let cells = 0;
  for (const text of texts) {
    const parsed = partsParser().parse<QuorumAst>(text, { rule: 'Quorum' });
    const wrong = parsed.lexerErrors[0] ?? parsed.parserErrors[0];
    if (wrong !== undefined) return { problem: `"${text}" is no quorum. ${wordsOf(wrong)}` };
    const root = parsed.value;
    for (const node of [root, ...AstUtils.streamAllContents(root)]) {
      if (isGrid(node)) cells = Math.max(cells, node.rows.value * node.columns.value);
      if (node.$type === 'ScopedQuorum') {
        return { problem: `"${text}" depends on regions, which only a design has: dsys facts shows its quorums.` };
      }
      // Words such as majority are the quorum itself; names of nodes stand within one.
      if (node.$type === 'Name' && node !== root) names.add((node as Name).parts.join('.'));
    }
  }
  const nodes = [...new Set([...names, ...further])];
  // A grid is a shape: without names its cells are its nodes.
  if (nodes.length === 0) for (let i = 1; i <= cells; i++) nodes.push(`n${i}`);
  if (nodes.length === 0) {
    return {
      problem: `"${texts[0]}" names no nodes. Say how many there are, such as --nodes 5, or name them: any 2 of (a, b, c).`,
    };
  }
  return elaborated(texts, nodes);
}

/** The meaning is what a store with these quorums has: nothing is said twice about names, sizes and shapes. */
async function elaborated(
  texts: readonly string[],
  nodes: readonly string[],
): Promise<QuorumExpressions | QuorumProblem> {
  const options = texts.map((text, i) => `    ${words[i]} ${text}\n`).join('');
  const design = `cluster these-nodes { nodes ${nodes.join(', ')} }\nstore this-store on these-nodes {\n  replication leaderless {\n${options}  }\n}\n`;
  const workspace = (await loadWorkspace('inmemory:/quorum.dsys', () => design))!;
  const { names, diagnostics } = diagnose(workspace);
  const result = elaborate(workspace, names, uri => uri);
  const error = [...diagnostics, ...result.diagnostics].find(one => one.severity === 'error');
  if (error !== undefined) return { problem: error.message.replaceAll(' of this-store', '') };
  const { quorums } = result.design.partitions[0]!;
  return { nodes, quorums: texts.map((_, i) => quorums[words[i]!]!) };
}

function wordsOf(error: { readonly message: string; readonly token?: { readonly image: string } }): string {
  // What the parser expects after a whole quorum is the next declaration of a file, which nobody meant.
  if (error.message.startsWith('Expected a declaration'))
    return `Nothing can follow it, but "${error.token?.image}" does.`;
  return error.message.replace('the end of the file', 'the end');
}
