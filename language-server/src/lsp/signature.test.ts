import { expect, test } from 'vitest';
import { editor } from '../testing/editor.ts';

/** The label with the active parameter marked. */
async function signature(marked: string): Promise<string | undefined> {
  const { services, document, position, at } = await editor(marked);
  const help = await services.lsp.SignatureHelp!.provideSignatureHelp(document, { ...at, position });
  if (!help) return undefined;
  const [{ label, parameters }] = help.signatures as [(typeof help.signatures)[0]];
  const active = parameters![help.activeParameter!]?.label as [number, number] | undefined;
  return active ? `${label.slice(0, active[0])}«${label.slice(...active)}»${label.slice(active[1])}` : label;
}

test.each<[string, string | undefined]>([
  ['network { latency normal(¦', 'normal(«mean», deviation)'],
  ['network { latency normal(44ms, ¦) }', 'normal(mean, «deviation»)'],
  ['network { latency normal(44ms, 2ms, ¦) }', 'normal(mean, deviation)'],
  ['network { latency mix(90% normal(1ms, 2ms), ¦', 'mix(weight part, «weight part …»)'],
  ['network { latency mix(90% normal(1ms, ¦', 'normal(mean, «deviation»)'],
  ['store s on c { replication leaderless { read any 2 of (a, b, ¦', 'any 2 of (member, «member …»)'],
  ['store s on c { replication leaderless { read all of (¦', 'all of («member», member …)'],
  [
    'store s on c { replication leaderless { read weight 3 of (a = 1, ¦',
    'weight 3 of (node = weight, «node = weight …»)',
  ],
  ['store s on c { replication leaderless { read grid(2, ¦3) row } }', 'grid(rows, «columns») shape'],
  ['network { latency normal(44ms, 2ms)¦ }', undefined],
  ['store s on c { partition by hash(¦', undefined],
  ['¦', undefined],
])('%s', async (marked, expected) => {
  expect(await signature(marked)).toBe(expected);
});
