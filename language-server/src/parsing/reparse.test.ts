/** What is read around a change is the same as what is read as a whole: tree, places, comments, containers. */
import type { Specification } from '@dsys/grammar';
import fc from 'fast-check';
import { type AstNode, type CstNode, isCompositeCstNode, type ParseResult } from 'langium';
import { describe, expect, test } from 'vitest';
import { parseText } from '../module.ts';
import { fixtures } from '../testing/fixtures.ts';
import { fuzz, timeFor } from '../testing/fuzz.ts';
import { nodesIn } from './nodes.ts';
import { reparse } from './reparse.ts';

const parse = (text: string) => parseText(text, 'file:///a.dsys').parseResult as ParseResult<Specification>;

/** Everything that can be asked of a tree, as text that can be compared. */
function shown({ value }: ParseResult<Specification>): string[] {
  const paths = new Map<AstNode, string>();
  const lines: string[] = [];
  for (const node of nodesIn(value)) {
    const { $container: container, $containerProperty: property, $containerIndex: index } = node;
    const path = container ? `${paths.get(container)}/${property}${index === undefined ? '' : `[${index}]`}` : '';
    paths.set(node, path);
    const plain = Object.entries(node).filter(([key, held]) => !key.startsWith('$') && typeof held !== 'object');
    lines.push(`${path} ${node.$type} ${JSON.stringify(plain)} ${place(node.$cstNode!)}`);
  }
  const visit = (node: CstNode, depth: number): void => {
    lines.push(
      `${' '.repeat(depth)}${place(node)} ${node.hidden ? 'hidden' : node.astNode.$type} ${node.grammarSource?.$type}`,
    );
    if (isCompositeCstNode(node)) {
      for (const child of node.content) {
        expect(child.container).toBe(node);
        visit(child, depth + 1);
      }
    }
  };
  visit(value.$cstNode!, 0);
  return lines;
}

const place = ({ offset, end, range, text }: CstNode): string =>
  `${offset}-${end} ${range.start.line}:${range.start.character}-${range.end.line}:${range.end.character} ${JSON.stringify(text)}`;

/** @returns whether only a part was read */
function check(before: string, after: string): boolean {
  const old = parse(before);
  // Ranges are remembered: those of before must not be seen afterwards.
  shown(old);
  const lengths: number[] = [];
  const found = reparse(old, after, text => {
    lengths.push(text.length);
    return parse(text);
  });
  if (found === undefined) {
    expect(shown(old), 'an old tree that is not used is whole').toEqual(shown(parse(before)));
    return false;
  }
  expect(shown(found)).toEqual(shown(parse(after)));
  expect(Math.max(...lengths)).toBeLessThan(after.length);
  return true;
}

const region = (i: number) => `region r${i} { zones a, b }\n`;
const many = Array.from({ length: 12 }, (_, i) => region(i)).join('');

describe('a part of the text is read', () => {
  test.each<[string, string, string]>([
    ['a letter in the middle', many, many.replace('r6', 'r66')],
    ['a line more', many, many.replace('region r6', '\n\nregion r6')],
    ['a line less', many, many.replace(region(6), '')],
    ['a declaration more', many, many.replace(region(6), `${region(6)}cluster c { nodes 3 }\n`)],
    ['at the beginning', many, `import "b.dsys"\n${many}`],
    ['at the end', many, `${many}store s on c { consensus raft }\n`],
    [
      'a comment that becomes another',
      many.replace('region r6', '/* x */ region r6'),
      many.replace('region r6', '/* xyz */ region r6'),
    ],
    ['on one line', many.replaceAll('\n', ' '), many.replaceAll('\n', ' ').replace('r6', 'r6666')],
    ['Windows line ends', many.replaceAll('\n', '\r\n'), many.replaceAll('\n', '\r\n').replace('r6', 'r6\r\n\r\n')],
  ])('%s', (_, before, after) => {
    expect(check(before, after)).toBe(true);
  });
});

describe('the whole text is read', () => {
  test.each<[string, string, string]>([
    ['after an error', many.replace('zones a, b }', 'zones a, b'), many],
    ['with an error', many, many.replace('zones a', 'zones a,')],
    ['when a bracket opens', many, many.replace('r6 {', 'r6 {{')],
    ['when a comment opens', many, many.replace('region r6', '/* region r6')],
    [
      'when a comment swallows what follows',
      `${many}/* end */ region z`,
      `${many.replace('region r6', '/* region r6')}/* end */ region z`,
    ],
    ['of a short one', region(1), region(2)],
    ['of a text without anything', '', region(2)],
  ])('%s', (_, before, after) => {
    expect(check(before, after)).toBe(false);
  });
});

/** Words and marks that mean something, with what would go wrong if they joined what stands beside them. */
const pieces = [
  '',
  '',
  ' ',
  '\n',
  '\r\n',
  '\r',
  '{',
  '}',
  'x',
  ' 5 ms',
  '// note\n',
  '/* note */',
  '/** doc */',
  '/*',
  '*/',
  '"',
  'region q',
  'cluster q { nodes 1 }',
  ',',
  '..',
  'rules { even-cluster off }',
  'network { latency 1ms }',
];

test('random changes of texts that can be read', { timeout: timeFor(120) }, () => {
  const texts = [...fixtures(), ...fixtures('elaborate')].map(({ text }) => text);
  const clean = texts.filter(text => {
    const { lexerErrors, parserErrors } = parse(text);
    return lexerErrors.length + parserErrors.length === 0;
  });
  expect(clean.length).toBeGreaterThan(5);
  const whole = fc.array(fc.constantFrom(...clean, ...Array.from({ length: 4 }, (_, i) => region(i))), {
    minLength: 2,
    maxLength: 6,
  });
  const change = fc.tuple(fc.nat(), fc.nat(40), fc.constantFrom(...pieces));
  let parts = 0;
  fc.assert(
    fc.property(whole, fc.array(change, { minLength: 1, maxLength: 2 }), (texts, changes) => {
      const before = texts.join('\n');
      const after = changes.reduce((text, [at, length, piece]) => {
        const start = at % (text.length + 1);
        return text.slice(0, start) + piece + text.slice(start + length);
      }, before);
      if (check(before, after)) parts++;
    }),
    fuzz(300, 11),
  );
  expect(parts, 'some changes left the rest as it was').toBeGreaterThan(30);
});
