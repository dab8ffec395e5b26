import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A snippet of `test-fixtures/`: a whole file with markers for `check`. */
export interface Fixture {
  readonly file: string;
  readonly name: string;
  readonly text: string;
}

const samplesFolder = fileURLToPath(new URL('../../../samples/', import.meta.url));

/** The texts of all samples. */
export const samples = (): string[] =>
  readdirSync(samplesFolder)
    .filter(file => file.endsWith('.dsys'))
    .sort()
    .map(file => readFileSync(join(samplesFolder, file), 'utf8'));

const folder = fileURLToPath(new URL('../../test-fixtures/', import.meta.url));

/**
 * The snippets of all fixture files. `// --- name` begins a snippet; what stands before the first one is common to
 * all snippets of the file and follows each of them (declarations have no order), but not those whose name ends
 * with `(alone)`.
 * @param part the folder within `test-fixtures/`: syntax and names stand in it directly, elaboration in `elaborate`
 */
export function fixtures(part = ''): Fixture[] {
  const inside = join(folder, part);
  return readdirSync(inside)
    .filter(file => file.endsWith('.dsys'))
    .sort()
    .flatMap(file => snippetsOf(file, readFileSync(join(inside, file), 'utf8')));
}

function snippetsOf(file: string, text: string): Fixture[] {
  const [common, ...parts] = text.split(/^\/\/ --- /m);
  return parts.map(part => {
    const end = part.indexOf('\n');
    const name = part.slice(0, end).trim();
    const own = part.slice(end + 1);
    return { file, name, text: name.endsWith('(alone)') ? own : `${own}\n${common}` };
  });
}
