import { strict as assert } from 'node:assert';
import { sha256Hex } from '@dsys/runtime/trace/sha256';
import { afterEach, describe, it } from 'mocha';
import { Uri } from 'vscode';
import { reportOf } from '../src/trace/report.ts';
import { emptyTrace } from '../webview/trace/testing/empty.ts';
import { twoScenarios } from './designs.ts';
import { closeAll, dsysExtension, openText } from './support.ts';

describe('a report', () => {
  afterEach(closeAll);

  it('has the viewer that comes along, and texts only as they were', async () => {
    const { document } = await openText(twoScenarios);
    const source = (name: string, text: string) => ({ uri: name, sha256: sha256Hex(text) });
    const origin = { file: Uri.joinPath(document.uri, '..', 'run.dsystrace') };
    const name = document.uri.path.split('/').at(-1)!;
    const reportWith = async (text: string) =>
      reportOf({ ...emptyTrace(), sources: [source(name, text)] }, dsysExtension().extensionUri, origin);
    const page = await reportWith(twoScenarios);
    assert.match(page, /^<!DOCTYPE html>/);
    assert.match(page, /default-src 'none'; script-src 'sha256-[\w+/]{43}=' 'sha256-/);
    assert.ok(page.length > 200_000, `${page.length} characters`);
    assert.ok(page.includes('scenario loses'));
    assert.ok(!(await reportWith(`${twoScenarios} `)).includes('scenario loses'));
  });
});
