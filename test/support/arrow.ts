// Arrow IPC streams as apache-arrow writes them, for the command to read, and what it writes as apache-arrow reads it.
import * as arrow from 'apache-arrow';
import type { Matrix } from '../../ts/index.ts';

/** A column of vectors, of a type of the format. */
export function vectorColumn(kind: 'list' | 'doubles' | 'fixed' | 'binary', { data, rows, dim }: Matrix): arrow.Vector {
  const lists = Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * dim, (i + 1) * dim)));
  const item = (type: arrow.DataType) => new arrow.Field('item', type, true);
  if (kind === 'list') return arrow.vectorFromArray(lists, new arrow.List(item(new arrow.Float32())));
  if (kind === 'doubles') return arrow.vectorFromArray(lists, new arrow.List(item(new arrow.Float64())));
  if (kind === 'fixed') return arrow.vectorFromArray(lists, new arrow.FixedSizeList(dim, item(new arrow.Float32())));
  return arrow.vectorFromArray(
    lists.map((values) => new Uint8Array(Float32Array.from(values).buffer)),
    new arrow.Binary(),
  );
}

/**
 * The bytes of a stream: batches of so many rows each, made of columns of their own, for apache-arrow writes slices of lists with offsets that are
 * wrong. Each batch so brings its dictionaries, which replace those before.
 */
export function arrowStream(columns: Record<string, arrow.Vector>, sizes: readonly number[]): Buffer {
  const schema = new arrow.Table(columns).schema;
  const writer = new arrow.RecordBatchStreamWriter();
  let at = 0;
  for (const size of sizes) {
    const children = Object.values(columns).map((column) => {
      const values = Array.from({ length: size }, (_, i) => plain(column.get(at + i)));
      return arrow.vectorFromArray(values, column.type).data[0] ?? column.slice(0, 0).data[0];
    });
    const struct = arrow.makeData({ type: new arrow.Struct(schema.fields), length: size, nullCount: 0, children });
    writer.write(new arrow.RecordBatch(schema, struct));
    at += size;
  }
  if (sizes.length === 0) writer.reset(undefined, schema);
  writer.finish();
  return Buffer.from(writer.toUint8Array(true));
}

function plain(value: unknown): unknown {
  if (value instanceof arrow.Vector) return Array.from(value);
  return value instanceof arrow.StructRow ? value.toJSON() : value;
}
