import type { RuleLevels } from '../rules/review.ts';

/** What people can set in their editor; the server's host keeps it up to date. */
export interface EditorSettings {
  readonly inlayHints: {
    /** The nodes on which the copies of each partition stand. */
    placement: boolean;
    /** Raft's election timeout where none is written. */
    electionTimeout: boolean;
    /** `R+W=4 > N=3` of leaderless stores. */
    quorums: boolean;
    /** How many voters may be gone. */
    tolerates: boolean;
  };
  /** Severities of rules, or 'off'; what the head of a file sets goes before them. */
  rules: RuleLevels;
  /** Whether claims are tried in short runs while people type. */
  liveExecution: boolean;
  /** Where the pages of rules are, a URI with `{rule}` in it (`InitializationOptions`); null: nowhere. */
  rulePages: string | null;
}

export const defaultSettings = (): EditorSettings => ({
  inlayHints: { placement: true, electionTimeout: true, quorums: true, tolerates: true },
  rules: {},
  liveExecution: true,
  rulePages: null,
});

const levels: readonly unknown[] = ['off', 'error', 'warning', 'information'];

/**
 * Takes over the section `dsys` of a client's settings; what is left out has its default.
 * @returns which parts differ from before, and what could not be understood, for people
 */
export function applySettings(
  settings: EditorSettings,
  written: unknown,
): {
  readonly changed: { readonly inlayHints: boolean; readonly rules: boolean; readonly liveExecution: boolean };
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const before = structuredClone(settings);
  const usual = defaultSettings();
  const given = (isRecord(written) ? written : {}) as Partial<Record<keyof EditorSettings, unknown>>;
  const onOff = (name: string, value: unknown, otherwise: boolean): boolean => {
    if (value === undefined || value === null) return otherwise;
    if (typeof value === 'boolean') return value;
    problems.push(`dsys.${name} is ${JSON.stringify(value)}; it can be true or false.`);
    return otherwise;
  };
  const hints = isRecord(given.inlayHints) ? given.inlayHints : {};
  for (const name of Object.keys(usual.inlayHints) as (keyof EditorSettings['inlayHints'])[])
    settings.inlayHints[name] = onOff(`inlayHints.${name}`, hints[name], usual.inlayHints[name]);
  settings.liveExecution = onOff('liveExecution', given.liveExecution, usual.liveExecution);
  const rules = Object.entries(isRecord(given.rules) ? given.rules : {});
  for (const [rule, level] of rules.filter(([, level]) => !levels.includes(level)))
    problems.push(`dsys.rules.${rule} is ${JSON.stringify(level)}; a rule is off, error, warning or information.`);
  settings.rules = Object.fromEntries(rules.filter(([, level]) => levels.includes(level))) as RuleLevels;
  const differs = (part: keyof EditorSettings) => JSON.stringify(before[part]) !== JSON.stringify(settings[part]);
  return {
    changed: { inlayHints: differs('inlayHints'), rules: differs('rules'), liveExecution: differs('liveExecution') },
    problems,
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
