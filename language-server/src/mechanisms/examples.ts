/** A small design for each mechanism, and how it is recognised in others. */
import type { MechanismKind } from '@dsys/runtime/design/mechanism';

export interface Example {
  readonly text: string;
  /** Blocks whose options are the mechanism's, by their names in messages. */
  readonly blocks: readonly string[];
  /** How a text that uses it can be told. */
  readonly word: RegExp;
  /** What can stand in the place of one part of the text, each with promises of its own. */
  readonly choices?: { readonly title: string; readonly of: string; readonly all: readonly string[] };
}

const consensus = (algorithm: string, nodes: string, options = ''): string => `cluster eu { ${nodes} }
store orders on eu {
  consensus ${algorithm}${options}
}`;

export const examples: Readonly<Partial<Record<MechanismKind, Example>>> = {
  'single-leader': {
    text: `cluster eu { nodes e1, e2, e3 }
store orders on eu {
  replication single-leader semi-synchronous 1 { failover automatic { detect 1s } }
}`,
    blocks: ['single-leader replication', 'failover'],
    word: /\bsingle-leader\b/,
  },
  'multi-leader': {
    text: `cluster eu { nodes e1, e2, e3 }
store carts on eu {
  model set
  replication multi-leader asynchronous { leader e1, e2  conflicts merge or-set }
}`,
    blocks: ['multi-leader replication', 'conflicts'],
    word: /\breplication multi-leader\b/,
    choices: {
      title: 'What each policy promises',
      of: 'conflicts merge or-set',
      all: [
        'conflicts none',
        'conflicts last-write-wins by hybrid',
        'conflicts merge or-set',
        'conflicts merge lww-register',
        'conflicts siblings by vector per server',
        'conflicts optimistic-lock version-check home',
        'conflicts optimistic-lock version-check quorum',
        'conflicts optimistic-lock version-check local',
        'conflicts pessimistic-lock lease 5s',
        'conflicts pessimistic-lock lease 5s fencing off',
        'conflicts avoid by country { "DE" -> e1  "US" -> e2 }',
        'conflicts avoid by country { "DE" -> e1  "US" -> e2 } on-move none',
      ],
    },
  },
  leaderless: {
    text: `cluster eu { nodes e1, e2, e3 }
store carts on eu {
  replication leaderless { read 2  write 2  read-repair on  anti-entropy every 10s }
}`,
    blocks: ['leaderless replication'],
    word: /\breplication leaderless\b/,
  },
  chain: {
    text: `cluster eu { nodes e1, e2, e3 }
cluster control { nodes c1, c2, c3 }
store orders on eu {
  replication chain { master routes }
}
store routes on control {
  consensus raft
}`,
    blocks: ['chain replication'],
    word: /\breplication chain\b/,
  },
  raft: { text: consensus('raft', 'nodes 3'), blocks: ['raft'], word: /\bconsensus raft\b/ },
  paxos: { text: consensus('paxos', 'nodes 3'), blocks: ['paxos'], word: /\bconsensus paxos\b/ },
  'multi-paxos': {
    text: consensus('multi-paxos', 'nodes 3'),
    blocks: ['multi-paxos'],
    word: /\bconsensus multi-paxos\b/,
  },
  'fast-paxos': {
    text: consensus('fast-paxos', 'nodes 4', ' { classic 3  fast 4 }'),
    blocks: ['fast-paxos'],
    word: /\bconsensus fast-paxos\b/,
  },
  'cheap-paxos': {
    text: consensus('cheap-paxos', 'nodes e1, e2  witness w1', ' { main e1, e2  auxiliary w1 }'),
    blocks: ['cheap-paxos'],
    word: /\bconsensus cheap-paxos\b/,
  },
  'flexible-paxos': {
    text: consensus('flexible-paxos', 'nodes 5', ' { prepare 4  accept 2 }'),
    blocks: ['flexible-paxos'],
    word: /\bconsensus flexible-paxos\b/,
  },
  'two-phase-commit': {
    text: consensus('two-phase-commit', 'nodes e1, e2, e3', ' { coordinator e1  timeout 1s }'),
    blocks: ['two-phase-commit'],
    word: /\bconsensus two-phase-commit\b/,
  },
  'three-phase-commit': {
    // What it needs to keep its promise: messages in time, and a network that stays whole.
    text: `faults { cut up to 0s  delay up to 200ms }
${consensus('three-phase-commit', 'nodes e1, e2, e3', ' { coordinator e1  timeout 1s  on-timeout terminate }')}`,
    blocks: ['three-phase-commit'],
    word: /\bconsensus three-phase-commit\b/,
  },
};
