/** The design view as VS Code shows it: beside the text, after its cursor, in each theme. */
import { expect, it } from 'vitest';
import { type Theme, themes } from './editor.ts';
import { expectGolden } from './goldens.ts';
import { useEditor } from './use-editor.ts';

const editor = useEditor();

it('shows the system beside the text, and leads to the text', async () => {
  const { page, openFile, runCommand, webview } = editor();
  await openFile('leader-crash.dsys');
  await runCommand('dsys: Show Design Beside');
  await webview().getByText('frankfurt').or(webview().getByText('virginia')).first().waitFor();
  await webview().getByText('linearizable').first().waitFor();
  expect(await page.locator('.tab', { hasText: 'leader-crash.dsys' }).count()).toBeGreaterThan(0);
});

it.each(Object.keys(themes) as Theme[])('in the theme %s', async theme => {
  const { page, openFile, setTheme, runCommand, webview, screenshot } = editor();
  await setTheme(theme);
  await openFile('leader-crash.dsys');
  await runCommand('dsys: Show Design Beside');
  await webview().getByText('linearizable').first().waitFor();
  expectGolden(`view-${theme}`, await screenshot(`view-${theme}`, page.locator('.part.editor')));
});
