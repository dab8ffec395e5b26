import { describe, expect, it } from 'vitest';
import { createCache } from './cache.ts';
import type { LoggedOperation } from './log.ts';

const ended = (one: Partial<LoggedOperation>): LoggedOperation => ({
  id: 0,
  process: 0,
  store: 's',
  key: 'k',
  kind: 'read',
  input: null,
  output: null,
  invoke: 0,
  ended: 100,
  outcome: 'ok',
  why: '',
  invokeEvent: 0,
  completeEvent: 7,
  node: 0,
  ...one,
});

describe('a client cache', () => {
  it('gives back what was read for as long as it keeps it, and no longer', () => {
    const cache = createCache(50);
    expect(cache.find('s', 'k', 100)).toBeUndefined();
    cache.ended(ended({ output: 5 }));
    expect(cache.find('s', 'k', 149)).toEqual({ value: 5, sinceNs: 100, event: 7 });
    expect(cache.find('s', 'k', 150)).toBeUndefined();
    expect(cache.find('s', 'other', 120)).toBeUndefined();
    expect(cache.find('other', 'k', 120)).toBeUndefined();
  });

  it.each([
    [{ kind: 'write', input: 3 }, 3],
    [{ kind: 'delete' }, null],
    [{ kind: 'cas', input: [1, 2], output: true }, 2],
  ] as const)('keeps what its session has written: %o', (operation, value) => {
    const cache = createCache(50);
    cache.ended(ended({ output: 1 }));
    cache.ended(ended(operation as Partial<LoggedOperation>));
    expect(cache.find('s', 'k', 120)?.value).toBe(value);
  });

  it.each([
    [{ kind: 'write', input: 3, outcome: 'unknown' }],
    [{ kind: 'write', input: 3, outcome: 'fail' }],
    [{ kind: 'cas', input: [1, 2], output: false }],
    [{ kind: 'append', input: 3 }],
    [{ kind: 'transaction', key: '' }],
  ] as const)('forgets what it cannot know: %o', operation => {
    const cache = createCache(50);
    cache.ended(ended({ output: 1 }));
    cache.ended(ended(operation as Partial<LoggedOperation>));
    expect(cache.find('s', 'k', 120)).toBeUndefined();
  });

  it('keeps nothing where there is none', () => {
    const cache = createCache(null);
    cache.ended(ended({ output: 5 }));
    expect(cache.find('s', 'k', 100)).toBeUndefined();
  });
});
