/** dsys fmt: lays designs out anew; `--check` only says which are not. */

import { readFileSync, writeFileSync } from 'node:fs';
import { format } from '@dsys/language-server';
import { diagnosticLine } from '../diagnostics.ts';
import { expand } from '../load.ts';
import { type Colors, complain, exitCode, print, Unusable } from '../output.ts';

export async function fmt(
  names: readonly string[],
  options: { readonly check: boolean; readonly colors: Colors; readonly quiet: boolean },
): Promise<number> {
  let changed = 0;
  let broken = false;
  for (const file of expand(names)) {
    const fromStdin = file === '-';
    const text = readFileSync(fromStdin ? 0 : file, 'utf8');
    const formatted = format(text);
    if (typeof formatted !== 'string') {
      broken = true;
      for (const one of formatted.errors) complain(`${diagnosticLine(one, options.colors)}\n`);
      complain(`${file} is not formatted: it has syntax errors.\n`);
      continue;
    }
    if (fromStdin && !options.check) print(formatted);
    if (formatted === text) continue;
    changed++;
    if (!options.check && !fromStdin) writeFileSync(file, formatted);
    if (!options.quiet && !fromStdin) print(`${options.check ? 'would change' : 'formatted'} ${file}\n`);
  }
  if (broken) throw new Unusable('Files with syntax errors were left as they are.');
  return options.check && changed > 0 ? exitCode.violated : exitCode.ok;
}
