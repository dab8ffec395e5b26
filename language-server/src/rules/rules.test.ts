/** Every rule on its fixtures: `test-fixtures/rules/*.dsys`, snippets named `rule-id: what is special about it`. */
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../diagnostic.ts';
import { analyseWorkspace } from '../elaborate/analyse.ts';
import { check, mainFile, workspaceOf } from '../testing/check.ts';
import { applied } from '../testing/edits.ts';
import { type Fixture, fixtures } from '../testing/fixtures.ts';
import type { Workspace } from '../workspace/load.ts';
import { allRules } from './all.ts';
import { review } from './review.ts';

const uriOf = (file: string) => `file:///test/${file}`;
const reviewed = (workspace: Workspace): readonly Diagnostic[] =>
  review(analyseWorkspace(workspace, uri => uri)).diagnostics;
const all = fixtures('rules');
const ruleOf = ({ name }: Fixture) => name.slice(0, name.indexOf(':'));
const own = (id: string) => (workspace: Workspace) => reviewed(workspace).filter(({ rule }) => rule === id);
const findings = async (id: string, text: string) => own(id)(await workspaceOf({ [mainFile]: text }));
const isMarked = (fixture: Fixture) =>
  new RegExp(`// (error|warning|information): ${ruleOf(fixture)}`).test(fixture.text);

it('fixtures are of rules that there are, and ids are unique', () => {
  const ids = allRules.map(rule => rule.id);
  expect(all.map(ruleOf).filter(id => !ids.includes(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});

describe.each(allRules)('$id', rule => {
  const mine = all.filter(fixture => ruleOf(fixture) === rule.id);

  it('has at least two fixtures on which it speaks, one with its whole message, and two on which it is silent', () => {
    expect(mine.filter(isMarked).length).toBeGreaterThanOrEqual(2);
    expect(mine.filter(one => !isMarked(one)).length).toBeGreaterThanOrEqual(2);
    expect(mine.some(({ text }) => text.includes(':= '))).toBe(true);
  });

  it.each(mine)('$name', async ({ text }) => {
    await check(text, {}, own(rule.id));
  });

  it('its page: the wrong design draws it, the right one draws nothing of it and is sound', async () => {
    expect((await findings(rule.id, rule.wrong)).length).toBeGreaterThan(0);
    const right = reviewed(await workspaceOf({ [mainFile]: rule.right }));
    expect(right.filter(one => one.rule === rule.id || one.severity === 'error')).toEqual([]);
    for (const words of [rule.title, rule.condition, rule.why, rule.source]) expect(words.trim()).not.toBe('');
  });

  it('every fix mends what it was offered for, and leaves text that can be read', async () => {
    for (const text of [...mine.filter(isMarked).map(one => one.text), rule.wrong]) {
      const before = await findings(rule.id, text);
      for (const finding of before) {
        for (const { title, edits } of finding.fixes ?? []) {
          const mended = applied({ [mainFile]: text }, edits, uriOf)[mainFile]!;
          const after = reviewed(await workspaceOf({ [mainFile]: mended }));
          const broken = after.filter(one => one.severity === 'error' && isStructural(one));
          const left = after.filter(one => one.rule === rule.id);
          const told = `${title}\n${mended}\n${[...broken, ...left].map(one => one.message).join('\n')}`;
          expect(broken, told).toEqual([]);
          expect(left.length, told).toBeLessThan(before.length);
        }
      }
    }
  });
});

/** Not the finding of a rule: text that cannot be read, names that do not exist, options that make no sense. */
const isStructural = ({ rule }: Diagnostic): boolean => !allRules.some(({ id }) => id === rule);
