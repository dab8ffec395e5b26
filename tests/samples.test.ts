/** Every sample tells a story, carries its expectations, and keeps them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from '@dsys/language-server';
import { describe, expect, it } from 'vitest';
import { designOf, isLong, testScenario } from './support/design.ts';

const folder = join(import.meta.dirname, '..', 'samples');
const files = readdirSync(folder).filter(file => file.endsWith('.dsys'));
const seeds = isLong ? 100 : 6;

it('there are samples', () => {
  expect(files.length).toBeGreaterThanOrEqual(8);
});

describe.each(files)('%s', file => {
  const text = readFileSync(join(folder, file), 'utf8');

  it('begins with its story', () => {
    expect(text).toMatch(/^\/\/ .+\n\/\/ /);
  });

  it('is laid out by dsys fmt', () => {
    expect(format(text)).toBe(text);
  });

  it('keeps its expectations', async () => {
    const design = await designOf(text, file);
    expect(design.scenarios.length).toBeGreaterThan(0);
    for (const scenario of design.scenarios) {
      const report = testScenario(design, scenario.name, seeds);
      const telling = report.properties
        .filter(one => one.verdict !== 'holds' && !one.expected)
        .map(one => `${one.property}: ${one.why}`);
      expect(telling, scenario.name).toEqual([]);
      expect(report.outcome, scenario.name).toBe('pass');
    }
  });
});
