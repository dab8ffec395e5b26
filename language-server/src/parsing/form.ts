import {
  type Duration,
  isDateLiteral,
  isDuration,
  isKeepsProperty,
  isMembers,
  isNodeAction,
  isNumberLiteral,
  isQuantity,
  type NumberLiteral,
  parseDate,
  parseQuantity,
  type Quantity,
  type QuantityKind,
  type Specification,
} from '@dsys/grammar';
import { type Diagnostic, type Place, placeOf } from '../diagnostic.ts';
import { maxNodesPerLine } from '../names/nodes.ts';
import { nodesIn } from './nodes.ts';

const kinds: Readonly<Record<Exclude<Quantity['$type'], 'DateLiteral'>, QuantityKind>> = {
  Duration: 'duration',
  Size: 'size',
  Bandwidth: 'bandwidth',
  Rate: 'rate',
  Percent: 'percent',
  Ppm: 'ppm',
  Factor: 'factor',
  NumberLiteral: 'number',
};

export const quantityKindOf = (type: keyof typeof kinds): QuantityKind => kinds[type];

/** Properties that count something: whole numbers from 1. */
const counts = new Set(['count', 'virtualNodes', 'rows', 'columns', 'threshold', 'weight']);

/** What the grammar lets through and no reader would: quantities out of range, dates that never were. */
export function formProblems(root: Specification): Diagnostic[] {
  const found: Diagnostic[] = [];
  const report = (place: Place, message: string) =>
    found.push({ rule: 'syntax', severity: 'error', message, uri: place.uri, range: place.range });
  for (const node of nodesIn(root)) {
    if (isQuantity(node)) checkQuantity(node, report);
    if (isMembers(node) && node.role !== 'nodes' && node.count) {
      report(placeOf(node, 'count'), `A ${node.role} has a name: only 'nodes' are counted.`);
    }
  }
  return found;
}

type Report = (place: Place, message: string) => void;

function checkQuantity(node: Quantity, report: Report): void {
  const text = node.$cstNode?.text ?? '';
  if (isDateLiteral(node)) {
    if (parseDate(node.value) === undefined) report(placeOf(node), `The calendar has no ${text}.`);
  } else if (Number.isNaN(node.value)) {
    const parsed = parseQuantity(kinds[node.$type], text.replace(/^[+-]\s*/, ''));
    if ('problem' in parsed) report(placeOf(node), parsed.problem);
  } else if (isNumberLiteral(node) && isCount(node)) {
    if (!Number.isInteger(node.value) || node.value < 1) {
      report(placeOf(node), `${text} is not a number to count with: write a whole number from 1.`);
    } else if (isMembers(node.$container) && node.value > maxNodesPerLine) {
      report(placeOf(node), `${text} nodes are too many: dsys takes at most ${maxNodesPerLine} in a line.`);
    }
  } else if (isDuration(node) && node.value < 0 && isSpan(node)) {
    report(placeOf(node), `${text} is negative: times and lengths of time begin at 0s.`);
  }
}

const isCount = (node: NumberLiteral) => counts.has(node.$containerProperty ?? '');

/** `by -5s` sets a clock back, and what data holds may be anything; every other duration is a length of time. */
function isSpan(node: Duration): boolean {
  const { $container: container, $containerProperty: property } = node;
  if (property === 'amount') return !isNodeAction(container);
  return property !== 'value' && property !== 'newValue' && !isKeepsProperty(container);
}
