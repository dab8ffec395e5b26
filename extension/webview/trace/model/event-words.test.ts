import { kindOf, nodeName } from '@dsys/runtime/trace/access';
import { describeEvent } from '@dsys/runtime/trace/describe';
import { randomTrace } from '@dsys/runtime/trace/testing/random-trace';
import { expect, it } from 'vitest';
import { traceOf } from '../testing/traces.ts';
import { applyFilter } from './filter.ts';
import { matcher, parseFilter } from './filter-words.ts';
import { openedOf } from './opened.ts';

it('finds a word exactly where an event says it, in times, reasons and values, too', async () => {
  const random = randomTrace(11, { steps: 3000, payloadLimitBytes: 60 }).trace;
  const words = [
    'vote',
    'append',
    's1',
    'from s2',
    'sent',
    'receives',
    'loss',
    'crash',
    '0.5',
    '12',
    'k3',
    'epoch',
    'leader',
    'election 9',
    'sends * to s2',
    '*vote*',
    'timer',
    '(',
    '->',
    'is told',
    'term',
    '-',
  ];
  for (const trace of [random, await traceOf('stale-leader')]) {
    const opened = openedOf(trace);
    let found = 0;
    for (const word of words) {
      const mask = applyFilter(opened, parseFilter(`"${word}"`))!;
      const test = matcher(word);
      for (let event = 0; event < trace.events.length; event++) {
        const texts = [describeEvent(trace, event), nodeName(trace, trace.events.node[event]), kindOf(trace, event)];
        expect(mask[event] === 1, `${word}: ${texts[0]}`).toBe(texts.some(text => test(text.toLowerCase())));
      }
      found += mask.reduce((all, one) => all + one, 0);
    }
    expect(found).toBeGreaterThan(1000);
  }
});
