/** What the documents say is true: designs in them elaborate, commands in them run, files that they name exist. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyse, rulePages } from '@dsys/language-server';
import { mechanismPages } from '@dsys/language-server/mechanisms/page';
import type { MechanismKind } from '@dsys/runtime/design/mechanism';
import { descriptors } from '@dsys/runtime/protocols/descriptors';
import { findProtocol } from '@dsys/runtime/protocols/registry';
import { MAX_COMPARED_EVENTS } from '@dsys/runtime/trace/compare';
import { EXPORTS } from '@dsys/runtime/trace/export/formats';
import { MAX_ITF_CHARACTERS, MAX_ITF_EVENTS } from '@dsys/runtime/trace/export/itf';
import { MAX_MERMAID_CHARACTERS, MAX_MERMAID_MESSAGES } from '@dsys/runtime/trace/export/mermaid';
import { MAX_OTLP_EVENTS, MAX_OTLP_SPANS } from '@dsys/runtime/trace/export/otlp';
import { MAX_PERFETTO_EVENTS } from '@dsys/runtime/trace/export/perfetto';
import { MAX_SHIVIZ_EVENTS, MAX_SHIVIZ_HOSTS } from '@dsys/runtime/trace/export/shiviz';
import { MAX_JSONL_CHARACTERS } from '@dsys/runtime/trace/jsonl';
import { MAX_EVENTS } from '@dsys/runtime/trace/model';
import { describe, expect, it } from 'vitest';
import { launcher } from './support/cli.ts';
import { designOf } from './support/design.ts';
import { matrixFound } from './support/matrix.ts';

const root = join(import.meta.dirname, '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

const fences = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(match => match[1]!);

describe.each(['README.md', 'ARCHITECTURE.md'])('%s', file => {
  const text = readFileSync(join(root, file), 'utf8');

  it('shows designs that elaborate', async () => {
    for (const design of fences(text, 'dsys')) expect((await designOf(design)).stores.length).toBeGreaterThan(0);
  });

  it('names files that exist and scripts that there are', () => {
    for (const [, path] of text.matchAll(
      /`((?:samples|tests|runtime|grammar|language-server|cli|scripts)\/[\w./-]*\w)\/?`/g,
    )) {
      expect(existsSync(join(root, path!)), path).toBe(true);
    }
    for (const [, name] of text.matchAll(/`npm run ([\w:]+)`/g)) expect(scripts).toHaveProperty([name!]);
    for (const name of ['start', 'test']) expect(scripts).toHaveProperty(name);
  });

  it('shows commands that run', () => {
    const commands = fences(text, 'sh').flatMap(block => block.trim().split('\n'));
    for (const command of commands) {
      if (command === 'npm start' || command === 'npm test') continue;
      const [npx, dsys, ...words] = command.split(' ');
      expect([npx, dsys], command).toEqual(['npx', 'dsys']);
      const result = spawnSync(process.execPath, [launcher, ...words], { cwd: root, encoding: 'utf8' });
      expect([0, 1, 3], `${command}\n${result.stderr}`).toContain(result.status);
    }
  });
});

describe('docs/traces.md', () => {
  const text = readFileSync(join(root, 'docs', 'traces.md'), 'utf8');
  const row = (ending: string): string =>
    new RegExp(`^\\| \`${ending.replaceAll('.', '\\.')}\` .*$`, 'm').exec(text)?.[0] ?? '';

  it('tells of every format that there is, and where it ends', () => {
    const listed = [...text.matchAll(/^\| `(\.[\w.]+)` /gm)].map(match => match[1]);
    expect(listed.sort()).toEqual([...Object.keys(EXPORTS), '.html', '.svg'].sort());
    for (const [ending, limit] of [
      ['.dsystrace', MAX_EVENTS],
      ['.html', MAX_EVENTS],
      ['.svg', MAX_EVENTS],
      ['.jsonl', MAX_JSONL_CHARACTERS],
      ['.edn', MAX_JSONL_CHARACTERS],
      ['.csv', MAX_JSONL_CHARACTERS],
      ['.pftrace', MAX_PERFETTO_EVENTS],
      ['.otlp.json', MAX_OTLP_EVENTS],
      ['.shiviz', MAX_SHIVIZ_EVENTS],
      ['.itf.json', MAX_ITF_EVENTS],
      ['.mmd', MAX_MERMAID_MESSAGES],
    ] as const)
      expect(row(ending)).toContain(` ${limit} `);
    for (const limit of [
      `${MAX_OTLP_SPANS} spans`,
      `${MAX_SHIVIZ_HOSTS} lanes`,
      `${MAX_ITF_CHARACTERS} characters`,
      `${MAX_MERMAID_CHARACTERS} characters`,
      `${MAX_COMPARED_EVENTS} events`,
    ])
      expect(text).toContain(limit);
  });

  it('shows commands that run, one after the other', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dsys docs '));
    cpSync(join(root, 'samples'), join(folder, 'samples'), { recursive: true });
    for (const command of fences(text, 'sh').flatMap(block => block.trim().split('\n'))) {
      const result = spawnSync(process.execPath, [launcher, ...command.split(' ').slice(2)], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect([0, 1], `${command}\n${result.stderr}`).toContain(result.status);
    }
    for (const name of ['moment.mmd', 'moment.shiviz', 'moment.edn']) expect(existsSync(join(folder, name))).toBe(true);
  });
});

describe('docs/rules', () => {
  const folder = join(root, 'docs', 'rules');
  const committed = new Map(readdirSync(folder).map(name => [name, readFileSync(join(folder, name), 'utf8')]));

  it('is what the rules say of themselves; else run: npm run docs', async () => {
    const generated = await rulePages();
    expect([...committed.keys()].sort(), 'run: npm run docs').toEqual([...generated.keys()].sort());
    for (const [name, text] of generated)
      expect(committed.get(name), `${name} is out of date; run: npm run docs`).toBe(text);
  });

  it.each([...committed].filter(([name]) => name !== 'README.md'))(
    '%s shows designs that can be read',
    async (_, text) => {
      const designs = fences(text, 'dsys');
      expect(designs.length).toBe(2);
      for (const design of designs) {
        const uri = 'file:///page.dsys';
        const { diagnostics } = (await analyse(
          uri,
          asked => (asked === uri ? design : undefined),
          () => 'page.dsys',
        ))!;
        expect(
          diagnostics.filter(one => ['syntax', 'unresolved-name', 'unresolved-import'].includes(one.rule)),
        ).toEqual([]);
      }
      // The right one has nothing wrong with it.
      expect((await designOf(designs[1]!)).stores.length).toBeGreaterThan(0);
    },
  );

  it('links lead somewhere', () => {
    for (const [name, text] of committed)
      for (const [, file, anchor] of text.matchAll(/\]\(([\w.-]+\.md)(?:#([\w-]+))?\)/g)) {
        expect(committed.has(file!), `${name}: ${file}`).toBe(true);
        const headings = [...committed.get(file!)!.matchAll(/^#+ (.*)$/gm)].map(match =>
          match[1]!
            .toLowerCase()
            .replace(/[^\w -]/g, '')
            .replaceAll(' ', '-'),
        );
        if (anchor !== undefined) expect(headings, `${name}: ${file}#${anchor}`).toContain(anchor);
      }
  });
});

describe('docs/mechanisms', () => {
  const folder = join(root, 'docs', 'mechanisms');
  const committed = new Map(readdirSync(folder).map(name => [name, readFileSync(join(folder, name), 'utf8')]));
  const shown = ['samples', 'tests/scenarios'].flatMap(from =>
    readdirSync(join(root, from))
      .sort()
      .map(name => ({ path: `${from}/${name}`, text: readFileSync(join(root, from, name), 'utf8') })),
  );

  it('is what the protocols say of themselves; else run: npm run docs', async () => {
    const generated = await mechanismPages(shown, matrixFound());
    expect([...committed.keys()].sort(), 'run: npm run docs').toEqual([...generated.keys()].sort());
    for (const [name, text] of generated)
      expect(committed.get(name), `${name} is out of date; run: npm run docs`).toBe(text);
  });

  it('has a page for every mechanism that is executed', () => {
    const executed = (Object.keys(descriptors) as MechanismKind[]).filter(kind => findProtocol(kind) !== undefined);
    expect(executed.filter(kind => !committed.has(`${kind}.md`))).toEqual([]);
  });

  it.each([...committed].filter(([name]) => name !== 'README.md' && name !== 'matrix.md'))(
    '%s shows a design without anything wrong, a sample, and files that exist',
    async (name, text) => {
      const [design, ...others] = fences(text, 'dsys');
      expect(others).toEqual([]);
      const { stores, transactions } = await designOf(design!);
      if (name === 'transactions.md') expect(transactions).toHaveLength(1);
      else if (name === 'partitioning.md') expect(stores.some(one => one.partitioning.kind !== 'none')).toBe(true);
      else expect(stores[0]!.mechanism.kind).toBe(name.replace('.md', ''));
      expect(text).toMatch(/\(\.\.\/\.\.\/samples\/[\w-]+\.dsys\)/);
      for (const [, path] of text.matchAll(/\]\(([\w./-]+)\)/g))
        expect(existsSync(join(folder, path!)), path).toBe(true);
    },
  );
});

it('npm start runs the sample that the README tells of', () => {
  expect(readFileSync(join(root, 'scripts', 'start.mjs'), 'utf8')).toContain('leader-crash.dsys');
  expect(existsSync(join(root, 'samples', 'leader-crash.dsys'))).toBe(true);
});
