/** What the server knows of a design, put together for the view. */

import { type DesignAnswer, type DesignParams, type FactsParams, requests } from '@dsys/language-server/protocol';
import type { Facts } from '@dsys/runtime/analysis/facts';
import { DiagnosticSeverity, languages, type TextDocument, type Uri } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { Finding, ShowParams } from '../../webview/design/protocol.ts';
import { problemOf } from '../runs.ts';
import { cardsOf } from './cards.ts';

/** Everything but the cursor, which moves meanwhile. */
export async function askDesign(
  client: BaseLanguageClient,
  { uri, fileName }: TextDocument,
): Promise<Omit<ShowParams, 'cursor'>> {
  const params: DesignParams & FactsParams = { uri: uri.toString() };
  const [{ design, isBroken }, facts] = await Promise.all([
    client.sendRequest<DesignAnswer>(requests.design, params),
    askFacts(client, params),
  ]);
  const name = fileName.split(/[/\\]/).at(-1) ?? fileName;
  // Design and editor may write the same URI differently; the entry file is the first.
  const entry = design.files[0]?.uri ?? params.uri;
  return { uri: entry, name, design, isBroken, findings: findingsOf(uri), facts };
}

async function askFacts(client: BaseLanguageClient, params: FactsParams): Promise<ShowParams['facts']> {
  try {
    return { stores: cardsOf(await client.sendRequest<Facts>(requests.facts, params)) };
  } catch (error) {
    return { missing: problemOf(error)?.message ?? 'the question was cancelled' };
  }
}

const severities: Readonly<Record<DiagnosticSeverity, Finding['severity']>> = {
  [DiagnosticSeverity.Error]: 'error',
  [DiagnosticSeverity.Warning]: 'warning',
  [DiagnosticSeverity.Information]: 'information',
  [DiagnosticSeverity.Hint]: 'information',
};

export const findingsOf = (uri: Uri): readonly Finding[] =>
  languages.getDiagnostics(uri).map(({ code, severity, message, range: { start, end } }) => ({
    rule: String(typeof code === 'object' && code !== null ? code.value : (code ?? '')),
    severity: severities[severity],
    message,
    range: {
      start: { line: start.line, character: start.character },
      end: { line: end.line, character: end.character },
    },
  }));
