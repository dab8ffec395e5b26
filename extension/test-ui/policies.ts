/** Breaches of content security policies, in every frame of a page. */
import type { Page } from 'playwright-core';

const mark = 'dsys-policy:';

/** Must be called before the page goes anywhere. */
export async function watchPolicies(page: Page, onBreach: (breach: string) => void): Promise<void> {
  // In every frame, also those of webviews, before any of its own scripts. An observer outlives `document.open`, with which
  // VS Code fills them, where listeners do not. The console reaches the test from anywhere.
  await page.addInitScript(prefix => {
    const tell = (reports: readonly Report[]) => {
      for (const report of reports) console.error(prefix, JSON.stringify(report));
    };
    new ReportingObserver(tell, { types: ['csp-violation'], buffered: true }).observe();
  }, mark);
  page.on('console', message => {
    const text = message.text();
    if (text.startsWith(mark) || text.includes('Content Security Policy')) onBreach(text);
  });
}
