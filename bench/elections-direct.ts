/**
 * An election of Raft simulated directly: candidates, votes and timeouts, nothing else. It shares no code with the
 * runtime, so that the two can be held against each other.
 */
export interface ElectionSetup {
  readonly voters: number;
  /** Servers that are up, all with equal logs. */
  readonly up: number;
  /** One-way delay and election timeout in ms, uniform. */
  readonly delay: readonly [number, number];
  readonly timeout: readonly [number, number];
}

/** ms from fresh timers at 0 until one of the servers has a majority of votes. */
export function electDirectly(setup: ElectionSetup, random: () => number): number {
  const draw = ([min, max]: readonly [number, number]) => min + random() * (max - min);
  const need = Math.floor(setup.voters / 2) + 1;
  const servers = Array.from({ length: setup.up }, () => ({
    term: 0,
    votedFor: -1,
    votes: 0,
    timer: draw(setup.timeout),
  }));
  const messages: { at: number; to: number; from: number; term: number; granted: boolean | null }[] = [];
  for (;;) {
    let next = Number.POSITIVE_INFINITY;
    let server = -1;
    let message = -1;
    servers.forEach((one, i) => {
      if (one.timer < next) [next, server] = [one.timer, i];
    });
    messages.forEach((one, i) => {
      if (one.at < next) [next, message] = [one.at, i];
    });
    if (message < 0) {
      const candidate = servers[server]!;
      candidate.term++;
      candidate.votedFor = server;
      candidate.votes = 1;
      candidate.timer = next + draw(setup.timeout);
      for (let to = 0; to < servers.length; to++) {
        if (to !== server)
          messages.push({ at: next + draw(setup.delay), to, from: server, term: candidate.term, granted: null });
      }
      continue;
    }
    const [m] = messages.splice(message, 1);
    const receiver = servers[m!.to]!;
    if (m!.term > receiver.term) Object.assign(receiver, { term: m!.term, votedFor: -1, votes: 0 });
    if (m!.granted === null) {
      const granted = m!.term === receiver.term && (receiver.votedFor === -1 || receiver.votedFor === m!.from);
      if (granted) {
        receiver.votedFor = m!.from;
        receiver.timer = next + draw(setup.timeout);
      }
      messages.push({ at: next + draw(setup.delay), to: m!.from, from: m!.to, term: receiver.term, granted });
    } else if (m!.granted && m!.term === receiver.term && receiver.votedFor === m!.to && ++receiver.votes >= need) {
      return next;
    }
  }
}
