/** The matrix of mechanisms, consistency and faults (docs/mechanisms/matrix.md): what stands in it is executed again. */
import { faults, isPromised, type Model, models, variants } from '@dsys/language-server/mechanisms/matrix';
import { descriptors, promisesOf } from '@dsys/runtime/protocols/descriptors';
import { findProtocol } from '@dsys/runtime/protocols/registry';
import { describe, expect, it } from 'vitest';
import { isLong } from './support/design.ts';
import { matrixDesignOf, matrixFound, violatedModels } from './support/matrix.ts';

const { seeds, found } = matrixFound();
/** Beyond those that were searched. */
const others = isLong ? 20 : 1;

it('has every mechanism that is executed, and every fault', () => {
  const executed = Object.keys(descriptors).filter(
    kind => findProtocol(kind as keyof typeof descriptors) !== undefined,
  );
  expect([...new Set(variants.map(({ kind }) => kind))].sort()).toEqual(executed.sort());
  expect(found.map(row => row.length)).toEqual(variants.map(() => faults.length));
});

it('shows something violated and something kept of every model but the weakest', () => {
  const shown = new Set(found.flat().flatMap(one => Object.keys(one)));
  expect(models.filter(model => !shown.has(model))).toEqual(['monotonic-writes', 'writes-follow-reads']);
  for (const model of models) expect(found.flat().some(one => one[model] === undefined)).toBe(true);
});

describe.each(variants.map((variant, index) => ({ ...variant, index })))('$store', variant => {
  it.each(faults.map((fault, index) => ({ ...fault, index })))('$name', async fault => {
    const design = await matrixDesignOf(variant, fault);
    const cell = found[variant.index]![fault.index]!;
    const shown = new Map<number, readonly Model[]>();
    for (const [model, seed] of Object.entries(cell)) {
      const there = models.filter(one => cell[one] === seed);
      if (!shown.has(seed)) shown.set(seed, violatedModels(design, seed, there));
      expect(shown.get(seed), `seed ${seed}`).toContain(model);
    }
    const promises = promisesOf(design, design.stores.find(({ name }) => name === 's')!);
    const promised = models.filter(model => isPromised(promises, model));
    expect(Object.keys(cell).filter(model => promised.includes(model as Model))).toEqual([]);
    for (let seed = seeds + 1; seed <= seeds + others; seed++)
      expect(violatedModels(design, seed, promised), `seed ${seed}`).toEqual([]);
  });
});
