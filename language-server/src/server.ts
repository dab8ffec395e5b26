/** The language server, whatever its host: Node, a browser, or a test. */

import { factsOfDesign } from '@dsys/runtime/protocols/facts';
import { DocumentState, type FileSystemProvider, type LangiumDocument, URI } from 'langium';
import { startLanguageServer } from 'langium/lsp';
import {
  CodeLensRefreshRequest,
  type Connection,
  type Diagnostic,
  InlayHintRefreshRequest,
  MessageType,
  ShowMessageNotification,
} from 'vscode-languageserver';
import { startLive } from './live/live.ts';
import { isIn, knownVerdicts } from './live/verdicts.ts';
import { offerLooks } from './lsp/looks.ts';
import type { Project } from './lsp/project.ts';
import { type FactsOf, offerRequests } from './lsp/requests.ts';
import { offerSelectionRanges } from './lsp/selection.ts';
import { createDsysServices } from './lsp/services.ts';
import { applySettings, defaultSettings } from './lsp/settings.ts';
import { type InitializationOptions, notifications, type VerdictsParams } from './protocol.ts';
import { createRuns, type Later, type StartWorker } from './runs/runs.ts';

export interface Host {
  readonly fileSystemProvider: () => FileSystemProvider;
  readonly startWorker: StartWorker;
  /** The facts of designs; left out, those of `dsys facts`. */
  readonly facts?: FactsOf;
  /** Tests decide themselves when later is. */
  readonly later?: Later;
}

const byTimer: Later = (ms, work) => {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
};

/** Starts to listen; the connection is not to be listened to by the caller. */
export function startServer(connection: Connection, host: Host): void {
  const { later = byTimer } = host;
  const settings = defaultSettings();
  const verdicts = knownVerdicts();
  const { shared } = createDsysServices(
    { connection, fileSystemProvider: host.fileSystemProvider },
    { settings, verdicts },
  );
  const { TextDocuments, LangiumDocuments, DocumentBuilder, WorkspaceLock, WorkspaceManager } = shared.workspace;
  const { LanguageServer } = shared.lsp;
  const runs = createRuns(host.startWorker, later);
  let refreshesLenses = false;
  let refreshesHints = false;
  let asksForSettings = false;

  const isOpen = (uri: string) => TextDocuments.get(uri) !== undefined;
  const log = (message: string) => connection.console.log(message);

  /** New verdicts of a file. */
  const changed = (project: Project) => {
    const { claims, scenarios } = verdicts.of(project) ?? { claims: [], scenarios: [] };
    const params: VerdictsParams = {
      uri: project.uri,
      version: TextDocuments.get(project.uri)?.version ?? null,
      claims: claims
        .filter(({ at }) => isIn(project, at))
        .map(({ at: { start, end }, ...claim }) => ({ ...claim, range: { start, end } })),
      scenarios,
    };
    void connection.sendNotification(notifications.verdicts, params);
    if (refreshesLenses) connection.sendRequest(CodeLensRefreshRequest.type).catch(() => {});
  };

  const publish = (document: LangiumDocument, extra: readonly Diagnostic[]) => {
    const uri = document.uri.toString();
    void connection.sendDiagnostics({ uri, diagnostics: [...(document.diagnostics ?? []), ...extra] });
  };

  const live = startLive({ shared, settings, runs, verdicts, later, isOpen, publish, changed, log });

  /** Rules at other levels say other things of the same files. */
  const revalidate = () =>
    WorkspaceLock.write(async token => {
      const documents = LangiumDocuments.all.toArray();
      for (const document of documents) DocumentBuilder.resetToState(document, DocumentState.IndexedReferences);
      await DocumentBuilder.update([], [], token);
    });

  const take = async (written: unknown) => {
    const { problems, changed: what } = applySettings(settings, written);
    for (const message of problems)
      void connection.sendNotification(ShowMessageNotification.type, { type: MessageType.Warning, message });
    if (what.liveExecution && !settings.liveExecution) live.restart();
    if (what.rules || what.liveExecution) await revalidate();
    if (what.inlayHints && refreshesHints) await connection.sendRequest(InlayHintRefreshRequest.type);
    if (what.liveExecution && refreshesLenses) await connection.sendRequest(CodeLensRefreshRequest.type);
  };
  const fetchSettings = async () => {
    if (!asksForSettings) return;
    await take(await connection.workspace.getConfiguration('dsys'));
  };
  const complain = (error: unknown) => log(`settings: ${(error as Error).message}`);

  LanguageServer.onInitialize(({ capabilities: { workspace }, initializationOptions }) => {
    const { rulePages } = (initializationOptions ?? {}) as InitializationOptions;
    if (typeof rulePages === 'string') settings.rulePages = rulePages;
    asksForSettings = workspace?.configuration === true;
    refreshesLenses = workspace?.codeLens?.refreshSupport === true;
    refreshesHints = workspace?.inlayHint?.refreshSupport === true;
  });
  LanguageServer.onInitialized(() => {
    fetchSettings().catch(complain);
    // A client that cannot register features later does without this one.
    offerSelectionRanges(connection, shared).catch(() => {});
  });
  // All files of the workspace are validated, those that are open first.
  WorkspaceManager.initialBuildOptions = DocumentBuilder.updateBuildOptions;

  TextDocuments.onDidClose(({ document }) => {
    const uri = URI.parse(document.uri);
    const reload = async () => {
      await WorkspaceManager.ready;
      const exists = await shared.workspace.FileSystemProvider.exists(uri).catch(() => false);
      await WorkspaceLock.write(token => DocumentBuilder.update(exists ? [uri] : [], exists ? [] : [uri], token));
    };
    reload().catch(error => log(`closing ${document.uri}: ${(error as Error).message}`));
  });

  const asked = { connection, shared, runs, verdicts, facts: host.facts ?? factsOfDesign, changed };
  offerRequests(asked);
  offerLooks(asked);
  startLanguageServer(shared);
  // Clients send what has changed, or only that something has.
  connection.onDidChangeConfiguration(({ settings: sent }) => {
    const own = (sent as { dsys?: unknown } | null | undefined)?.dsys;
    (own === undefined ? fetchSettings() : take(own)).catch(complain);
  });
  connection.onShutdown(() => {
    live.stop();
    runs.stop();
  });
}
