/** Breaches of content security policies, in every frame of a page. */
import type { Page } from 'playwright-core';

const mark = 'dsys-policy:';

/** Must be called before the page goes anywhere. */
export async function watchPolicies(page: Page, onBreach: (breach: string) => void): Promise<void> {
  // In every frame, also those of webviews, before any of its own scripts. The console reaches the test from anywhere.
  await page.addInitScript(prefix => {
    document.addEventListener('securitypolicyviolation', event => {
      const { effectiveDirective, blockedURI, sourceFile, lineNumber, sample, documentURI } = event;
      console.error(
        prefix,
        JSON.stringify({ effectiveDirective, blockedURI, sourceFile, lineNumber, sample, documentURI }),
      );
    });
  }, mark);
  page.on('console', message => {
    const text = message.text();
    if (text.startsWith(mark) || text.includes('Content Security Policy')) onBreach(text);
  });
}
