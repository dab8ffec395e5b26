/** Above scenarios what can be run and what came of it; above claims what runs have shown of them. */
import type { Scenario } from '@dsys/runtime/design/scenario';
import type { SourceRange } from '@dsys/runtime/design/source';
import type { CodeLensProvider, LangiumSharedServices } from 'langium/lsp';
import type { CodeLens } from 'vscode-languageserver';
import { isIn, type KnownVerdicts, type Verdicts } from '../live/verdicts.ts';
import { type ClaimVerdict, commands, type RunParams, type ScenarioVerdict, type TestParams } from '../protocol.ts';
import { type Project, projectOf } from './project.ts';
import type { EditorSettings } from './settings.ts';

export const codeLensProvider = (
  shared: LangiumSharedServices,
  settings: EditorSettings,
  verdicts: KnownVerdicts,
): CodeLensProvider => ({
  async provideCodeLens(document) {
    const project = await projectOf(shared, document);
    const known = verdicts.of(project);
    const { scenarios, stores } = project.design();
    const claims = stores.flatMap(store => store.claims.map(claim => ({ store: store.name, claim })));
    return [
      ...scenarios.filter(({ at }) => isIn(project, at)).flatMap(one => scenarioLenses(project, one, known)),
      ...claims
        .filter(({ claim }) => settings.liveExecution && isIn(project, claim.at))
        .map(({ store, claim: { text, at } }) => claimLens(project, store, text, at, known)),
    ];
  },
});

function scenarioLenses(project: Project, { name: scenario, at }: Scenario, known: Verdicts | undefined): CodeLens[] {
  const { uri } = project;
  const run: RunParams = { uri, scenario, seed: 1 };
  const test: TestParams = { uri, scenario };
  const last = known?.scenarios.find(one => one.scenario === scenario);
  const shown: RunParams = { uri, scenario, seed: last?.showing };
  return [
    lens(at, '▶ Run', commands.run, run),
    lens(at, 'Run many seeds', commands.test, test),
    ...(last ? [lens(at, outcomeText(last), commands.openTrace, shown)] : []),
  ];
}

function outcomeText({ outcome, seeds, showing }: ScenarioVerdict): string {
  const mark = { pass: '✓', fail: '✗', unknown: '?', error: '✗', cancelled: '?' }[outcome];
  if (seeds.ran === 1) return `${mark} ${outcome}, seed ${seeds.from}`;
  return `${mark} ${outcome}, ${seeds.ran} seeds${outcome === 'fail' ? `, see seed ${showing}` : ''}`;
}

function claimLens(
  project: Project,
  store: string,
  property: string,
  at: SourceRange,
  known: Verdicts | undefined,
): CodeLens {
  const found = known?.claims.find(
    one => one.store === store && one.property === property && JSON.stringify(one.at) === JSON.stringify(at),
  );
  if (found === undefined) {
    const broken = project.analysis().diagnostics.some(one => one.severity === 'error');
    return lens(at, `${property}: not checked${broken ? ', the file has errors' : ' yet'}`, '', undefined);
  }
  const shown: RunParams | undefined = found.shown ? { uri: project.uri, ...found.shown } : undefined;
  return lens(at, `${property}: ${verdictText(found)}`, shown ? commands.openTrace : '', shown);
}

function verdictText({ verdict, why, runs, shown }: Omit<ClaimVerdict, 'range'>): string {
  switch (verdict) {
    case 'holds':
      return `held in ${runs} short run${runs === 1 ? '' : 's'}`;
    case 'violated':
      return `✗ violated by seed ${shown?.seed}`;
    default:
      return `${verdict}, ${why}`;
  }
}

/** A lens without a command says something and does nothing. */
const lens = ({ start, end }: SourceRange, title: string, command: string, argument: unknown): CodeLens => ({
  range: { start, end },
  command: { title, command, ...(argument !== undefined && { arguments: [argument] }) },
});
