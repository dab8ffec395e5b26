import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseText } from '../module.ts';
import { syntaxDiagnostics } from '../parsing/syntax.ts';
import { commentsOf } from '../testing/comments.ts';
import { fixtures } from '../testing/fixtures.ts';
import { fuzz } from '../testing/fuzz.ts';
import { show } from '../testing/show.ts';
import { format, lineWidth } from './format.ts';

const valid = fixtures().filter(({ text }) => syntaxDiagnostics(parseText(text, 'file:///x.dsys')).length === 0);

function formatted(text: string): string {
  const result = format(text);
  if (typeof result !== 'string') throw new Error(`not formatted: ${result.errors[0].message}\n${text}`);
  return result;
}

const tree = (text: string) => show(parseText(text, 'file:///x.dsys').parseResult.value);

function expectSound(text: string): void {
  const once = formatted(text);
  expect(tree(once)).toBe(tree(text));
  expect(commentsOf(once)).toEqual(commentsOf(text));
  expect(formatted(once)).toBe(once);
  for (const line of once.split('\n')) {
    expect(line).toBe(line.trimEnd());
    const isList = /\/\/|\/\*|"|,|\(/.test(line);
    if (!isList) expect(line.length).toBeLessThanOrEqual(lineWidth);
  }
  expect(once).not.toMatch(/\n\n\n/);
}

test('most fixtures are valid', () => {
  expect(valid.length).toBeGreaterThan(120);
});

test.each(valid)('$file: $name', ({ text }) => {
  expectSound(text);
});

/** A text with its line breaks, spaces and comments laid out at random. */
const laidOut = fc
  .tuple(
    // On one line `retries 3 d 5` has the quantity 3d with a space in it.
    fc.constantFrom(...valid.filter(each => !each.name.startsWith('a unit on the next line')).map(each => each.text)),
    fc.infiniteStream(fc.constantFrom(' ', ' ', ' ', '  ', '\n', '\n', '\n\n\n', ' /* note */ ', ' // note\n', '\t')),
  )
  .map(([text, gaps]) =>
    text
      .replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*/g, (_, string) => string ?? '')
      .split(/("(?:\\.|[^"\\])*"|\/\*[\s\S]*?\*\/)/)
      .map((part, i) => (i % 2 === 1 ? part : part.replace(/\s+/g, () => gaps.next().value ?? ' ')))
      .join(''),
  );

test('any layout is formatted without loss', () => {
  fc.assert(fc.property(laidOut, expectSound), fuzz(600, 31));
});

test('layout means nothing', () => {
  fc.assert(
    fc.property(laidOut, text => {
      const plain = text.replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, string) => string ?? ' ');
      expect(tree(text)).toBe(tree(plain));
    }),
    fuzz(300, 32),
  );
});

test('blocks', () => {
  expect(formatted('cluster   db{nodes 3}')).toBe('cluster db { nodes 3 }\n');
  expect(formatted('cluster db { }')).toBe('cluster db {}\n');
  expect(formatted('cluster db {\n}')).toBe('cluster db {}\n');
  expect(formatted('cluster db {\nnodes 3 }')).toBe('cluster db {\n  nodes 3\n}\n');
  expect(formatted('region a region b')).toBe('region a\nregion b\n');
  expect(formatted('network { loss 1% duplicate 2%\nreorder 3% }')).toBe(
    'network {\n  loss 1%  duplicate 2%\n  reorder 3%\n}\n',
  );
});

test('a block that does not fit its line is opened, outer blocks first', () => {
  const options = Array.from({ length: 8 }, (_, i) => `option-number-${i} on`);
  const inner = `store a on eu { consensus raft { ${options.slice(0, 3).join(' ')} } }`;
  expect(formatted(inner)).toBe(`store a on eu { consensus raft { ${options.slice(0, 3).join('  ')} } }\n`);
  const half = `store a on eu { consensus raft { ${options.slice(0, 5).join(' ')} } }`;
  expect(formatted(half)).toBe(`store a on eu {\n  consensus raft { ${options.slice(0, 5).join('  ')} }\n}\n`);
  const whole = `store a on eu { consensus raft { ${options.join(' ')} } }`;
  expect(formatted(whole)).toBe(
    `store a on eu {\n  consensus raft {\n${options.map(each => `    ${each}\n`).join('')}  }\n}\n`,
  );
});

test('what belongs to a conflict policy stands behind it as one option', () => {
  const whole = (options: string) =>
    formatted(`store a on eu { replication multi-leader { ${options} } }`).slice(
      'store a on eu { replication multi-leader { '.length,
      -5,
    );
  expect(whole('conflicts optimistic-lock   version-check home leader a')).toBe(
    'conflicts optimistic-lock version-check home  leader a',
  );
  expect(whole('conflicts pessimistic-lock lease 5s fencing on  granted-by majority')).toBe(
    'conflicts pessimistic-lock lease 5s fencing on granted-by majority',
  );
  expect(whole('conflicts avoid by country { "DE" -> a } on-move fence')).toBe(
    'conflicts avoid by country { "DE" -> a } on-move fence',
  );
  // Elsewhere they are options like others, and who gives them a line of their own keeps it.
  expect(whole('version-check home conflicts none lease 5s')).toBe('version-check home  conflicts none lease 5s');
  expect(formatted('store a on eu { consensus multi-paxos { retry randomized lease 5s } }')).toContain(
    'randomized  lease',
  );
  expect(
    formatted('store a on eu {\nreplication multi-leader {\nconflicts optimistic-lock\nversion-check home\n} }'),
  ).toContain('    conflicts optimistic-lock\n    version-check home\n');
});

test('spaces within statements', () => {
  const text = `store a on eu ,us {
record { id :string }
partition by range ( day ){ old : .. 2024-01-01 , 5 ..7 on eu }
replication leaderless { read any  2  of( e1 ,e2 ) write grid ( 2 ,3 )row think 75ms+normal ( 1ms ,2ms ) }
claims { keeps sum ( x ) keeps y>=- 5 }
}
scenario s { run w for 5s at 1s skew eu . e1 by + 5s at 2s client c cas x=1->2 }`;
  expect(formatted(text)).toBe(`store a on eu, us {
  record { id: string }
  partition by range(day) { old: ..2024-01-01, 5..7 on eu }
  replication leaderless { read any 2 of (e1, e2)  write grid(2, 3) row  think 75ms + normal(1ms, 2ms) }
  claims { keeps sum(x)  keeps y >= -5 }
}
scenario s { run w for 5s  at 1s skew eu.e1 by +5s  at 2s client c cas x = 1 -> 2 }
`);
});

test('comments', () => {
  const text = `// first

/**
      * About the cluster.
    */
cluster db { // of three
nodes 3 // all alike
     // alone

/* before */ disk { volatile }
// at the end
}
// last`;
  expect(formatted(text)).toBe(`// first

/**
 * About the cluster.
 */
cluster db {  // of three
  nodes 3  // all alike
  // alone

  /* before */  disk { volatile }
  // at the end
}
// last
`);
});

test('lists keep the lines that they have', () => {
  const text = `workload w on a {
  operations 50% read,
    // then
    50% write
}
`;
  expect(formatted(text)).toBe(text);
  expect(formatted('cluster c { nodes a,\nb,\n\n   c }')).toBe('cluster c {\n  nodes a,\n    b,\n    c\n}\n');
  expect(formatted('cluster c { nodes\na }')).toBe('cluster c {\n  nodes a\n}\n');
});

test('blank lines: at most one, none at the edges', () => {
  expect(formatted('\n\nregion a\n\n\n\nregion b\n\n\n')).toBe('region a\n\nregion b\n');
  expect(formatted('cluster c {\n\n\n nodes 3\n\n\n disk { volatile }\n\n}')).toBe(
    'cluster c {\n  nodes 3\n\n  disk { volatile }\n}\n',
  );
});

test('line ends of Windows are kept, a byte order mark is not', () => {
  expect(formatted('\uFEFFregion a\r\nregion b { zones x,\r\n y }\r\n')).toBe(
    'region a\r\nregion b {\r\n  zones x,\r\n    y\r\n}\r\n',
  );
});

test('nothing, and next to nothing', () => {
  expect(formatted('')).toBe('');
  expect(formatted('\n\n')).toBe('');
  expect(formatted('// only')).toBe('// only\n');
});

test('what is wrong is not formatted', () => {
  expect(format('store a on eu { record { id } }')).toMatchObject({ errors: [{ rule: 'syntax' }] });
  expect(format('network { latency 5 ms }')).toMatchObject({
    errors: [{ message: expect.stringContaining('Write 5ms') }],
  });
});
