/** Coordinators apart from the copies, beyond what the fixtures of rules see. */
import { expect, test } from 'vitest';
import { analysed } from '../testing/design.ts';
import { review } from './review.ts';

async function said(mechanism: string, disk = ''): Promise<readonly string[]> {
  const text = `cluster db { nodes p1, p2, p3 }
cluster deciders { nodes d1, d2, d3 ${disk} }
store s on db { consensus ${mechanism} }`;
  return review(await analysed(text)).diagnostics.map(one => `${one.rule}: ${one.message}`);
}

test('one node blocks, a group does not', async () => {
  expect(await said('two-phase-commit { coordinator d1 }')).toContainEqual(
    expect.stringMatching(/^2pc-blocking: If d1 crashes/),
  );
  expect((await said('two-phase-commit { coordinator raft on deciders }')).join()).not.toContain('2pc-blocking');
});

test.each(['d1', 'raft on deciders'])('decisions of %s on volatile disks are forgotten', async coordinator => {
  const mechanism = `two-phase-commit { coordinator ${coordinator} }`;
  expect(await said(mechanism, 'disk { volatile }')).toContainEqual(
    expect.stringMatching(/^2pc-volatile-log: d1 keeps decisions on a volatile disk/),
  );
  expect((await said(mechanism)).join()).not.toContain('2pc-volatile-log');
});
