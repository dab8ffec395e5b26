/** Without a machine behind it: the extension in the extension host of the browser, its server in a web worker. */
import { expect, it } from 'vitest';
import { disjointQuorums } from '../test/designs.ts';
import { useEditor } from './use-editor.ts';

const editor = useEditor({
  files: { 'mistake.dsys': disjointQuorums },
  settings: { 'remote.extensionKind': { 'dsys.dsys-vscode': ['web'] } },
});

it('validates, mends, runs and shows the trace', async () => {
  const { page, openFile, runCommand, squiggles, lens, webview, screenshot, applyQuickFix } = editor();
  await openFile('mistake.dsys');
  await squiggles().first().waitFor();
  await applyQuickFix(page.getByText('read', { exact: true }), 'Read from 2 replicas');
  await expect.poll(() => squiggles().count(), { timeout: 30_000 }).toBe(0);
  await openFile('stale-leader.dsys');
  await lens('Run').first().click();
  await webview().getByRole('heading', { name: 'consistency linearizable of local: violated' }).waitFor();
  await screenshot('web-trace');
  // Its place in the list depends on how long each one took: what is out of view is not there.
  await page.setViewportSize({ width: 1280, height: 2000 });
  await runCommand('Developer: Show Running Extensions');
  const running = page.locator('.runtime-extensions-editor .monaco-list-row', { hasText: /^dsys/ });
  await running.filter({ hasText: 'web worker' }).waitFor();
  await screenshot('web-running');
});
