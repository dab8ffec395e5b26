/** The fields of a record: types, references, and how values are spread. */
import type { Field as FieldAst, FieldAttribute, Store as StoreAst } from '@dsys/grammar';
import type { Field, FieldValues } from '@dsys/runtime/design/store';
import { type Context, firstOfEachName, located, report, symbolOf } from './context.ts';
import { askWords } from './questions.ts';
import { count, literal, share } from './values.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const fieldAttributes = ['values', 'distinct', 'zipf', 'increasing', 'on-delete'];

export const elaborateFields = (context: Context, store: StoreAst): Field[] =>
  firstOfEachName(store.records.flatMap(record => record.fields)).map(field => elaborateField(context, field));

function elaborateField(context: Context, ast: FieldAst): Field {
  const field: Mutable<Field> = {
    ...located(context, ast),
    name: ast.name,
    type: ast.type ?? 'string',
    reference: referenceOf(context, ast),
    values: null,
  };
  const seen = new Set<string>();
  let zipf: FieldAttribute | undefined;
  for (const attribute of ast.attributes) {
    askWords(context, attribute, fieldAttributes, 'name');
    if (seen.has(attribute.name)) {
      report(context, 'duplicate-option', attribute, `${attribute.name} is already given for ${ast.name}.`);
      continue;
    }
    seen.add(attribute.name);
    if (attribute.name === 'zipf') zipf = attribute;
    else readAttribute(context, field, attribute, ast);
  }
  if (zipf !== undefined) readZipf(context, field, zipf);
  return field;
}

/** `-> users.id`; null without one, or if it refers to nothing. A store without a record may have any field. */
function referenceOf(context: Context, { target }: FieldAst): Field['reference'] {
  if (target === undefined) return null;
  const [store, name] = (symbolOf(context, target)?.path.split('.') ?? target.parts) as [string, string?];
  return name === undefined ? null : { store, field: name, onDelete: null };
}

function readAttribute(context: Context, field: Mutable<Field>, attribute: FieldAttribute, ast: FieldAst): void {
  const spread = (values: FieldValues) => {
    if (field.values === null) field.values = values;
    else report(context, 'option-not-applicable', attribute, `How ${ast.name} is spread is already said; drop one.`);
  };
  switch (attribute.name) {
    case 'values': {
      const shares = attribute.shares.map(one => [String(one.value?.value), sharedBy(context, one)] as const);
      const sum = shares.reduce((total, [, part]) => total + part, 0);
      if (sum > 1 + 1e-9) {
        const percent = Math.round(sum * 10000) / 100;
        report(
          context,
          'shares-sum',
          attribute,
          `The shares of ${ast.name} add up to ${percent}%; 100% is all of them.`,
        );
      }
      spread({ kind: 'listed', shares });
      return;
    }
    case 'distinct': {
      const number = count(context, attribute.amount, 'distinct', attribute);
      if (number !== undefined) spread({ kind: 'distinct', count: number, zipf: 0 });
      return;
    }
    case 'increasing':
      spread({ kind: 'increasing' });
      return;
    case 'on-delete':
      if (field.reference !== null) field.reference = { ...field.reference, onDelete: attribute.action ?? null };
      else if (ast.target === undefined) {
        const message = `${ast.name} refers to nothing: on-delete belongs to a reference such as -> users.id.`;
        report(context, 'option-not-applicable', attribute, message);
      }
      return;
    default: {
      const known = 'It has values, distinct, zipf, increasing and on-delete.';
      report(context, 'option-not-applicable', attribute, `A field has no ${attribute.name}. ${known}`);
    }
  }
}

function sharedBy(context: Context, one: FieldAttribute['shares'][number]): number {
  return one.share === undefined ? 0 : (share(context, one.share, 'a share of values', one) ?? 0);
}

function readZipf(context: Context, field: Mutable<Field>, attribute: FieldAttribute): void {
  const exponent =
    attribute.amount === undefined ? 1 : literal(context, attribute.amount, 'NumberLiteral', 'zipf', attribute);
  if (exponent === undefined) return;
  if (exponent < 0) report(context, 'option-value', attribute, 'A Zipf exponent is at least 0; 0 is uniform.');
  else if (field.values?.kind === 'distinct') field.values = { ...field.values, zipf: exponent };
  else {
    const message = 'zipf says how distinct values are spread: distinct 500 zipf 1.1.';
    report(context, 'option-not-applicable', attribute, message);
  }
}
