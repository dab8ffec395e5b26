/**
 * The house stays as ARCHITECTURE.md draws it: every import is read and compared with "must never know", and the runtime
 * stays pure and repeatable.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

interface Source {
  /** Relative to the project, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Packages as written, files of the project by path. */
  readonly imports: readonly string[];
}

const packages: Readonly<Record<string, string>> = {
  '@dsys/grammar': 'grammar/src',
  '@dsys/runtime': 'runtime/src',
  '@dsys/language-server': 'language-server/src',
};

function resolveImport(from: string, specifier: string): string {
  if (specifier.startsWith('.'))
    return normalize(join(dirname(from), specifier))
      .split(sep)
      .join('/');
  const own = Object.keys(packages).find(name => specifier === name || specifier.startsWith(`${name}/`));
  return own === undefined ? specifier : `${packages[own]}${specifier.slice(own.length)}`;
}

function importsOf(path: string, text: string): string[] {
  const found = [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*'([^']+)'|(?:^|\n)\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'/g,
    ),
  ];
  return found.map(match => resolveImport(path, (match[1] ?? match[2] ?? match[3])!));
}

const sources: readonly Source[] = ['grammar', 'runtime', 'language-server', 'extension', 'cli'].flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map(entry => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter(path => !/\/(node_modules|generated|out)\//.test(path) && !/\.test\.tsx?$|\/testing\//.test(path))
    .map(path => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, imports: importsOf(path, text) };
    }),
);

/** Imports of files below `room` that match none of what it may know, or something that it must never know. */
function breaches(room: RegExp, forbidden: RegExp, except: RegExp = /^$/): string[] {
  return sources
    .filter(({ path }) => room.test(path))
    .flatMap(({ path, imports }) =>
      imports.filter(one => forbidden.test(one) && !except.test(one)).map(one => `${path} imports ${one}`),
    );
}

const langium = /^langium\b|^chevrotain/;
const lsp = /^vscode-(?!$)/;
const editor = /^vscode$/;
const node = /^node:/;

describe('what each room must never know', () => {
  it('reads the whole house', () => {
    expect(sources.length).toBeGreaterThan(100);
    for (const folder of ['grammar', 'runtime', 'language-server', 'cli'])
      expect(
        sources.some(({ path }) => path.startsWith(`${folder}/`)),
        folder,
      ).toBe(true);
  });

  it.each([
    [
      'grammar: runtime, LSP',
      /^grammar\//,
      new RegExp(`^runtime/|^language-server/|${lsp.source}|${editor.source}`),
      undefined,
    ],
    [
      'runtime: Langium, LSP, Node, VS Code, other rooms',
      /^runtime\//,
      new RegExp(
        `${langium.source}|${lsp.source}|${editor.source}|${node.source}|^grammar/|^language-server/|^cli/|^extension/`,
      ),
      undefined,
    ],
    ['design: anything else in runtime', /^runtime\/src\/design\//, /^runtime\/src\/(?!design\/)/, undefined],
    [
      'analysis: kernel (but its random streams), protocols, whoever runs them',
      /^runtime\/src\/analysis\//,
      /^runtime\/src\/(kernel|protocols|clients|checkers|trace|run)\//,
      /^runtime\/src\/kernel\/(random|distribution)\.ts$/,
    ],
    [
      'kernel: which protocol runs on it',
      /^runtime\/src\/kernel\//,
      /^runtime\/src\/(protocols|clients|run)\//,
      /^runtime\/src\/protocols\/contract\.ts$/,
    ],
    [
      'protocols: the kernel, clients, checking',
      /^runtime\/src\/protocols\//,
      /^runtime\/src\/(kernel|clients|run|trace|checkers)\//,
      /^runtime\/src\/checkers\/history\.ts$/,
    ],
    [
      'clients: how a protocol works',
      /^runtime\/src\/clients\//,
      /^runtime\/src\/protocols\//,
      /^runtime\/src\/protocols\/contract\.ts$/,
    ],
    [
      'checkers: kernel, protocols',
      /^runtime\/src\/checkers\//,
      /^runtime\/src\/(kernel|protocols|clients|run|trace)\//,
      undefined,
    ],
    [
      'model: kernel, protocols',
      /^runtime\/src\/model\//,
      /^runtime\/src\/(kernel|protocols|clients|run|trace)\//,
      undefined,
    ],
    [
      'trace: who made it',
      /^runtime\/src\/trace\//,
      /^runtime\/src\/(kernel|protocols|clients|run|design)\//,
      undefined,
    ],
    ['language-server: VS Code', /^language-server\//, editor, undefined],
    [
      'rules: Langium, syntax',
      /^language-server\/src\/rules\/(?!(spots|changes|ignore|review|page)\.ts$)/,
      new RegExp(`${langium.source}|${lsp.source}|^language-server/src/(parsing|workspace|format|lsp)/`),
      undefined,
    ],
    [
      'facts: Langium, LSP',
      /^language-server\/src\/facts\//,
      new RegExp(`${langium.source}|${lsp.source}|^language-server/src/(parsing|elaborate|workspace|format|lsp)/`),
      undefined,
    ],
    [
      'extension: Langium, protocols',
      /^extension\//,
      new RegExp(`${langium.source}|^runtime/src/protocols/`),
      undefined,
    ],
    [
      'webviews: VS Code, Node, the server, whoever runs',
      /^extension\/webview\//,
      new RegExp(
        `${editor.source}|${node.source}|${langium.source}|^(language-server|grammar|extension/src)/|^runtime/src/(kernel|run|clients)/`,
      ),
      undefined,
    ],
    ['cli: VS Code', /^cli\//, editor, undefined],
    [
      'cli: the extension, but the pictures of traces',
      /^cli\//,
      /^extension\//,
      /^extension\/webview\/trace\/(model|draw)\/(?!canvas)[\w-]+\.ts$/,
    ],
    [
      'pictures of traces: the page that shows them',
      /^extension\/webview\/trace\/(model|draw)\//,
      /^extension\/(?!webview\/trace\/(model|draw)\/|webview\/common\/tokens\.ts$)|^preact|^@preact/,
      undefined,
    ],
    [
      'pictures of traces but on canvases: canvases',
      /^extension\/webview\/trace\/(model|draw)\/(?!canvas)/,
      /^extension\/webview\/trace\/draw\/canvas/,
      undefined,
    ],
  ] as const)('%s', (_name, room, forbidden, except) => {
    expect(breaches(room, forbidden, except)).toEqual([]);
  });

  it('protocols: each other', () => {
    const folders = [
      ...new Set(sources.flatMap(({ path }) => /^runtime\/src\/protocols\/([\w-]+)\//.exec(path)?.[1] ?? [])),
    ];
    expect(folders).toEqual(expect.arrayContaining(['raft', 'single-leader']));
    for (const folder of folders) {
      const others = folders.filter(one => one !== folder).join('|');
      expect(
        breaches(new RegExp(`^runtime/src/protocols/${folder}/`), new RegExp(`^runtime/src/protocols/(${others})/`)),
      ).toEqual([]);
    }
  });
});

describe('the runtime is pure and repeatable', () => {
  const runtime = sources.filter(({ path }) => path.startsWith('runtime/'));
  /** Code without comments and texts, so that words about a thing are not the thing. */
  const codeOf = (text: string) =>
    text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '').replace(/'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g, "''");

  it.each([
    ['powers, whose bits differ between versions of Node', /\*\*|Math\.pow\b/],
    ['its own randomness', /Math\.random\b|crypto\.getRandomValues/],
    ['the clock on the wall', /\bDate\b|performance\.now\b|setTimeout\b|setInterval\b|setImmediate\b/],
    [
      'Node or a browser',
      /\bprocess\.(env|argv|exit|cwd|stdout|stderr|hrtime|nextTick|memoryUsage)\b|\bBuffer\.|\brequire\(|\b(document|navigator|localStorage)\.|\bfetch\(/,
    ],
  ])('no %s', (_name, forbidden) => {
    expect(runtime.filter(({ text }) => forbidden.test(codeOf(text))).map(({ path }) => path)).toEqual([]);
  });
});

it('no file grows past what one reader holds', () => {
  const long = sources.filter(({ text }) => text.split('\n').length > 401).map(({ path }) => path);
  expect(long).toEqual([]);
});
