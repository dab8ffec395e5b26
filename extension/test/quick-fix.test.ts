import { strict as assert } from 'node:assert';
import { afterEach, describe, it } from 'mocha';
import { CodeActionKind, workspace } from 'vscode';
import { disjointQuorums, disjointQuorumsRule } from './designs.ts';
import { closeAll, codeActions, finding, noFinding, openText } from './support.ts';

describe('quick fixes', () => {
  afterEach(closeAll);

  it('the first one of a finding mends it', async () => {
    const { document } = await openText(disjointQuorums);
    const found = await finding(document, disjointQuorumsRule);
    // VS Code gives no diagnostics with what it gives here.
    const fixes = (await codeActions(document, found.range)).filter(
      ({ kind }) => kind !== undefined && CodeActionKind.QuickFix.contains(kind),
    );
    assert.deepEqual(
      fixes.map(({ title }) => title),
      ['Read from 2 replicas', 'Write to 3 replicas'],
    );
    assert.equal(await workspace.applyEdit(fixes[0]!.edit!), true);
    assert.match(document.getText(), /read 2/);
    await noFinding(document, disjointQuorumsRule);
  });
});
