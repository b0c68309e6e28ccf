// Tables of FlatBuffers, in which the metadata of Arrow files are written: read with every offset and length checked.
// Source: https://flatbuffers.dev/internals
import { counted } from '../model/errors.ts';
import { viewOf } from './bytes.ts';
import { badFile } from './check.ts';

/** What a field of a table holds: numbers of so many bytes, a text, a table, or lists of tables or of structs of so many bytes. */
export type FieldKind =
  | { readonly number: 1 | 2 | 4 | 8 }
  | { readonly text: true }
  | { readonly table: () => TableKind }
  | { readonly tables: () => TableKind }
  | { readonly structs: number }
  /** A table whose kind the number in the field before it says; undefined is none that is known. */
  | { readonly union: (type: number) => TableKind | undefined };

export type TableKind = readonly FieldKind[];

export interface FlatTable {
  /** The place of field `id`, or undefined where it is not there. */
  field(id: number): number | undefined;
  int(id: number): number;
  long(id: number): number;
  table(id: number): FlatTable | undefined;
  /** The places of the structs of field `id`. */
  structs(id: number): readonly number[];
  /** All of it, by the numbers of the fields. */
  values(): FlatValues;
}

/** What a field holds: a number, bigint where it has 8 bytes; the bytes of a text or of structs; a table; a list of tables. Undefined: not there. */
export type FlatValue = number | bigint | Uint8Array | FlatValues | undefined;

/** A table as values, by the numbers of its fields, or a list of tables. */
export interface FlatValues extends ReadonlyArray<FlatValue> {}

const MAX_DEPTH = 64;

/**
 * The root table of a buffer, after a check of it and of all below.
 *
 * @param place the byte of the file where the buffer begins, for errors
 */
export function readFlatBuffer(bytes: Uint8Array, kind: TableKind, name: string, place: number): FlatTable {
  const view = viewOf(bytes);
  let budget = bytes.length; // tables of four bytes at least; more are the same ones again and again

  function within(at: number, length: number, what: string): number {
    if (at >= 0 && at + length <= bytes.length) return at;
    throw badFile(
      name,
      place + Math.max(0, Math.min(at, bytes.length)),
      `${what} within ${counted(bytes.length, 'bytes')} of metadata`,
      'the end of them',
    );
  }
  /** The place that the offset at `at` leads to. */
  function follow(at: number, what: string): number {
    return within(at + view.getUint32(within(at, 4, what), true), 4, what);
  }
  function fieldOf(table: number, id: number): number | undefined {
    const fields = table - view.getInt32(table, true);
    if (4 + 2 * id >= view.getUint16(fields, true)) return undefined;
    const offset = view.getUint16(fields + 4 + 2 * id, true);
    return offset === 0 ? undefined : table + offset;
  }
  function vector(at: number, itemBytes: number, what: string): { start: number; length: number } {
    const start = follow(at, what);
    const length = view.getUint32(start, true);
    within(start + 4, length * itemBytes, what);
    return { start: start + 4, length };
  }
  function check(table: number, fields: TableKind, depth: number): void {
    if (table % 4 !== 0) throw badFile(name, place + table, 'a table at a multiple of 4 bytes', `one at byte ${table} of the metadata`);
    if (budget-- < 0 || depth > MAX_DEPTH) throw badFile(name, place + table, `metadata at most ${MAX_DEPTH} deep`, 'deeper ones, or a circle');
    const layout = within(table - view.getInt32(within(table, 4, 'a table'), true), 4, 'the layout of a table');
    const layoutBytes = view.getUint16(layout, true);
    within(layout, Math.max(4, layoutBytes), 'the layout of a table');
    within(table, Math.max(4, view.getUint16(layout + 2, true)), 'a table');
    fields.forEach((field, id) => {
      const at = fieldOf(table, id);
      if (at !== undefined) checkField(table, id, at, field, depth);
    });
  }
  function checkField(table: number, id: number, at: number, field: FieldKind, depth: number): void {
    if ('number' in field) within(at, field.number, 'a number');
    else if ('text' in field) vector(at, 1, 'a text');
    else if ('structs' in field) vector(at, field.structs, 'a list');
    else if ('table' in field) check(follow(at, 'a table'), field.table(), depth + 1);
    else if ('union' in field) {
      const type = fieldOf(table, id - 1);
      const kind = field.union(type === undefined ? 0 : bytes[type]);
      if (kind === undefined) throw badFile(name, place + at, 'metadata of a kind that Arrow has', `kind ${type === undefined ? 0 : bytes[type]}`);
      check(follow(at, 'a table'), kind, depth + 1);
    } else {
      const { start, length } = vector(at, 4, 'a list of tables');
      for (let i = 0; i < length; i++) check(follow(start + 4 * i, 'a table'), field.tables(), depth + 1);
    }
  }
  function accessor(table: number, fields: TableKind): FlatTable {
    const read = (id: number, get: (at: number) => number) => {
      const at = fieldOf(table, id);
      return at === undefined ? 0 : get(at);
    };
    return {
      field: (id) => fieldOf(table, id),
      int(id) {
        const field = fields[id];
        return read(id, (at) => ('number' in field && field.number === 1 ? bytes[at] : view.getInt16(at, true)));
      },
      long: (id) => read(id, (at) => Number(view.getBigInt64(at, true))),
      table(id) {
        const at = fieldOf(table, id);
        const field = fields[id];
        if (at === undefined) return undefined;
        const kind = 'table' in field ? field.table() : 'union' in field ? field.union(bytes[fieldOf(table, id - 1) ?? 0]) : undefined;
        return kind && accessor(follow(at, 'a table'), kind);
      },
      structs(id) {
        const at = fieldOf(table, id);
        const field = fields[id];
        if (at === undefined || !('structs' in field)) return [];
        const { start, length } = vector(at, field.structs, 'a list');
        return Array.from({ length }, (_, i) => start + field.structs * i);
      },
      values: () => fields.map((field, id) => valueAt(table, id, field)),
    };
  }
  function valueAt(table: number, id: number, field: FieldKind): FlatValue {
    const at = fieldOf(table, id);
    if (at === undefined) return undefined;
    if ('number' in field) return field.number === 8 ? view.getBigInt64(at, true) : readInteger(view, at, field.number);
    if ('text' in field || 'structs' in field) {
      const size = 'text' in field ? 1 : field.structs;
      const { start, length } = vector(at, size, 'a list');
      return bytes.slice(start, start + size * length);
    }
    if ('tables' in field) {
      const { start, length } = vector(at, 4, 'a list of tables');
      return Array.from({ length }, (_, i) => accessor(follow(start + 4 * i, 'a table'), field.tables()).values());
    }
    const kind = 'table' in field ? field.table() : field.union(bytes[fieldOf(table, id - 1) ?? 0]);
    return kind && accessor(follow(at, 'a table'), kind).values();
  }
  const root = follow(0, 'a table');
  check(root, kind, 0);
  return accessor(root, kind);
}

function readInteger(view: DataView, at: number, size: 1 | 2 | 4): number {
  return size === 1 ? view.getUint8(at) : size === 2 ? view.getInt16(at, true) : view.getInt32(at, true);
}
