/** Transactions: what they touch, how they commit, how isolated they are. */
import type { Specification, Transaction as TransactionAst } from '@dsys/grammar';
import { isolationLevels } from '@dsys/runtime/design/property';
import type { Access, Transaction } from '@dsys/runtime/design/store';
import type { LinkRule } from '@dsys/runtime/design/topology';
import { documentationOf } from '../parsing/comments.ts';
import { type Context, declarationsOf, located, oneLine, pathsOf, report, reportMissing } from './context.ts';
import { defaults } from './defaults.ts';
import { elaborateCommit } from './mechanisms/commit.ts';
import { readOptions } from './options.ts';
import { elaborateClaims } from './properties.ts';
import { choice, count, onOff } from './values.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export const elaborateTransactions = (
  context: Context,
  files: readonly Specification[],
  links: readonly LinkRule[],
): Transaction[] => declarationsOf(files, 'Transaction').map(ast => elaborateTransaction(context, ast, links));

function elaborateTransaction(context: Context, ast: TransactionAst, links: readonly LinkRule[]): Transaction {
  const settings: Mutable<typeof defaults.transaction> = { ...defaults.transaction };
  readOptions(context, `transaction ${ast.name}`, ast.options, {
    isolation: option => {
      settings.isolation = choice(context, option, isolationLevels) ?? settings.isolation;
    },
    concurrency: option => {
      settings.concurrency = choice(context, option, ['locks', 'versions'] as const) ?? settings.concurrency;
    },
    deadlock: option => {
      settings.deadlock = choice(context, option, ['detect', 'wait'] as const) ?? settings.deadlock;
    },
    'commit-wait': option => {
      settings.commitWait = onOff(context, option) ?? settings.commitWait;
    },
  });
  const written = ast.accesses.filter((access, i) => {
    const earlier = ast.accesses.slice(0, i).find(({ kind }) => kind === access.kind);
    if (earlier === undefined) return true;
    const message = `${ast.name} already says what it ${access.kind}s: "${oneLine(earlier)}". Name all stores there.`;
    report(context, 'duplicate-option', access, message);
    return false;
  });
  if (written.length === 0) {
    const message = `${ast.name} touches nothing: say "update orders, stock", or "read all accounts".`;
    reportMissing(context, 'option-value', ast, message);
  }
  for (const again of ast.commits.slice(1)) {
    report(
      context,
      'duplicate-option',
      again,
      `${ast.name} already says how it commits: "${oneLine(ast.commits[0])}".`,
    );
  }
  const accesses = written.map((access): Access => {
    const keys =
      access.count === undefined ? 1 : (count(context, access.count, access.kind, access, { most: maxKeys }) ?? 1);
    return { kind: access.kind, stores: [...new Set(pathsOf(context, access.stores))], keys: access.all ? null : keys };
  });
  const main = accesses.find(({ kind }) => kind === 'update') ?? accesses[0];
  return {
    ...located(context, ast),
    name: ast.name,
    doc: documentationOf(ast) ?? null,
    accesses,
    kind: main?.kind ?? 'update',
    stores: [...new Set(accesses.flatMap(({ stores }) => stores))],
    keys: main === undefined ? 1 : main.keys,
    commit: elaborateCommit(context, ast.commits[0], links),
    ...settings,
    claims: elaborateClaims(context, ast.claims),
  };
}

/** Most keys of a store that a transaction touches. */
const maxKeys = 10_000;
