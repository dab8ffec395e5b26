import { expect, test } from 'vitest';
import { check } from './check.ts';
import { fixtures } from './fixtures.ts';

test.each(fixtures())('$file: $name', async ({ text }) => {
  await check(text);
});

test('check itself fails for what is missing, unexpected or elsewhere', async () => {
  const wrong = 'cluster eu { nodes 3 }\nstore a on eux { }';
  await expect(check(wrong)).rejects.toThrow(/unexpected {2}main.dsys:2 error: unresolved-name at `eux`/);
  await expect(check(`${wrong} // error: unresolved-name: something else`)).rejects.toThrow(/missing[\s\S]*unexpected/);
  await expect(check(`${wrong} // warning: unresolved-name`)).rejects.toThrow(/missing/);
  await expect(check(`${wrong} // error: unresolved-name at \`store\``)).rejects.toThrow(/missing/);
  await expect(check('cluster eu { nodes 3 } // error: syntax: no such error')).rejects.toThrow(/missing/);
  await check(`${wrong} // error: unresolved-name at \`eux\`: Did you mean 'eu'?`);
});

test('there are fixtures for every part of the language', () => {
  expect(fixtures().length).toBeGreaterThan(100);
  expect(new Set(fixtures().map(each => `${each.file} ${each.name}`)).size).toBe(fixtures().length);
});
