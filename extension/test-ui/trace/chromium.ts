/** Finds a Chromium to drive, in one place. */

import { existsSync } from 'node:fs';

const CANDIDATES = [
  process.env.DSYS_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Path of a browser, or undefined: then tests that need one are skipped, and say so. */
export function findChromium(): string | undefined {
  return CANDIDATES.find(path => path !== undefined && existsSync(path));
}

/** Flags for machines without a screen, a sandbox or a network. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
];
