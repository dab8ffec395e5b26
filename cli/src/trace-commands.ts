/** The options of `dsys trace`: what its commands do is in `commands/trace.ts`. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { traceConvert, traceDiff, traceSlice, traceView } from './commands/trace.ts';
import { type ColorChoice, colorsFor } from './output.ts';
import { traceEndings } from './trace-files.ts';

function eventNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It needs the number of an event.');
  return Number(text);
}

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

/** @param common adds the options that every command has */
export function addTraceCommands(
  program: Command,
  common: (command: Command) => Command,
  done: (exitCode: number) => void,
): void {
  const trace = program.command('trace').description('cut, convert, compare or show a stored trace');
  const file = 'a .dsystrace or .jsonl; - is standard input';

  common(trace.command('slice').description('keep a part of a trace').argument('<file>', file))
    .option('--events <range>', 'events by number: 10..200, 10.., ..200 or 31')
    .option('--from <duration>', 'events from this time of the scenario on')
    .option('--to <duration>', 'events up to this time')
    .option('--nodes <names>', 'events of these lanes: n1,n2,c1')
    .option('--before <event>', 'an event, and all that happened before it', eventNumber)
    .option('--out <path>', `where to, by ending: ${traceEndings} (repeatable)`, collect, [])
    .action((name: string, options) => done(traceSlice(name, options)));

  common(
    trace
      .command('convert')
      .description('write a trace in other formats')
      .argument('<file>', file)
      .argument('<out...>', `where to, by ending: ${traceEndings}`),
  ).action((name: string, out: string[], options) => done(traceConvert(name, out, options)));

  common(
    trace
      .command('diff')
      .description('where two runs part, and what only one of them has; exit 1 when they differ')
      .argument('<a>', file)
      .argument('<b>', file),
  )
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .action((a: string, b: string, options: { format: 'text' | 'json'; color: ColorChoice }) =>
      done(traceDiff(a, b, { format: options.format, colors: colorsFor(options.color, 1) })),
    );

  common(trace.command('view').description('write a report to look at in a browser').argument('<file>', file))
    .option('--out <path>', 'where to; by default beside the trace')
    .action((name: string, options) => done(traceView(name, options)));
}
