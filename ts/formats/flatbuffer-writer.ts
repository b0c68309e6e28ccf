// Tables of FlatBuffers, written: of the values that flatbuffer.ts reads.
// Source: https://flatbuffers.dev/internals
import type { Bytes } from '../model/arrays.ts';
import { viewOf } from './bytes.ts';
import type { FieldKind, FlatValue, FlatValues, TableKind } from './flatbuffer.ts';

/** A buffer of a table, as long as a multiple of 8 bytes: what `values` of it gives. */
export function writeFlatBuffer(kind: TableKind, values: FlatValues): Bytes {
  let bytes = new Uint8Array(1024);
  let view = viewOf(bytes);
  let end = 4; // after the offset of the root

  /** Room for `size` bytes, all zero, whose byte `aligned` lies at a multiple of `alignment`. */
  function place(size: number, alignment: number, aligned = 0): number {
    const at = Math.ceil((end + aligned) / alignment) * alignment - aligned;
    end = at + size;
    if (end > bytes.length) {
      const larger = new Uint8Array(Math.max(2 * bytes.length, end));
      larger.set(bytes);
      [bytes, view] = [larger, viewOf(larger)];
    }
    return at;
  }
  /** Each table after its layout, what it refers to behind it. */
  function writeTable(fields: TableKind, values: FlatValues): number {
    const places: number[] = [];
    let size = 4;
    fields.forEach((field, id) => {
      if (values[id] === undefined) return;
      const bytes = 'number' in field ? field.number : 4;
      places[id] = Math.ceil(size / bytes) * bytes;
      size = places[id] + bytes;
    });
    const layout = place(4 + 2 * places.length, 2);
    const table = place(size, 8);
    view.setInt32(table, table - layout, true);
    view.setUint16(layout, 4 + 2 * places.length, true);
    view.setUint16(layout + 2, size, true);
    places.forEach((offset, id) => {
      view.setUint16(layout + 4 + 2 * id, offset, true);
      const [at, field, value] = [table + offset, fields[id], values[id]];
      if ('number' in field) {
        if (typeof value === 'bigint') view.setBigInt64(at, value, true);
        else if (field.number === 1) view.setUint8(at, Number(value));
        else if (field.number === 2) view.setInt16(at, Number(value), true);
        else view.setInt32(at, Number(value), true);
      } else refer(at, writeValue(field, value, values[id - 1]));
    });
    return table;
  }
  function writeValue(field: FieldKind, value: FlatValue, before: FlatValue): number {
    if (value instanceof Uint8Array) {
      const size = 'structs' in field ? field.structs : 1;
      const at = place(4 + value.length + ('text' in field ? 1 : 0), size % 8 === 0 ? 8 : 4, 4); // a text ends with a zero
      view.setUint32(at, value.length / size, true);
      bytes.set(value, at + 4);
      return at;
    }
    const tables = value as FlatValues;
    if ('tables' in field) {
      const at = place(4 + 4 * tables.length, 4);
      view.setUint32(at, tables.length, true);
      tables.forEach((table, i) => {
        refer(at + 4 + 4 * i, writeTable(field.tables(), table as FlatValues));
      });
      return at;
    }
    return writeTable(('table' in field ? field.table() : 'union' in field ? field.union(Number(before)) : undefined) ?? [], tables);
  }
  function refer(at: number, target: number): void {
    view.setUint32(at, target - at, true);
  }

  refer(0, writeTable(kind, values));
  return bytes.slice(0, place(0, 8));
}
