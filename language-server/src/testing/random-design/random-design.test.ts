/** Random designs are valid, and use the whole language. */
import type { PropertyKind } from '@dsys/runtime/design/property';
import type { Verb } from '@dsys/runtime/design/scenario';
import { descriptors } from '@dsys/runtime/protocols/descriptors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { figureExamples } from '../../elaborate/figures.ts';
import { optionMeanings } from '../../lsp/meanings/options.ts';
import { distributionMeanings } from '../../lsp/meanings/words.ts';
import { analysed, flawsOf } from '../design.ts';
import { fuzz, timeFor } from '../fuzz.ts';
import { cover, keywords, nodeTypes, nothingCovered } from './coverage.ts';
import { filesOf, randomDesign } from './random-design.ts';

test('elaboration has nothing against them', { timeout: timeFor(60) }, async () => {
  await fc.assert(
    fc.asyncProperty(randomDesign, async one => {
      const { diagnostics, design } = await analysed(one.text, one.files);
      const found = diagnostics.map(({ rule, message, range }) => `${range.start.line + 1} ${rule}: ${message}`);
      expect(found, Object.values(filesOf(one)).join('\n\n')).toEqual([]);
      expect(flawsOf(design)).toEqual([]);
    }),
    fuzz(600, 11),
  );
});

test('every mechanism, option, word, property, verb and keyword comes up', { timeout: timeFor(60) }, async () => {
  const covered = nothingCovered();
  for (const one of fc.sample(randomDesign, fuzz(1500, 12))) await cover(covered, one);
  const missing = (from: Iterable<string>, inside: ReadonlySet<string>) => [...from].filter(each => !inside.has(each));
  const options = Object.entries(optionMeanings).flatMap(([block, meanings]) =>
    Object.keys(meanings).map(name => `${block}.${name}`),
  );
  expect(missing(Object.keys(descriptors), covered.mechanisms)).toEqual([]);
  // Replicas are read where they are placed.
  expect(missing(options, covered.options).filter(each => each !== 'store.replicas')).toEqual([]);
  expect(missing(covered.known, covered.words)).toEqual([]);
  expect(missing(Object.keys(figureExamples), covered.words)).toEqual([]);
  expect(missing(keywords(), covered.texts)).toEqual([]);
  expect(missing(nodeTypes(), covered.nodes)).toEqual([]);
  expect(missing(Object.keys(distributionMeanings), covered.texts)).toEqual([]);
  expect(covered.known.size).toBeGreaterThan(150);
  expect(missing(Object.keys(properties), covered.properties)).toEqual([]);
  expect(missing(Object.keys(verbs), covered.verbs)).toEqual([]);
});

/** Every kind, as the compiler knows them. */
const properties: Readonly<Record<PropertyKind['kind'], true>> = {
  consistency: true,
  cap: true,
  survives: true,
  'survives-place': true,
  'no-lost-writes': true,
  'no-lost-updates': true,
  'no-split-brain': true,
  'no-divergence': true,
  'no-blocking': true,
  'no-fractured-reads': true,
  availability: true,
  latency: true,
  staleness: true,
  'staleness-versions': true,
  recovery: true,
  throughput: true,
  'loss-window': true,
  durability: true,
  isolation: true,
  'keeps-unique': true,
  'keeps-bound': true,
  'keeps-sum': true,
  residency: true,
  'apart-from': true,
  invariant: true,
};

const verbs: Readonly<Record<Verb['kind'], true>> = {
  crash: true,
  restart: true,
  pause: true,
  resume: true,
  isolate: true,
  cut: true,
  heal: true,
  degrade: true,
  slow: true,
  skew: true,
  drift: true,
  'fail-disk': true,
  add: true,
  remove: true,
  promote: true,
  move: true,
  lose: true,
  delay: true,
  operation: true,
};
