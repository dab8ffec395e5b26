/** What is known of a file with its imports, kept until one of them changes. */
import type { Specification } from '@dsys/grammar';
import type { Design } from '@dsys/runtime/design/design';
import type { LangiumDocument, LangiumSharedCoreServices } from 'langium';
import { type Analysis, analyseWorkspace } from '../elaborate/analyse.ts';
import type { Names } from '../names/resolve.ts';
import { type Diagnosis, diagnose } from '../workspace/diagnose.ts';
import { fileName, loadImports, type Workspace } from '../workspace/load.ts';
import { openIn } from './open.ts';

export interface Project {
  readonly workspace: Workspace;
  readonly uri: string;
  /** Syntax, imports and names; computed when first asked for, as is everything that follows. */
  diagnosis(): Diagnosis;
  names(): Names;
  analysis(): Analysis;
  design(): Design;
}

/** By the tree of the file that was asked for. */
const known = new WeakMap<Specification, { readonly roots: readonly Specification[]; readonly project: Project }>();

export async function projectOf(shared: LangiumSharedCoreServices, document: LangiumDocument): Promise<Project> {
  const workspace = await loadImports(document as LangiumDocument<Specification>, openIn(shared));
  const root = workspace.entry.document.parseResult.value;
  const roots = workspace.files.map(file => file.document.parseResult.value);
  const before = known.get(root);
  if (before && before.roots.length === roots.length && before.roots.every((each, i) => each === roots[i])) {
    return before.project;
  }
  const project = projectFrom(workspace);
  known.set(root, { roots, project });
  return project;
}

function projectFrom(workspace: Workspace): Project {
  let diagnosis: Diagnosis | undefined;
  let analysis: Analysis | undefined;
  const project: Project = {
    workspace,
    uri: workspace.entry.uri,
    diagnosis() {
      diagnosis ??= diagnose(workspace);
      return diagnosis;
    },
    names: () => project.diagnosis().names,
    analysis() {
      analysis ??= analyseWorkspace(workspace, fileName, project.diagnosis());
      return analysis;
    },
    design: () => project.analysis().design,
  };
  return project;
}
