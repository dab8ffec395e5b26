import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { afterEach, describe, it } from 'mocha';
import { commands, Uri, window, workspace } from 'vscode';
import { disjointQuorums, disjointQuorumsRule } from './designs.ts';
import { api, closeAll, edit, finding, noFinding, openText, until } from './support.ts';

describe('settings', () => {
  const settings = () => workspace.getConfiguration('dsys');
  afterEach(async () => {
    await settings().update('rules', undefined, true);
    await settings().update('liveExecution', undefined, true);
    await closeAll();
  });

  it('turn a rule off and on again', async () => {
    const { document } = await openText(disjointQuorums);
    await finding(document, disjointQuorumsRule);
    await settings().update('rules', { [disjointQuorumsRule]: 'off' }, true);
    await noFinding(document, disjointQuorumsRule);
    await settings().update('rules', { [disjointQuorumsRule]: 'information' }, true);
    assert.equal((await finding(document, disjointQuorumsRule)).severity, 2);
  });
});

describe('the status bar', () => {
  afterEach(closeAll);

  it('tells what short runs have shown of the claims, and forgets it with the next change', async () => {
    const editor = await openText(`cluster db { nodes 3 }
store orders on db {
  replication single-leader asynchronous { failover automatic { detect 100ms } }
  claims { no lost-writes }
}
workload shops on orders { clients 4  operations 100% write }
`);
    const { status } = await api();
    const { document } = editor;
    const text = () => status.text() ?? 'no text';
    // A budget of wall-clock time may end before the first run does: the next change gives it another one.
    const typing = setInterval(() => void edit(editor, '}', '} '), 3000);
    await until(
      'a violated claim',
      () => (/no lost-writes: seed \d+/.test(text()) ? true : undefined),
      undefined,
      text,
    ).finally(() => clearInterval(typing));
    const live = await finding(document, 'live');
    assert.match(live.message, /^seed \d+ violates "no lost-writes"/);
    await edit(editor, 'asynchronous', 'synchronous');
    await until('no violation', () => (/no lost-writes: seed/.test(status.text() ?? '') ? undefined : true));
    await noFinding(document, 'live');
  });
});

describe('pages', () => {
  afterEach(closeAll);

  it('a finding leads to the page of its rule, which comes with the extension', async () => {
    const { document } = await openText(disjointQuorums);
    const { code } = await finding(document, disjointQuorumsRule);
    assert.ok(typeof code === 'object' && code !== null);
    assert.equal(code.value, disjointQuorumsRule);
    assert.ok(existsSync(code.target.fsPath), code.target.fsPath);
    await commands.executeCommand('dsys.explainRule', disjointQuorumsRule);
    await until('the preview', () =>
      window.tabGroups.all.flatMap(({ tabs }) => tabs).find(({ label }) => label.includes(disjointQuorumsRule)),
    );
  });

  it('the facts of a design are beside it, and follow it', async () => {
    const editor = await openText(disjointQuorums);
    await (await api()).ready;
    await commands.executeCommand('dsys.showFacts', editor.document.uri);
    const name = editor.document.uri.path.split('/').at(-1);
    const page = Uri.from({
      scheme: 'dsys-facts',
      path: `/Facts of ${name}.md`,
      query: editor.document.uri.toString(),
    });
    const { getText } = await workspace
      .openTextDocument(page)
      .then(document => ({ getText: () => document.getText() }));
    assert.match(getText(), /\| read quorum \| 1 of 3/);
    await edit(editor, 'read 1', 'read 2');
    await until('the new facts', () => (/quorum \| 2 of 3/.test(getText()) ? true : undefined), undefined, getText);
  });
});
