/** What a trace can be asked for beyond itself, through all of it: the page, the extension, the server and its threads. */
import { expect, it } from 'vitest';
import { useEditor } from './use-editor.ts';

const editor = useEditor();

/** Opens the sample and runs its first scenario: the trace stands beside it. */
async function openRun(): Promise<void> {
  const { openFile, closeEditors, lens, webview } = editor();
  await closeEditors();
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
  const { webview, page } = editor();
  await openRun();
  await page.locator('.view-line').first().click();
  await page.keyboard.type('// ');
  await webview().locator('#diagram').press('ArrowLeft');
  await webview().locator('#diagram').press('Enter');
  await webview().getByRole('tab', { name: 'State' }).click();
  await webview()
    .getByText('State cannot be rebuilt: the design changed since this run. Watched fields only.')
    .waitFor();
  await page.locator('.view-line').first().click();
  await page.keyboard.press('Control+z');
});
