/**
 * `// dsys-ignore rule-id: why` on the line above silences one rule there. The reason is required; a comment that
 * silences nothing, or says no reason, is a finding itself.
 */
import type { LeafCstNode } from 'langium';
import { CstUtils } from 'langium';
import type { Diagnostic } from '../diagnostic.ts';
import { closest } from '../names/suggest.ts';
import { commentsIn } from '../parsing/comments.ts';
import type { Workspace } from '../workspace/load.ts';

interface Ignore {
  readonly uri: string;
  readonly rule: string;
  readonly why: string;
  readonly comment: LeafCstNode;
  /** Zero-based line that it speaks of: the next one that has more than comments. */
  readonly line: number;
}

export interface Ignored {
  /** What is left to say, with what is wrong about the comments. */
  readonly diagnostics: readonly Diagnostic[];
  /** How many findings were silenced. */
  readonly count: number;
}

/** @param known ids that may be ignored @param silent rules that do not speak here at all, so that ignoring them is idle */
export function withoutIgnored(
  found: readonly Diagnostic[],
  workspace: Workspace,
  known: ReadonlySet<string>,
): Ignored {
  const ignores = workspace.files.flatMap(({ uri, document }) =>
    // Comments are slow to find in a long file, and few files silence anything.
    document.textDocument.getText().includes('dsys-ignore')
      ? ignoresIn(uri, commentsIn(document.parseResult.value))
      : [],
  );
  const used = new Set<Ignore>();
  const kept = found.filter(({ uri, rule, range }) => {
    const ignore = ignores.find(one => one.uri === uri && one.rule === rule && one.line === range.start.line);
    if (ignore === undefined) return true;
    used.add(ignore);
    // Without a reason it still silences: one finding to read is enough.
    return false;
  });
  const about = ignores.flatMap(ignore => problemOf(ignore, used.has(ignore), known));
  return { diagnostics: [...kept, ...about], count: found.length - kept.length };
}

function problemOf(ignore: Ignore, isUsed: boolean, known: ReadonlySet<string>): Diagnostic[] {
  const { uri, comment, rule, why } = ignore;
  const say = (id: string, message: string): Diagnostic[] => [
    { uri, range: comment.range, rule: id, severity: 'warning', message },
  ];
  if (!known.has(rule)) {
    const near = closest(rule, [...known]);
    const hint = near === undefined ? 'dsys explain lists all rules.' : `Did you mean ${near}?`;
    return say(
      'ignore-unused',
      rule === '' ? 'Which rule? Write // dsys-ignore rule-id: why.' : `There is no rule ${rule}. ${hint}`,
    );
  }
  if (!isUsed) return say('ignore-unused', `${rule} has nothing to say about the next line: this comment can go.`);
  if (why === '')
    return say('ignore-without-reason', `Why may ${rule} be ignored here? Write // dsys-ignore ${rule}: why.`);
  return [];
}

function ignoresIn(uri: string, comments: readonly LeafCstNode[]): Ignore[] {
  return comments.flatMap(comment => {
    const match = /^\/\/\s*dsys-ignore\b\s*([A-Za-z0-9-]*)\s*:?\s*(.*?)\s*$/.exec(comment.text);
    if (match === null) return [];
    const next = nextWritten(comment);
    return [
      { uri, rule: match[1]!, why: match[2]!, comment, line: next?.range.start.line ?? comment.range.end.line + 1 },
    ];
  });
}

/** The next leaf that is no comment. */
function nextWritten(comment: LeafCstNode): LeafCstNode | undefined {
  let node = CstUtils.getNextNode(comment, true);
  while (node !== undefined && 'hidden' in node && node.hidden) node = CstUtils.getNextNode(node, true);
  return node as LeafCstNode | undefined;
}
