/** Designs of texts, and what holds of every design, whatever was written. */
import type { Design } from '@dsys/runtime/design/design';
import type { Analysis } from '../elaborate/analyse.ts';
import { analyseWorkspace } from '../elaborate/analyse.ts';
import { workspaceOf } from './check.ts';

/** Whatever is said of a design is a sentence about it: none of this. */
export const nonsense = /NaN|undefined|Infinity|\bnull\b|\[object/;

/** The analysis of a text; further files stand beside it. */
export async function analysed(text: string, files: Readonly<Record<string, string>> = {}): Promise<Analysis> {
  return analyseWorkspace(await workspaceOf({ ...files, 'main.dsys': text }), uri => uri.slice('file:///test/'.length));
}

/**
 * The design of a text without errors.
 * @throws with what is wrong
 */
export async function designOf(text: string, files: Readonly<Record<string, string>> = {}): Promise<Design> {
  const { design, diagnostics } = await analysed(text, files);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ rule, message }) => `${rule}: ${message}`).join('\n'));
  return design;
}

/**
 * What is wrong with a design as data: numbers that are none, indices and ranges that lead nowhere. Empty for every
 * design that elaboration makes, of right and of wrong texts.
 */
export function flawsOf(design: Design): string[] {
  const flaws: string[] = [];
  const lines = design.files.map(({ text }) => text.split('\n').length);
  const visit = (value: unknown, path: string): void => {
    if (value === undefined || Number.isNaN(value)) flaws.push(`${path} is ${value}`);
    if (typeof value !== 'object' || value === null) return;
    if ('file' in value && 'start' in value) {
      const { file, start, end } = value as Design['stores'][number]['at'];
      const inside = file in design.files && start.line <= end.line && end.line < lines[file]!;
      if (!inside) flaws.push(`${path} is outside of the files`);
    }
    for (const [key, each] of Object.entries(value)) visit(each, `${path}.${key}`);
  };
  visit({ ...design, files: [] }, 'design');
  const check = (path: string, ids: readonly number[], length: number) => {
    for (const id of ids) if (!(Number.isInteger(id) && id >= 0 && id < length)) flaws.push(`${path} has no ${id}`);
  };
  for (const { name, replicas, witnesses, observers, spares } of design.partitions) {
    check(name, [...replicas, ...witnesses, ...observers, ...spares], design.nodes.length);
    if (new Set(replicas).size < replicas.length) flaws.push(`${name} has two replicas on a node`);
  }
  for (const { name, partitions } of design.stores) check(name, partitions, design.partitions.length);
  design.nodes.forEach(({ id }, index) => void (id === index || flaws.push(`node ${id} is ${index}`)));
  design.partitions.forEach(({ id }, index) => void (id === index || flaws.push(`partition ${id} is ${index}`)));
  const named = [design.stores, design.transactions, design.workloads, design.scenarios, design.clusters];
  for (const kind of named) {
    if (new Set(kind.map(({ name }) => name)).size < kind.length) flaws.push('two of a kind have the same name');
  }
  return flaws;
}
