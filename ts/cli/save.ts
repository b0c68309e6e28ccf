// What a command writes row by row: a file, which exists in whole or not at all, or with `-` standard output.
import { codesFormat } from '../formats/by-name.ts';
import { serializeCodebook } from '../formats/codebook.ts';
import { extensionOf } from '../formats/extension.ts';
import { codesWriter, countsRows, type RowWriter, vectorWriter } from '../formats/row-writers.ts';
import type { Codebook, Codec, Codes, Matrix } from '../index.ts';
import { type CheckBlock, checkCodeBlocks, checkVectorBlocks } from '../model/stream-blocks.ts';
import { writeCodes } from '../node/index.ts';
import { rowPieces } from '../node/save.ts';
import { writePieces } from '../node/write.ts';
import { createProgressBar } from './bar.ts';
import { writeOutput } from './files.ts';
import { naming } from './input.ts';
import { STDIO, writeStdout } from './stdio.ts';

export interface SaveOptions {
  /** How many there will be, where that is known. */
  readonly rows: number | undefined;
  readonly signal: AbortSignal;
}

/** Writes a codebook; its bytes are the same to standard output. */
export async function saveCodebook(output: string, codebook: Codebook, signal: AbortSignal): Promise<void> {
  const pieces = serializeCodebook(codebook);
  await (output === STDIO ? writeStdout(pieces) : writeOutput(output, () => writePieces(output, pieces, { signal })));
}

/** Writes vectors in the format of the output's name; to standard output as raw float32. */
export async function saveVectors(output: string, vectors: AsyncIterable<Matrix>, dim: number, options: SaveOptions): Promise<void> {
  const format = output === STDIO ? 'f32' : extensionOf('vectors', output, 'write');
  await naming('vectors', { name: output }, () =>
    saveRows(output, vectors, { ...options, format, check: checkVectorBlocks(dim), writer: vectorWriter(format, dim) }),
  );
}

/** Writes codes in the format of the output's name; to standard output as they are, plain or packed. */
export async function saveCodes(
  output: string,
  codes: AsyncIterable<Codes>,
  codebook: Codec,
  { packed, ...options }: SaveOptions & { readonly packed: boolean },
): Promise<void> {
  const format = output === STDIO ? 'raw' : codesFormat(output, packed);
  if (format === 'faissindex') return writeOutput(output, () => writeCodes(output, codes, codebook, { signal: options.signal }));
  await saveRows(output, codes, { ...options, format, check: checkCodeBlocks(codebook), writer: codesWriter(format, codebook, { packed }) });
}

async function saveRows<T extends { readonly rows: number }>(
  output: string,
  source: AsyncIterable<T>,
  { format, check, writer, rows, signal }: SaveOptions & { readonly format: string; readonly check: CheckBlock<T>; readonly writer: RowWriter<T> },
): Promise<void> {
  const { pieces, options } = rowPieces({ source, rows, counted: countsRows(format), check, writer: () => writer, signal });
  await (output === STDIO ? writeStdout(pieces) : writeOutput(output, () => writePieces(output, pieces, options)));
}

/** Shows how many of the rows have passed. */
export async function* withProgress<T extends { readonly rows: number }>(
  task: string,
  blocks: AsyncIterable<T>,
  { rows, passed = () => {} }: { readonly rows: number | undefined; readonly passed?: (rows: number) => void },
): AsyncGenerator<T, void, undefined> {
  const bar = createProgressBar();
  let done = 0;
  const show = (): void => bar.show(task, { rows: done, fraction: rows === undefined ? undefined : done / rows });
  try {
    show();
    for await (const block of blocks) {
      yield block;
      done += block.rows;
      passed(done);
      show();
    }
  } finally {
    bar.end();
  }
}
