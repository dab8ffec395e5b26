// How many tests passed, failed and were skipped.

/**
 * Of Vitest's JSON report. A file can fail without a failed test: when it does not load, or when what goes before or after
 * its tests fails. A suite without tests fails, too.
 */
export function countVitest(report) {
  const otherwise = report.testResults.filter(
    file => file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + otherwise.length + (report.numTotalTests === 0 ? 1 : 0),
    skipped: report.numPendingTests,
  };
}
