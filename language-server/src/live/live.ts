/**
 * Live execution: when a file has not changed for a moment, the claims of its stores are tried in short runs. The next
 * change ends that. What has been found belongs to the text as it is, see `verdicts.ts`.
 */
import { DocumentState, type LangiumDocument, type LangiumSharedCoreServices, URI } from 'langium';
import {
  type CancellationToken,
  CancellationTokenSource,
  DiagnosticSeverity,
  type Diagnostic as LspDiagnostic,
} from 'vscode-languageserver';
import { atEnd } from '../lsp/actions/edits.ts';
import { type Project, projectOf } from '../lsp/project.ts';
import type { EditorSettings } from '../lsp/settings.ts';
import type { Later, Runs } from '../runs/runs.ts';
import { type LivePlan, livePlan } from './plan.ts';
import { isIn, type KnownVerdicts } from './verdicts.ts';

/** Without a change for so long, a file has settled. */
export const settledMs = 300;
export const budgetMs = 100;
/** Seeds of each scenario, if the budget allows. */
const seeds = 20;
/** One by one, so that a change of the text finds little under way; further stores are not reached. */
const storesMax = 100;

export interface LiveHost {
  readonly shared: LangiumSharedCoreServices;
  readonly settings: EditorSettings;
  readonly runs: Runs;
  readonly verdicts: KnownVerdicts;
  readonly later: Later;
  isOpen(uri: string): boolean;
  /** Diagnostics of a file, besides those of its validation. */
  publish(document: LangiumDocument, extra: readonly LspDiagnostic[]): void;
  /** There is something new to show. */
  changed(project: Project): void;
  log(message: string): void;
}

export interface Live {
  /** Files that are open, and have been validated before there was somebody to try their claims. */
  restart(): void;
  stop(): void;
}

export function startLive(host: LiveHost): Live {
  const { shared, settings, later } = host;
  const { DocumentBuilder, LangiumDocuments } = shared.workspace;
  const pending = new Set<string>();
  let underWay: CancellationTokenSource | undefined;
  let forget = () => {};

  const cancel = () => {
    forget();
    underWay?.cancel();
    underWay = undefined;
  };
  const settle = () => {
    cancel();
    if (pending.size > 0) forget = later(settledMs, () => void work());
  };
  const work = async () => {
    const source = new CancellationTokenSource();
    underWay = source;
    for (const uri of [...pending]) {
      const document = LangiumDocuments.getDocument(URI.parse(uri));
      try {
        if (document && host.isOpen(uri)) await tryClaims(host, document, source.token);
      } catch (error) {
        // A cancelled one stays in the queue.
        if (source.token.isCancellationRequested) return;
        host.log(`live execution of ${uri}: ${(error as Error).message}`);
      }
      pending.delete(uri);
    }
    if (underWay === source) underWay = undefined;
  };
  const note = ({ uri }: LangiumDocument) => {
    if (settings.liveExecution && host.isOpen(uri.toString())) pending.add(uri.toString());
  };

  const listeners = [
    DocumentBuilder.onUpdate(() => settle()),
    // One by one: what a build has validated before it was cancelled is not validated again.
    DocumentBuilder.onDocumentPhase(DocumentState.Validated, document => note(document)),
    DocumentBuilder.onBuildPhase(DocumentState.Validated, () => settle()),
  ];
  return {
    restart() {
      cancel();
      pending.clear();
      for (const document of LangiumDocuments.all) if (document.state === DocumentState.Validated) note(document);
      settle();
    },
    stop() {
      cancel();
      for (const listener of listeners) listener.dispose();
    },
  };
}

async function tryClaims(host: LiveHost, document: LangiumDocument, token: CancellationToken): Promise<void> {
  const { runs, verdicts, shared } = host;
  const project = await projectOf(shared, document);
  const isOver = () => token.isCancellationRequested || document.state !== DocumentState.Validated;
  if (isOver() || project.analysis().diagnostics.some(one => one.severity === 'error')) return;
  const design = project.design();
  const wanted = design.stores.filter(({ claims }) => claims.some(({ at }) => isIn(project, at)));
  const known = verdicts.of(project)?.claims ?? [];
  const unknown = wanted.filter(store => !known.some(one => one.store === store.name));
  const plan = livePlan(design, wanted.slice(0, storesMax));
  const show = () => {
    if (isOver()) return;
    host.publish(document, violations(project, plan, host.verdicts));
    host.changed(project);
  };
  for (const store of unknown.slice(storesMax)) {
    const why = `live execution tries the first ${storesMax} stores of a file`;
    const claims = store.claims.map(({ text, at }) => ({ ...notChecked, store: store.name, property: text, at, why }));
    verdicts.addClaims(project, claims);
  }
  // What runs of the same text have shown before is shown again after a new validation.
  if (known.length > 0) show();
  const tried = unknown.slice(0, storesMax).map(({ name }) => name);
  const stores = plan.stores.filter(({ name }) => tried.includes(name));
  if (stores.length === 0) return;
  await runs.execute(
    { kind: 'live', design: plan.design, stores, seeds, budgetMs },
    {
      token,
      background: true,
      progress: ({ claims }) => {
        verdicts.addClaims(project, claims);
        if (claims.some(one => one.verdict === 'violated')) show();
      },
    },
  );
  show();
}

const notChecked = { verdict: 'not checked', runs: 0, shown: null } as const;

function violations(project: Project, plan: LivePlan, verdicts: KnownVerdicts): LspDiagnostic[] {
  const claims = verdicts.of(project)?.claims ?? [];
  return claims.flatMap(({ verdict, property, why, shown, at }) => {
    if (verdict !== 'violated' || shown === null || !isIn(project, at)) return [];
    const text = plan.texts.get(shown.scenario);
    const title = `Keep the run as scenario ${shown.scenario} (seed ${shown.seed})`;
    return [
      {
        code: 'live',
        source: 'dsys',
        severity: DiagnosticSeverity.Warning,
        range: { start: at.start, end: at.end },
        message: `seed ${shown.seed} violates "${property}"${text === undefined ? ` in scenario ${shown.scenario}` : ''}: ${why}`,
        ...(text !== undefined && { data: { fixes: [{ title, edits: [atEnd(project, text.trimEnd())] }] } }),
      },
    ];
  });
}
