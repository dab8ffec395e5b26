/** What the documents say is true: designs in them elaborate, commands in them run, files that they name exist. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyse, rulePages } from '@dsys/language-server';
import { describe, expect, it } from 'vitest';
import { launcher } from './support/cli.ts';
import { designOf } from './support/design.ts';

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

it('npm start runs the sample that the README tells of', () => {
  expect(readFileSync(join(root, 'scripts', 'start.mjs'), 'utf8')).toContain('leader-crash.dsys');
  expect(existsSync(join(root, 'samples', 'leader-crash.dsys'))).toBe(true);
});
