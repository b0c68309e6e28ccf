// Files of rows that are read block after block, so that they may be larger than memory.
import { codeRows } from '../formats/code-rows.ts';
import { extensionOf } from '../formats/extension.ts';
import type { PlacedRows } from '../formats/rows.ts';
import { type VectorsOptions, vectorHead, vectorRows } from '../formats/vectors.ts';
import { runsOf, streamRows } from '../model/blocks.ts';
import type { Codec } from '../model/codec.ts';
import type { Codes } from '../model/codes.ts';
import type { Matrix } from '../model/matrix.ts';
import { openFile, withFile } from './read.ts';

/** Vectors in a file: what it says of them, and they themselves as often as they are asked for. It is open only while they are read. */
export interface VectorsFile extends AsyncIterable<Matrix> {
  readonly rows: number;
  readonly dim: number;
}

/** Codes in a file. */
export interface CodesFile extends AsyncIterable<Codes> {
  readonly rows: number;
  readonly stages: number;
  readonly codebookId: string;
}

/** Bytes from the start of a file that tell how long its head is. */
const FIRST_BYTES = 16;

/** @param whole reads a file whose rows cannot be read part by part */
export async function openVectorsFile(path: string, options: VectorsOptions, whole: () => Promise<Matrix>): Promise<VectorsFile> {
  const placed = await withHead(path, (head, size) => vectorRows(head, size, path, options));
  if (placed === undefined) {
    const { data, rows, dim } = await whole();
    return { rows, dim, [Symbol.asyncIterator]: () => blocksIn(rows, dim, (start, end) => matrixOf(data.subarray(start * dim, end * dim), dim)) };
  }
  const { rows, dim } = placed;
  const read = (bytes: Uint8Array, firstRow: number): Matrix => matrixOf(placed.read(bytes, firstRow), dim);
  return { rows, dim, [Symbol.asyncIterator]: () => readBlocks(path, placed, streamRows(dim), read) };
}

/** @param whole reads a file whose rows cannot be read part by part */
export async function openCodesFile(path: string, codebook: Codec, whole: () => Promise<Codes>): Promise<CodesFile> {
  const { dim } = codebook;
  const isIndex = extensionOf('codes', path) === 'faissindex';
  const placed = isIndex ? undefined : await withHead(path, (head, size) => codeRows(head, size, path, codebook));
  if (placed === undefined) {
    const codes = await whole();
    const { data, stages } = codes;
    const part = (start: number, end: number): Codes => ({ ...codes, data: data.subarray(start * stages, end * stages), rows: end - start });
    return { ...factsOf(codes), [Symbol.asyncIterator]: () => blocksIn(codes.rows, dim, part) };
  }
  const read = (bytes: Uint8Array, firstRow: number): Codes => {
    const data = placed.read(bytes, firstRow);
    return { data, rows: data.length / placed.stages, stages: placed.stages, codebookId: placed.codebookId };
  };
  return { ...factsOf(placed), [Symbol.asyncIterator]: () => readBlocks(path, placed, streamRows(dim), read) };
}

async function withHead<T>(path: string, use: (head: Uint8Array, size: number) => T): Promise<T> {
  return withFile(path, async (file) => {
    const first = new Uint8Array(Math.min(FIRST_BYTES, file.size));
    await file.fill(first, 0);
    const head = new Uint8Array(Math.min(file.size, Math.max(FIRST_BYTES, vectorHead(first, file.size, path))));
    await file.fill(head, 0);
    return use(head, file.size);
  });
}

async function* readBlocks<T>(
  path: string,
  { rows, start, rowBytes }: PlacedRows,
  step: number,
  read: (bytes: Uint8Array, firstRow: number) => T,
): AsyncGenerator<T, void, undefined> {
  const file = await openFile(path);
  try {
    for (const run of runsOf(rows, step)) {
      const bytes = new Uint8Array((run.end - run.start) * rowBytes);
      await file.fill(bytes, start + run.start * rowBytes);
      yield read(bytes, run.start);
    }
  } finally {
    await file.close();
  }
}

/** Blocks of rows that are in memory. */
async function* blocksIn<T>(rows: number, dim: number, part: (start: number, end: number) => T): AsyncGenerator<T, void, undefined> {
  for (const { start, end } of runsOf(rows, streamRows(dim))) yield part(start, end);
}

function matrixOf(data: Float32Array, dim: number): Matrix {
  return { data, rows: data.length / dim, dim };
}

function factsOf({ rows, stages, codebookId }: Pick<CodesFile, 'rows' | 'stages' | 'codebookId'>): Pick<CodesFile, 'rows' | 'stages' | 'codebookId'> {
  return { rows, stages, codebookId };
}
