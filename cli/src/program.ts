/** The commands and their options. Runs in a worker, see main.ts: returns the exit code. */
import { isatty } from 'node:tty';
import { parseQuantity } from '@dsys/grammar';
import { CONSISTENCIES } from '@dsys/runtime/checkers/consistency';
import { FORMATS } from '@dsys/runtime/checkers/formats/formats';
import { isolationLevels } from '@dsys/runtime/design/property';
import { MODEL_NAMES } from '@dsys/runtime/model/model';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { check } from './commands/check.ts';
import { explain } from './commands/explain.ts';
import { facts } from './commands/facts.ts';
import { fmt } from './commands/fmt.ts';
import { history } from './commands/history.ts';
import { init } from './commands/init.ts';
import { quorum } from './commands/quorum.ts';
import { run } from './commands/run.ts';
import { test } from './commands/test.ts';
import { diagnosticJson, diagnosticLine } from './diagnostics.ts';
import { type ColorChoice, colorsFor, complain, exitCode, json, print, Unusable } from './output.ts';
import { addTraceCommands } from './trace-commands.ts';
import { traceEndings } from './trace-files.ts';
import { version } from './version.ts';

const notBuilt = ['hunt', 'explore'] as const;

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('It needs a whole number of at least 0.');
  return value;
}

function positive(text: string): number {
  const value = whole(text);
  if (value === 0) throw new InvalidArgumentError('It needs a whole number of at least 1.');
  return value;
}

function milliseconds(text: string): number {
  const parsed = parseQuantity('duration', text);
  if ('problem' in parsed) throw new InvalidArgumentError(`It needs a duration such as 60s. ${parsed.problem}`);
  return parsed.value / 1e6;
}

/** Read again by main.ts, before the worker starts; here only for its form. */
function memory(text: string): number {
  const parsed = parseQuantity('size', text);
  if ('problem' in parsed) throw new InvalidArgumentError(`It needs a size such as 2GB. ${parsed.problem}`);
  return parsed.value;
}

/** Main.ts, which has the terminal, leaves its width there; 80 where there is none. */
const terminalColumns = (): number => Number(process.env.COLUMNS) || 80;

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

interface Common {
  readonly color: ColorChoice;
  readonly quiet: boolean;
}

const colorsOf = (options: Common) => colorsFor(options.color, 1);

const common = (command: Command): Command =>
  command
    .addOption(new Option('--color <when>', 'colours in text').choices(['auto', 'always', 'never']).default('auto'))
    .option('--quiet', 'only what was asked for', false);

const limits = (command: Command): Command =>
  command
    .option('--time-limit <duration>', 'stop after this much time, keeping what was found', milliseconds)
    .option('--event-limit <n>', 'stop a run after this many events', positive)
    .option('--memory-limit <size>', 'give up beyond this much memory', memory);

let exit: number = exitCode.ok;

const program = new Command('dsys')
  .description('Design distributed data systems, validate them, execute them under faults, and see why a claim broke.')
  .version(version)
  .exitOverride()
  .showHelpAfterError('(dsys --help shows what there is)');

common(
  program
    .command('check')
    .description('validate designs')
    .argument('<files...>', 'files and folders; - is standard input'),
)
  .addOption(new Option('--format <format>').choices(['text', 'json', 'sarif', 'github']).default('text'))
  .action(async (files: string[], options) => {
    exit = await check(files, { format: options.format, colors: colorsOf(options), quiet: options.quiet });
  });

common(program.command('facts').description('what a design is, without running it').argument('<file>'))
  .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
  .action(async (file: string, options) => {
    exit = await facts(file, { format: options.format, colors: colorsOf(options), quiet: options.quiet });
  });

limits(
  common(
    program.command('run').description('one deterministic run of a scenario').argument('<file>').argument('[scenario]'),
  ),
)
  .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
  .option('--seed <n>', 'seed of every random choice', whole, 1)
  .option('--trace <path>', `store the trace, by ending: ${traceEndings} (repeatable)`, collect, [])
  .action(async (file: string, scenario: string | undefined, options) => {
    exit = await run(file, scenario, {
      format: options.format,
      seed: options.seed,
      traces: options.trace,
      eventLimit: options.eventLimit,
      timeLimitMs: options.timeLimit,
      colors: colorsOf(options),
      quiet: options.quiet,
    });
  });

limits(common(program.command('test').description('every scenario over many seeds').argument('<files...>')))
  .option('--seeds <n>', "seeds per scenario, else the scenario's own number, else 20", positive)
  .addOption(new Option('--reporter <reporter>').choices(['text', 'json', 'junit']).default('text'))
  .option(
    '--trace <path>',
    'store the run that shows the outcome of each scenario, as -FILE-SCENARIO before the ending (repeatable)',
    collect,
    [],
  )
  .addOption(
    new Option('--format <format>', 'json: the same as --reporter json').choices(['text', 'json']).default('text'),
  )
  .action(async (files: string[], options) => {
    const reporter = options.format === 'json' ? 'json' : options.reporter;
    exit = await test(files, {
      reporter,
      seeds: options.seeds,
      traces: options.trace,
      eventLimit: options.eventLimit,
      timeLimitMs: options.timeLimit,
      colors: colorsOf(options),
      quiet: options.quiet,
      progress: reporter === 'text' && isatty(2) && !options.quiet,
    });
  });

common(
  program
    .command('history')
    .description('check a recorded history, from dsys or from anywhere')
    .argument('<file>', 'the history; - is standard input'),
)
  .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
  .addOption(new Option('--from <format>', 'what wrote it; guessed when left out').choices([...FORMATS]))
  .addOption(new Option('--model <model>', 'what the operations work on').choices([...MODEL_NAMES]))
  .option(
    '--consistency <models>',
    `with commas: ${CONSISTENCIES.join(', ')} (left out: linearizable, or the isolation of transactions)`,
  )
  .option(
    '--isolation <levels>',
    `of transactions on registers and lists, with commas: ${isolationLevels.join(', ')} (left out: strict-serializable)`,
  )
  .option('--fractured-reads', 'whether a transaction saw a part of another one', false)
  .addOption(new Option('--failed-cas <meaning>', 'a cas that failed').choices(['observed', 'ignored']))
  .addOption(new Option('--nil-read <meaning>', 'a read of nil; a value in transactions').choices(['value', 'unknown']))
  .action((file: string, options) => {
    exit = history(file, { ...options, colors: colorsOf(options) });
  });

common(program.command('fmt').description('format designs').argument('<files...>'))
  .option('--check', 'change nothing; exit 1 when something would change', false)
  .action(async (files: string[], options) => {
    exit = await fmt(files, { check: options.check, colors: colorsOf(options), quiet: options.quiet });
  });

program
  .command('init')
  .description('a first design with a scenario, and a CI snippet')
  .argument('[dir]', 'where', '.')
  .action((directory: string) => {
    exit = init(directory);
  });

common(
  program
    .command('quorum')
    .description('analysis of a quorum expression')
    .argument('<expression...>', "such as 'any 2 of (a, b, c)'; the read quorums, when --write is given"),
)
  .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
  .option('--write <expression>', 'write quorums; else the dual of the read quorums')
  .option('--nodes <nodes>', 'what majority and numbers count: how many nodes, or their names with commas')
  .option('--read-fraction <share>', 'share of reads, or a distribution such as 0.9:3,0.1:1', '0.5')
  .option('--node-availability <share>', 'how often a node is up, or a=0.99,b=0.9', '0.99')
  .option('--capacity <rates>', 'operations per second of a node: 1000, 2000/1000 (reads/writes), or a=1000,b=500')
  .option('--latency <durations>', 'until a node has answered: 10ms, or a=1ms,b=5ms')
  .option('--failures <n>', 'use only quorums that bear this many of their nodes failing', whole, 0)
  .addOption(
    new Option('--optimize <goal>', 'what the strategy is best for')
      .choices(['load', 'network', 'latency'])
      .default('load'),
  )
  .action(async (expression: string[], options) => {
    exit = await quorum(expression.join(' '), { ...options, colors: colorsOf(options) });
  });

common(
  program
    .command('explain')
    .description('what a rule, or any other diagnostic, means')
    .argument('[rule]', 'as it stands after "error" or "warning"; without it all are listed'),
).action(async (rule: string | undefined, options) => {
  exit = await explain(rule, { colors: colorsOf(options), columns: terminalColumns() });
});

program
  .command('lsp')
  .description('the language server on standard input and output')
  // Editors add words such as --stdio.
  .argument('[arguments...]')
  .allowUnknownOption()
  .action(async () => {
    await import('@dsys/language-server/main');
  });

addTraceCommands(program, common, code => {
  exit = code;
});

for (const name of notBuilt) {
  program
    .command(name)
    .description('not built yet')
    .argument('[arguments...]')
    .allowUnknownOption()
    .action(() => {
      throw new Unusable(`dsys ${name}: not built yet`);
    });
}

/** Diagnostics that a command which cannot go on shows; `check` and JSON have them all. */
const diagnosticsShown = 20;

/** The last word: a message for people on stderr, and one object for programs on stdout when they asked for JSON. */
function failed(error: unknown): number {
  const asJson = process.argv.some(
    (word, i) =>
      word === '--format=json' ||
      (word === '--format' && process.argv[i + 1] === 'json') ||
      (word === '--reporter' && process.argv[i + 1] === 'json'),
  );
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCode.ok;
    if (asJson)
      print(json({ schema: 'dsys.error/1', message: error.message.replace(/^error: /, ''), diagnostics: [] }));
    return exitCode.unusable;
  }
  if (error instanceof Unusable) {
    const colors = colorsFor('auto', 2);
    for (const one of error.diagnostics.slice(0, diagnosticsShown)) complain(`${diagnosticLine(one, colors)}\n`);
    const more = error.diagnostics.length - diagnosticsShown;
    if (more > 0) complain(`… and ${more} more: dsys check shows them all\n`);
    complain(`dsys: ${error.message}\n`);
    if (asJson)
      print(
        json({ schema: 'dsys.error/1', message: error.message, diagnostics: error.diagnostics.map(diagnosticJson) }),
      );
    return exitCode.unusable;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  complain(
    `dsys has a bug: ${stack}\nPlease report it with the file and this command:\n  dsys ${process.argv.slice(2).join(' ')}\n(dsys ${version}, Node ${process.version})\n`,
  );
  if (asJson)
    print(
      json({
        schema: 'dsys.error/1',
        message: `internal error: ${error instanceof Error ? error.message : String(error)}`,
        diagnostics: [],
      }),
    );
  return exitCode.unusable;
}

/** @param argv as `process.argv`: executable and script first */
export async function dsys(argv: readonly string[]): Promise<number> {
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    exit = failed(error);
  }
  return exit;
}
