import { DocumentState, EmptyFileSystem, type LangiumDocument, URI } from 'langium';
import { expect, test } from 'vitest';
import { CancellationToken, DiagnosticSeverity } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { createDsysServices } from './services.ts';

function editor() {
  const { shared } = createDsysServices(EmptyFileSystem);
  const { LangiumDocuments, LangiumDocumentFactory, DocumentBuilder, TextDocuments } = shared.workspace;
  const open = (path: string, text: string): LangiumDocument => {
    const document = LangiumDocumentFactory.fromString(text, URI.parse(`file:///w/${path}`));
    LangiumDocuments.addDocument(document);
    return document;
  };
  const diagnosticsOf = (path: string) =>
    (LangiumDocuments.getDocument(URI.parse(`file:///w/${path}`))?.diagnostics ?? []).map(
      each => `${each.code}: ${each.message}`,
    );
  return { shared, open, diagnosticsOf, DocumentBuilder, TextDocuments };
}

test('the editor shows what the command line shows, with the rule as code and the fixes in data', async () => {
  const { open, DocumentBuilder } = editor();
  const document = open('a.dsys', 'cluster eu { nodes 3 }\nstore s on euu { consensus raft { heartbeat 5 ms } }');
  await DocumentBuilder.build([document], { validation: true });
  expect(document.diagnostics).toMatchObject([
    {
      code: 'unresolved-name',
      source: 'dsys',
      severity: DiagnosticSeverity.Error,
      range: { start: { line: 1, character: 11 }, end: { line: 1, character: 14 } },
      data: { fixes: [{ title: 'Change to eu', edits: [{ newText: 'eu' }] }] },
    },
    { code: 'syntax', data: { fixes: [{ edits: [{ newText: '5ms' }] }] } },
  ]);
});

test('names of other files are visible only if they are imported', async () => {
  const { open, diagnosticsOf, DocumentBuilder } = editor();
  const documents = [
    open('places.dsys', 'cluster eu { nodes 3 }'),
    open('with.dsys', 'import "./places.dsys"\nstore s on eu { }'),
    open('without.dsys', 'store s on eu { }'),
  ];
  await DocumentBuilder.build(documents, { validation: true });
  expect(diagnosticsOf('with.dsys')).toEqual([]);
  expect(diagnosticsOf('without.dsys')).toEqual(["unresolved-name: There is no cluster 'eu'."]);
});

test('a change reaches the files that import the changed one, directly or not, and no others', async () => {
  const { shared, open } = editor();
  const places = open('places.dsys', 'cluster eu { nodes 3 }');
  const direct = open('direct.dsys', 'import "./places.dsys"');
  const indirect = open('indirect.dsys', 'import "./direct.dsys"');
  const other = open('other.dsys', 'cluster eu { nodes 3 }');
  const changed = new Set([places.uri.toString()]);
  const affected = [direct, indirect, other].filter(each => shared.workspace.IndexManager.isAffected(each, changed));
  expect(affected).toEqual([direct, indirect]);
});

test('a file that is opened before the last one was read is built with it', async () => {
  const { shared, DocumentBuilder, TextDocuments } = editor();
  const [first, second] = ['first', 'second'].map(name => {
    const document = TextDocument.create(`file:///w/${name}.dsys`, 'dsys', 1, 'cluster eu { nodes 3 }');
    TextDocuments!.set(document);
    return URI.parse(document.uri);
  });
  await expect(DocumentBuilder.update([first!], [], CancellationToken.Cancelled)).rejects.toBeDefined();
  await DocumentBuilder.update([second!], []);
  const states = shared.workspace.LangiumDocuments.all.map(each => each.state).toArray();
  expect(states).toEqual([DocumentState.Validated, DocumentState.Validated]);
});

test('an import that cannot be read is reported, and nothing throws', async () => {
  const { open, diagnosticsOf, DocumentBuilder } = editor();
  await DocumentBuilder.build([open('a.dsys', 'import "./nowhere.dsys"')], { validation: true });
  expect(diagnosticsOf('a.dsys')).toEqual([expect.stringContaining('unresolved-import: There is no file')]);
});
