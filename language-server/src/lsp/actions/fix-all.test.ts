import { expect, test } from 'vitest';
import type { CodeAction } from 'vscode-languageserver';
import { review } from '../../rules/review.ts';
import { analysed } from '../../testing/design.ts';
import { edited, editor } from '../../testing/editor.ts';
import { fixesOfKind } from './fix-all.ts';

async function asked(marked: string, only?: string[]) {
  const { services, document, at, position } = await editor(marked, {}, { build: true });
  const here = document.diagnostics!.filter(({ range }) => range.start.line === position.line);
  const params = { ...at, range: { start: position, end: position }, context: { diagnostics: here, only } };
  const actions = (await services.lsp.CodeActionProvider!.getCodeActions(document, params)) as CodeAction[];
  const text = document.textDocument.getText();
  return {
    titles: actions.map(({ title }) => title),
    apply: (start: string) => {
      const { edit } = actions.find(({ title }) => title.startsWith(start))!;
      return edited(text, edit!.changes![document.uri.toString()]!);
    },
  };
}

const rulesOf = async (text: string) => review(await analysed(text)).diagnostics.map(({ rule }) => rule);

const two = `cluster c { nodes 3 }
store s on c { replication leaderless { ¦read 1  write 1 } }
store t on c { replication leaderless { read 1  write 1 } }
`;

test('all findings of the rule at the cursor are mended at once', async () => {
  const before = await rulesOf(two.replace('¦', ''));
  expect(before.filter(rule => rule === 'quorum-rw-disjoint')).toHaveLength(2);
  const { titles, apply } = await asked(two);
  expect(titles).toContain('Fix all 2 of quorum-rw-disjoint');
  const after = apply('Fix all 2 of quorum-rw-disjoint');
  expect(await rulesOf(after)).not.toContain('quorum-rw-disjoint');
  expect(after.match(/read 3/g)).toHaveLength(2);
});

test('one finding is no kind', async () => {
  const { titles } = await asked(two.split('\n').slice(0, 2).join('\n'));
  expect(titles.filter(title => title.startsWith('Fix all'))).toEqual([]);
});

const spaced = 'network { ¦latency 5 ms }\ncluster c { nodes 1 in nowher }\nregion nowhere\nstore s on c {}\n';

test('what has one fix is mended when asked for by name, and only then', async () => {
  expect((await asked(spaced)).titles).not.toContain('Fix everything that has one fix');
  const { titles, apply } = await asked(spaced, ['source.fixAll']);
  expect(titles).toEqual(['Fix everything that has one fix']);
  const after = apply('Fix everything');
  expect(after).toContain('latency 5ms');
  expect(after).toContain('in nowhere');
});

test('what has several ways to be mended is left to people', async () => {
  expect((await asked(two, ['source.fixAll'])).titles).toEqual([]);
});

test('of two fixes for the same place one is taken, and what both say is said once', () => {
  const at = (start: number, end: number) => ({
    start: { line: 0, character: start },
    end: { line: 0, character: end },
  });
  const finding = (start: number, end: number, newText: string) => ({
    range: at(start, end),
    code: 'r',
    message: '',
    data: { fixes: [{ title: 't', edits: [{ uri: 'file:///a', range: at(start, end), newText }] }] },
  });
  const all = [finding(0, 4, 'a'), finding(2, 6, 'b'), finding(0, 4, 'a'), finding(8, 9, 'c'), finding(9, 9, 'd')];
  const [found] = fixesOfKind([all[0]!], all);
  expect(found!.edit!.changes!['file:///a']!.map(({ newText }) => newText)).toEqual(['a', 'c']);
});
