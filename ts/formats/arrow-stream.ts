// An Arrow IPC stream, message after message as its bytes come, and messages of our own. A batch is in memory, the stream need not be.
// Source: https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format
import type { Bytes } from '../model/arrays.ts';
import { count, counted } from '../model/errors.ts';
import {
  BATCH_MESSAGE,
  CONTINUATION,
  checkBatch,
  codecOf,
  DICTIONARY_MESSAGE,
  MESSAGE,
  type Message,
  readMessage,
  SCHEMA_MESSAGE,
} from './arrow-layout.ts';
import { type ArrowSchema, readSchema } from './arrow-schema.ts';
import { viewOf, withinMemory } from './bytes.ts';
import { badFile } from './check.ts';
import type { FlatValues } from './flatbuffer.ts';
import { writeFlatBuffer } from './flatbuffer-writer.ts';

/** A dictionary, or a batch of rows. */
export interface StreamMessage {
  readonly kind: 'dictionary' | 'batch';
  /** The id of the dictionary. */
  readonly dictionary: number;
  /** As the message has them. */
  readonly values: FlatValues;
  /** Of the batch, or of the dictionary's values. */
  readonly batch: BatchLayout;
  /** At a multiple of 8 bytes in its memory. */
  readonly body: Bytes;
}

export interface BatchLayout {
  readonly rows: number;
  /** Length and nulls of every node. */
  readonly nodes: readonly { readonly length: number; readonly nulls: number }[];
  /** Where each buffer lies in the body. */
  readonly buffers: readonly { readonly start: number; readonly length: number }[];
  /** Of the buffers. */
  readonly codec: string | undefined;
}

export interface ArrowStream {
  readonly schema: ArrowSchema;
  /** Ends where the end of the stream is marked; fails where the bytes end before. */
  readonly messages: AsyncGenerator<StreamMessage, void, undefined>;
  /** After the last message: waits for the end of the bytes, and fails where more of them come. */
  expectEnd(): Promise<void>;
}

/** No schema or layout of a batch is as long: what claims to be is no Arrow, and would be waited for in vain. */
const MOST_METADATA = 1 << 26;

/** @param name what the stream is called in errors */
export async function openArrowStream(chunks: AsyncIterable<Uint8Array>, name: string): Promise<ArrowStream> {
  const reader = readerOf(chunks, name);
  const first = await nextMessage(reader, name, [SCHEMA_MESSAGE]);
  if (first === undefined) throw badFile(name, 0, 'a schema', 'the end of the stream');
  const schema = readSchema(first.message.table.values(), name);
  async function* messages(): AsyncGenerator<StreamMessage, void, undefined> {
    for (;;) {
      const next = await nextMessage(reader, name, [DICTIONARY_MESSAGE, BATCH_MESSAGE]);
      if (next !== undefined) yield streamMessage(next);
      else if (reader.held() === 0) return;
      else throw badFile(name, reader.at(), 'the end of the stream', 'more bytes');
    }
  }
  return {
    schema,
    messages: messages(),
    async expectEnd() {
      if (await reader.more()) throw badFile(name, reader.at(), 'nothing after the end of the stream', 'more bytes');
    },
  };
}

interface Reader {
  /** The byte that is read next. */
  at(): number;
  /** Bytes that have come and are not read. */
  held(): number;
  more(): Promise<boolean>;
  /** The next bytes, in memory of their own; undefined where there are none, and an error where there are fewer. */
  take(length: number, what: string): Promise<Bytes | undefined>;
}

function readerOf(chunks: AsyncIterable<Uint8Array>, name: string): Reader {
  const iterator = chunks[Symbol.asyncIterator]();
  const waiting: Uint8Array[] = [];
  let held = 0;
  let at = 0;
  async function more(): Promise<boolean> {
    while (held === 0) {
      const { done, value } = await iterator.next();
      if (done) return false;
      keep(value);
    }
    return true;
  }
  function keep(chunk: Uint8Array): void {
    if (chunk.length > 0) waiting.push(chunk);
    held += chunk.length;
  }
  return {
    at: () => at,
    held: () => held,
    more,
    async take(length, what) {
      // Nothing is allocated for bytes that a broken stream only claims to have.
      while (held < length) {
        const { done, value } = await iterator.next();
        if (!done) keep(value);
        else if (held === 0) return undefined;
        else throw badFile(name, at, `${what}, ${counted(length, 'bytes')}`, `${count(held)} and the end: the stream was cut off`);
      }
      const bytes = withinMemory(length, name, () => new Uint8Array(length));
      let filled = 0;
      let used = 0; // chunks
      while (filled < length) {
        const chunk = waiting[used];
        const part = chunk.subarray(0, length - filled);
        bytes.set(part, filled);
        filled += part.length;
        if (part.length === chunk.length) used++;
        else waiting[used] = chunk.subarray(part.length);
      }
      waiting.splice(0, used);
      held -= length;
      at += length;
      return bytes;
    },
  };
}

interface ReadMessage {
  readonly message: Message;
  readonly metadata: Bytes;
  readonly body: Bytes;
}

/** The next message, or undefined where the end of the stream is marked. */
async function nextMessage(reader: Reader, name: string, types: readonly number[]): Promise<ReadMessage | undefined> {
  const start = reader.at();
  const cutOff = (at: number): Error =>
    badFile(
      name,
      at,
      start === 0 ? 'an Arrow stream, which begins with a schema' : 'the next message, or the mark of the end of the stream',
      'the end: the stream was cut off',
    );
  const integer = async (what: string): Promise<number> => {
    const bytes = await reader.take(4, what);
    if (bytes === undefined) throw cutOff(reader.at());
    return viewOf(bytes).getInt32(0, true);
  };
  let length = await integer('the length of a message');
  if (length >>> 0 === CONTINUATION) length = await integer('the length of a message');
  if (length === 0) return undefined;
  const place = reader.at();
  if (length < 8 || length > MOST_METADATA) {
    const got = start === 0 && length === FILE_START ? 'a file (.arrow, Feather): pass it by its name, without --arrow' : count(length);
    throw badFile(name, start, `an Arrow stream: a length of metadata of 8 to ${count(MOST_METADATA)}`, got);
  }
  const metadata = await reader.take(length, 'metadata');
  if (metadata === undefined) throw cutOff(reader.at());
  const message = readMessage(metadata, name, place, types);
  checkBatch(metadata, message, name, place);
  const body = await reader.take(message.bodyBytes, 'the body of a message');
  if (body === undefined) throw cutOff(reader.at());
  return { message, metadata, body };
}

/** "ARRO" as a number: a file begins so. */
const FILE_START = 0x4f525241;

function streamMessage({ message, metadata, body }: ReadMessage): StreamMessage {
  const { batch, header, type, table } = message;
  const view = viewOf(metadata);
  const pairsAt = (id: number) => (batch?.structs(id) ?? []).map((at) => [view.getBigInt64(at, true), view.getBigInt64(at + 8, true)].map(Number));
  return {
    kind: type === DICTIONARY_MESSAGE ? 'dictionary' : 'batch',
    dictionary: type === DICTIONARY_MESSAGE ? header.long(0) : 0,
    values: table.values(),
    batch: {
      rows: batch?.long(0) ?? 0,
      nodes: pairsAt(1).map(([length, nulls]) => ({ length, nulls })),
      buffers: pairsAt(2).map(([start, length]) => ({ start, length })),
      codec: batch && codecOf(batch),
    },
    body,
  };
}

/** The bytes of a message: `values` of its metadata, which know the length of the body, and the body, a multiple of 8 bytes long. */
export function messageBytes(values: FlatValues, body?: Uint8Array): Bytes {
  const metadata = writeFlatBuffer(MESSAGE, values);
  const bytes = new Uint8Array(8 + metadata.length + (body?.length ?? 0));
  const view = viewOf(bytes);
  view.setUint32(0, CONTINUATION, true);
  view.setInt32(4, metadata.length, true);
  bytes.set(metadata, 8);
  if (body !== undefined) bytes.set(body, 8 + metadata.length);
  return bytes;
}

/** What marks the end of a stream. */
export const END_OF_STREAM = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

/** What no reader takes for the end of a stream: of metadata of 8 bytes the first. */
export const BROKEN_STREAM = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 8, 0, 0, 0, 0);
