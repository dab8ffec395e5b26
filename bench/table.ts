/** Tables on a terminal. */
export function printTable(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void {
  const cells = [columns, ...rows.map(row => row.map(String))];
  const widths = columns.map((_, i) => Math.max(...cells.map(row => row[i]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  process.stdout.write(`\n${title}\n${cells.map(row => `  ${line(row)}\n`).join('')}`);
}

export const millions = (perSecond: number): string => `${(perSecond / 1e6).toFixed(2)} M/s`;
export const thousands = (perSecond: number): string => `${(perSecond / 1e3).toFixed(1)} k/s`;

/** Seconds of processor-bound work. */
export function seconds(run: () => void): number {
  const started = performance.now();
  run();
  return (performance.now() - started) / 1e3;
}
