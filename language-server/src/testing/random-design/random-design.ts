/**
 * Random designs that are valid: elaboration has nothing against them, whatever rules think of them. They are drawn
 * from the whole language; a test sees that every option, word and keyword comes up.
 */
import fc from 'fast-check';
import { allRules } from '../../rules/all.ts';
import { mainFile } from '../check.ts';
import { type Choices, choicesFrom, tape } from './choices.ts';
import { commented } from './layout.ts';
import { randomPlaces } from './places.ts';
import { randomTransaction, randomWorkload, sketchTransactions, sketchWorkloads } from './running.ts';
import { randomExploration, randomScenario } from './scenarios.ts';
import type { Sketch } from './sketch.ts';
import { randomStore, sketchStores } from './stores.ts';

export interface RandomDesign {
  readonly text: string;
  /** What the text imports, by path. */
  readonly files: Readonly<Record<string, string>>;
}

const placesFile = 'places.dsys';

export const randomDesign: fc.Arbitrary<RandomDesign> = fc
  .record({
    places: tape(120),
    split: tape(120),
    stores: tape(300),
    running: tape(150),
    scenarios: tape(250),
    layout: tape(60),
  })
  .map(tapes => {
    const places = randomPlaces(choicesFrom(tapes.places));
    const split = choicesFrom(tapes.split);
    const stores = sketchStores(split, places);
    const sketch: Sketch = {
      places,
      stores,
      transactions: sketchTransactions(split, stores),
      workloads: sketchWorkloads(split),
    };
    const [inStores, running, scenarios, layout] = [tapes.stores, tapes.running, tapes.scenarios, tapes.layout].map(
      choicesFrom,
    ) as [Choices, Choices, Choices, Choices];
    const declarations = [
      ...stores.map(store => randomStore(inStores, sketch, store)),
      ...sketch.transactions.map(one => randomTransaction(running, sketch, one)),
      ...sketch.workloads.map(name => randomWorkload(running, sketch, name)),
      ...scenarios
        .some(['leader-loss', 'scenario', 'crash'], 0, 2)
        .map(name => randomScenario(scenarios, sketch, name)),
      ...(scenarios.chance(30) ? [randomExploration(scenarios, sketch, 'tiny')] : []),
    ];
    return laidOut(layout, places.declarations, declarations);
  });

/** Declarations in any order, in one file or in two, with what stands between them. */
function laidOut(c: Choices, places: readonly string[], others: readonly string[]): RandomDesign {
  const head = c.chance(30) ? [`rules { ${c.list(1, 3, () => setting(c)).join('  ')} }`] : [];
  const isSplit = c.chance(15);
  const here = isSplit
    ? [`import "./${placesFile}"`, ...head, ...shuffled(c, others)]
    : [...head, ...shuffled(c, [...places, ...others])];
  const files: Record<string, string> = isSplit ? { [placesFile]: joined(c, places) } : {};
  return { text: joined(c, here), files };
}

const shuffled = (c: Choices, all: readonly string[]): string[] => (c.chance(40) ? c.some(all, all.length) : [...all]);

const setting = (c: Choices): string =>
  `${c.pick(allRules).id} ${c.pick(['off', 'error', 'warning', 'information', 'info'])}`;

const joined = (c: Choices, declarations: readonly string[]): string =>
  `${declarations.flatMap(one => documented(c, one)).join('\n')}\n`;

function documented(c: Choices, declaration: string): string[] {
  switch (c.below(8)) {
    case 1:
      return [`/** What **it** is for. */`, declaration];
    case 2:
      return ['/**\n * Of several lines,\n *   and a list: { x }\n */', declaration];
    case 3:
      return [`// dsys-ignore ${c.pick(allRules).id}: known and wanted`, declaration];
    default:
      return commented(c, declaration);
  }
}

/** All texts of a design by file, as they stand beside each other. */
export const filesOf = ({ text, files }: RandomDesign): Record<string, string> => ({ ...files, [mainFile]: text });
