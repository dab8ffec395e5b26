import { expect, test } from 'vitest';
import { restartPolicy, versionProblem } from './server-health.ts';

const minute = 60_000;

test('four crashes within three minutes are answered with a new start, the fifth is not', () => {
  const mayRestart = restartPolicy();
  expect([0, 1, 2, 3, 4].map(second => mayRestart(second * 1000))).toEqual([true, true, true, true, false]);
});

test('crashes that are long ago do not count', () => {
  const mayRestart = restartPolicy();
  for (let crash = 0; crash < 20; crash++) expect(mayRestart(crash * minute)).toBe(true);
  expect(mayRestart(19 * minute + 1)).toBe(true);
  // Three of the last three minutes and the one before are four: this is one too many.
  expect(mayRestart(19 * minute + 2)).toBe(false);
});

test('only a server of the same version is taken without a word', () => {
  expect(versionProblem('0.1.0', '0.1.0')).toBeUndefined();
  expect(versionProblem('0.2.0', '0.1.0')).toBe(
    'The dsys server is of version 0.2.0, the extension of version 0.1.0: install the extension anew.',
  );
  expect(versionProblem(undefined, '0.1.0')).toContain('of version unknown');
});
