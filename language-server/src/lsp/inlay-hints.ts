/** What elaboration fills in, shown beside what was written. */
import type { Consensus, Replication, Store as StoreAst } from '@dsys/grammar';
import { formatDuration } from '@dsys/grammar';
import type { Design } from '@dsys/runtime/design/design';
import type { Quorum } from '@dsys/runtime/design/quorum';
import type { Partition, Store } from '@dsys/runtime/design/store';
import type { InlayHintProvider, LangiumSharedServices } from 'langium/lsp';
import { type InlayHint, InlayHintKind } from 'vscode-languageserver';
import { type Position, placeOf, type Range } from '../diagnostic.ts';
import { contains } from './occurrences.ts';
import { projectOf } from './project.ts';
import type { EditorSettings } from './settings.ts';
import { rootOf } from './tree.ts';

export type HintSettings = EditorSettings['inlayHints'];

export const inlayHintProvider = (shared: LangiumSharedServices, settings: EditorSettings): InlayHintProvider => ({
  async getInlayHints(document, { range }) {
    const project = await projectOf(shared, document);
    const stores = rootOf(document).declarations.filter((each): each is StoreAst => each.$type === 'Store');
    if (stores.length === 0) return [];
    const design = project.design();
    return stores.flatMap(ast => hintsOf(ast, design, settings.inlayHints)).filter(hint => isWithin(hint, range));
  },
});

const isWithin = ({ position }: InlayHint, range: Range): boolean => contains(range, position);

/** Partitions whose placement is spelt out; of more only the number is said. */
const maxPartitions = 3;

function hintsOf(ast: StoreAst, design: Design, settings: HintSettings): InlayHint[] {
  const store = design.stores.find(({ name }) => name === ast.name);
  const mechanism = ast.consensus[0] ?? ast.replications[0];
  if (!store || !ast.name) return [];
  const partitions = store.partitions.map(id => design.partitions[id]!);
  const hints: InlayHint[] = [];
  const add = (at: Position, label: string, tooltip: string) =>
    hints.push({ position: at, label: ` ${label}`, kind: InlayHintKind.Type, paddingLeft: true, tooltip });
  const name = placeOf(ast, 'clusters', ast.clusters.length - 1).range.end;
  if (settings.placement && ast.clusters.length > 0 && partitions.some(({ replicas }) => replicas.length > 0)) {
    add(name, placementText(partitions, design), 'Where the copies of each partition stand.');
  }
  if (!mechanism || partitions.some(({ replicas }) => replicas.length === 0)) return hints;
  const behind = behindMechanism(mechanism);
  if (settings.electionTimeout && store.mechanism.kind === 'raft' && !isWritten(mechanism, 'election-timeout')) {
    const [from, to] = store.mechanism.electionTimeoutNs;
    const label = `election-timeout ${formatDuration(from)}..${formatDuration(to)}`;
    add(behind, label, 'Follows from where the voters stand.');
  }
  if (settings.quorums) {
    const text = quorumText(store, partitions);
    if (text) add(behind, text, 'Whether every read quorum meets every write quorum.');
  }
  if (settings.tolerates) {
    const tolerated = toleratedBy(store, partitions);
    if (tolerated !== undefined) add(behind, `tolerates ${tolerated}`, 'So many voters may be gone.');
  }
  return hints;
}

const behindMechanism = (ast: Consensus | Replication): Position =>
  ast.$type === 'Consensus'
    ? placeOf(ast, 'algorithm').range.end
    : placeOf(ast, ast.mode ? 'mode' : 'topology').range.end;

const isWritten = ({ block }: Consensus | Replication, option: string): boolean =>
  block?.options.some(({ name }) => name === option) === true;

function placementText(partitions: readonly Partition[], design: Design): string {
  const nodes = ({ replicas }: Partition) => replicas.map(id => design.nodes[id]!.name).join(' ');
  const [only] = partitions;
  if (partitions.length === 1) return `on ${nodes(only!)}`;
  const shown = partitions
    .slice(0, maxPartitions)
    .map(each => `${each.name.slice(each.store.length + 1)}: ${nodes(each)}`);
  const rest = partitions.length - maxPartitions;
  return shown.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

interface Threshold {
  readonly need: number;
  readonly of: number;
}

/** So many of so many, in every partition alike; undefined for all other systems. */
function thresholdOf(partitions: readonly Partition[], word: string): Threshold | undefined {
  const found = partitions.map(({ quorums }) => plain(quorums[word]));
  const [first] = found;
  return first && found.every(each => each?.need === first.need && each.of === first.of) ? first : undefined;
}

const plain = (quorum: Quorum | undefined): Threshold | undefined =>
  quorum?.kind === 'nodes' ? { need: quorum.need, of: quorum.of.length } : undefined;

/** `R+W=4 > N=3`. */
function quorumText({ mechanism }: Store, partitions: readonly Partition[]): string | undefined {
  if (mechanism.kind !== 'leaderless') return undefined;
  const [read, write] = [thresholdOf(partitions, 'read'), thresholdOf(partitions, 'write')];
  if (!read || !write || read.of !== write.of) return undefined;
  const sum = read.need + write.need;
  return `R+W=${sum} ${sum > read.of ? '>' : '≤'} N=${read.of}`;
}

/**
 * How many voters may be gone so that every quorum of every partition can still be gathered. What a single leader's
 * failover consults is not all that its writes need.
 */
function toleratedBy({ mechanism }: Store, partitions: readonly Partition[]): number | undefined {
  if (mechanism.kind === 'single-leader') return undefined;
  const all = partitions.flatMap(({ quorums }) => Object.values(quorums)).map(plain);
  if (all.length === 0 || !all.every(each => each !== undefined)) return undefined;
  return Math.max(0, Math.min(...all.map(({ need, of }) => of - need)));
}
