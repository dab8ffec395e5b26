/** Whatever is done with a valid design: nothing throws, nothing talks nonsense, and what is changed stays what it was. */
import type { Design } from '@dsys/runtime/design/design';
import { factsOfDesign } from '@dsys/runtime/protocols/facts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { factRows } from '../../facts/rows.ts';
import { format } from '../../format/format.ts';
import { review } from '../../rules/review.ts';
import { mainFile } from '../check.ts';
import { commentsOf } from '../comments.ts';
import { analysed, nonsense } from '../design.ts';
import { editor } from '../editor.ts';
import { applied } from '../edits.ts';
import { askFeature } from '../features.ts';
import { fuzz, timeFor } from '../fuzz.ts';
import { filesOf, type RandomDesign, randomDesign } from './random-design.ts';

const uriOf = (file: string) => `file:///test/${file}`;
const shown = (one: RandomDesign) => Object.values(filesOf(one)).join('\n\n');

test('rules and facts speak in sentences', { timeout: timeFor(60) }, async () => {
  await fc.assert(
    fc.asyncProperty(randomDesign, async one => {
      const analysis = await analysed(one.text, one.files);
      for (const { rule, message, related = [] } of review(analysis).diagnostics)
        for (const said of [message, ...related.map(other => other.message)])
          expect(said, `${rule}\n${shown(one)}`).not.toMatch(nonsense);
      for (const store of factsOfDesign(analysis.design, 50).stores)
        for (const { name, value, why } of factRows(store))
          expect(`${name}: ${value ?? why} ${why ?? ''}`, shown(one)).not.toMatch(nonsense);
    }),
    fuzz(300, 21),
  );
});

test('every fix leaves a text that can be read', { timeout: timeFor(60) }, async () => {
  await fc.assert(
    fc.asyncProperty(randomDesign, async one => {
      for (const { rule, fixes = [] } of review(await analysed(one.text, one.files)).diagnostics) {
        for (const { title, edits } of fixes) {
          const { [mainFile]: text, ...files } = applied(filesOf(one), edits, uriOf);
          const after = (await analysed(text!, files)).diagnostics;
          const broken = after
            .filter(({ rule: id, severity }) => severity === 'error' && !isGone(id))
            .map(each => `${each.rule}: ${each.message}`);
          expect(broken, `${rule}: ${title}\n${text}\n${Object.values(files)}`).toEqual([]);
        }
      }
    }),
    fuzz(300, 22),
  );
});

/** What names a partition or a copy that a fix has done away with is told at once, and has to be changed by hand. */
const isGone = (rule: string): boolean => rule === 'unresolved-name' || rule === 'node-not-in-store';

/** A design without the places where it is written. */
const bare = (design: Design): unknown =>
  JSON.parse(JSON.stringify(design, (key, value) => (key === 'at' || key === 'files' ? undefined : value)));

test('laying out changes nothing but the layout', { timeout: timeFor(60) }, async () => {
  await fc.assert(
    fc.asyncProperty(randomDesign, async one => {
      const texts = Object.entries(filesOf(one)).map(([file, text]) => {
        const laidOut = format(text);
        if (typeof laidOut !== 'string') throw new Error(`${laidOut.errors[0]!.message}\n${text}`);
        expect(format(laidOut)).toBe(laidOut);
        expect(commentsOf(laidOut)).toEqual(commentsOf(text));
        return [file, laidOut] as const;
      });
      const { [mainFile]: text, ...files } = Object.fromEntries(texts);
      const [before, after] = await Promise.all([analysed(one.text, one.files), analysed(text!, files)]);
      expect(bare(after.design)).toEqual(bare(before.design));
    }),
    fuzz(300, 23),
  );
});

test('the editor answers at every place', { timeout: timeFor(120) }, async () => {
  const places = fc.array(fc.nat(), { minLength: 3, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(randomDesign, places, async (one, some) => {
      const opened = await editor(one.text, one.files);
      for (const place of some) {
        const offset = place % (one.text.length + 1);
        const hover = (await askFeature('hover', opened, offset)) as { contents: { value: string } } | undefined;
        expect(hover?.contents.value ?? '', shown(one)).not.toMatch(nonsense);
        for (const name of ['completion', 'inlay hints', 'code actions', 'signature help', 'renaming'])
          await askFeature(name, opened, offset);
      }
      for (const name of ['semantic tokens', 'symbols', 'folding', 'code lenses']) await askFeature(name, opened, 0);
    }),
    fuzz(400, 24),
  );
});
