/** What a benchmark file gives: rows of the table `work | ours | baseline | ratio | bytes`. */
export interface Row {
  readonly work: string;
  readonly ours: string;
  /** What it is measured against: code run beside it, or a published or computed figure. */
  readonly baseline: string;
  readonly ratio: string;
  readonly bytes: string;
}

export const row = (work: string, ours: string, baseline = '', ratio = '', bytes = ''): Row => ({
  work,
  ours,
  baseline,
  ratio,
  bytes,
});

export const perSecond = (count: number, ms: number): string => `${si((count * 1000) / ms)}/s`;

export function si(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  return value >= 1e3 ? `${(value / 1e3).toFixed(0)} k` : value.toFixed(1);
}

/** Milliseconds of the fastest of `times` runs, and what that run gave. */
export function best<T>(times: number, work: () => T): { readonly ms: number; readonly result: T } {
  let found: { ms: number; result: T } | undefined;
  for (let i = 0; i < times; i++) {
    const started = performance.now();
    const result = work();
    const ms = performance.now() - started;
    if (found === undefined || ms < found.ms) found = { ms, result };
  }
  return found!;
}

export function printTable(rows: readonly Row[]): void {
  const head: Row = row('work', 'ours', 'baseline', 'ratio', 'bytes');
  const columns = ['work', 'ours', 'baseline', 'ratio', 'bytes'] as const;
  const widths = columns.map(column => Math.max(...[head, ...rows].map(one => one[column].length)));
  const line = (one: Row) =>
    columns
      .map((column, i) => one[column].padEnd(widths[i]!))
      .join(' | ')
      .trimEnd();
  console.log([line(head), widths.map(width => '-'.repeat(width)).join('-|-'), ...rows.map(line)].join('\n'));
}
