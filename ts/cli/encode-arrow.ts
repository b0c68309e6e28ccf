// rvq encode --arrow: an Arrow IPC stream in, one with codes out. A batch goes out as soon as its codes are there.
import { batchBytes, bytesColumn, type ColumnData, fixedListColumn } from '../formats/arrow-batch.ts';
import { TYPE } from '../formats/arrow-rows.ts';
import { fieldOf, integerField, schemaValues } from '../formats/arrow-schema.ts';
import { BROKEN_STREAM, END_OF_STREAM, messageBytes, type StreamMessage } from '../formats/arrow-stream.ts';
import { badFile, quote, quoteAll } from '../formats/check.ts';
import { codesPlan } from '../formats/codes.ts';
import { type Codec, type Codes, type Matrix, pack } from '../index.ts';
import { runsOf, streamRows } from '../model/blocks.ts';
import { littleEndian } from '../model/byte-order.ts';
import { createCodeArray } from '../model/codes.ts';
import { type ArrowInput, openArrowInput } from './arrow.ts';
import { ReaderGone, UsageError } from './exit.ts';
import { naming } from './input.ts';
import { withProgress } from './save.ts';
import { STDIN, writeStdout } from './stdio.ts';
import { withThreads } from './threads.ts';

export interface EncodeArrowOptions {
  /** The vectors' column, where several may be. */
  readonly column: string | undefined;
  /** Names of the columns that go on; undefined: all but the vectors'. */
  readonly keep: readonly string[] | undefined;
  readonly codesColumn: string;
  readonly beam: number;
  readonly packed: boolean;
  readonly threads: number | undefined;
  readonly signal: AbortSignal;
}

/** A message that waits for its turn to be written. */
interface Waiting {
  readonly message: StreamMessage;
  readonly columns: readonly ColumnData[];
  readonly codes: Codes;
  /** Rows whose codes are there. */
  filled: number;
  /** Blocks of rows whose codes are not there. */
  left: number;
}

/** Encodes standard input to standard output. Gives how many rows there were. */
export async function encodeArrow(codec: Codec, options: EncodeArrowOptions): Promise<number> {
  const { column, beam, packed, threads, signal } = options;
  const { tensor, metadata } = codesPlan(codec, 0, packed); // where they cannot be packed, this says so
  const input = await openArrowInput(column, codec.dim);
  const kept = keptColumns(input, options);
  const { schema } = input;
  const fields = [...kept.map((i) => schema.fields[i].values), codesField(options.codesColumn, tensor.type, packed, codec, metadata)];
  await writeStdout([messageBytes(schemaValues(schema, fields))]);

  const dictionaries = new Set(kept.flatMap((i) => schema.fields[i].dictionaries));
  const waiting: Waiting[] = [];
  let rows = 0;

  async function* blocks(): AsyncGenerator<Matrix, void, undefined> {
    const stages = codec.codewords.length;
    const step = streamRows(codec.dim);
    for await (const { message, batch } of input.items) {
      const { data, rows, dim } = batch?.vectors ?? { data: new Float32Array(0), rows: 0, dim: codec.dim };
      const codes = { data: createCodeArray(codec.codewords, rows * stages), rows, stages, codebookId: codec.id };
      const left = batch === undefined ? 0 : Math.max(1, Math.ceil(rows / step));
      waiting.push({ message, columns: batch?.columns ?? [], codes, filled: 0, left });
      if (batch !== undefined && rows === 0) yield { data, rows, dim }; // its codes, which are none, bring it out at once
      for (const { start, end } of runsOf(rows, step)) yield { data: data.subarray(start * dim, end * dim), rows: end - start, dim };
    }
  }
  /** Takes the codes of a block, and writes what is complete. */
  async function take({ data, rows: added, stages }: Codes): Promise<void> {
    const first = waiting.find(({ left }) => left > 0);
    if (first === undefined) return;
    first.codes.data.set(data, first.filled * stages);
    first.filled += added;
    first.left--;
    await flush();
  }
  async function flush(): Promise<void> {
    while (waiting.length > 0 && waiting[0].left === 0) {
      const { message, columns, codes } = waiting[0];
      waiting.shift();
      if (message.kind === 'dictionary') {
        if (dictionaries.has(message.dictionary)) await writeStdout([messageBytes(message.values, message.body)]);
        continue;
      }
      const own = [codesData(codes, codec, packed)];
      const bytes = batchBytes(message.batch.rows, { kept: kept.map((i) => columns[i]), own }, { version: schema.version, like: message });
      await writeStdout([bytes]);
      rows += codes.rows;
    }
  }

  await orBroken(async () => {
    await withThreads({ threads, work: Number.POSITIVE_INFINITY, signal }, ({ encodeStream }) =>
      naming('vectors', { name: STDIN }, async () => {
        const codes = withProgress('encoding', encodeStream(codec, blocks(), { beam, signal }), { rows: undefined });
        for await (const block of codes) await take(block);
      }),
    );
    await flush(); // dictionaries that no batch came after
    signal.throwIfAborted();
  });
  await writeStdout([END_OF_STREAM]);
  await input.expectEnd();
  return rows;
}

/** What fails leaves a stream that ends in the middle of a message: one that ends between two of them readers may take for whole. */
async function orBroken(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof ReaderGone)) process.stdout.write(BROKEN_STREAM);
    throw error;
  }
}

/** The places of the columns that go on, in the order of the stream. */
function keptColumns({ schema: { fields }, index }: ArrowInput, { keep, codesColumn }: EncodeArrowOptions): number[] {
  const names = fields.map(({ name }) => name);
  for (const name of keep ?? []) {
    if (!names.includes(name)) throw new UsageError(`--keep: expected columns of the stream, ${quoteAll(names)}, got ${quote(name)}`);
  }
  const kept = names.flatMap((name, i) => ((keep === undefined ? i !== index : keep.includes(name)) ? [i] : []));
  if (kept.some((i) => names[i] === codesColumn)) {
    const expected = `no column ${quote(codesColumn)} beside the codes: leave it out by --keep, or name theirs by --codes-column`;
    throw badFile(STDIN, 'columns', expected, quoteAll(names));
  }
  return kept;
}

/** Names of columns out of the values of --keep: separated by commas. */
export function columnNames(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(',')).filter((name) => name !== '');
}

function codesField(name: string, type: string, packed: boolean, { codewords }: Codec, metadata: Readonly<Record<string, string>>) {
  const pairs = Object.fromEntries(Object.entries(metadata).map(([key, value]) => [`residual-vq.${key}`, value]));
  if (packed) return fieldOf(name, TYPE.binary, [], [], pairs);
  const item = integerField('item', type === 'U8' ? 8 : 16, { signed: false });
  return fieldOf(name, TYPE.fixedList, [codewords.length], [item], pairs);
}

function codesData(codes: Codes, codec: Codec, packed: boolean): ColumnData {
  if (!packed) return fixedListColumn(codes.rows, codes.stages, littleEndian(codes.data));
  const bytes = pack(codes, codec);
  return bytesColumn(codes.rows, codes.rows === 0 ? 0 : bytes.length / codes.rows, bytes);
}
