import { strict as assert } from 'node:assert';
import { afterEach, describe, it } from 'mocha';
import { commands, Selection, type TextEditor, window } from 'vscode';
import type { ViewState } from '../webview/design/protocol.ts';
import { disjointQuorums, twoScenarios } from './designs.ts';
import { api, closeAll, edit, openText, openUntitled, until } from './support.ts';

/** What the view says that it shows, once that is what is wanted. */
async function shown(what: string, isWanted: (state: ViewState) => boolean): Promise<ViewState> {
  const { design } = await api();
  const look = () => {
    const state = design.lastState();
    return state !== undefined && isWanted(state) ? state : undefined;
  };
  return until(what, look, undefined, () => JSON.stringify(design.lastState()));
}

function moveTo(editor: TextEditor, words: string): void {
  const at = editor.document.positionAt(editor.document.getText().indexOf(words));
  editor.selection = new Selection(at, at);
}

describe('the design view', () => {
  afterEach(closeAll);

  it('shows a buffer that was never saved, and leaves the cursor in it', async () => {
    const { document } = await openUntitled(twoScenarios);
    await (await api()).ready;
    await commands.executeCommand('dsys.showDesign');
    const state = await shown('the design', ({ nodes }) => nodes.length === 3);
    assert.deepEqual([state.stores, state.store, state.isBroken], [['safe', 'loose'], 'safe', false]);
    assert.equal(window.activeTextEditor?.document, document);
  });

  it('follows edits, the cursor, what rules say, and the editor', async () => {
    const editor = await openText(disjointQuorums);
    await (await api()).ready;
    await commands.executeCommand('dsys.showDesign');
    await shown('a finding', ({ findings }) => findings > 0);
    moveTo(editor, 'replication');
    await shown('the store at the cursor', ({ highlighted }) => highlighted.includes('store orders'));

    await edit(editor, 'nodes 3', 'nodes 4');
    await shown('four nodes', ({ nodes }) => nodes.length === 4);
    await edit(editor, 'read 1', 'read 4');
    await edit(editor, 'nodes 4', 'nodes 3, 9x');
    await shown('a broken design', ({ isBroken }) => isBroken);

    await openText(twoScenarios);
    await shown('the other file', ({ stores }) => stores.includes('loose'));
    await commands.executeCommand('dsys.showDesign');
    const panels = window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .filter(({ label }) => label.startsWith('Design of'));
    assert.equal(panels.length, 1);
  });
});
