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
}

export const defaultSettings = (): EditorSettings => ({
  inlayHints: { placement: true, electionTimeout: true, quorums: true, tolerates: true },
  rules: {},
});
