// How many tests passed, failed and were skipped; of those that failed also which, and how.

/** @typedef {{ passed: number, failed: number, skipped: number, failures: string[], reasons: string[] }} Counts */

/** @returns {Counts} */
export const counts = (known = {}) => ({ passed: 0, failed: 0, skipped: 0, failures: [], reasons: [], ...known });

/** What failed without being a test. */
export const broken = what => counts({ failed: 1, failures: [what] });

/** @param {Counts[]} all */
export const summed = all =>
  counts(
    Object.fromEntries(
      Object.keys(counts()).map(key => [
        key,
        Array.isArray(counts()[key]) ? all.flatMap(one => one[key]) : all.reduce((total, one) => total + one[key], 0),
      ]),
    ),
  );

/**
 * Of Vitest's JSON report. A file can fail without a failed test: when it does not load, or when what goes before or after
 * its tests fails. A suite without tests fails, too.
 */
export function countVitest(report) {
  const failures = [];
  for (const file of report.testResults.filter(({ status }) => status === 'failed')) {
    const tests = file.assertionResults.filter(({ status }) => status === 'failed');
    for (const { fullName, failureMessages } of tests)
      failures.push(failure(fullName, file.name, failureMessages?.[0]));
    if (tests.length === 0) failures.push(failure('the file itself', file.name, file.message));
  }
  if (report.numTotalTests === 0) failures.push('there are no tests');
  const { numPassedTests: passed, numPendingTests: skipped } = report;
  return counts({ passed, failed: failures.length, skipped, failures });
}

/** Of the results that extension/test/index.ts leaves. */
export function countMocha(tests) {
  const of = state => tests.filter(test => test.state === state);
  const failures = of('failed').map(test => failure(test.title, 'extension/test', test.error));
  if (tests.length === 0) failures.push('there are no tests');
  return counts({ passed: of('passed').length, failed: failures.length, skipped: of('skipped').length, failures });
}

/** As much of the message as says what was expected and what there was. */
const failure = (title, where, message = '') =>
  `${title} (${where})${message
    .split('\n')
    .slice(0, 6)
    .map(line => `\n    ${line.slice(0, 300)}`)
    .join('')}`;

/** The closing lines: what was skipped and why, what failed and how, and last the sum. */
export function printCounts({ passed, failed, skipped, failures, reasons }) {
  if (skipped > 0) process.stdout.write(`${skipped} skipped\n`);
  for (const reason of new Set(reasons)) process.stdout.write(`  ${reason.replace(/\n/g, '\n  ')}\n`);
  for (const each of failures) process.stdout.write(`failed: ${each}\n`);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
}
