/**
 * Elaboration: from what was written to what it means. A workspace whose names are resolved becomes one `Design`, with
 * every default filled in, every replica placed, every quorum a set system. It always gives a design, so that hovers
 * and rules work in half-written files; `problems` are what keeps it from being run.
 */
import type { Specification } from '@dsys/grammar';
import type { Design, RuleSetting } from '@dsys/runtime/design/design';
import type { AstNode } from 'langium';
import type { Diagnostic } from '../diagnostic.ts';
import type { Names } from '../names/resolve.ts';
import type { Workspace } from '../workspace/load.ts';
import { type Context, located, report } from './context.ts';
import { elaborateExplorations } from './explorations.ts';
import { defaultScenario } from './generated.ts';
import { elaborateFaultModel, elaborateNetwork } from './network.ts';
import { type Ask, askWords } from './questions.ts';
import { elaborateScenarios } from './scenarios.ts';
import { elaborateStores } from './stores.ts';
import { elaborateClusters, elaborateRegions } from './topology.ts';
import { elaborateTransactions } from './transactions.ts';
import { elaborateWorkloads } from './workloads.ts';

export interface Elaborated {
  readonly design: Design;
  /** What was found on the way, besides syntax, imports and names. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether elaboration had a use for a value or block of an option. */
  readonly isUnderstood: (value: AstNode) => boolean;
}

/**
 * @param pathOf how a file is shown to people, by its URI
 * @param ask told what is looked for where; for completion
 */
export function elaborate(workspace: Workspace, names: Names, pathOf: (uri: string) => string, ask?: Ask): Elaborated {
  // The entry file first: that is the one that people have open.
  const files = [workspace.entry, ...workspace.files.filter(file => file !== workspace.entry)];
  const fileOf = new Map(files.map((file, i) => [file.uri, i]));
  const context: Context = {
    names,
    fileOf,
    diagnostics: [],
    nodes: [],
    nodeIds: new Map(),
    isFull: { now: false },
    understood: new WeakSet(),
    ask,
  };
  // Declarations in the order of imports: what is imported comes first.
  const asts: Specification[] = workspace.files.map(file => file.document.parseResult.value);
  const regions = elaborateRegions(context, asts);
  const clusters = elaborateClusters(context, asts);
  const links = elaborateNetwork(context, asts, regions);
  const faults = elaborateFaultModel(context, asts, context.nodes);
  const { stores, partitions } = elaborateStores(context, asts, links);
  const transactions = elaborateTransactions(context, asts, links);
  const written = elaborateWorkloads(context, asts, stores, transactions);
  const data = { stores, partitions, transactions };
  const scenarios = elaborateScenarios(context, asts, data, written);
  const generated = defaultScenario(data, written, scenarios.length > 0);
  const design: Design = {
    files: files.map(file => ({ path: pathOf(file.uri), uri: file.uri, text: file.document.textDocument.getText() })),
    regions,
    clusters,
    nodes: context.nodes,
    links,
    faults,
    stores,
    partitions,
    transactions,
    workloads: [...written, ...generated.workloads],
    scenarios: [...scenarios, ...generated.scenarios],
    explorations: elaborateExplorations(context, asts),
    ruleSettings: asts.flatMap(ast => ruleSettings(context, ast)),
  };
  return { design, diagnostics: context.diagnostics, isUnderstood: value => context.understood.has(value) };
}

const severities: Readonly<Record<string, RuleSetting['severity']>> = {
  off: 'off',
  error: 'error',
  warning: 'warning',
  information: 'information',
  info: 'information',
};

function ruleSettings(context: Context, ast: Specification): RuleSetting[] {
  return ast.rules
    .flatMap(rules => rules.settings)
    .flatMap(setting => {
      askWords(context, setting, Object.keys(severities), 'level');
      const severity = severities[setting.level];
      if (severity !== undefined) return [{ ...located(context, setting), rule: setting.rule, severity }];
      report(context, 'option-value', setting, `A rule is off, error, warning or information, not "${setting.level}".`);
      return [];
    });
}
