// npm run test:editor: the extension in a real VS Code, from inside its extension host and as a user sees it.
// `npm test` calls it with --built --may-skip. Then suites whose VS Code or browser cannot be had are skipped with the
// reason and the remedy, but never under CI. What came of it is left in .cache/editor.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../node.mjs';
import { testInHost } from './in-host.mjs';
import { buildOrExit } from './package.mjs';
import { isUnavailable } from './unavailable.mjs';
import { testUserInterface } from './user-interface.mjs';

const maySkip = process.argv.includes('--may-skip') && !process.env.CI;
const suites = [
  ['in the extension host', testInHost],
  ['as a user sees it', testUserInterface],
];

if (!process.argv.includes('--built')) buildOrExit();
const total = { passed: 0, failed: 0, skipped: 0 };
const reasons = new Set();
for (const [name, suite] of suites) {
  process.stdout.write(`\n== the extension ${name}\n`);
  const started = Date.now();
  const { passed, failed, skipped } = await suite().catch(unrun);
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  process.stdout.write(`${name}: ${passed} passed, ${failed} failed, ${Math.round((Date.now() - started) / 1000)} s\n`);
}
mkdirSync(join(root, '.cache'), { recursive: true });
writeFileSync(join(root, '.cache', 'editor.json'), JSON.stringify({ ...total, reasons: [...reasons] }));
process.stdout.write('\n');
if (total.skipped > 0) process.stdout.write(`${total.skipped} skipped\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
process.exit(total.failed === 0 ? 0 : 1);

/** A suite that ended otherwise than with results. */
function unrun(error) {
  if (!isUnavailable(error)) process.stdout.write(`${error.stack ?? error}\n`);
  else {
    process.stdout.write(`${error.message}\n`);
    if (maySkip) {
      reasons.add(error.message);
      return { passed: 0, failed: 0, skipped: 1 };
    }
  }
  return { passed: 0, failed: 1, skipped: 0 };
}
