// An Arrow IPC stream on standard input: its batches, and the vectors in a column of them.
import * as zlib from 'node:zlib';
import { type ColumnData, columnsOf, type Decompress, vectorsOf } from '../formats/arrow-batch.ts';
import { isVectors, TYPE } from '../formats/arrow-rows.ts';
import type { ArrowSchema } from '../formats/arrow-schema.ts';
import { openArrowStream, type StreamMessage } from '../formats/arrow-stream.ts';
import { badFile, quote } from '../formats/check.ts';
import { type ColumnRows, chooseColumn } from '../formats/column.ts';
import { readLz4Frame } from '../formats/lz4.ts';
import { type Matrix, RvqError } from '../index.ts';
import { count, counted } from '../model/errors.ts';
import { UsageError } from './exit.ts';
import { STDIN, STDIO, stdinChunks } from './stdio.ts';

export const ARROW_HELP = 'an Arrow IPC stream on standard input, and one on standard output';

export interface ArrowInput {
  readonly schema: ArrowSchema;
  /** The place of the vectors' column among the fields. */
  readonly index: number;
  /** Dictionaries, and batches with their columns and rows, in their order. */
  readonly items: AsyncGenerator<ArrowItem, void, undefined>;
  /** After the last item: fails where more bytes come. */
  expectEnd(): Promise<void>;
}

/** A message; of a batch also its columns, as many as the schema has, and the rows of its vectors, which may be none. */
export interface ArrowItem {
  readonly message: StreamMessage;
  readonly batch?: { readonly columns: readonly ColumnData[]; readonly vectors: Matrix };
}

/** Opens the stream of vectors of a dim. Whether values are finite is seen when they are used. */
export async function openArrowInput(wanted: string | undefined, dim: number): Promise<ArrowInput> {
  const { schema, messages, expectEnd } = await openArrowStream(stdinChunks(), STDIN);
  const fields = schema.fields.map(({ name, type }) => ({ name, vectors: isVectors(type) }));
  const column = chooseColumn(STDIN, wanted, fields);
  const index = fields.findIndex(({ name, vectors }) => name === column && vectors);
  const field = schema.fields[index];
  const { typeId, listSize = 0, byteWidth = 0 } = field.type;
  const width = typeId === TYPE.fixedList ? listSize : typeId === TYPE.fixedBinary ? byteWidth / 4 : dim;
  if (width !== dim) {
    const expected = `column ${quote(column)}: expected rows of dim ${count(dim)}, as the codebook has`;
    throw new RvqError('DIM_MISMATCH', STDIN, `${expected}, got dim ${count(width)}`);
  }
  const target: ColumnRows = { name: STDIN, column, dim, like: 'codebook', rows: 0 };
  async function* items(): AsyncGenerator<ArrowItem, void, undefined> {
    for await (const message of messages) {
      if (message.kind === 'dictionary') {
        yield { message };
        continue;
      }
      const columns = columnsOf(schema, message, STDIN);
      yield { message, batch: { columns, vectors: vectorsOf(target, field, columns[index], message, decompress) } };
    }
  }
  return { schema, index, items: items(), expectEnd };
}

/** With --arrow there are no files. */
export function refuseFiles({ arguments: names, output }: { arguments: readonly (string | undefined)[]; output?: string | undefined }): void {
  const file = [...names, output].find((name) => name !== undefined && name !== STDIO);
  if (file !== undefined) throw new UsageError(`--arrow: reads standard input and writes standard output, not ${file}: use < and >`);
}

const decompress: Decompress = (codec, bytes, length) => {
  try {
    if (codec === 'LZ4') return readLz4Frame(bytes, length);
    if (codec === 'ZSTD' && 'zstdDecompressSync' in zlib) return inflateZstd(bytes, length);
  } catch (cause) {
    throw badFile(STDIN, 'data', `buffers compressed with ${codec}`, cause instanceof Error ? cause.message : String(cause), { cause });
  }
  const readable = codec === 'ZSTD' ? 'LZ4, or ZSTD by Node 22.15 or later' : 'LZ4 or ZSTD';
  throw badFile(STDIN, 'data', `buffers as they are, or compressed with ${readable}`, `buffers compressed with ${codec}`);
};

/** Node's own, from 22.15 on. */
function inflateZstd(bytes: Uint8Array, length: number): Uint8Array {
  const { zstdDecompressSync } = zlib as unknown as { zstdDecompressSync(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array };
  const inflated = zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, length) });
  if (inflated.length !== length) throw new RangeError(`${counted(inflated.length, 'bytes')} in place of ${count(length)}`);
  return inflated;
}
