/** The rooms of the house (ARCHITECTURE.md, "Rooms"): what each must never know, read from its imports. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const packages: Record<string, string> = {
  '@dsys/grammar': 'grammar/src',
  '@dsys/runtime': 'runtime/src',
  '@dsys/language-server': 'language-server/src',
};

interface Import {
  readonly file: string;
  /** A path from the root for what is ours; the package's name for what is not. */
  readonly to: string;
}

const skipped = new Set(['node_modules', 'out', 'generated', 'test', 'testing']);

/** Sources without tests. */
function sources(folder: string): string[] {
  let entries: ReturnType<typeof list>;
  try {
    entries = list(folder);
  } catch {
    return [];
  }
  return entries.flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) && !/\.(test|bench|d)\.tsx?$/.test(entry.name) ? [path] : [];
  });
}
const list = (folder: string) => readdirSync(join(root, folder), { withFileTypes: true });
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Code without comments, so that prose about `import` or `**` does not count. Strings stay. */
const code = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');

const specifiers = (text: string): string[] =>
  [...code(text).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*(['"])([^'"\s]+)\1/g)].map(match => match[2]!);

function target(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return relative(root, resolve(root, dirname(file), specifier));
  for (const [name, folder] of Object.entries(packages)) {
    if (specifier === name) return `${folder}/index.ts`;
    if (specifier.startsWith(`${name}/`)) return join(folder, specifier.slice(name.length + 1));
  }
  return specifier;
}

const rooms = ['grammar/src', 'runtime/src', 'language-server/src', 'extension/src', 'extension/webview', 'cli/src'];
const imports: Import[] = rooms.flatMap(room =>
  sources(room).flatMap(file => specifiers(read(file)).map(one => ({ file, to: target(file, one) }))),
);

/** Folders of concrete protocols. */
const protocols = list('runtime/src/protocols')
  .filter(entry => entry.isDirectory())
  .map(entry => entry.name);
const concrete = new RegExp(`^runtime/src/protocols/(${protocols.join('|')})/`);
const registry = 'runtime/src/protocols/registry.ts';
const inside = (folder: string) => (path: string) => path.startsWith(`${folder}/`);
const external = (path: string) => !rooms.some(room => inside(room)(path));

type Never = readonly [room: string, neverKnows: string, breaks: (to: string, file: string) => boolean];

const table: readonly Never[] = [
  ['grammar/src', 'runtime, language server, LSP', to => /^(runtime|language-server)\/|^vscode/.test(to)],
  [
    'runtime/src',
    'Langium, LSP, Node, VS Code, other rooms',
    to => /^(langium|vscode|node:|grammar\/|language-server\/|extension\/|cli\/)/.test(to),
  ],
  ['runtime/src/design', 'anything else in runtime', to => !inside('runtime/src/design')(to)],
  ['runtime/src/analysis', 'kernel, protocols', to => /^runtime\/src\/(kernel|protocols)\//.test(to)],
  ['runtime/src/kernel', 'which protocol runs on it', to => concrete.test(to) || to === registry],
  [
    'runtime/src/protocols',
    'the kernel, each other',
    (to, file) => {
      if (inside('runtime/src/kernel')(to)) return true;
      const own = concrete.exec(file)?.[1];
      const other = concrete.exec(to)?.[1];
      return other !== undefined && other !== own && file !== registry;
    },
  ],
  ['runtime/src/clients', 'how a protocol works', to => concrete.test(to) || to === registry],
  ['runtime/src/checkers', 'kernel, protocols', to => /^runtime\/src\/(kernel|protocols)\//.test(to)],
  ['runtime/src/explore', 'protocol details', to => concrete.test(to)],
  ['runtime/src/trace', 'who made it', to => /^runtime\/src\/(kernel|protocols|clients|run|explore)\//.test(to)],
  ['language-server/src', 'the editor API', to => to === 'vscode'],
  ['extension/src', 'Langium, protocols', to => /^langium/.test(to) || inside('runtime/src/protocols')(to)],
  ['extension/webview', 'the editor API, Node', to => to === 'vscode' || to.startsWith('node:')],
  ['cli/src', 'VS Code', to => to === 'vscode'],
];

describe('rooms', () => {
  it.each(table)('%s never knows %s', (room, _never, breaks) => {
    const broken = imports.filter(one => inside(room)(one.file) && breaks(one.to, one.file));
    expect(broken.map(one => `${one.file} imports ${one.to}`)).toEqual([]);
  });

  it('is read from imports that are there', () => {
    for (const room of ['grammar/src', 'runtime/src', 'language-server/src'])
      expect(imports.filter(one => inside(room)(one.file)).length).toBeGreaterThan(2);
    expect(protocols).toContain('raft');
    expect(imports.some(one => one.to === 'runtime/src/protocols/contract.ts')).toBe(true);
  });

  it('the runtime uses no library but those that compute', () => {
    const used = new Set(imports.filter(one => inside('runtime/src')(one.file) && external(one.to)).map(one => one.to));
    const allowed = /^(pure-rand|fflate|@noble\/hashes)(\/|$)/;
    expect([...used].filter(name => !allowed.test(name))).toEqual([]);
  });
});

/** What differs between machines, moments or Node versions, or needs a host. */
const forbidden: readonly (readonly [what: string, found: RegExp])[] = [
  ['the exponentiation operator', /[\w)\]]\s*\*\*=?\s*[\w(]/],
  ['Math.pow', /\bMath\.pow\b/],
  ['Math.random', /\bMath\.random\b/],
  ['Date', /\bDate\.now\b|\bnew Date\b/],
  ['performance.now', /\bperformance\.now\b/],
  ['a host’s timers', /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\(/],
  ['the DOM', /\b(document|localStorage|navigator)\./],
  ['Node globals', /\bprocess\.|\bBuffer\.|\b__dirname\b|\brequire\(/],
  ['locale', /\.localeCompare\(|\.toLocale\w*\(|\bIntl\./],
];

describe('the runtime is pure', () => {
  const files = sources('runtime/src');
  it.each(forbidden)('no %s', (_what, found) => {
    expect(files.filter(file => found.test(code(read(file))))).toEqual([]);
  });
  it('and the patterns find what they look for', () => {
    const sample =
      'a ** b; Math.pow(1,2); Math.random(); Date.now(); performance.now(); setTimeout(f); document.x; process.env; a.localeCompare(b)';
    expect(forbidden.filter(([, found]) => !found.test(sample))).toEqual([]);
  });
});
