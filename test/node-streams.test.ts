// Files of rows block by block: what comes and goes is what whole files hold.
import { existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { codesWriter, vectorWriter } from '../ts/formats/row-writers.ts';
import { type Codes, type Matrix, matrix, randomCodebook } from '../ts/index.ts';
import { createCodeArray } from '../ts/model/codes.ts';
import { openCodes, openVectors, readCodes, readVectors, writeCodes, writeVectors } from '../ts/node/index.ts';
import { bitsOf } from './support/bits.ts';
import { filesIn, fixturePath, rejectionOf, temporaryFolder } from './support/files.ts';
import { normalRows } from './support/rows.ts';

/** More rows than two blocks, which are 512 rows of this dim; the last block is not full. */
const wide: Matrix = matrix(
  Float32Array.from({ length: 1100 * 1024 }, (_, i) => (i * 7919) % 251),
  1024,
);

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const blocks: T[] = [];
  for await (const block of stream) blocks.push(block);
  return blocks;
}

function joined(blocks: readonly Matrix[], dim: number): Matrix {
  const data = new Float32Array(blocks.reduce((length, block) => length + block.data.length, 0));
  let at = 0;
  for (const block of blocks) {
    data.set(block.data, at);
    at += block.data.length;
  }
  return { data, rows: data.length / dim, dim };
}

function* cut({ data, rows, dim }: Matrix, step: number): Generator<Matrix> {
  for (let start = 0; start < rows; start += step) yield matrix(data.slice(start * dim, (start + step) * dim), dim);
}

describe('openVectors', () => {
  it.each(['fvecs', 'bvecs', 'ivecs', 'npy', 'safetensors', 'f32'])('reads a .%s file block by block, as often as asked', async (format) => {
    const path = join(temporaryFolder(), `wide.${format}`);
    await writeVectors(path, wide);
    const file = await openVectors(path, format === 'f32' ? { dim: 1024 } : undefined);
    expect([file.rows, file.dim]).toEqual([1100, 1024]);
    for (let times = 0; times < 2; times++) {
      const blocks = await all(file);
      expect(blocks.map(({ rows }) => rows)).toEqual([512, 512, 76]);
      expect(bitsOf(joined(blocks, 1024))).toEqual(bitsOf(wide));
    }
  });

  it.each([
    ['v1.npy', {}],
    ['v2.npy', {}],
    ['v3.npy', {}],
    ['be.npy', {}],
    ['f16.npy', {}],
    ['fortran.npy', {}],
    ['stored.npz', { array: 'a' }],
    ['mixed.safetensors', { tensor: 'b.weight' }],
    ['mixed.safetensors', { tensor: 'half' }],
    ['x.fvecs', {}],
    ['x.bvecs', {}],
    ['x.ivecs', {}],
  ] as const)('gives of %s what readVectors gives', async (name, options) => {
    let whole: Matrix;
    try {
      whole = await readVectors(fixturePath(name), options);
    } catch (error) {
      expect(await rejectionOf(openVectors(fixturePath(name), options))).toEqual(error);
      return;
    }
    const file = await openVectors(fixturePath(name), options);
    expect([file.rows, file.dim]).toEqual([whole.rows, whole.dim]);
    expect(bitsOf(joined(await all(file), file.dim))).toEqual(bitsOf({ ...whole, data: Float32Array.from(whole.data) }));
  });

  it('is open only while it is read', async () => {
    const path = join(temporaryFolder(), 'wide.npy');
    await writeVectors(path, wide);
    const open = (): number => (existsSync('/proc/self/fd') ? filesIn('/proc/self/fd').length : 0);
    const before = open();
    const file = await openVectors(path);
    expect(open()).toBe(before);
    for await (const { rows } of file) {
      expect(rows).toBe(512);
      break;
    }
    expect(open()).toBe(before);
  });

  it('refuses what is wrong at once, and what is wrong later with its byte in the file', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'wide.fvecs');
    await writeVectors(path, wide);
    const bytes = readFileSync(path);
    const rowBytes = 4 + 4 * 1024;
    bytes.writeInt32LE(7, 900 * rowBytes);
    writeFileSync(path, bytes);
    const given: number[] = [];
    const reading = (async () => {
      for await (const { rows } of await openVectors(path)) given.push(rows);
    })();
    const error = await rejectionOf(reading);
    expect(error.message).toBe(`${path}: byte ${(900 * rowBytes).toLocaleString('en-US')}: expected dim 1024, as in the first row, got dim 7`);
    expect(given).toEqual([512]);
    truncateSync(path, 10 * rowBytes + 5);
    expect((await rejectionOf(openVectors(path))).message).toMatch(/byte 41,000: expected a row of 4,100 bytes, got 5 bytes and the end/);
    expect((await rejectionOf(openVectors(join(folder, 'none.npy')))).code).toBe('FILE_ACCESS');
    expect((await rejectionOf(openVectors(folder))).code).toBe('UNSUPPORTED');
    mkdirSync(join(folder, 'folder.npy'));
    expect((await rejectionOf(openVectors(join(folder, 'folder.npy')))).message).toMatch(/is a folder, not a file/);
    expect((await rejectionOf(openVectors(path, Object({ rows: 3 })))).code).toBe('UNKNOWN_OPTION');
    expect((await rejectionOf(openVectors(path, { tensor: 'x' }))).message).toMatch(/option tensor: expected none with/);
  });

  it('tells that a file became shorter while it was read', async () => {
    const path = join(temporaryFolder(), 'wide.f32');
    await writeVectors(path, wide);
    const reading = (async () => {
      for await (const { rows } of await openVectors(path, { dim: 1024 })) if (rows === 512) truncateSync(path, 600 * 4096);
    })();
    const error = await rejectionOf(reading);
    expect([error.code, error.message.slice(path.length)]).toEqual(['FILE_ACCESS', ': cannot read: it shrank to 2,457,600 bytes while it was read']);
  });
});

describe('openCodes', () => {
  const book = randomCodebook({ dim: 1024, stages: 3, codewords: [4, 300, 7], seed: 1 });
  const small = randomCodebook({ dim: 1024, stages: 3, codewords: [4, 8, 7], seed: 1 });

  function codesOf({ codewords, id }: typeof book): Codes {
    const data = createCodeArray(codewords, 1100 * 3);
    for (let i = 0; i < data.length; i++) data[i] = (i * 7919) % codewords[i % 3];
    return { data, rows: 1100, stages: 3, codebookId: id };
  }

  it.each([
    ['npy', false],
    ['safetensors', false],
    ['safetensors', true],
  ])('reads a .%s file block by block, packed: %s', async (format, packed) => {
    for (const one of [book, small]) {
      const codes = codesOf(one);
      const path = join(temporaryFolder(), `codes.${format}`);
      await writeCodes(path, codes, one, { packed });
      const file = await openCodes(path, one);
      expect([file.rows, file.stages, file.codebookId]).toEqual([1100, 3, one.id]);
      const blocks = await all(file);
      expect(blocks.map(({ rows }) => rows)).toEqual([512, 512, 76]);
      expect(blocks.flatMap(({ data }) => [...data])).toEqual([...codes.data]);
      expect(blocks[0].data.constructor).toBe(codes.data.constructor);
    }
  });

  it('reads a faiss index, too', async () => {
    const powers = randomCodebook({ dim: 4, stages: 2, codewords: 16, seed: 1 });
    const codes: Codes = { data: Uint8Array.from({ length: 400 }, (_, i) => i % 16), rows: 200, stages: 2, codebookId: powers.id };
    const path = join(temporaryFolder(), 'index.faissindex');
    await writeCodes(path, [codes], powers);
    expect((await readCodes(path, powers)).data).toEqual(codes.data);
    expect((await all(await openCodes(path, powers))).map(({ rows }) => rows)).toEqual([200]);
  });

  it('refuses codes of another codebook at once, and codes out of range with row and byte', async () => {
    const folder = temporaryFolder();
    const codes = codesOf(small);
    await writeCodes(join(folder, 'codes.safetensors'), codes, small);
    expect((await rejectionOf(openCodes(join(folder, 'codes.safetensors'), book))).code).toBe('CODEBOOK_MISMATCH');
    for (const name of ['codes.safetensors', 'codes.npy']) {
      const path = join(folder, name);
      await writeCodes(path, codes, small);
      const bytes = readFileSync(path);
      const at = bytes.length - 10 * 3 + 1; // of row 1090, stage 1
      bytes[at] = 8;
      writeFileSync(path, bytes);
      const error = await rejectionOf(all(await openCodes(path, small)));
      expect(error.message).toBe(`${path}: byte ${at.toLocaleString('en-US')}: expected a codeword below 8 at row 1,090, stage 1, got 8`);
    }
  });
});

describe('writing what comes', () => {
  it.each(['fvecs', 'bvecs', 'ivecs', 'npy', 'safetensors', 'f32'])('makes the same .%s file of a stream as of all rows at once', async (format) => {
    const folder = temporaryFolder();
    await writeVectors(join(folder, `whole.${format}`), wide);
    for (const [i, source] of [cut(wide, 100), Readable.from(cut(wide, 333)), [wide]].entries()) {
      await writeVectors(join(folder, `${i}.${format}`), source);
      const written = await readVectors(join(folder, `${i}.${format}`), format === 'f32' ? { dim: 1024 } : undefined);
      expect(bitsOf({ ...written, data: Float32Array.from(written.data) })).toEqual(bitsOf(wide));
      // the head of a safetensors file has room for any number of rows where nobody knows it
      if (format !== 'safetensors')
        expect(readFileSync(join(folder, `${i}.${format}`)).equals(readFileSync(join(folder, `whole.${format}`)))).toBe(true);
    }
    expect(filesIn(folder)).toHaveLength(4);
  });

  it('reads back what it wrote of codes in blocks', async () => {
    const book = randomCodebook({ dim: 5, stages: 2, codewords: [3, 300], seed: 1 });
    const codes: Codes = {
      data: Uint16Array.from({ length: 14 }, (_, i) => (i % 2 === 0 ? i % 3 : i * 20)),
      rows: 7,
      stages: 2,
      codebookId: book.id,
    };
    const parts = [0, 3, 3, 7].map((start, i, starts) => ({
      ...codes,
      data: codes.data.slice(2 * start, 2 * (starts[i + 1] ?? 7)),
      rows: (starts[i + 1] ?? 7) - start,
    }));
    for (const [name, packed] of [
      ['codes.npy', false],
      ['plain.safetensors', false],
      ['packed.safetensors', true],
    ] as const) {
      const path = join(temporaryFolder(), name);
      await writeCodes(path, parts, book, { packed });
      expect(await readCodes(path, book)).toEqual(codes);
      await writeCodes(path, [], book, { packed });
      expect((await readCodes(path, book)).rows).toBe(0);
    }
  });

  it('keeps heads at their length for any number of rows', () => {
    const book = randomCodebook({ dim: 5, stages: 1000, codewords: 300, seed: 1 });
    const writers = [
      ...(['npy', 'safetensors'] as const).flatMap((format) => [1, 4096].map((dim) => vectorWriter(format, dim))),
      ...(['npy', 'safetensors'] as const).map((format) => codesWriter(format, book, { packed: false })),
      codesWriter('safetensors', book, { packed: true }),
    ];
    for (const { head } of writers) {
      const room = head?.(undefined, 0).length ?? 0;
      expect(room).toBeGreaterThan(0);
      for (const rows of [0, 1, 9, 10, 999_999, 2 ** 40]) expect(head?.(rows, room).length).toBe(room);
    }
  });

  it('leaves the old file where the stream fails, is stopped, has no rows or values that do not fit, and stops the stream', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'old.bvecs');
    writeFileSync(path, 'old');
    const problem = new Error('no more');
    let closed = 0;
    async function* failing(): AsyncGenerator<Matrix> {
      try {
        yield wide;
        throw problem;
      } finally {
        closed++;
      }
    }
    await expect(writeVectors(path, failing())).rejects.toBe(problem);
    const controller = new AbortController();
    async function* endless(): AsyncGenerator<Matrix> {
      try {
        for (;;) {
          yield wide;
          controller.abort(problem);
        }
      } finally {
        closed++;
      }
    }
    await expect(writeVectors(path, endless(), { signal: controller.signal })).rejects.toBe(problem);
    const other = [wide, matrix([[0.5, 1]])];
    expect((await rejectionOf(writeVectors(path, other))).message).toMatch(
      /^vectors: block from row 1,100 on: expected rows of dim 1,024, as the first block has/,
    );
    const half = [wide, matrix(wide.data.slice(0, 2048).fill(0.5, 1030), 1024)];
    expect((await rejectionOf(writeVectors(path, half))).message).toMatch(/^vectors: row 1,101, element 6: expected an integer from 0 to 255/);
    expect((await rejectionOf(writeVectors(path, []))).message).toBe('vectors: expected at least one block of rows, got none');
    expect((await rejectionOf(writeVectors(path, [matrix([], 3)]))).message).toMatch(/expected at least one row for a .bvecs file/);
    expect(closed).toBe(2);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(filesIn(folder)).toEqual(['old.bvecs']);
  });

  it('refuses a pipe for a format that begins with the number of rows, which nobody knows', async () => {
    if (!existsSync('/dev/null')) throw new Error('this test needs /dev/null');
    const folder = temporaryFolder();
    for (const name of ['null.npy', 'null.fvecs']) symlinkSync('/dev/null', join(folder, name));
    await writeVectors(join(folder, 'null.fvecs'), cut(wide, 100));
    await writeVectors(join(folder, 'null.npy'), wide);
    expect((await rejectionOf(writeVectors(join(folder, 'null.npy'), cut(wide, 100)))).message).toMatch(/is no file, and this format begins with/);
  });

  it('lets two write the same file at once: it is that of one of them', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'both.npy');
    const other = normalRows({ rows: 50, dim: 3 });
    await Promise.all([writeVectors(path, cut(wide, 100)), writeVectors(path, [other]), writeVectors(path, cut(wide, 7))]);
    expect([50, 1100]).toContain((await readVectors(path)).rows);
    expect(filesIn(folder)).toEqual(['both.npy']);
  });
});
