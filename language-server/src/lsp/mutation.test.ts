/** Slips of the hand in samples and fixtures, through the services of the server. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { review } from '../rules/review.ts';
import { analysed, flawsOf, nonsense } from '../testing/design.ts';
import { editor } from '../testing/editor.ts';
import { askFeature, features } from '../testing/features.ts';
import { fixtures, samples } from '../testing/fixtures.ts';
import { fuzz, timeFor } from '../testing/fuzz.ts';
import { projectOf } from './project.ts';

const texts = [...fixtures(), ...fixtures('elaborate'), ...fixtures('rules')].map(({ text }) => text);
// As often as all that is smaller.
const whole = samples().flatMap(text => Array.from({ length: Math.ceil(texts.length / samples().length) }, () => text));
/** Words, quantities, strings and single marks, each with the space before it. */
const tokensOf = (text: string): string[] => text.match(/\s*("[^"\n]*"|[\w.%/-]+|\S)/g) ?? [];

type Slip = {
  readonly kind: 'drop' | 'double' | 'cut' | 'swap' | 'borrow';
  readonly at: number;
  readonly other: number;
};

/** A slip of the hand: a token lost, doubled, exchanged with another or with one of another text; the end lost. */
function slipped(tokens: readonly string[], { kind, at, other }: Slip, strange: readonly string[]): string[] {
  const i = at % Math.max(1, tokens.length);
  const j = other % Math.max(1, tokens.length);
  switch (kind) {
    case 'drop':
      return tokens.toSpliced(i, 1);
    case 'double':
      return tokens.toSpliced(i, 0, tokens[i] ?? '');
    case 'cut':
      return tokens.slice(0, i);
    case 'swap':
      return tokens.with(i, tokens[j] ?? '').with(j, tokens[i] ?? '');
    case 'borrow':
      return tokens.toSpliced(i, 1, strange[other % Math.max(1, strange.length)] ?? '');
  }
}

const slip: fc.Arbitrary<Slip> = fc.record({
  kind: fc.constantFrom('drop', 'double', 'cut', 'swap', 'borrow'),
  at: fc.nat(5000),
  other: fc.nat(5000),
});

test('the designs of all fixtures are whole, right or wrong', async () => {
  for (const text of texts) {
    const { design } = await analysed(text);
    expect(flawsOf(design), text).toEqual([]);
  }
});

test(
  'the server never throws, says nonsense or makes a broken design, whatever slips',
  async () => {
    const pick = fc.constantFrom(...texts, ...whole);
    const slips = fc.array(slip, { minLength: 1, maxLength: 4 });
    const asked = fc.tuple(fc.constantFrom(...Object.keys(features)), fc.nat());
    await fc.assert(
      fc.asyncProperty(pick, pick, slips, asked, async (text, stranger, some, [feature, place]) => {
        const strange = tokensOf(stranger);
        const tokens = tokensOf(text);
        if (tokens.length === 0) return;
        const mutant = some
          .reduce((now, each) => (now.length === 0 ? now : slipped(now, each, strange)), tokens)
          .join('');
        const opened = await editor(mutant);
        const analysis = (await projectOf(opened.shared, opened.document)).analysis();
        expect(flawsOf(analysis.design)).toEqual([]);
        const said = new Set(analysis.diagnostics);
        for (const one of review(analysis).diagnostics) if (!said.has(one)) expect(one.message).not.toMatch(nonsense);
        await askFeature(feature, opened, place % (mutant.length + 1));
      }),
      { ...fuzz(5_000, 20240131), endOnFailure: true },
    );
  },
  timeFor(120),
);
