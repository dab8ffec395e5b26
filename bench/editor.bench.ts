/** Answers while people type: parsing to diagnostics with all rules, completion and hover, on generated designs. */
import { analyse, review } from '../language-server/src/index.ts';
import { editor } from '../language-server/src/testing/editor.ts';
import { type Row, row } from './table.ts';

/** Copies of one small system under names of their own: 19 lines each. */
const system = (i: number) => `region r${i} { zones a, b }
cluster c${i} {
  nodes 3 in r${i}.a
  nodes 2 in r${i}.b { disk { fsync 2ms } }
}
store s${i} on c${i} {
  record { user: string  country: string }
  partition by hash(user) into 8 replicas 3
  consensus raft { read index  pre-vote on }
  claims { consistency linearizable  survives 1 node }
}
workload w${i} on s${i} { clients 20 in r${i}  operations 60% read, 40% write  keys 1000 zipf 1.1 }
scenario x${i} {
  run w${i} for 30s
  at 5s crash leader of s${i} for 4s
  at 12s cut minority of s${i} from majority of s${i} for 5s
  expect recovery < 2s
}

`;
const systems = (count: number, from = 0) => Array.from({ length: count }, (_, i) => system(from + i)).join('');

const repetitions = 21;

async function median(work: () => Promise<unknown>): Promise<{ readonly p50: number; readonly p95: number }> {
  const times: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return { p50: times[repetitions >> 1]!, p95: times[Math.floor(repetitions * 0.95)]! };
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;

async function diagnostics(lines: number, goalMs: number): Promise<Row> {
  const text = systems(Math.ceil(lines / 19));
  const uri = 'file:///bench/design.dsys';
  let edition = 0;
  const { p95 } = await median(async () => {
    // Another text each time, as a keystroke makes one.
    const typed = `${text}// ${edition++}\n`;
    review(
      (await analyse(
        uri,
        asked => (asked === uri ? typed : undefined),
        asked => asked,
      ))!,
    );
  });
  return row(
    `text to diagnostics, ${lines} lines, all rules (p95)`,
    ms(p95),
    `goal ${goalMs} ms`,
    (goalMs / p95).toFixed(1),
  );
}

async function asked(what: string, marked: string, feature: 'CompletionProvider' | 'HoverProvider'): Promise<Row> {
  const { services, document, at } = await editor(`${systems(27)}${marked}\n${systems(27, 100)}`, {}, { build: true });
  const { p50 } = await median(async () => {
    if (feature === 'CompletionProvider') await services.lsp.CompletionProvider!.getCompletion(document, at);
    else await services.lsp.HoverProvider!.getHoverContent(document, at);
  });
  return row(`${what}, 1000 lines (median)`, ms(p50), 'goal 20 ms', (20 / p50).toFixed(1));
}

export async function rows(): Promise<Row[]> {
  return [
    await diagnostics(1000, 50),
    await diagnostics(10_000, 300),
    await asked('completion of a cluster', 'store t on ¦', 'CompletionProvider'),
    await asked('completion of an option', 'store t on c0 { consensus raft { ¦ } }', 'CompletionProvider'),
    await asked('hover of an option', 'store t on c0 { consensus raft { heart¦beat 50ms } }', 'HoverProvider'),
    await asked('hover of a store', 'workload t on s¦0 { }', 'HoverProvider'),
  ];
}
