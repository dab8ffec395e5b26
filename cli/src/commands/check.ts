/** dsys check: what can be said about designs without running them: structure, and every rule of the catalogue. */
import { allRules, type Diagnostic, review } from '@dsys/language-server';
import { countBySeverity, diagnosticJson, diagnosticLine, githubLine, sarif } from '../diagnostics.ts';
import { expand, load } from '../load.ts';
import { type Colors, exitCode, json, print } from '../output.ts';
import { version } from '../version.ts';

export interface CheckOptions {
  readonly format: 'text' | 'json' | 'github' | 'sarif';
  readonly colors: Colors;
  readonly quiet: boolean;
}

export async function check(names: readonly string[], options: CheckOptions): Promise<number> {
  const files = expand(names);
  const seen = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  let ignored = 0;
  for (const file of files) {
    const found = review(await load(file));
    ignored += found.ignored;
    for (const one of found.diagnostics) {
      // A file that several others import is spoken of once.
      const key = JSON.stringify([one.rule, one.uri, one.range, one.message]);
      if (!seen.has(key)) diagnostics.push(one);
      seen.add(key);
    }
  }
  const errors = countBySeverity(diagnostics, 'error');
  const summary = {
    errors,
    warnings: countBySeverity(diagnostics, 'warning'),
    information: countBySeverity(diagnostics, 'information'),
    ignored,
  };
  switch (options.format) {
    case 'json':
      print(json({ schema: 'dsys.check/1', tool: version, diagnostics: diagnostics.map(diagnosticJson), summary }));
      break;
    case 'sarif':
      print(json(sarif(diagnostics)));
      break;
    case 'github':
      for (const one of diagnostics) print(`${githubLine(one)}\n`);
      break;
    case 'text':
      for (const one of diagnostics) print(`${diagnosticLine(one, options.colors)}\n`);
      if (!options.quiet) {
        const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
        const silenced = ignored === 0 ? '' : `, ${ignored} ignored`;
        print(
          `${count(files.length, 'file')}: ${count(errors, 'error')}, ${count(summary.warnings, 'warning')}${silenced}; ${count(allRules.length, 'rule')} looked.\n`,
        );
      }
  }
  return errors > 0 ? exitCode.violated : exitCode.ok;
}
