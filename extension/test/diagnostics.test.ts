import { strict as assert } from 'node:assert';
import { afterEach, describe, it } from 'mocha';
import { DiagnosticSeverity } from 'vscode';
import { disjointQuorums, disjointQuorumsRule } from './designs.ts';
import { closeAll, diagnosticsWhere, edit, finding, noFinding, openSample, openText, openUntitled } from './support.ts';

describe('diagnostics', () => {
  afterEach(closeAll);

  it('a mistake is reported with its rule, and goes with the edit that mends it', async () => {
    const editor = await openText(disjointQuorums);
    const found = await finding(editor.document, disjointQuorumsRule);
    assert.equal(found.source, 'dsys');
    assert.equal(found.severity, DiagnosticSeverity.Error);
    assert.equal(editor.document.getText(found.range), 'read 1');
    await edit(editor, 'read 1', 'read 2');
    await noFinding(editor.document, disjointQuorumsRule);
    await edit(editor, 'read 2', 'read 1');
    await finding(editor.document, disjointQuorumsRule);
  });

  it('a buffer that was never saved is validated like a file', async () => {
    const editor = await openUntitled(disjointQuorums);
    assert.equal(editor.document.isUntitled, true);
    await finding(editor.document, disjointQuorumsRule);
    await edit(editor, 'read 1', 'read 2');
    await noFinding(editor.document, disjointQuorumsRule);
  });

  it('half a design is an error of syntax where it breaks off', async () => {
    const editor = await openSample('stale-leader.dsys');
    await edit(editor, 'cluster', 'cluster {');
    const found = await finding(editor.document, 'syntax');
    const line = editor.document.lineAt(found.range.start.line).text;
    assert.match(line, /cluster \{/);
    await edit(editor, 'cluster {', 'cluster');
    await diagnosticsWhere(editor.document, 'no errors', all =>
      all.every(one => one.severity !== DiagnosticSeverity.Error),
    );
  });
});
