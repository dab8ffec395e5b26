import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkLinearizable, decideLinearizable } from './linearizable.ts';
import { recordedEntries, recordedHistory } from './testing/recorded.ts';

const read = (file: string) => readFileSync(new URL(`./data/${file}`, import.meta.url), 'utf8');

/** How many files of each group are here, so that none can go missing unnoticed. */
const GROUPS = {
  'lin-etcd-register': 50,
  'lin-kv-append': 3,
  'lin-cas-register-knossos': 17,
  'lin-multi-register': 1,
  'lin-register-inline': 4,
};

describe('recorded histories have the published verdicts', () => {
  for (const [group, count] of Object.entries(GROUPS)) {
    const entries = recordedEntries(group, read);
    it(`${group}: ${count} files`, () => {
      expect(entries).toHaveLength(count);
      for (const entry of entries) {
        const { history, model } = recordedHistory(entry, read);
        const { verdict, why, witness } = checkLinearizable(history, model);
        expect(verdict, `${entry.file}: ${why}`).toBe(entry.verdicts.linearizable ? 'holds' : 'violated');
        expect(decideLinearizable(history, model)).toBe(verdict);
        expect(witness === null).toBe(entry.verdicts.linearizable);
      }
    });
  }
});
