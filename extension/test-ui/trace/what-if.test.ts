/** One click from what is selected to the same run without it, or with something going wrong there. */

import { join } from 'node:path';
import { runScenario } from '@dsys/runtime';
import type { RecordedRun } from '@dsys/runtime/trace/changes';
import { encodeContainer } from '@dsys/runtime/trace/container';
import { describe, expect, it } from 'vitest';
import type { RunAgainParams } from '../../webview/trace/protocol.ts';
import { containerOf, designOf, traceOf } from '../../webview/trace/testing/traces.ts';
import { axeViolations } from '../axe.ts';
import { screens, usePages } from '../pages.ts';
import { hostCalls, type ShownTrace, settled, show } from './page.ts';

describe('the same run, but', () => {
  const newPage = usePages();
  const nobodyAsks: ShownTrace['replay'] = () => ({ kind: 'cancelled' });

  it('without a fault; with a fault; without a message', async () => {
    const trace = await traceOf('stale-leader');
    const { page, errors } = await newPage(1280, 860);
    await show(page, { theme: 'dark', name: 'x', bytes: await containerOf('stale-leader'), replay: nobodyAsks });
    // The violation's last event is a client's: nothing of the design can fail there.
    expect(await page.locator('.offers').count()).toBe(0);
    await page.focus('#diagram');
    await page.keyboard.press('[');
    await page.keyboard.press('[');
    await settled(page);
    while (!(await page.textContent('.details h2'))?.includes('faultStart')) {
      await page.keyboard.press('[');
      await settled(page);
    }
    await page.locator('.offers').scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(screens, 'trace-what-if.png') });
    expect(await page.locator('.offers button').allTextContents()).toEqual(['Without this fault']);
    expect(await axeViolations(page)).toEqual([]);
    await page.click('.offers button');
    const { start, params } = trace.faults[0];
    const [asked] = await hostCalls<RecordedRun>(page, 'runChanged');
    expect(asked).toEqual({
      scenario: trace.header.model.name,
      seed: 1,
      sources: trace.sources,
      changes: [{ kind: 'without', text: params.text, atNs: trace.events.t[start], nth: 0 }],
    });

    // A message of a node.
    await page.fill('#filter', 'node:n2 kind:deliver type:append-entries');
    await page.check('.filter input[type=checkbox]');
    await settled(page);
    await page.click('.rows [aria-rowindex="40"]');
    await settled(page);
    expect(await page.locator('.offers button').allTextContents()).toEqual([
      'Lose this message',
      'Crash n2 here',
      'Cut n2 off here',
    ]);
    for (const index of [0, 1, 2]) await page.locator('.offers button').nth(index).click();
    const kinds = (await hostCalls<RecordedRun>(page, 'runChanged')).map(({ changes }) => changes[0]);
    expect(kinds.slice(1).map(change => ('fault' in change ? change.fault : change.kind))).toEqual([
      'drop',
      'crash',
      'isolate',
    ]);
    expect(errors).toEqual([]);
  });

  it('the header says what was changed, and executing it again changes it again', async () => {
    const { design, scenario, seed } = await designOf('stale-leader');
    const changes = [{ kind: 'with', fault: 'crash', node: 'n2', ns: 1_500_000_000 }] as const;
    const { trace } = runScenario(design, scenario, { tool: 't', seed, record: true, extraRuns: false, changes });
    const { page } = await newPage(1280, 860);
    await show(page, { theme: 'dark', name: 'x', bytes: encodeContainer(trace!), replay: nobodyAsks });
    expect(await page.textContent('.facts .changed')).toBe('changed with: crash n2 at 1.5 s');
    await page.screenshot({ path: join(screens, 'trace-changed-dark.png') });
    await page.click('button[aria-label^="Execute the scenario again"]');
    expect(await hostCalls<RunAgainParams>(page, 'runAgain')).toEqual([{ scenario: scenario.name, seed, changes }]);
  });

  it('a page without a runtime offers nothing, and says why', async () => {
    const { page } = await newPage(1280, 860);
    await show(page, { theme: 'dark', name: 'x', bytes: await containerOf('stale-leader') });
    await page.focus('#diagram');
    await page.keyboard.press('ArrowUp');
    await settled(page);
    expect(await page.locator('.offers').count()).toBe(0);
    expect(await page.textContent('.details')).toContain('This page has no runtime: it cannot be executed again.');
  });
});
