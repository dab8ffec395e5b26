/** What axe has to say against a page. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const axe = readFileSync(join(import.meta.dirname, '..', '..', 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

/** @param part selects what is looked at, which takes less time than the whole page */
export async function axeViolations(page: Page, part?: string): Promise<string[]> {
  // Playwright evaluates this outside of the page's policy; once is enough for a page.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const found = await page.evaluate(async selector => {
    const { axe: checker } = window as unknown as { axe: typeof import('axe-core') };
    const where = selector === undefined ? document : document.querySelector(selector);
    if (where === null) throw new Error(`There is no ${selector}.`);
    return (await checker.run(where, { resultTypes: ['violations'] })).violations;
  }, part);
  return found.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(node => node.html.slice(0, 160))
        .join(' | ')}`,
  );
}
