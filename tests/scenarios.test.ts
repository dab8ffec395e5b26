/**
 * The scenario library, one reviewed file each: every scenario reaches its Then for the reason that its file names
 * (`// because:`), and the one-line change that its file names (`// cure: OLD -> NEW`) takes the violation away.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { designOf, isLong, testScenario } from './support/design.ts';

const folder = join(import.meta.dirname, 'scenarios');
const seeds = isLong ? 200 : 20;
const files = readdirSync(folder).filter(file => file.endsWith('.dsys'));

function header(text: string, word: string): string {
  const line = new RegExp(`^// ${word}: (.*)$`, 'm').exec(text);
  if (line === null) throw new Error(`the file has no line "// ${word}: …"`);
  return line[1]!;
}

/** The file with its cure: exactly one line of it changes. */
function cured(text: string): string {
  const [before, after] = header(text, 'cure').split(' -> ') as [string, string];
  const lines = text.split('\n');
  const hits = lines.flatMap((line, i) => (!line.startsWith('//') && line.includes(before) ? [i] : []));
  if (hits.length !== 1) throw new Error(`"${before}" stands on ${hits.length} lines`);
  lines[hits[0]!] = lines[hits[0]!]!.replace(before, after);
  return lines.join('\n');
}

it('covers S19 to S34', () => {
  const numbers = files.map(file => Number(/^s(\d+)-/.exec(file)![1])).sort((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: 16 }, (_, i) => 19 + i));
});

describe.each(files)('%s', file => {
  const text = readFileSync(join(folder, file), 'utf8');

  it('reaches its Then, for its own reason', async () => {
    const design = await designOf(text, file);
    const report = testScenario(design, design.scenarios[0]!.name, seeds);
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
    const design = await designOf(cured(text), file);
    const report = testScenario(design, design.scenarios[0]!.name, seeds);
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
