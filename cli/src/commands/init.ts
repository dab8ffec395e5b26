/** dsys init: a first design with a scenario, and how to test it in CI. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstDesign } from '@dsys/language-server/first-design';
import { exitCode, print, Unusable } from '../output.ts';

const workflow = `# Keeps the design true: every scenario under many seeds, on every push.
name: design
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 24
      - run: npx dsys check . --format github
      - run: npx dsys test . --reporter junit > dsys.xml
`;

export function init(directory: string): number {
  const files = [
    { path: join(directory, 'first.dsys'), text: firstDesign },
    { path: join(directory, '.github', 'workflows', 'design.yml'), text: workflow },
  ];
  const there = files.find(file => existsSync(file.path));
  if (there !== undefined) throw new Unusable(`${there.path} exists already; nothing was written.`);
  for (const { path, text } of files) {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
    print(`wrote ${path}\n`);
  }
  print(`\nTry: dsys run ${files[0]!.path}\n`);
  return exitCode.ok;
}
