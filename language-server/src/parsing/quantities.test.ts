import { parseQuantity, units } from '@dsys/grammar';
import { expect, test } from 'vitest';
import { parseText } from '../module.ts';
import { correctQuantity, spacedUnitLength } from './quantities.ts';
import { syntaxDiagnostics } from './syntax.ts';

test.each([
  ['1m', '1min', 'DURATION'],
  ['1min30s', '90s', 'DURATION'],
  ['1h30min', '90min', 'DURATION'],
  ['2d12h', '60h', 'DURATION'],
  ['1s500ms', '1.5s', 'DURATION'],
  ['1m30s', '90s', 'DURATION'],
  ['5sec', '5s', 'DURATION'],
  ['5Seconds', '5s', 'DURATION'],
  ['5MS', '5ms', 'DURATION'],
  ['10hrs', '10h', 'DURATION'],
  ['64kb', '64KB', 'SIZE'],
  ['64K', '64KB', 'SIZE'],
  ['2GiB', '2GB', 'SIZE'],
  ['10Gbps', '10Gbit/s', 'BANDWIDTH'],
  ['10gbit', '10Gbit/s', 'BANDWIDTH'],
  ['100rps', '100/s', 'RATE'],
  ['100ops/s', '100/s', 'RATE'],
  ['5percent', '5%', 'PERCENT'],
  ['10X', '10x', 'FACTOR'],
  ['10times', '10x', 'FACTOR'],
  ['1_000', '1000', 'NUMBER'],
  ['1e3', '1000', 'NUMBER'],
  ['1.5e3', '1500', 'NUMBER'],
  ['5 ms', '5ms', 'DURATION'],
  ['200 /s', '200/s', 'RATE'],
])('%s is %s', (written, text, token) => {
  expect(correctQuantity(written)).toMatchObject({ text, token });
  expect(correctQuantity(written)?.message).toContain(`Write ${text}`);
});

test.each(['12monkeys', '3pc-precommit-timeout', '1e400', '0x1F', '1.2.3', '5y'])('%s means nothing', written => {
  expect(correctQuantity(written)).toBeUndefined();
});

test('every correction is right itself, and is a fix', () => {
  const written = '1m 1min30s 5sec 64kb 10Gbps 100rps 5percent 10X 1e3'.split(' ');
  for (const each of written) {
    const text = `store a on b { quux ${each} }`;
    const [problem, ...others] = syntaxDiagnostics(parseText(text, 'file:///x.dsys'));
    expect(others).toEqual([]);
    const [{ range, newText }] = problem.fixes![0].edits;
    const fixed = text.slice(0, range.start.character) + newText + text.slice(range.end.character);
    expect(syntaxDiagnostics(parseText(fixed, 'file:///x.dsys'))).toEqual([]);
  }
});

test('what is corrected is understood as what was meant', () => {
  const parsed = parseText('store a on b { quux 1min30s  corge 5 ms }', 'file:///x.dsys').parseResult.value;
  expect(parsed.declarations[0]).toMatchObject({
    options: [{ values: [{ $type: 'Duration', value: 90e9 }] }, { values: [{ $type: 'Duration', value: 5e6 }] }],
  });
});

test('every unit is known to the grammar, to the table of units and here', () => {
  for (const [kind, all] of Object.entries(units)) {
    for (const { name } of all) {
      const root = parseText(`store a on b { quux 1${name} }`, 'file:///x.dsys').parseResult.value;
      const type = kind[0].toUpperCase() + kind.slice(1);
      expect(root.declarations[0]).toMatchObject({ options: [{ values: [{ $type: type }] }] });
      expect(correctQuantity(`1 ${name}`)?.text).toBe(`1${name}`);
      expect(parseQuantity(kind as keyof typeof units, `1${name}`)).toHaveProperty('value');
    }
  }
});

test('a unit after a space', () => {
  expect(spacedUnitLength('5 ms }', 1)).toBe(3);
  expect(spacedUnitLength('5\tms', 1)).toBe(3);
  expect(spacedUnitLength('5 msg', 1)).toBe(0);
  expect(spacedUnitLength('5 s-1', 1)).toBe(0);
  expect(spacedUnitLength('5 d: int', 1)).toBe(0);
  expect(spacedUnitLength('5\nms', 1)).toBe(0);
  expect(spacedUnitLength('5 nodes', 1)).toBe(0);
});
