import { expect, it } from 'vitest';
import { disjointQuorums } from '../test/designs.ts';
import { type Theme, themes } from './editor.ts';
import { expectGolden } from './goldens.ts';
import { useEditor } from './use-editor.ts';

const editor = useEditor({ files: { 'mistake.dsys': disjointQuorums } });

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

it.each(Object.keys(themes) as Theme[])('a design has its colours in the theme %s', async theme => {
  const { page, openFile, setTheme, screenshot } = editor();
  await setTheme(theme);
  await openFile('leader-crash.dsys');
  // The server has spoken.
  await page.getByText('tolerates 2').waitFor();
  expectGolden(`design-${theme}`, await screenshot(`design-${theme}`, page.locator('.editor-instance')));
});
