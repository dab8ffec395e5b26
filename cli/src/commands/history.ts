/** dsys history: checks a recorded history, wherever it comes from. */
import { readFileSync } from 'node:fs';
import { CONSISTENCIES, type Consistency, checkConsistency } from '@dsys/runtime/checkers/consistency';
import { FORMATS, type Format, guessFormat, readHistory } from '@dsys/runtime/checkers/formats/formats';
import type { History, Verdict } from '@dsys/runtime/checkers/history';
import { fracturedReads } from '@dsys/runtime/checkers/isolation/fractured-reads';
import { isolationOf } from '@dsys/runtime/checkers/isolation/isolation';
import { isolationLevels } from '@dsys/runtime/design/property';
import { MODEL_NAMES, modelNamed } from '@dsys/runtime/model/model';
import { type Colors, exitCode, json, print, Unusable } from '../output.ts';

export interface HistoryCommandOptions {
  readonly format: 'text' | 'json';
  readonly from?: Format;
  readonly model?: string;
  /** Names with commas. */
  readonly consistency?: string;
  readonly isolation?: string;
  readonly fracturedReads: boolean;
  readonly failedCas?: 'observed' | 'ignored';
  readonly nilRead?: 'value' | 'unknown';
  readonly colors: Colors;
}

export function history(file: string, options: HistoryCommandOptions): number {
  const consistencies = names(options.consistency, '--consistency', CONSISTENCIES);
  const levels = names(options.isolation, '--isolation', isolationLevels);
  const text = read(file);
  const from = options.from ?? guessFormat(text);
  if (from === undefined)
    throw new Unusable(`${file} looks like none of ${FORMATS.join(', ')}; --from says which of them it is.`);
  let { history: recorded, clock } = parse(file, text, from, options);
  if (recorded.operations.length === 0) throw new Unusable(`${file} has no operation.`);
  if (clock === 'none' && consistencies.some(name => ['linearizable', 'regular'].includes(name)))
    throw new Unusable(`${file} does not say when operations were called, which ${consistencies[0]} is about.`);
  const isTransactional = recorded.operations.some(({ kind }) => kind === 'transaction');
  // Without a wish: what the history is about.
  if (consistencies.length === 0 && levels.length === 0 && !options.fracturedReads) {
    if (isTransactional) levels.push(clock === 'none' ? 'serializable' : 'strict-serializable');
    else consistencies.push(clock === 'none' ? 'sequential' : 'linearizable');
  }
  const verdicts = consistencies.map(name => consistencyOf(recorded, name, options.model));
  if (levels.length > 0 || options.fracturedReads) {
    // Elle, for whose logs these are made, takes a nil that a transaction read for a key without a value.
    recorded = parse(file, text, from, { ...options, nilRead: options.nilRead ?? 'value' }).history;
    verdicts.push(...levels.map(level => isolationOf(recorded, level)));
    if (options.fracturedReads) verdicts.push(fracturedReads(recorded));
  }
  if (options.format === 'json')
    print(
      json({
        schema: 'dsys.history/1',
        file,
        from,
        operations: recorded.operations.length,
        properties: verdicts.map(({ property, verdict, why, witness }) => ({ property, verdict, why, witness })),
      }),
    );
  else print(verdicts.map(verdict => rendered(verdict, recorded, options.colors)).join(''));
  if (verdicts.some(({ verdict }) => verdict === 'violated')) return exitCode.violated;
  return verdicts.every(({ verdict }) => verdict === 'holds') ? exitCode.ok : exitCode.unknown;
}

function consistencyOf(recorded: History, name: Consistency, model: string | undefined): Verdict {
  if (model === undefined)
    throw new Unusable(`${name} depends on what the operations do: --model is one of ${MODEL_NAMES.join(', ')}.`);
  return checkConsistency(recorded, modelNamed(model)!, name);
}

function names<T extends string>(text: string | undefined, option: string, known: readonly T[]): T[] {
  if (text === undefined) return [];
  return text.split(',').map(part => {
    const found = known.find(name => name === part.trim());
    if (found === undefined) throw new Unusable(`${option}: "${part.trim()}" is none of ${known.join(', ')}.`);
    return found;
  });
}

function read(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Unusable(
      code === 'ENOENT'
        ? `There is no file ${file}.`
        : code === 'EISDIR'
          ? `${file} is a folder; name a history in it.`
          : `${file} cannot be read.`,
    );
  }
}

function parse(file: string, text: string, from: Format, { failedCas, nilRead, model }: HistoryCommandOptions) {
  try {
    return readHistory(text, from, { failedCas, nilRead, model });
  } catch (error) {
    throw new Unusable(`${file} cannot be read as ${from}: ${(error as Error).message}.`);
  }
}

const SIGNS = { holds: '✓', violated: '✗', unknown: '?' } as const;

function rendered({ property, verdict, why, witness }: Verdict, recorded: History, colors: Colors): string {
  const paint = { holds: colors.green, violated: colors.red, unknown: colors.yellow }[verdict];
  const lines = (witness?.operations ?? []).map(id => {
    const { process, kind, key, input, output, outcome, invoke, complete } = recorded.operations[id]!;
    const value = JSON.stringify(outcome === 'ok' && (kind === 'read' || kind === 'transaction') ? output : input);
    const end = Number.isFinite(complete) ? String(complete) : '';
    return colors.dim(
      `    ${id}: process ${process}, ${invoke}..${end} ns, ${outcome}: ${kind} ${key}${key && ' '}${value}\n`,
    );
  });
  return `${paint(`${SIGNS[verdict]} ${property}`)}: ${why}\n${lines.join('')}`;
}
