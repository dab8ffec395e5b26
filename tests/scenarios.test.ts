/**
 * The scenario library, one reviewed file each. A scenario that shows a violation (`// cure: OLD -> NEW`) reaches it for
 * the reason that its file names (`// because:`), and the one line changed takes the violation away. A scenario that
 * shows how something is kept (`// mistake: OLD -> NEW`) keeps it in every seed, and the one line changed breaks it,
 * again for the reason that its file names.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { designOf, isLong, testScenario } from './support/design.ts';

const folder = join(import.meta.dirname, 'scenarios');
/** What fails must be found within so many. */
const seedsToFind = isLong ? 200 : 20;
/** What is kept must be kept over so many. */
const seedsToKeep = isLong ? 1000 : 100;
const files = readdirSync(folder).filter(file => file.endsWith('.dsys'));
const texts = new Map(files.map(file => [file, readFileSync(join(folder, file), 'utf8')]));

function header(text: string, word: string): string {
  const line = new RegExp(`^// ${word}: (.*)$`, 'm').exec(text);
  if (line === null) throw new Error(`the file has no line "// ${word}: …"`);
  return line[1]!;
}

/** The file with one line of it changed as its head says. */
function changed(text: string, word: 'cure' | 'mistake'): string {
  const [before, after] = header(text, word).split(' -> ') as [string, string];
  const lines = text.split('\n');
  const hits = lines.flatMap((line, i) => (!line.startsWith('//') && line.includes(before) ? [i] : []));
  if (hits.length !== 1) throw new Error(`"${before}" stands on ${hits.length} lines`);
  lines[hits[0]!] = lines[hits[0]!]!.replace(before, after);
  return lines.join('\n');
}

async function reportOf(text: string, file: string, seeds: number, options: { readonly withErrors?: boolean } = {}) {
  const design = await designOf(text, file, options);
  return testScenario(design, design.scenarios[0]!.name, seeds);
}

const shows = (word: 'cure' | 'mistake') => files.filter(file => texts.get(file)!.includes(`\n// ${word}: `));

it('covers the library, each file either with its cure or with its mistake', () => {
  const numbers = files.map(file => Number(/^s(\d+)-/.exec(file)![1])).sort((a, b) => a - b);
  expect(numbers).toEqual([...Array.from({ length: 51 }, (_, i) => 1 + i), 54, 55]);
  expect([...shows('cure'), ...shows('mistake')].sort()).toEqual(files);
});

describe.each(shows('cure'))('%s', file => {
  const text = texts.get(file)!;

  it('reaches its Then, for its own reason', async () => {
    const report = await reportOf(text, file, seedsToFind);
    const shown = report.properties.find(one => one.origin === 'expect violation')!;
    expect(shown.verdict, shown.why).toBe('violated');
    expect(shown.why).toMatch(new RegExp(header(text, 'because')));
    const unexpected = report.properties
      .filter(one => one.verdict !== 'holds' && !one.expected)
      .map(one => `${one.property}: ${one.why}`);
    expect(unexpected).toEqual([]);
    expect(report.outcome).toBe('pass');
  });

  it('is cured by one line', async () => {
    const report = await reportOf(changed(text, 'cure'), file, seedsToFind);
    const shown = report.properties.find(one => one.origin === 'expect violation')!;
    expect(shown.verdict, shown.why).toBe('holds');
    // Nothing else breaks instead: the only thing wrong is that the violation is no longer there.
    const violated = report.properties
      .filter(one => one.verdict === 'violated')
      .map(one => `${one.property}: ${one.why}`);
    expect(violated).toEqual([]);
    expect(report.outcome).toBe('fail');
  });
});

describe.each(shows('mistake'))('%s', file => {
  const text = texts.get(file)!;

  it('keeps what it promises', async () => {
    const report = await reportOf(text, file, seedsToKeep);
    const others = report.properties
      .filter(one => one.verdict !== 'holds')
      .map(one => `${one.property}: ${one.verdict}: ${one.why}`);
    expect(others).toEqual([]);
    expect(report.outcome).toBe('pass');
  });

  it('is broken by one line, for its own reason', async () => {
    // A rule may well see the mistake: it is run all the same.
    const report = await reportOf(changed(text, 'mistake'), file, seedsToFind, { withErrors: true });
    const reasons = report.properties.filter(one => one.verdict === 'violated').map(one => one.why);
    expect(reasons).toContainEqual(expect.stringMatching(header(text, 'because')));
    expect(report.outcome).toBe('fail');
  });
});
