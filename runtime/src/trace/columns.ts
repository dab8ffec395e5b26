/** Tables as columns of typed arrays: 1 million rows without 1 million objects, and nothing for the garbage collector to follow. */

/** `time`: integer ns, kept as float64. */
export type ColumnType = 'u8' | 'u16' | 'u32' | 'i32' | 'time';

export interface ColumnArray {
  u8: Uint8Array;
  u16: Uint16Array;
  u32: Uint32Array;
  i32: Int32Array;
  time: Float64Array;
}

export type Schema = Readonly<Record<string, ColumnType>>;

/** Rows `0 … length - 1` are in use; the arrays may be longer while a table grows, and are exact in a finished trace. */
export type Table<S extends Schema> = { length: number } & { [Name in keyof S]: ColumnArray[S[Name]] };

/** A table of any schema, for code that goes through columns by name. */
export type AnyTable = { length: number } & { [name: string]: ColumnArray[ColumnType] | number };

const MAKERS: { [Type in ColumnType]: (length: number) => ColumnArray[Type] } = {
  u8: length => new Uint8Array(length),
  u16: length => new Uint16Array(length),
  u32: length => new Uint32Array(length),
  i32: length => new Int32Array(length),
  time: length => new Float64Array(length),
};

/** Bytes of one value of a column. */
export const COLUMN_WIDTH: Readonly<Record<ColumnType, number>> = { u8: 1, u16: 2, u32: 4, i32: 4, time: 8 };

/** The least and greatest value that a column can hold exactly. */
export const COLUMN_RANGE: Readonly<Record<ColumnType, readonly [least: number, greatest: number]>> = {
  u8: [0, 255],
  u16: [0, 65_535],
  u32: [0, 4_294_967_295],
  i32: [-2_147_483_648, 2_147_483_647],
  time: [0, Number.MAX_SAFE_INTEGER],
};

export function createTable<S extends Schema>(schema: S, capacity: number): Table<S> {
  const table: AnyTable = { length: 0 };
  for (const [name, type] of Object.entries(schema)) table[name] = MAKERS[type](capacity);
  return table as Table<S>;
}

/** A table of exactly `length` rows, all zero. */
export function tableOfLength<S extends Schema>(schema: S, length: number): Table<S> {
  const table = createTable(schema, length);
  (table as AnyTable).length = length;
  return table;
}

/**
 * Makes room for one more row by doubling the capacity up to `maximum` rows. The arrays are replaced: read them through
 * the table. False when the table is full.
 */
export function makeRoom<S extends Schema>(schema: S, table: Table<S>, maximum: number): boolean {
  const length = table.length;
  if (length >= maximum) return false;
  const capacity = capacityOf(schema, table);
  if (length < capacity) return true;
  resize(schema, table, Math.min(maximum, Math.max(16, capacity * 2)));
  return true;
}

/** Cuts the arrays to the rows in use. */
export function trim<S extends Schema>(schema: S, table: Table<S>): void {
  if (capacityOf(schema, table) !== table.length) resize(schema, table, table.length);
}

/** Keeps only the first `length` rows. */
export function shorten<S extends Schema>(schema: S, table: Table<S>, length: number): void {
  (table as AnyTable).length = Math.min(length, table.length);
  trim(schema, table);
}

function capacityOf<S extends Schema>(schema: S, table: Table<S>): number {
  for (const name in schema) return (table[name] as ColumnArray[ColumnType]).length;
  return 0;
}

function resize<S extends Schema>(schema: S, table: Table<S>, capacity: number): void {
  const columns = table as AnyTable;
  for (const [name, type] of Object.entries(schema)) {
    const old = columns[name] as ColumnArray[ColumnType];
    const resized = MAKERS[type](capacity);
    resized.set(old.length > capacity ? old.subarray(0, capacity) : old);
    columns[name] = resized;
  }
}
