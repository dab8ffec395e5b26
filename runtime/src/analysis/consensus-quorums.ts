/** Sizes that consensus protocols need: how many acceptors, how many votes, how many failures each choice bears. */

export interface FastPaxosSizes {
  /** Failures that the fast path bears (E) and that any progress bears (F). */
  readonly fastFailures: number;
  readonly failures: number;
  readonly classic: number;
  readonly fast: number;
}

/**
 * Fast Paxos with n acceptors. Two fast quorums and a classic one must meet: n > 2E + F, and two classic ones: n > 2F.
 * `same`: one size for both (the largest E = F); `classic`: the largest F, then the largest E.
 * Lamport, "Fast Paxos", Distributed Computing 2006, section 3.4.1.
 */
export function fastPaxosSizes(n: number, prefer: 'same' | 'classic'): FastPaxosSizes {
  const failures = prefer === 'same' ? Math.ceil(n / 3) - 1 : Math.ceil(n / 2) - 1;
  const fastFailures = prefer === 'same' ? failures : Math.floor(n / 4);
  return { fastFailures, failures, classic: n - failures, fast: n - fastFailures };
}

/** Whether any two classic quorums meet, and any two fast ones with any classic one. Sizes in votes. */
export const fastPaxosIsSafe = (n: number, classic: number, fast: number): boolean =>
  2 * classic > n && 2 * fast + classic > 2 * n;

/** The smallest safe fast quorum beside classic ones of this size. */
export const smallestFastQuorum = (n: number, classic: number): number => Math.floor((2 * n - classic) / 2) + 1;

/**
 * EPaxos with n = 2F + 1 replicas: votes of the fast and of the slow path, the command leader's own included.
 * `basic`: the paper's simplified variant. Moraru, Andersen, Kaminsky, SOSP 2013, sections 4.2 and 4.4.
 */
export const epaxosSizes = (failures: number, variant: 'optimised' | 'basic' = 'optimised') => ({
  replicas: 2 * failures + 1,
  fast: variant === 'basic' ? 2 * failures : failures + Math.floor((failures + 1) / 2),
  slow: failures + 1,
});

/** Flexible Paxos: the smallest phase-1 quorum that meets every phase-2 quorum of this size. Howard et al., OPODIS 2016. */
export const flexiblePrepare = (n: number, accept: number): number => n - accept + 1;

/**
 * WPaxos with `zones` of `perZone` nodes, which bears `nodeFailures` in each zone and `zoneFailures` whole zones:
 * nodes in a phase-1 and in a phase-2 quorum. Ailijiang et al., "WPaxos", IEEE TPDS 2020, section 3.
 */
export const wpaxosSizes = (zones: number, perZone: number, zoneFailures: number, nodeFailures: number) => ({
  prepare: (nodeFailures + 1) * (zones - zoneFailures),
  accept: (perZone - nodeFailures) * (zoneFailures + 1),
});

/** Cheap Paxos: processors for f failures. Lamport and Massa, DSN 2004. */
export const cheapPaxosSizes = (failures: number) => ({ main: failures + 1, auxiliary: failures });
