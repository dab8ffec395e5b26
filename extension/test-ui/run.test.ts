/** From a design to its verdict and its trace with a click, in each theme. */
import { expect, it } from 'vitest';
import { type Theme, themes } from './editor.ts';
import { expectGolden } from './goldens.ts';
import { useEditor } from './use-editor.ts';

const editor = useEditor();

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

it.each(Object.keys(themes) as Theme[])('the trace in the theme %s', async theme => {
  const { openFile, setTheme, lens, webview, screenshot, page } = editor();
  await setTheme(theme);
  await openFile('stale-leader.dsys');
  await lens('Run').first().click();
  await webview()
    .getByRole('heading', { name: /violated/ })
    .waitFor();
  expectGolden(`run-${theme}`, await screenshot(`run-${theme}`, page.locator('.part.editor')));
});
