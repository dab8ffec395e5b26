/** `replication single-leader [MODE] { … }`. */
import type { Option, Replication } from '@dsys/grammar';
import type { Failover, SingleLeader } from '@dsys/runtime/design/mechanism';
import { type Context, nodeOf, report, symbolOf } from '../context.ts';
import { defaults } from '../defaults.ts';
import { readOptions } from '../options.ts';
import { askWords } from '../questions.ts';
import { quorum } from '../quorum-specs.ts';
import {
  blockOf,
  choice,
  duration,
  isWord,
  literal,
  oneOfWords,
  onOff,
  phrase,
  wordOf,
  wrongValue,
} from '../values.ts';
import { nodesIn } from './nodes.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function singleLeader(context: Context, replication: Replication): SingleLeader {
  const mode = replication.mode ?? defaults.singleLeader.mode;
  const draft: Mutable<SingleLeader> = {
    kind: 'single-leader',
    ...defaults.singleLeader,
    mode,
    acknowledgements: mode === 'semi-synchronous' ? acknowledgements(context, replication) : null,
  };
  const only = (wanted: SingleLeader['mode'], option: Option): boolean => {
    if (mode === wanted) return true;
    const message = `${option.name} is for ${wanted} replication; this one is ${mode}.`;
    report(context, 'option-not-applicable', option, message);
    return false;
  };
  readOptions(context, 'single-leader replication', blockOf(context, replication), {
    leader: option => {
      const [leader, ...others] = nodesIn(context, option);
      draft.leader = leader ?? null;
      if (others.length === 0) return;
      const message = 'single-leader replication has one leader; with several it is multi-leader.';
      report(context, 'option-value', option, message);
    },
    read: option => readFrom(context, option, draft),
    failover: option => {
      draft.failover = failover(context, option);
    },
    'on-replica-down': option => {
      if (!only('synchronous', option)) return;
      draft.onReplicaDown = choice(context, option, ['block', 'drop'] as const) ?? draft.onReplicaDown;
    },
    fallback: option => {
      if (!only('semi-synchronous', option)) return;
      if (choice(context, option, ['none', 'asynchronous'] as const) !== 'asynchronous') return;
      const after = phrase(context, option, 'after')?.values[0];
      draft.fallbackAfterNs = duration(context, after, 'fallback asynchronous after', option, true) ?? null;
    },
    acknowledge: option => {
      draft.acknowledge = choice(context, option, ['applied', 'received'] as const) ?? draft.acknowledge;
    },
    'on-failure': option => {
      draft.onFailure = choice(context, option, ['unknown', 'error'] as const) ?? draft.onFailure;
    },
    log: option => {
      const word = choice(context, option, ['retention', 'global-ids', 'positions'] as const);
      if (word === 'retention') {
        const ns = duration(context, option.values[1], 'log retention', option, true);
        draft.logRetentionNs = ns ?? draft.logRetentionNs;
      } else if (word !== undefined) draft.log = word;
    },
    rejoin: option => {
      draft.rejoin = choice(context, option, ['rewind', 'reclone', 'keep'] as const) ?? draft.rejoin;
    },
  });
  return draft;
}

const acknowledgements = (context: Context, replication: Replication) =>
  replication.quorum === undefined
    ? defaults.semiSynchronous
    : (quorum(context, replication.quorum, 'semi-synchronous', replication) ?? defaults.semiSynchronous);

/** `read from leader [checked | lease 5s | local]`, `read from followers | any | nearest`. */
function readFrom(context: Context, option: Option, draft: Mutable<SingleLeader>): void {
  const words = ['leader', 'followers', 'any', 'nearest'] as const;
  const phraseFrom = phrase(context, option, 'from');
  if (phraseFrom === undefined) {
    report(
      context,
      'option-value',
      option,
      'Reads come from the leader, followers, any or the nearest: read from leader.',
    );
    return;
  }
  const from = oneOfWords(context, phraseFrom.values[0], 'read from', words, option);
  if (from === undefined) return;
  draft.read = from;
  if (from !== 'leader') return;
  const at = option.values.findIndex(value => value.$type === 'Name');
  askWords(context, option.values[at], ['checked', 'lease', 'local']);
  const how = wordOf(context, option.values[at]);
  if (how === 'checked' || how === 'local') draft.leaderRead = { kind: how };
  else if (how === 'lease') {
    const written = option.values[at + 1];
    const ns = written && duration(context, written, 'read from leader lease', option, true);
    draft.leaderRead = { kind: 'lease', ns: ns ?? defaults.leaderReadLeaseNs };
  }
}

/** `failover automatic { detect 3s | phi 8  promote …  consult …  fencing …  manager … }`. */
function failover(context: Context, option: Option): Failover {
  const draft: Mutable<Failover> = { ...defaults.singleLeader.failover };
  if (option.values.length > 0) {
    draft.mode = choice(context, option, ['automatic', 'manual', 'none'] as const) ?? draft.mode;
  }
  if (draft.mode === 'none' && option.block !== undefined) {
    report(context, 'option-not-applicable', option.block, 'failover none has no options: nobody is ever promoted.');
    return draft;
  }
  readOptions(context, 'failover', blockOf(context, option), {
    detect: one => {
      if (!isWord(context, one.values[0], 'phi')) {
        const ns = duration(context, one.values[0], 'detect', one, true);
        if (ns !== undefined) draft.detect = { kind: 'timeout', ns };
        return;
      }
      const threshold = literal(context, one.values[1], 'NumberLiteral', 'detect phi', one);
      if (threshold === undefined) return;
      if (threshold > 0) draft.detect = { kind: 'phi', threshold };
      else wrongValue(context, one.values[1]!, 'detect phi', 'a threshold of more than 0 (8 is common)');
    },
    promote: one => {
      draft.promote = choice(context, one, ['most-advanced', 'any'] as const) ?? draft.promote;
    },
    consult: one => {
      draft.consult = quorum(context, one.values[0], 'consult', one) ?? draft.consult;
    },
    fencing: one => {
      draft.fencing = onOff(context, one) ?? draft.fencing;
    },
    manager: one => {
      draft.manager = managerOf(context, one) ?? draft.manager;
    },
  });
  return draft;
}

function managerOf(context: Context, option: Option): Failover['manager'] | undefined {
  const [value] = option.values;
  if (isWord(context, value, 'peers')) return { kind: 'peers' };
  if (value?.$type !== 'Name') {
    report(context, 'option-value', value ?? option, 'manager is peers, a node or a store: who decides a promotion.');
    return undefined;
  }
  context.understood.add(value);
  const node = nodeOf(context, value);
  if (node !== undefined) return { kind: 'node', node };
  const symbol = symbolOf(context, value);
  return symbol?.kind === 'store' ? { kind: 'store', store: symbol.path } : undefined;
}
