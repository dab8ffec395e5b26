/** A run in the terminal: the verdicts, what was covered, and around the first violation the events that matter. */
import type { Executed, Judged, RunReport } from '@dsys/runtime';
import { time } from '@dsys/runtime/run/words';
import type { Trace } from '@dsys/runtime/trace/model';
import { renderText } from '@dsys/runtime/trace/render-text';
import type { Colors } from './output.ts';
import { wrap } from './wrap.ts';

export interface RenderOptions {
  readonly colors: Colors;
  readonly quiet: boolean;
  readonly traces: readonly string[];
}

export function verdictWord(one: Judged, colors: Colors): string {
  if (one.verdict === 'violated') return one.expected ? colors.green('violated, as expected') : colors.red('VIOLATED');
  return one.verdict === 'holds' ? colors.green('holds') : colors.yellow('unknown');
}

const plain = {
  green: (text: string) => text,
  red: (text: string) => text,
  yellow: (text: string) => text,
} as unknown as Colors;

/** Invariants that hold are one line together: a reader looks for what does not. */
export function verdictTable(properties: readonly Judged[], colors: Colors): string {
  const quietOnes = properties.filter(one => one.origin === 'invariant' && one.verdict === 'holds');
  const shown = properties.filter(one => !quietOnes.includes(one));
  const rows = shown.map(one => ({
    name: `${one.property} of ${one.of}`,
    origin: one.origin,
    word: verdictWord(one, plain),
    painted: verdictWord(one, colors),
    why: one.why,
  }));
  if (quietOnes.length > 0) {
    const names = [...new Set(quietOnes.map(one => one.property.replace('invariant ', '')))].join(', ');
    rows.push({
      name: `${quietOnes.length} invariants of ${[...new Set(quietOnes.map(one => one.of))].join(', ')}`,
      origin: 'invariant',
      word: 'holds',
      painted: colors.green('holds'),
      why: names,
    });
  }
  const nameWidth = Math.max(0, ...rows.map(row => row.name.length));
  const wordWidth = Math.max(0, ...rows.map(row => row.word.length));
  return rows
    .map(
      row =>
        `  ${row.painted}${' '.repeat(wordWidth - row.word.length)}  ${row.name.padEnd(nameWidth)}  ${colors.dim(row.origin)}\n  ${' '.repeat(wordWidth)}  ${wrap(row.why, wordWidth + 4)}\n`,
    )
    .join('');
}

export function outcomeWord(outcome: RunReport['outcome'], colors: Colors): string {
  return outcome === 'pass' ? colors.green('pass') : outcome === 'fail' ? colors.red('FAIL') : colors.yellow(outcome);
}

function coveredLines(report: RunReport, colors: Colors): string {
  const { covered, metrics } = report;
  const faults = Object.entries(covered.faults).map(([kind, count]) => `${count} ${kind}`);
  const { operations, messages } = covered;
  const lines = [
    `${operations.invoked} operations (${operations.ok} ok, ${operations.failed} failed, ${operations.unknown} unknown), ${messages.sent} messages (${messages.lost} lost), ${covered.events} events`,
    `faults: ${faults.length === 0 ? 'none' : faults.join(', ')}; leader changes: ${covered.leaderChanges}; ${time(report.virtualTimeNs)} of virtual time`,
  ];
  const latency = (name: 'read' | 'write' | 'scan') => {
    const figures = metrics.latencyNs[name];
    return figures === null ? [] : [`${name} p50 ${time(figures.p50)}, p99 ${time(figures.p99)}`];
  };
  lines.push(
    [
      ...latency('read'),
      ...latency('write'),
      ...latency('scan'),
      ...(metrics.recoveryNs === null ? [] : [`recovery ${time(metrics.recoveryNs)}`]),
    ].join('; '),
  );
  const percent = (share: number) => `${Math.round(share * 1000) / 10}%`;
  for (const { store, partition, node, key } of metrics.load)
    lines.push(
      `load of ${store}: ${partition.name} had ${percent(partition.share)} (${partition.timesMean.toFixed(2)} × mean), ${node.name} ${percent(node.share)}, key ${key.name} ${percent(key.share)}`,
    );
  for (const { action, epoch, keysMoved, keysHeld, tookNs } of covered.moves)
    lines.push(
      `${action}: ${keysMoved} of ${keysHeld} keys moved${keysHeld === 0 ? '' : ` (${percent(keysMoved / keysHeld)})`} in ${time(tookNs)}, epoch ${epoch}`,
    );
  for (const skipped of covered.skipped) lines.push(`skipped: ${skipped}`);
  return lines
    .filter(line => line !== '')
    .map(line => `  ${colors.dim(line)}\n`)
    .join('');
}

export function renderRun(report: RunReport, executed: Executed, trace: Trace, options: RenderOptions): string {
  const { colors } = options;
  let text = `\n${colors.bold(report.scenario)} of ${report.file}, seed ${report.seed}: ${outcomeWord(report.outcome, colors)}\n\n`;
  text += verdictTable(report.properties, colors);
  if (options.quiet) return text;
  text += `\n${coveredLines(report, colors)}`;
  const shown = report.properties.find(
    one => one.verdict === 'violated' && one.witness !== null && one.witness.events.length > 0,
  );
  if (shown !== undefined) {
    text += `\n${colors.bold(`Why "${shown.property}" fails`)}\n\n`;
    const style = {
      plain: (one: string) => one,
      danger: colors.red,
      warn: colors.yellow,
      info: colors.cyan,
      dim: colors.dim,
    };
    text += renderText(trace, { events: [...shown.witness!.events], ops: [...shown.witness!.operations] }, style)
      .map(line => `  ${line}\n`)
      .join('');
  }
  if (options.traces.length > 0) text += `\n${options.traces.map(path => `trace: ${path}\n`).join('')}`;
  text += `\n${colors.dim(`repeat: dsys run ${report.file} ${report.scenario} --seed ${report.seed}   trace ${report.traceSha256?.slice(0, 16) ?? ''}`)}\n`;
  void executed;
  return text;
}
