/** What the documents say is true: designs in them elaborate, commands in them run, files that they name exist. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { designOf } from './support/design.ts';

const root = join(import.meta.dirname, '..');
const launcher = join(root, 'cli', 'bin', 'dsys.mjs');
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

it('npm start runs the sample that the README tells of', () => {
  expect(readFileSync(join(root, 'scripts', 'start.mjs'), 'utf8')).toContain('leader-crash.dsys');
  expect(existsSync(join(root, 'samples', 'leader-crash.dsys'))).toBe(true);
});
