// npm run test:editor: the extension in a real VS Code, from inside its extension host and as a user sees it.
// `npm test` calls it with --built --may-skip. Then suites whose VS Code or browser cannot be had are skipped with the
// reason and the remedy, but never under CI. What came of it is left in .cache/editor.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { broken, counts, printCounts, summed } from '../counts.mjs';
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
const all = [];
for (const [name, suite] of suites) {
  process.stdout.write(`\n== the extension ${name}\n`);
  const started = Date.now();
  const result = await suite().catch(unrun);
  const { passed, failed } = result;
  all.push(result);
  process.stdout.write(`${name}: ${passed} passed, ${failed} failed, ${Math.round((Date.now() - started) / 1000)} s\n`);
}
const total = summed(all);
mkdirSync(join(root, '.cache'), { recursive: true });
writeFileSync(join(root, '.cache', 'editor.json'), JSON.stringify(total));
process.stdout.write('\n');
printCounts(total);
process.exit(total.failed === 0 ? 0 : 1);

/** A suite that ended otherwise than with results. */
function unrun(error) {
  const why = isUnavailable(error) ? error.message : `${error.stack ?? error}`;
  process.stdout.write(`${why}\n`);
  return maySkip && isUnavailable(error) ? counts({ skipped: 1, reasons: [why] }) : broken(why);
}
