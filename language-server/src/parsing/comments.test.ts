import { isNode } from '@dsys/grammar';
import { AstUtils } from 'langium';
import { expect, test } from 'vitest';
import { parseText } from '../module.ts';
import { commentsIn, documentationOf } from './comments.ts';

const text = `// first
/** Not this one. */
region a { zones x }

/**
 * The **main** cluster:
 *
 * - three nodes
 *   - alike
 */
// dsys-ignore even-cluster: on purpose
cluster eu { nodes /** the first */ e1, e2 }
/* plain */
store s on eu { } // dsys-ignore no-claims: later
store t on eu { }
/** of nothing */
`;

test('doc comments belong to the next declaration', () => {
  const root = parseText(text, 'file:///x.dsys').parseResult.value;
  const [region, cluster, s, t] = root.declarations;
  expect(documentationOf(region)).toBe('Not this one.');
  expect(documentationOf(cluster)).toBe('The **main** cluster:\n\n- three nodes\n  - alike');
  expect(documentationOf(s)).toBeUndefined();
  expect(documentationOf(t)).toBeUndefined();
  const nodes = AstUtils.streamAst(cluster).filter(isNode).toArray();
  expect(nodes.map(documentationOf)).toEqual(['the first', undefined]);
});

test('the first declaration of a file', () => {
  const [region] = parseText('/** At the very\r\n * beginning */\r\nregion a', 'file:///x.dsys').parseResult.value
    .declarations;
  expect(documentationOf(region)).toBe('At the very\nbeginning');
});

test('every comment is there with its place, also where the text is wrong', () => {
  const comments = (each: string) =>
    commentsIn(parseText(each, 'file:///x.dsys').parseResult.value).map(leaf => [
      leaf.text.slice(0, 15),
      leaf.range.start.line,
    ]);
  expect(comments(text)).toEqual([
    ['// first', 0],
    ['/** Not this on', 1],
    ['/**\n * The **ma', 4],
    ['// dsys-ignore ', 10],
    ['/** the first *', 11],
    ['/* plain */', 12],
    ['// dsys-ignore ', 13],
    ['/** of nothing ', 15],
  ]);
  expect(comments('store a on { // one\n data // two\n /* three */ }\n// four')).toEqual([
    ['// one', 0],
    ['// two', 1],
    ['/* three */', 2],
    ['// four', 3],
  ]);
  expect(comments('// alone')).toEqual([['// alone', 0]]);
});
