// The messages of an Arrow file or stream, checked before apache-arrow gets them: it trusts every offset and length that they tell.
// Source: https://arrow.apache.org/docs/format/Columnar.html and the .fbs files beside it.
import { count, counted } from '../model/errors.ts';
import { viewOf } from './bytes.ts';
import { badFile } from './check.ts';
import { type FlatTable, readFlatBuffer, type TableKind } from './flatbuffer.ts';

const BYTE = { number: 1 } as const;
const SHORT = { number: 2 } as const;
const INT = { number: 4 } as const;
const LONG = { number: 8 } as const;
const TEXT = { text: true } as const;

const PAIR: TableKind = [TEXT, TEXT];
const PAIRS = { tables: () => PAIR } as const;
const INTEGER: TableKind = [INT, BYTE];
/** What a type of field says of itself, by the number of the type. */
const TYPES: Readonly<Record<number, TableKind>> = {
  1: [],
  2: INTEGER,
  3: [SHORT],
  4: [],
  5: [],
  6: [],
  7: [INT, INT, INT],
  8: [SHORT],
  9: [SHORT, INT],
  10: [SHORT, TEXT],
  11: [SHORT],
  12: [],
  13: [],
  14: [SHORT, { structs: 4 }],
  15: [INT],
  16: [INT],
  17: [BYTE],
  18: [SHORT],
  19: [],
  20: [],
  21: [],
  22: [],
  23: [],
  24: [],
  25: [],
  26: [],
};
const DICTIONARY_ENCODING: TableKind = [LONG, { table: () => INTEGER }, BYTE, SHORT];
export const FIELD: TableKind = [
  TEXT,
  BYTE,
  BYTE,
  { union: (type) => TYPES[type] },
  { table: () => DICTIONARY_ENCODING },
  { tables: () => FIELD },
  PAIRS,
];
const SCHEMA: TableKind = [SHORT, { tables: () => FIELD }, PAIRS, { structs: 8 }];
const COMPRESSION: TableKind = [BYTE, BYTE];
const RECORD_BATCH: TableKind = [LONG, { structs: 16 }, { structs: 16 }, { table: () => COMPRESSION }, { structs: 8 }];
const DICTIONARY_BATCH: TableKind = [LONG, { table: () => RECORD_BATCH }, BYTE];
const HEADERS: Readonly<Record<number, TableKind>> = { 1: SCHEMA, 2: DICTIONARY_BATCH, 3: RECORD_BATCH };
export const MESSAGE: TableKind = [SHORT, BYTE, { union: (type) => HEADERS[type] }, LONG, PAIRS];
const FOOTER: TableKind = [SHORT, { table: () => SCHEMA }, { structs: 24 }, { structs: 24 }, PAIRS];

const MAGIC = 'ARROW1';
export const CONTINUATION = 0xffffffff;
export const [SCHEMA_MESSAGE, DICTIONARY_MESSAGE, BATCH_MESSAGE] = [1, 2, 3];
/** In words, by their numbers. A footer lists dictionaries and batches as its fields of the same numbers. */
const MESSAGES = ['nothing', 'a schema', 'a dictionary', 'a batch of rows'];
const COMPRESSIONS = ['LZ4', 'ZSTD'];

/** Checks all messages of an Arrow file (also Feather V2), or of a stream of the same messages. */
export function checkArrow(bytes: Uint8Array, name: string): void {
  if (bytes.length < 8)
    throw badFile(name, 0, `an Arrow file, which begins with "${MAGIC}", or a stream`, `a file of ${counted(bytes.length, 'bytes')}`);
  const text = (at: number, length = MAGIC.length) => String.fromCharCode(...bytes.subarray(at, at + length));
  if (text(0, 4) === 'FEA1') throw badFile(name, 0, `"${MAGIC}", Arrow or Feather V2`, '"FEA1", Feather V1: write it anew');
  if (text(0) !== MAGIC) {
    checkStream(bytes, name);
    return;
  }
  const end = bytes.length - MAGIC.length;
  if (text(end) !== MAGIC) throw badFile(name, Math.max(0, end), `"${MAGIC}" at the end of the file`, 'other bytes');
  const view = viewOf(bytes);
  if (end < 16) throw badFile(name, 8, 'a footer and its length', counted(end - 8, 'bytes'));
  const length = view.getInt32(end - 4, true);
  if (length < 8 || length > end - 12) throw badFile(name, end - 4, `a length of the footer of 8 to ${count(end - 12)}`, count(length));
  const start = end - 4 - length;
  const footer = readFlatBuffer(bytes.subarray(start, end - 4), FOOTER, name, start);
  const blocks = [DICTIONARY_MESSAGE, BATCH_MESSAGE].flatMap((type) =>
    footer.structs(type).map((block) => ({ type, place: start + block, offset: Number(view.getBigInt64(start + block, true)) })),
  );
  let before = 8;
  for (const { type, place, offset } of blocks.sort((a, b) => a.offset - b.offset)) {
    if (!(offset >= 8 && offset <= start - 8)) throw badFile(name, place, `the byte of a message, 8 to ${count(start - 8)}`, count(offset));
    // No message twice, nor one within another: else a small file could have any number of rows.
    if (offset < before) throw badFile(name, place, `a message after those before it, from byte ${count(before)}`, `one at byte ${count(offset)}`);
    before = checkMessage(bytes, offset, start, name, [type]) ?? offset + 8;
  }
}

function checkStream(bytes: Uint8Array, name: string): void {
  let at = checkMessage(bytes, 0, bytes.length, name, [SCHEMA_MESSAGE]) ?? 0;
  while (at < bytes.length) {
    const next = checkMessage(bytes, at, bytes.length, name, [DICTIONARY_MESSAGE, BATCH_MESSAGE]);
    if (next === undefined) {
      at += viewOf(bytes).getUint32(at, true) === CONTINUATION ? 8 : 4;
      break;
    }
    at = next;
  }
  if (at !== bytes.length) throw badFile(name, at, 'the end of the stream', counted(bytes.length - at, 'more bytes'));
}

/** Checks the message that begins at `at` and gives the byte after it, or undefined where the end of a stream is marked. */
function checkMessage(bytes: Uint8Array, at: number, limit: number, name: string, types: readonly number[]): number | undefined {
  const view = viewOf(bytes);
  const head = at + 4 <= limit && view.getUint32(at, true) === CONTINUATION ? at + 4 : at; // before Arrow 0.15 there was no continuation
  if (head + 4 > limit) throw badFile(name, at, 'the length of a message', `${counted(limit - at, 'bytes')} to the end`);
  const length = view.getInt32(head, true);
  if (length === 0) return undefined;
  const body = head + 4 + length;
  if (length < 8 || body > limit) throw badFile(name, head, `a length of metadata of 8 to ${count(limit - head - 4)}`, count(length));
  const metadata = bytes.subarray(head + 4, body);
  const message = readMessage(metadata, name, head + 4, types);
  const { batch, bodyBytes } = message;
  if (body + bodyBytes > limit) throw badFile(name, body, `a body of ${counted(bodyBytes, 'bytes')}`, `${count(limit - body)} to the end`);
  const codec = batch && codecOf(batch);
  if (codec !== undefined) {
    const expected = "buffers as they are (pandas and pyarrow: compression='uncompressed')";
    throw badFile(name, head + 4, expected, `buffers compressed with ${codec}`);
  }
  if (batch !== undefined) checkBatch(metadata, message, name, head + 4);
  return body + bodyBytes;
}

/** A message without its body. */
export interface Message {
  readonly type: number;
  readonly table: FlatTable;
  readonly header: FlatTable;
  /** The batch of rows, or of the values of a dictionary. */
  readonly batch: FlatTable | undefined;
  readonly bodyBytes: number;
}

/**
 * The metadata of a message of one of the types.
 *
 * @param place the byte where they begin, for errors
 */
export function readMessage(metadata: Uint8Array, name: string, place: number, types: readonly number[]): Message {
  const table = readFlatBuffer(metadata, MESSAGE, name, place);
  const bodyBytes = table.long(3);
  if (!(bodyBytes >= 0)) throw badFile(name, place, 'the length of a body', count(bodyBytes));
  const type = table.int(1);
  const header = table.table(2);
  if (!types.includes(type) || header === undefined) {
    throw badFile(name, place, `a message with ${types.map((each) => MESSAGES[each]).join(' or ')}`, MESSAGES[type] ?? `type ${type}`);
  }
  const batch = type === DICTIONARY_MESSAGE ? header.table(1) : type === BATCH_MESSAGE ? header : undefined;
  return { type, table, header, batch, bodyBytes };
}

/** What the buffers of a batch are compressed with. */
export function codecOf(batch: FlatTable): string | undefined {
  const compression = batch.table(3);
  return compression && (COMPRESSIONS[compression.int(0)] ?? 'an unknown codec');
}

/** Checks that the buffers of a batch lie in its body, and that there are no more rows than it has bits. (Children may be longer: nulls take none.) */
export function checkBatch(metadata: Uint8Array, { batch, bodyBytes }: Message, name: string, place: number): void {
  if (batch === undefined) return;
  const view = viewOf(metadata);
  const long = (at: number) => Number(view.getBigInt64(at, true));
  const most = codecOf(batch) === undefined ? 8 * bodyBytes : Number.MAX_SAFE_INTEGER;
  const rows = batch.long(0);
  if (!(rows >= 0 && rows <= most)) throw badFile(name, place, `at most ${counted(most, 'rows')} in ${counted(bodyBytes, 'bytes')}`, count(rows));
  for (const at of batch.structs(1)) if (!(long(at) >= 0)) throw badFile(name, place + at, 'the length of a column', count(long(at)));
  for (const at of batch.structs(2)) {
    const [start, length] = [long(at), long(at + 8)];
    if (!(start >= 0 && length >= 0 && start + length <= bodyBytes)) {
      throw badFile(
        name,
        place + at,
        `a buffer within the ${counted(bodyBytes, 'bytes')} of its message`,
        `bytes ${count(start)} to ${count(start + length)}`,
      );
    }
  }
}
