/** What runs have found, in one shape for one run and for many seeds. */
import type { RunReport } from '@dsys/runtime/run/report';
import type { TestReport } from '@dsys/runtime/run/test';

export interface Verdict {
  readonly scenario: string;
  readonly outcome: RunReport['outcome'];
  /** Seeds that ran. */
  readonly ran: number;
  /** The seed whose trace tells most. */
  readonly showing: number;
  readonly properties: RunReport['properties'];
}

export function verdictOf(report: RunReport | TestReport): Verdict {
  const { scenario, outcome, properties } = report;
  return 'seeds' in report
    ? { scenario, outcome, ran: report.seeds.ran, showing: report.showing, properties }
    : { scenario, outcome, ran: 1, showing: report.seed, properties };
}

/** What the outcome comes from: violations that nobody expected, else what is not known, else what was to be shown. */
export function tellingOf({ outcome, properties }: Verdict): RunReport['properties'] {
  if (outcome === 'fail') return properties.filter(one => one.verdict === 'violated' && !one.expected);
  if (outcome === 'unknown')
    return properties.filter(
      one => one.verdict === 'unknown' || (one.origin === 'expect violation' && one.verdict !== 'violated'),
    );
  return properties.filter(one => one.expected);
}

/** One sentence: `leader-dies: fail with seed 7, no lost-writes of orders: …`. */
export function summaryOf(verdict: Verdict): string {
  const { scenario, outcome, ran, showing } = verdict;
  const [first] = tellingOf(verdict);
  const under = ran === 1 ? `seed ${showing}` : outcome === 'fail' ? `seed ${showing}` : `${ran} seeds`;
  const expected = first?.expected ? ', as expected' : '';
  return `${scenario}: ${outcome} with ${under}${first ? `${expected}. ${first.property} of ${first.of}: ${first.why}` : ''}`;
}
