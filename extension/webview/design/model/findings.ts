/** Findings, sorted to the parts that they are about. */
import type { Finding, Severity } from '../protocol.ts';
import { type Part, partOf } from './parts.ts';

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, information: 2 };

export interface Placed extends Finding {
  /** Key of the part; null: the file as a whole. */
  readonly part: string | null;
  /** What people call it. */
  readonly of: string;
}

/** The gravest first, then as they stand in the text. */
export function placeFindings(parts: readonly Part[], file: number, findings: readonly Finding[]): readonly Placed[] {
  return findings
    .map((finding): Placed => {
      const part = partOf(parts, file, finding.range);
      return { ...finding, part: part?.key ?? null, of: part?.title ?? 'the file' };
    })
    .sort((a, b) => rank[a.severity] - rank[b.severity] || a.range.start.line - b.range.start.line);
}

export interface Badge {
  readonly severity: Severity;
  readonly count: number;
}

/** By part: how many findings, and the gravest of them. */
export function badgesOf(findings: readonly Placed[]): ReadonlyMap<string, Badge> {
  const badges = new Map<string, Badge>();
  for (const { part, severity } of findings) {
    if (part === null) continue;
    const known = badges.get(part);
    const isGraver = known === undefined || rank[severity] < rank[known.severity];
    badges.set(part, { severity: isGraver ? severity : known.severity, count: (known?.count ?? 0) + 1 });
  }
  return badges;
}
