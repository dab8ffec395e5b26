/** Every feature at random places of truncated and damaged texts: nothing throws, and what is said lies in the text. */
import fc from 'fast-check';
import { test } from 'vitest';
import { editor } from '../testing/editor.ts';
import { askEverything } from '../testing/features.ts';
import { fixtures } from '../testing/fixtures.ts';
import { fuzz, timeFor } from '../testing/fuzz.ts';

const texts = [...fixtures(), ...fixtures('elaborate')].map(({ text }) => text);

const pieces = [
  '',
  '',
  '{',
  '}',
  '(',
  '"',
  '/*',
  ' 5 ',
  ' on ',
  '..',
  ',',
  ':',
  '.',
  ' at 5s ',
  '\r\n',
  '\uFEFF',
  '¦'.repeat(0),
];

const damaged = fc
  .tuple(
    fc.constantFrom(...texts),
    fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.constantFrom(...pieces)), { maxLength: 4 }),
    fc.nat(),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([text, cuts, end, isCut, isWindows]) => {
    const whole = cuts.reduce((rest, [at, length, insert]) => {
      const start = at % (rest.length + 1);
      return rest.slice(0, start) + insert + rest.slice(start + length);
    }, text);
    const cut = isCut ? whole.slice(0, end % (whole.length + 1)) : whole;
    return isWindows ? cut.replaceAll('\n', '\r\n') : cut;
  });

test('damaged texts', { timeout: timeFor(60) }, async () => {
  await fc.assert(
    fc.asyncProperty(damaged, fc.array(fc.nat(), { minLength: 1, maxLength: 2 }), async (text, places) => {
      const opened = await editor(text, { 'other.dsys': 'cluster far { nodes 1 }' });
      for (const place of places) {
        const offset = place % (text.length + 1);
        await askEverything(opened, offset);
      }
    }),
    fuzz(250, 7),
  );
});

test.each([
  ['empty', ''],
  ['only a byte order mark', '\uFEFF'],
  ['a byte order mark', '\uFEFFcluster eu { nodes 3 }'],
  ['Windows line ends', 'cluster eu {\r\n  nodes 3\r\n}\r\nstore s on eu {\r\n  model '],
  ['only white space', ' \n\t\n'],
  ['only a comment', '// nothing'],
  ['an open comment', '/* nothing'],
  ['an open text', 'import "'],
  ['not the language', '<html>\n{"a": [1, 2]}'],
])('every place of a text: %s', async (_, text) => {
  const opened = await editor(text);
  for (let offset = 0; offset <= text.length; offset++) await askEverything(opened, offset);
});
