/** What runs have shown of a file, kept for exactly as long as the file and its imports stay as they are. */
import type { SourceRange } from '@dsys/runtime/design/source';
import type { Project } from '../lsp/project.ts';
import type { ClaimVerdict, ScenarioVerdict } from '../protocol.ts';

export interface Verdicts {
  readonly claims: readonly (Omit<ClaimVerdict, 'range'> & { readonly at: SourceRange })[];
  readonly scenarios: readonly ScenarioVerdict[];
}

export interface KnownVerdicts {
  /** undefined: nothing has been run of the file as it is now. */
  of(project: Project): Verdicts | undefined;
  /** Others of the same store are replaced. */
  addClaims(project: Project, claims: Verdicts['claims']): void;
  addScenario(project: Project, verdict: ScenarioVerdict): void;
}

export function knownVerdicts(): KnownVerdicts {
  // Every change makes a new project, so what belonged to the text before cannot be found any more.
  const known = new WeakMap<Project, Verdicts>();
  const of = (project: Project): Verdicts => known.get(project) ?? { claims: [], scenarios: [] };
  return {
    of: project => known.get(project),
    addClaims(project, claims) {
      const { claims: before, scenarios } = of(project);
      const others = before.filter(one => !claims.some(({ store }) => store === one.store));
      known.set(project, { claims: [...others, ...claims], scenarios });
    },
    addScenario(project, verdict) {
      const { claims, scenarios } = of(project);
      const others = scenarios.filter(({ scenario }) => scenario !== verdict.scenario);
      known.set(project, { claims, scenarios: [...others, verdict] });
    },
  };
}

/** Claims that stand in the project's own file, not in one that it imports. */
export const isIn = (project: Project, at: SourceRange): boolean =>
  project.design().files[at.file]?.uri === project.uri;
