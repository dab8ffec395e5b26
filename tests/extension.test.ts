/** What the extension's manifest promises is there: commands, settings, files; and the designs that it offers are good ones. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { analyse, review } from '@dsys/language-server';
import { defaultSettings } from '@dsys/language-server/lsp/settings';
import { commands } from '@dsys/language-server/protocol';
import { EXPORTS } from '@dsys/runtime/trace/export/formats';
import { describe, expect, it } from 'vitest';
import { shapes } from '../extension/src/commands/shapes.ts';
import { launcher } from './support/cli.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'extension');
const read = (path: string) => readFileSync(join(folder, path), 'utf8');
const manifest = JSON.parse(read('package.json'));
const { contributes } = manifest;
const source = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .map(name => read(join('src', name)))
  .join('\n');

/** What rules and everything before them say of a text. */
async function findings(text: string): Promise<readonly string[]> {
  const uri = pathToFileURL(join(root, 'offered.dsys')).href;
  const analysis = await analyse(
    uri,
    asked => (asked === uri ? text : undefined),
    () => 'offered.dsys',
  );
  return review(analysis!).diagnostics.map(({ rule, severity, message }) => `${severity} ${rule}: ${message}`);
}

it('contributes exactly the commands that it registers', () => {
  // Those that differ in a word only are registered from a table.
  const own = [...source.matchAll(/registerCommand\(\s*'([^']+)'|^\s*'(dsys[\w.]+)':/gm)].map(
    match => (match[1] ?? match[2])!,
  );
  const named = [...source.matchAll(/registerCommand\(names\.(\w+)/g)].map(
    match => commands[match[1] as keyof typeof commands],
  );
  const contributed = contributes.commands.map(({ command }: { command: string }) => command);
  expect(contributed.sort()).toEqual([...own, ...named].sort());
  const used = [
    ...Object.values(contributes.menus).flat(),
    ...contributes.keybindings,
    ...contributes.walkthroughs[0].steps.flatMap(({ description }: { description: string }) =>
      [...description.matchAll(/command:([\w.]+)/g)].map(match => ({ command: match[1] })),
    ),
  ] as { command: string }[];
  for (const { command } of used) expect(contributed, command).toContain(command);
});

it('has a setting for everything that the server or the client takes, with its default, and no other', () => {
  const { rulePages: _host, inlayHints, ...plain } = defaultSettings();
  const expected = Object.fromEntries([
    ...Object.entries(plain).map(([name, value]) => [`dsys.${name}`, value]),
    ...Object.entries(inlayHints).map(([name, value]) => [`dsys.inlayHints.${name}`, value]),
    // The client's own.
    ['dsys.trace.eventCounts', true],
    ['dsys.trace.followCursor', true],
    ['dsys.trace.server', 'off'],
  ]);
  const { properties } = contributes.configuration;
  const found = Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [name, (value as { default: unknown }).default]),
  );
  expect(found).toEqual(expected);
  for (const [name, value] of Object.entries<{ description?: string; markdownDescription?: string }>(properties))
    expect(value.description ?? value.markdownDescription, name).toBeTruthy();
});

it('names files that are there', () => {
  const paths = [
    ...JSON.stringify(contributes).matchAll(/"(?:\.\/)?((?:icons|snippets|walkthrough|syntaxes)\/[^"]+)"/g),
  ];
  expect(paths.length).toBeGreaterThan(8);
  for (const [, path] of paths) expect(existsSync(join(folder, path!)), path).toBe(true);
  expect(existsSync(join(folder, manifest.icon))).toBe(true);
});

describe('designs that it offers', () => {
  it.each(shapes.map(({ label, text }) => [label, text]))('%s has nothing to find fault with', async (_, text) => {
    expect(await findings(text)).toEqual([]);
  });

  const snippets = Object.entries<{ body: string[]; prefix: string }>(JSON.parse(read('snippets/dsys.json')));
  it.each(snippets.filter(([, { prefix }]) => prefix.startsWith('design-')))(
    'snippet %s has nothing to find fault with, as it comes',
    async (_, { body }) => {
      const values = new Map<string, string>();
      const text = body
        .join('\n')
        .replace(/\$\{(\d)\|([^,|]+)[^}]*\}|\$\{(\d):([^}]*)\}/g, (_all, a, first, b, value) => {
          values.set(a ?? b, first ?? value);
          return first ?? value;
        })
        .replace(/\$(\d)/g, (_all, number) => values.get(number) ?? '');
      expect(await findings(text)).toEqual([]);
    },
  );

  it.each(readdirSync(join(folder, 'walkthrough')).filter(name => name.endsWith('.md')))(
    'those of walkthrough/%s can be read',
    async name => {
      for (const [, text] of read(`walkthrough/${name}`).matchAll(/^```dsys\n([\s\S]*?)^```/gm))
        expect((await findings(text!)).filter(one => one.startsWith('error'))).toEqual([]);
    },
  );
});

it('reads what `dsys check` prints in a task', () => {
  const wrong = 'cluster c { nodes 2 }\nstore s on c { replication leaderless { read 1  write 1 } }\nstore t on d {}\n';
  const { stdout } = spawnSync(process.execPath, [launcher, 'check', '-'], {
    encoding: 'utf8',
    input: wrong,
  });
  const { pattern } = contributes.problemMatchers[0];
  // Standard input has no file name; tasks check files.
  const lines = stdout.replaceAll(/^(-|<stdin>|stdin)(?=:)/gm, 'designs/a.dsys').split('\n');
  const rows = lines.map(line => new RegExp(pattern.regexp).exec(line)).filter(match => match !== null);
  expect(rows.map(match => [match[pattern.line], match[pattern.severity], match[pattern.code]])).toEqual([
    ['2', 'warning', 'quorum-rw-disjoint'],
    ['2', 'warning', 'quorum-ww-disjoint'],
    ['3', 'error', 'unresolved-name'],
  ]);
});

it('carries the licences of what is bundled in it, once each', () => {
  const notices = readFileSync(join(folder, 'out', 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  const packages = [...notices.matchAll(/^(\S+) (\d+\.\d+\.\d+) \(([^)]+)\)$/gm)].map(
    match => `${match[1]} ${match[2]}`,
  );
  expect(packages.map(one => one.split(' ')[0])).toEqual(
    expect.arrayContaining(['langium', 'preact', 'vscode-languageclient', 'fflate', 'commander']),
  );
  expect(new Set(packages).size).toBe(packages.length);
  expect(notices.match(/permission is hereby granted|apache license|permission to use/gi)!.length).toBeGreaterThan(20);
});

it('offers every form that a trace can be written in', () => {
  const source = read('src/trace/exports.ts');
  const offered = [...source.matchAll(/ending: '([^']+)'/g)].map(match => match[1]);
  expect(['.dsystrace', ...offered].sort()).toEqual([...Object.keys(EXPORTS), '.html'].sort());
});
