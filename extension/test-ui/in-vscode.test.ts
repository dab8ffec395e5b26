/** The packaged extension as people meet it in VS Code: what they do one after the other in one window, and in each theme. */
import { beforeEach, expect, it } from 'vitest';
import { disjointQuorums } from '../test/designs.ts';
import { type Theme, themes } from './editor.ts';
import { expectGolden } from './goldens.ts';
import { useEditor } from './use-editor.ts';

const isLong = process.env.DSYS_LONG === '1';
const editor = useEditor({ files: { 'mistake.dsys': disjointQuorums } });
beforeEach(() => editor().closeEditors());

it('a mistake in a design is underlined, and a quick fix from the keyboard mends it', async () => {
  const { page, openFile, squiggles, applyQuickFix, screenshot } = editor();
  await openFile('mistake.dsys');
  await squiggles().first().waitFor();
  await screenshot('quick-fix-before');
  await applyQuickFix(page.getByText('read', { exact: true }), 'Read from 2 replicas');
  await expect.poll(() => squiggles().count(), { timeout: 30_000 }).toBe(0);
  expect(await page.locator('.view-lines').innerText()).toMatch(/read\s2/);
  await screenshot('quick-fix-after');
});

it('the design view shows the system beside the text', async () => {
  const { page, openFile, runCommand, webview } = editor();
  await openFile('leader-crash.dsys');
  await runCommand('dsys: Show Design Beside');
  await webview().getByText('frankfurt').or(webview().getByText('virginia')).first().waitFor();
  await webview().getByText('linearizable').first().waitFor();
  expect(await page.locator('.tab', { hasText: 'leader-crash.dsys' }).count()).toBeGreaterThan(0);
});

it('a click on Run opens the trace on its verdict, and Enter in it leads to the text', async () => {
  const { page, openFile, lens, webview, screenshot } = editor();
  await openFile('stale-leader.dsys');
  await lens('Run').first().click();
  await webview().getByRole('heading', { name: 'consistency linearizable of local: violated' }).waitFor();
  await webview()
    .getByText('but c2’s write of 2 had returned')
    .or(webview().getByText("but c2's write of 2 had returned"))
    .first()
    .waitFor();
  expect(
    await webview()
      .getByText(/outcome\s*pass/)
      .count(),
  ).toBeGreaterThan(0);
  await lens('✓ pass, seed 1').waitFor();
  await screenshot('run-trace');
  await webview()
    .getByRole('link', { name: /stale-leader\.dsys:25/ })
    .or(webview().getByRole('button', { name: /stale-leader\.dsys:25/ }))
    .first()
    .click();
  await page.locator('.active-line-number', { hasText: /^25$/ }).waitFor();
});

/** Opens the sample and runs its first scenario: the trace stands beside it. */
async function openRun(): Promise<void> {
  const { openFile, lens, webview } = editor();
  await openFile('stale-leader.dsys');
  await lens('Run').first().click();
  await webview().getByRole('heading', { name: 'consistency linearizable of local: violated' }).waitFor();
}

it('the whole state of a node, where a value comes from, and since when the run was bound to break', async () => {
  const { webview, screenshot } = editor();
  await openRun();
  // From the violation back to the node that answered.
  await webview().locator('#diagram').press('ArrowLeft');
  await webview().locator('#diagram').press('Enter');
  await webview().getByRole('tab', { name: 'State' }).click();
  await webview()
    .getByRole('treeitem', { name: /groups/ })
    .waitFor();
  await webview()
    .getByRole('treeitem', { name: /commitIndex/ })
    .waitFor();
  await screenshot('replay-state');
  const event = () =>
    webview()
      .getByText(/after event/)
      .first()
      .textContent();
  const before = await event();
  await webview()
    .getByRole('treeitem', { name: /commitIndex/ })
    .click();
  await webview().getByRole('log').filter({ hasText: 'commitIndex was set here' }).waitFor({ state: 'attached' });
  await expect.poll(event, { timeout: 30_000 }).not.toBe(before);

  await webview().getByRole('button', { name: 'Since when was it bound to break?' }).click();
  await webview().locator('.strip p', { hasText: '14 of 14 moments' }).waitFor();
  expect(await webview().locator('.strip li b').allTextContents()).toEqual(Array.from({ length: 14 }, () => '100 %'));
  await screenshot('replay-strip');
});

it('the same run without a fault opens beside it, says so, and can be looked into as well', async () => {
  const { webview, screenshot, page } = editor();
  await openRun();
  await webview().locator('#filter').fill('kind:faultStart');
  await webview().getByLabel('hide others').check();
  await webview()
    .getByRole('row', { name: /begins: at 2s cut/ })
    .click();
  await webview().getByRole('button', { name: 'Without this fault' }).click();
  await page.getByRole('tab', { name: /local-reads, seed 1, without: at 2s cut n1/ }).waitFor();
  await webview()
    .getByText(/changed without: at 2s cut n1 from n2, n3/)
    .waitFor();
  await webview().getByRole('heading', { name: 'All 15 checks hold' }).waitFor();
  await webview().getByRole('row', { name: /n1/ }).first().click();
  await webview().getByRole('tab', { name: 'State' }).click();
  await webview()
    .getByRole('treeitem', { name: /groups/ })
    .waitFor();
  await screenshot('replay-without');
});

it('of a design that has changed since, only watched fields are shown', async () => {
  const { webview, page, runCommand } = editor();
  await openRun();
  await runCommand('View: Focus First Editor Group');
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('// ');
  await webview().locator('#diagram').press('ArrowLeft');
  await webview().locator('#diagram').press('Enter');
  await webview().getByRole('tab', { name: 'State' }).click();
  await webview()
    .getByText('State cannot be rebuilt: the design changed since this run. Watched fields only.')
    .waitFor();
  await runCommand('View: Focus First Editor Group');
  await page.keyboard.press('Control+z');
});

/** Loading the page anew takes longer than all pictures of a theme. The viewer and the design view have pages of their own for all. */
const shown = (Object.keys(themes) as Theme[]).filter(theme => isLong || /^(dark|high-contrast-light)$/.test(theme));
it.each(shown)('text, design view and trace in the theme %s', async theme => {
  const { page, openFile, setTheme, runCommand, closeEditors, lens, webview, screenshot } = editor();
  await setTheme(theme);
  await openFile('leader-crash.dsys');
  // The server has spoken.
  await page.getByText('tolerates 2').waitFor();
  expectGolden(`design-${theme}`, await screenshot(`design-${theme}`, page.locator('.editor-instance')));
  await runCommand('dsys: Show Design Beside');
  await webview().getByText('linearizable').first().waitFor();
  expectGolden(`view-${theme}`, await screenshot(`view-${theme}`, page.locator('.part.editor')));
  await closeEditors();
  await openFile('stale-leader.dsys');
  await lens('Run').first().click();
  await webview()
    .getByRole('heading', { name: /violated/ })
    .waitFor();
  expectGolden(`run-${theme}`, await screenshot(`run-${theme}`, page.locator('.part.editor')));
});
