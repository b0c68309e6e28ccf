// Arrow streams as they are read without any package: streams that pyarrow wrote, compressed ones, and what is done to them; FlatBuffers written.
import { readFileSync } from 'node:fs';
import * as arrow from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { batchBytes, columnsOf, numbersColumn, vectorsOf } from '../ts/formats/arrow-batch.ts';
import { MESSAGE } from '../ts/formats/arrow-layout.ts';
import { isVectors } from '../ts/formats/arrow-rows.ts';
import { integerField, schemaValues } from '../ts/formats/arrow-schema.ts';
import { END_OF_STREAM, messageBytes, openArrowStream } from '../ts/formats/arrow-stream.ts';
import { readFlatBuffer } from '../ts/formats/flatbuffer.ts';
import { writeFlatBuffer } from '../ts/formats/flatbuffer-writer.ts';
import { readLz4Frame } from '../ts/formats/lz4.ts';
import { type Matrix, RvqError } from '../ts/index.ts';

function fixture(name: string): Uint8Array {
  return Uint8Array.from(readFileSync(new URL(`./fixtures/tables/${name}`, import.meta.url)));
}

/** The stream within a file: its messages, and the mark of their end, which pyarrow puts before the footer. */
function streamIn(file: Uint8Array): Uint8Array {
  const end = file.length - 10;
  return file.slice(8, end - new DataView(file.buffer).getInt32(end, true));
}

async function* pieces(bytes: Uint8Array, size = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The rows of the first column that may be vectors, or of the one that is named. */
async function rowsOf(bytes: Uint8Array, { column, size }: { column?: string; size?: number } = {}): Promise<number[]> {
  const { schema, messages } = await openArrowStream(pieces(bytes, size), 's');
  const index = schema.fields.findIndex(({ name, type }) => (column === undefined ? isVectors(type) : name === column));
  const target = { name: 's', column: 'v', dim: undefined, rows: 0 };
  const blocks: Matrix[] = [];
  for await (const message of messages) {
    if (message.kind === 'dictionary') continue;
    const columns = columnsOf(schema, message, 's');
    blocks.push(vectorsOf(target, schema.fields[index], columns[index], message, inflate));
  }
  return blocks.flatMap(({ data }) => Array.from(data));
}

function inflate(_: string, compressed: Uint8Array, length: number): Uint8Array {
  try {
    return readLz4Frame(compressed, length);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new RvqError('BAD_FILE', 's', 'damaged', { cause }); // as the command has it
  }
}

const HALVES = Array.from({ length: 21 }, (_, i) => i / 2 - 3);

describe('openArrowStream', () => {
  it('reads what pyarrow wrote, in whatever pieces it comes', async () => {
    for (const size of [1, 7, 64, 1 << 20]) expect(await rowsOf(fixture('stream.arrow'), { size })).toEqual(HALVES);
  });

  it.each(['list', 'doubles', 'halves', 'fixed', 'large', 'binary', 'fixed_binary'])('reads a column of %s', async (column) => {
    expect(await rowsOf(streamIn(fixture('all.arrow')), { column })).toEqual(HALVES);
  });

  it('reads buffers that LZ4 compressed', async () => {
    expect(await rowsOf(streamIn(fixture('lz4.feather')))).toEqual(HALVES);
  });

  it.each([
    ['stream.arrow', fixture('stream.arrow')],
    ['lz4.feather', streamIn(fixture('lz4.feather'))],
  ])('reads or refuses in our own words %s with any byte changed, or cut anywhere', async (_, bytes) => {
    let refused = 0;
    const tried = async (damaged: Uint8Array): Promise<void> => {
      try {
        await rowsOf(damaged);
      } catch (error) {
        refused++;
        if (!(error instanceof RvqError)) throw error;
      }
    };
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [1, 16, 128]) {
        const damaged = bytes.slice();
        damaged[at] ^= bit;
        await tried(damaged);
      }
    }
    expect(refused).toBeGreaterThan(100);
    refused = 0;
    for (let cut = 0; cut < bytes.length; cut++) await tried(bytes.subarray(0, cut));
    expect(refused).toBe(bytes.length); // none reads as whole
  });
});

describe('messages that are written', () => {
  it('hold what was read of others, to the last field', async () => {
    const bytes = streamIn(fixture('all.arrow'));
    const length = new DataView(bytes.buffer).getInt32(4, true);
    const values = readFlatBuffer(bytes.subarray(8, 8 + length), MESSAGE, 's', 0).values();
    expect(readFlatBuffer(writeFlatBuffer(MESSAGE, values), MESSAGE, 's', 0).values()).toEqual(values);
    const copy = arrow.tableFromIPC(Buffer.concat([messageBytes(values), END_OF_STREAM]));
    expect(String(copy.schema)).toBe(String(arrow.tableFromIPC(bytes).schema));
  });

  it('are what apache-arrow reads', async () => {
    const { schema } = await openArrowStream(pieces(fixture('stream.arrow')), 's');
    const head = messageBytes(schemaValues(schema, [integerField('n', 32, { signed: true })]));
    const column = numbersColumn(3, new Uint8Array(Int32Array.of(1, -2, 3).buffer));
    const batch = batchBytes(3, { kept: [], own: [column] }, { version: schema.version });
    const table = arrow.tableFromIPC(Buffer.concat([head, batch, batch, END_OF_STREAM]));
    expect(Array.from(table.getChild('n')?.toArray() ?? [])).toEqual([1, -2, 3, 1, -2, 3]);
  });
});

describe('readLz4Frame', () => {
  const head = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
  const frame = (...blocks: number[][]) => Uint8Array.from([...head, ...blocks.flatMap((block) => [block.length, 0, 0, 0, ...block]), 0, 0, 0, 0]);

  it('reads literals, copies that overlap themselves, and copies out of the block before', () => {
    expect(Array.from(readLz4Frame(frame([0x30, 1, 2, 3]), 3))).toEqual([1, 2, 3]);
    expect(Array.from(readLz4Frame(frame([0x22, 1, 2, 2, 0, 0x10, 9]), 9))).toEqual([1, 2, 1, 2, 1, 2, 1, 2, 9]);
    expect(Array.from(readLz4Frame(frame([0x40, 1, 2, 3, 4], [0x00, 4, 0, 0x10, 7]), 9))).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 7]);
    expect(Array.from(readLz4Frame(Uint8Array.from([...head, 2, 0, 0, 0x80, 5, 6, 0, 0, 0, 0]), 2))).toEqual([5, 6]);
    const long = readLz4Frame(frame([0x1f, 8, 1, 0, 255, 100, 0x10, 9]), 1 + 19 + 355 + 1);
    expect([long.length, long[374], long[375]]).toEqual([376, 8, 9]);
  });

  it('refuses what does not come to the length, or reaches before the start', () => {
    for (const [bytes, length] of [
      [frame([0x30, 1, 2, 3]), 4],
      [frame([0x30, 1, 2, 3]), 2],
      [frame([0x10, 1, 2, 0, 0x10, 9]), 6],
      [frame([0x10, 1, 0, 0, 0x10, 9]), 6],
      [Uint8Array.from(head), 0],
      [new Uint8Array(20), 3],
      [frame([0x30, 1, 2, 3]), 1e9],
    ] as const) {
      expect(() => readLz4Frame(bytes, length)).toThrow(RangeError);
    }
  });
});
