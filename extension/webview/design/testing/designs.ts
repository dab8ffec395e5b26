/** Designs that the view is tried on, beside the samples: larger than those, and with more of the language in them. */

/** Three regions with zones, stores of five kinds over them, clients in all, and mistakes that rules point at. */
export const shop = `region frankfurt { zones a, b, c }
region virginia { zones a, b }
region tokyo

network {
  latency lognormal(0.4ms, 0.3)
  loss 0.01%
  between frankfurt and virginia { latency normal(44ms, 2ms)  bandwidth 1Gbit/s }
  between virginia and tokyo { latency normal(80ms, 4ms)  loss 0.5% }
  between frankfurt and tokyo { latency normal(110ms, 5ms) }
}

cluster eu {
  nodes e1, e2 in frankfurt.a
  nodes e3 in frankfurt.b
  nodes e4 in frankfurt.c
  spare e9 in frankfurt.c
}
cluster us {
  nodes u1, u2 in virginia.a
  nodes u3 in virginia.b
}
cluster jp {
  nodes j1 in tokyo
  observer j2 in tokyo
  witness w1 in tokyo
}

/** Who is who. */
store users on eu, us, jp {
  consensus raft
  claims { consistency linearizable  survives 1 region  no lost-writes }
}

store carts on eu, us {
  record { user: string }
  partition by hash(user) into 6 replicas 3
  replication leaderless { write 1  read 1 }
  claims { consistency eventual }
}

store orders on eu {
  partition by hash(id) into 4 replicas 3
  replication single-leader semi-synchronous 1 { failover automatic { detect 800ms } }
  claims { no lost-writes }
}

store sessions on us {
  replication chain
}

store notes on eu, us {
  record { country: string }
  replication multi-leader { conflicts avoid by country { "DE", "FR" -> e1  "US" -> u1  rest -> e2 } on-move fence }
}

workload europe on users, carts {
  clients 40 in frankfurt
  operations 80% read, 20% write
}
workload america on carts {
  clients 25 in virginia
  rate 900/s
}
workload asia on users {
  clients 5 in tokyo
}
workload reports on orders {
  clients 2
  operations 100% read
}
`;

const regions = ['north', 'south', 'west'];

/** Sixty nodes, and sixty-four partitions over them. */
export const large = `${regions.map(name => `region ${name} { zones a, b }`).join('\n')}
network {
  between north and south { latency 30ms }
  between south and west { latency 70ms }
  between north and west { latency 55ms }
}
cluster fleet {
${regions.flatMap(name => [`  nodes 16 in ${name}.a`, `  nodes 4 in ${name}.b`]).join('\n')}
}
store events on fleet {
  partition by hash(id) into 64 replicas 3
  consensus raft
  claims { survives 1 node }
}
workload sensors on events { clients 200 in north  rate 4000/s }
`;

/** Half of it is not understood. */
export const broken = `cluster db { nodes a, b, c }
store s on db { replication leaderless { write 2  read 2 } }
store t on nowhere { consensus raft }
`;

/** Nothing but machines, of which no two are alike. */
export const bare = `cluster db { nodes a, b  witness w  observer o  spare x, y }
cluster other { nodes 30 }
`;
