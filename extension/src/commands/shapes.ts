/** What people can begin with. */
import { firstDesign } from '@dsys/language-server/first-design';

export interface Shape {
  readonly label: string;
  readonly detail: string;
  readonly text: string;
}

export const shapes: readonly Shape[] = [
  {
    label: 'One cluster with Raft',
    detail: 'Three nodes, a workload, and a scenario in which the leader crashes',
    text: firstDesign,
  },
  {
    label: 'Three regions',
    detail: 'Raft over three regions, and what remains when one of them goes away',
    text: `region frankfurt
region virginia
region tokyo

network {
  latency 0.5ms
  between frankfurt and virginia { latency 44ms }
  between frankfurt and tokyo { latency 110ms }
  between virginia and tokyo { latency 75ms }
}

cluster eu { nodes 2 in frankfurt }
cluster us { nodes 2 in virginia }
cluster jp { nodes 1 in tokyo }

store orders on eu, us, jp {
  consensus raft
  claims {
    consistency linearizable
    survives 1 region
  }
}

workload shops on orders {
  clients 10 in frankfurt
  operations 80% read, 20% write
}

scenario frankfurt-away {
  run shops for 20s
  at 5s isolate frankfurt for 8s
  expect no lost-writes
}
`,
  },
  {
    label: 'A leader and its followers',
    detail: 'Single-leader replication with failover: what an acknowledgement is worth',
    text: `cluster db { nodes 3 }

store accounts on db {
  replication single-leader semi-synchronous 1 {
    failover automatic { detect 500ms  promote most-advanced }
  }
  claims { no lost-writes }
}

workload tellers on accounts {
  clients 20
  operations 20% read, 80% write
}

scenario leader-dies {
  run tellers for 8s
  at 3s crash leader of accounts
  expect recovery < 2s
}
`,
  },
  {
    label: 'A quorum of replicas',
    detail: 'Leaderless replication: what rules and facts say of R and W',
    text: `cluster db { nodes 5 }

store carts on db {
  replication leaderless { read 3  write 3 }
  claims { consistency regular }
}
`,
  },
];
