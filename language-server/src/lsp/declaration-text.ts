/** A declaration in a few lines: its head, and what elaboration made of it. */
import type { Cluster, Field, Region, Store, Transaction, Workload } from '@dsys/grammar';
import type { Design } from '@dsys/runtime/design/design';
import type { NameSymbol } from '../names/symbols.ts';
import type { Project } from './project.ts';

/** More nodes than this are not listed. */
const maxNodes = 12;

export function declarationText(project: Project, symbol: NameSymbol): string {
  const { kind, path, declaration } = symbol;
  switch (kind) {
    case 'region': {
      const zones = (declaration as Region).zones.map(zone => zone.name).join(', ');
      return zones === '' ? `region ${path}` : `region ${path} { zones ${zones} }`;
    }
    case 'cluster':
      return clusterText(declaration as Cluster, project.design());
    case 'node':
      return nodeText(path, project.design());
    case 'store':
      return storeText(declaration as Store, project.design());
    case 'field': {
      const { name, type } = declaration as Field;
      return `${path.slice(0, path.indexOf('.'))}.${name}: ${type ?? 'string'}`;
    }
    case 'partition':
      return partitionText(path, project.design());
    case 'workload':
      return headOf('workload', path, (declaration as Workload).targets);
    case 'transaction': {
      const { accesses } = declaration as Transaction;
      return `transaction ${path}${accesses.length > 0 ? ` { ${accesses.map(textOf).join('  ')} }` : ''}`;
    }
    default:
      return `${kind} ${path}`;
  }
}

const textOf = ({ $cstNode }: { readonly $cstNode?: { readonly text: string } }): string =>
  ($cstNode?.text ?? '').replace(/\s+/g, ' ');

const headOf = (kind: string, name: string, on: readonly { readonly parts: readonly string[] }[]): string =>
  `${kind} ${name}${on.length > 0 ? ` on ${on.map(({ parts }) => parts.join('.')).join(', ')}` : ''}`;

function clusterText({ name }: Cluster, design: Design): string {
  const nodes = design.nodes.filter(node => node.cluster === name);
  const lines = nodes.slice(0, maxNodes).map(node => {
    const where = node.zone ?? node.region;
    return `  ${node.role === 'member' ? 'node' : node.role} ${node.name}${where === null ? '' : ` in ${where}`}`;
  });
  const more = nodes.length > maxNodes ? [`  … and ${nodes.length - maxNodes} more`] : [];
  return [`cluster ${name} // ${nodes.length} node${nodes.length === 1 ? '' : 's'}`, ...lines, ...more].join('\n');
}

function nodeText(path: string, design: Design): string {
  const node = design.nodes.find(each => `${each.cluster}.${each.name}` === path);
  const where = node?.zone ?? node?.region;
  const role = node === undefined || node.role === 'member' ? 'node' : node.role;
  return `${role} ${path}${where ? ` in ${where}` : ''}`;
}

function storeText(ast: Store, design: Design): string {
  const store = design.stores.find(({ name }) => name === ast.name);
  const head = headOf('store', ast.name, ast.clusters);
  const mechanism = ast.consensus[0] ? `consensus ${ast.consensus[0].algorithm}` : replicationText(ast);
  const partitions = store?.partitions.length ?? 0;
  const copies = store ? `${store.replicas.count} replica${store.replicas.count === 1 ? '' : 's'}` : undefined;
  const split = partitions > 1 ? `${partitions} partitions` : undefined;
  const facts = [split, copies && (store!.replicas.perRegion ? `${copies} per region` : copies)].filter(Boolean);
  return `${head} { ${mechanism} }${facts.length > 0 ? ` // ${facts.join(', ')}` : ''}`;
}

function replicationText({ replications: [replication] }: Store): string {
  if (!replication) return 'one copy';
  const { topology, mode } = replication;
  return `replication ${topology}${mode ? ` ${mode}` : ''}`;
}

function partitionText(path: string, design: Design): string {
  const found = design.partitions.filter(
    ({ name }) => name === path || name.startsWith(`${path}.`) || `${name}.p0` === path,
  );
  const [partition, ...others] = found;
  if (!partition || others.length > 0) return `partition ${path} // ${found.length} partitions`;
  return `partition ${path} // on ${partition.replicas.map(id => design.nodes[id]!.name).join(', ')}`;
}
