/** A report on quorums in the terminal. */
import { formatDuration } from '@dsys/grammar';
import type { FamilyReport, Meeting, QuorumReport, StrategyReport } from '@dsys/runtime/analysis/quorum-report';
import type { Colors } from './output.ts';

/** Quorums shown; JSON has more. */
const shownMax = 12;

const set = (nodes: readonly string[]): string => `{${nodes.join(', ')}}`;
const sets = (all: readonly (readonly string[])[]): string =>
  all.length > shownMax
    ? `${all.slice(0, shownMax).map(set).join(' ')} … ${all.length} in all`
    : all.map(set).join(' ');

/** Four significant digits, without an exponent for what people count. */
const figure = (value: number): string =>
  value !== 0 && value < 0.001 ? value.toExponential(2) : `${Number(value.toPrecision(4))}`;

export function renderQuorum(read: string, write: string | undefined, report: QuorumReport, colors: Colors): string {
  const lines: string[] = [];
  const row = (name: string, value: string): void => void lines.push(`  ${name.padEnd(20)}${value}`);
  const why = (path: string): string => colors.yellow(`unknown: ${report.unknown[path] ?? 'not given'}`);
  const known = (path: string, value: number | null): string => (value === null ? why(path) : figure(value));

  const family = (word: 'read' | 'write', title: string, of: FamilyReport): void => {
    lines.push(`${colors.bold(title)}`);
    const listed = of.quorums ?? null;
    row('minimal quorums', listed !== null ? sets(listed) : of.count !== null ? `${of.count}` : why(`${word}.quorums`));
    row(
      'smallest',
      of.size === null && report.unknown[`${word}.size`] === undefined ? 'none' : known(`${word}.size`, of.size),
    );
    row(
      'resilience',
      `${known(`${word}.resilience`, of.resilience)}${of.indispensable.length > 0 ? colors.yellow(`  every quorum needs ${of.indispensable.join(', ')}`) : ''}`,
    );
    if (word === 'read' || !report.write.isDualOfRead)
      row(
        'dual',
        of.dual !== null ? sets(of.dual) : report.unknown[`${word}.dual`] ? why(`${word}.dual`) : 'too many to list',
      );
    row(
      'load',
      `${known(`${word}.load`, of.load)}${of.capacity === null ? '' : `  capacity ${figure(of.capacity)}/s`}`,
    );
    row(
      'fails',
      `${known(`${word}.failureProbability`, of.failureProbability)}${of.failureProbability === null ? '' : ' of the time'}`,
    );
  };
  family('read', `read    ${read}`, report.read);
  family('write', `write   ${write ?? 'the dual of the read quorums'}`, report.write);

  const meeting = (name: string, path: string, one: Meeting | null): void =>
    row(
      name,
      one === null
        ? why(path)
        : one.always
          ? colors.green('always meet')
          : `${colors.yellow('can miss each other')}: ${set(one.disjoint![0])} and ${set(one.disjoint![1])}`,
    );
  lines.push(colors.bold('together'));
  meeting('reads and writes', 'readMeetsWrite', report.readMeetsWrite);
  meeting('writes and writes', 'writeMeetsWrite', report.writeMeetsWrite);

  const bears = report.failures === 0 ? '' : `, each quorum bearing ${report.failures} of its nodes failing`;
  lines.push(colors.bold(`strategy  ${figure(report.readFraction * 100)} % reads${bears}`));
  const strategy = (name: string, path: string, one: StrategyReport | null): void => {
    if (one === null) return row(name, why(path));
    const latency = one.latencyNs === null ? '' : `  latency ${formatDuration(Math.round(one.latencyNs))}`;
    row(
      name,
      `load ${figure(one.load)}  capacity ${figure(one.capacity)}/s  ${one.network === null ? '' : `${figure(one.network)} nodes asked`}${latency}`,
    );
    if (path !== 'optimal') return;
    for (const word of ['read', 'write'] as const) {
      const choices = one[word];
      if (choices === null || choices.length > shownMax) continue;
      row(
        '',
        `${word.padEnd(6)}${choices.map(choice => `${set(choice.nodes)} ${figure(choice.probability * 100)} %`).join('  ')}`,
      );
    }
  };
  strategy(`best for ${report.optimised}`, 'optimal', report.optimal);
  strategy('uniform', 'uniform', report.uniform);
  return `${lines.join('\n')}\n`;
}
