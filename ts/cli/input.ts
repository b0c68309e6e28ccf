// What a command reads row by row: a file, or with `-` standard input, block after block, so that it may be larger than memory.
import { rawCodeRows } from '../formats/code-rows.ts';
import { extensionOf } from '../formats/extension.ts';
import { rawRows } from '../formats/raw.ts';
import type { VectorsOptions } from '../formats/vectors.ts';
import { type Codec, type Codes, type Matrix, RvqError } from '../index.ts';
import { streamRows } from '../model/blocks.ts';
import { count } from '../model/errors.ts';
import { openCodes, openVectors } from '../node/index.ts';
import { UsageError } from './exit.ts';
import { STDIN, STDIO, stdinRows } from './stdio.ts';

/** The options that say which vectors of a file to read. */
export type VectorFlags = VectorsOptions;

export interface Input<T> extends AsyncIterable<T> {
  /** Its path, as errors name it. */
  readonly name: string;
  /** Undefined where they are known when all have come. */
  readonly rows: number | undefined;
}

export interface VectorInput extends Input<Matrix> {
  readonly dim: number;
}

/**
 * Opens vectors: at least one row of them. Whether values are finite is seen when they are used.
 *
 * @param expected the dim of a codebook, which they must have
 */
export async function openInput(path: string, { tensor, array, column, dim }: VectorFlags, expected?: number): Promise<VectorInput> {
  const width = dim ?? expected;
  const input = path === STDIO ? stdinVectors(width) : await openFile(path, { tensor, array, column, dim }, width);
  if (expected !== undefined && input.dim !== expected) {
    throw new RvqError('DIM_MISMATCH', input.name, `expected rows of dim ${count(expected)}, as the codebook has, got dim ${count(input.dim)}`);
  }
  if (input.rows === 0) throw noRows(input.name);
  return input;
}

async function openFile(path: string, flags: VectorFlags, width: number | undefined): Promise<VectorInput> {
  const raw = extensionOf('vectors', path) === 'f32';
  const file = await openVectors(path, raw ? { ...flags, dim: width } : flags);
  return { name: path, ...file };
}

function stdinVectors(dim: number | undefined): VectorInput {
  if (dim === undefined) throw new UsageError('--dim: expected the number of floats a row, which standard input does not say, got none');
  const { rowBytes, read } = rawRows(0, STDIN, dim);
  const kind = 'raw float32, little-endian, rows after rows';
  const blocks = stdinRows(kind, {
    rowBytes,
    step: streamRows(dim),
    read(bytes, firstRow): Matrix {
      const data = read(bytes, firstRow);
      return { data, rows: data.length / dim, dim };
    },
  });
  return { name: STDIN, rows: undefined, dim, [Symbol.asyncIterator]: () => atLeastOne(blocks) };
}

/** Opens codes that were made with the codebook. From standard input they are plain, or packed where that is said. */
export async function openCodesInput(path: string, codebook: Codec, { packed }: { packed: boolean }): Promise<Input<Codes>> {
  if (path !== STDIO) {
    if (packed) throw new UsageError(`--packed: ${path} says itself whether its codes are packed; it is for standard input`);
    return { name: path, ...(await openCodes(path, codebook)) };
  }
  const { rowBytes, stages, codebookId, read } = rawCodeRows(STDIN, codebook, { packed });
  const kind = `bare codes, ${packed ? 'packed' : 'plain'}, as encode -o - gives them`;
  const blocks = stdinRows(kind, {
    rowBytes,
    step: streamRows(codebook.dim),
    read(bytes, firstRow): Codes {
      const data = read(bytes, firstRow);
      return { data, rows: data.length / stages, stages, codebookId };
    },
  });
  return { name: STDIN, rows: undefined, [Symbol.asyncIterator]: () => blocks };
}

async function* atLeastOne<T>(blocks: AsyncGenerator<T>): AsyncGenerator<T, void, undefined> {
  let any = false;
  for await (const block of blocks) {
    any = true;
    yield block;
  }
  if (!any) throw noRows(STDIN);
}

function noRows(name: string): RvqError {
  return new RvqError('INVALID_ARGUMENT', name, 'expected at least one row, got none');
}

/** The rows of an input that come first, at most so many, in one matrix. */
export async function firstRows(input: VectorInput, most: number): Promise<Matrix> {
  const { dim } = input;
  const parts: Float32Array[] = [];
  let rows = 0;
  for await (const block of input) {
    const taken = Math.min(block.rows, most - rows);
    parts.push(block.data.slice(0, taken * dim));
    rows += taken;
    if (rows === most) break;
  }
  const data = new Float32Array(rows * dim);
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return { data, rows, dim };
}

/** The rows of an input with these numbers, in one matrix, in the order of the numbers. */
export async function numberedRows(input: VectorInput, numbers: readonly number[]): Promise<Matrix> {
  const { dim } = input;
  const data = new Float32Array(numbers.length * dim);
  const places = numbers.map((row, place) => ({ row, place })).sort((a, b) => a.row - b.row);
  let next = 0;
  let first = 0; // row of the block
  for await (const block of input) {
    for (; next < places.length && places[next].row < first + block.rows; next++) {
      const at = (places[next].row - first) * dim;
      data.set(block.data.subarray(at, at + dim), places[next].place * dim);
    }
    if (next === places.length) break;
    first += block.rows;
  }
  return { data, rows: numbers.length, dim };
}

/** Does work whose errors about `subject` then name the file as the user does. */
export async function naming<R>(subject: 'vectors' | 'codes', { name }: { readonly name: string }, work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RvqError) || error.subject !== subject) throw error;
    throw new RvqError(error.code, name, error.message.slice(`${subject}: `.length), { cause: error });
  }
}
