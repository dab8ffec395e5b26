/** Writing out as declarations what stands in a design without a name: the site of nodes, the default workload. */
import {
  type Cluster,
  formatDuration,
  formatPercent,
  isCluster,
  isScenario,
  type Members,
  type Scenario,
} from '@dsys/grammar';
import { type CodeAction, CodeActionKind } from 'vscode-languageserver';
import { type Edit, placeOf, type Range } from '../../diagnostic.ts';
import { defaults } from '../../elaborate/defaults.ts';
import { defaultTexts } from '../meanings/defaults.ts';
import type { Project } from '../project.ts';
import { action } from './actions.ts';
import { freshName, insertAt, overlaps } from './edits.ts';

export function extractions(project: Project, range: Range): CodeAction[] {
  return project.workspace.entry.document.parseResult.value.declarations.flatMap(declaration => {
    if (!declaration.$cstNode || !overlaps(placeOf(declaration).range, range)) return [];
    if (isCluster(declaration)) return regionsOf(project, declaration, range);
    return isScenario(declaration) ? runsOf(project, declaration) : [];
  });
}

/** Nodes without a place: into a region of their own. */
function regionsOf(project: Project, cluster: Cluster, range: Range): CodeAction[] {
  const homeless = cluster.members.filter(line => line.place === undefined && endOfNodes(line) !== undefined);
  const touched = homeless.filter(line => overlaps(placeOf(line).range, range));
  if (touched.length === 0 || !cluster.name) return [];
  const region = freshName(project, `${cluster.name}-region`);
  const edits: Edit[] = [
    insertAt(project, cluster.$cstNode!.offset, `region ${region}\n\n`),
    ...touched.map(line => insertAt(project, endOfNodes(line)!, ` in ${region}`)),
  ];
  return [action(`Extract region ${region}`, CodeActionKind.RefactorExtract, edits)];
}

const endOfNodes = (line: Members): number | undefined => (line.nodes.at(-1) ?? line.count)?.$cstNode?.end;

/** A scenario that says not what runs: the workloads, or the default one as a declaration. */
function runsOf(project: Project, scenario: Scenario): CodeAction[] {
  const cst = scenario.$cstNode!;
  const brace = cst.text.indexOf('{');
  const isScripted = scenario.schedule.some(({ action: each }) => each?.$type === 'ClientAction');
  if (scenario.runs.length > 0 || isScripted || brace < 0 || !scenario.name) return [];
  const lineBreak = /^[ \t]*\r?\n/.test(cst.text.slice(brace + 1)) ? '' : '\n ';
  const time = formatDuration(defaults.scenario.forNs);
  const run = (workloads: readonly string[]) =>
    insertAt(project, cst.offset + brace + 1, `\n  run ${workloads.join(', ')} for ${time}${lineBreak}`);
  const written = project.names().scopeOf(project.uri).list(['workload']);
  if (written.length > 0) {
    const names = written.map(({ name }) => name);
    return [action('Write out which workloads run', CodeActionKind.RefactorRewrite, [run(names)])];
  }
  const usual = project.design().workloads.find(({ name }) => name === 'default');
  if (!usual || usual.targets.length === 0) return [];
  const name = freshName(project, 'load');
  const texts = defaultTexts['a workload']!;
  const operations = usual.mix.map(({ share, kind }) => `${formatPercent(share)} ${kind}`).join(', ');
  const lines = [
    `workload ${name} on ${usual.targets.join(', ')} {`,
    `  clients ${texts.clients}`,
    `  think ${texts.think}`,
    `  operations ${operations}`,
    `  keys ${texts.keys}`,
    `  timeout ${texts.timeout}`,
    '}',
  ];
  const edits = [insertAt(project, cst.offset, `${lines.join('\n')}\n\n`), run([name])];
  return [action(`Extract workload ${name}`, CodeActionKind.RefactorExtract, edits)];
}
