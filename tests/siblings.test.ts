/** Figure 3 of Dynamo (S42), down to the vectors that stand on the nodes, and what the checks say of siblings. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute } from '@dsys/runtime';
import { describe, expect, it } from 'vitest';
import { showVersion, type Version } from '../runtime/src/protocols/versions/siblings.ts';
import { designOf } from './support/design.ts';

const text = readFileSync(join(import.meta.dirname, 'scenarios', 's42-concurrent-puts.dsys'), 'utf8');

/** What each node keeps of x at the end, once. */
async function kept(design: string): Promise<readonly string[]> {
  const read = await designOf(design, 's42.dsys');
  const { sim } = execute(read, read.scenarios[0]!, { seed: 1 });
  const nameOf = (actor: string) => sim.design.nodes[Number.parseInt(actor, 10)]!.name.split('.').at(-1)!;
  const cells = [...sim.groups[0]!.members.values()].map(({ state }) =>
    (state as { cells: { x: readonly { readonly version: Version }[] } }).cells.x
      .map(({ version }) => showVersion('vector', version, nameOf))
      .join(' ∥ '),
  );
  return [...new Set(cells)];
}

describe('figure 3 of Dynamo', () => {
  it('two siblings, of which neither has seen the other', async () => {
    const before = text.replace(/^ {2}at (1200|1400|1800)ms .*\n/gm, '');
    expect(await kept(before)).toEqual(['[(sx,2),(sy,1)] ∥ [(sx,2),(sz,1)]']);
  });

  it('are reconciled by who has been told both', async () => {
    expect(await kept(text)).toEqual(['[(sx,3),(sy,1),(sz,1)]']);
  });

  it('and not by who has not', async () => {
    const blind = text.replace(/at 1200ms .*\n/, '').replace('client ann write x = 5', 'client dora write x = 5');
    expect((await kept(blind))[0]!.split(' ∥ ').length).toBe(2 + 1);
  });
});
