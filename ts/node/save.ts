// Blocks of rows become the bytes of a file while they come.
import type { RowWriter } from '../formats/row-writers.ts';
import type { Codec } from '../model/codec.ts';
import { type Codes, createCodeArray } from '../model/codes.ts';
import { blocksOf, type Source } from '../model/sources.ts';
import { type CheckBlock, checkCodeBlocks } from '../model/stream-blocks.ts';
import type { WritePiecesOptions } from './write.ts';

export interface SavedRows<T> {
  readonly source: Source<T>;
  /** How many rows there are, where that is known. */
  readonly rows?: number | undefined;
  /** Whether the file begins with their number. */
  readonly counted: boolean;
  readonly check: CheckBlock<T>;
  /** @param block the first one; undefined where there is none */
  writer(block: T | undefined): RowWriter<T>;
  readonly signal: AbortSignal | undefined;
}

/** The pieces for `writePieces`, and its options. Where nobody knows how many rows there are, the head is made anew at the end. */
export function rowPieces<T extends { readonly rows: number }>({
  source,
  rows,
  counted,
  check,
  writer: create,
  signal,
}: SavedRows<T>): {
  pieces: AsyncGenerator<Uint8Array, void, undefined>;
  options: WritePiecesOptions;
} {
  let writer: RowWriter<T> | undefined;
  let headBytes = 0;
  let written = 0;

  function begin(block: T | undefined): Uint8Array {
    writer = create(block);
    const head = writer.head?.(rows, 0) ?? new Uint8Array();
    headBytes = head.length;
    return head;
  }
  async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const block of blocksOf(source, signal)) {
      const firstRow = check(block);
      if (writer === undefined) yield begin(block);
      if (writer !== undefined) yield* writer.pieces(block, firstRow);
      written += block.rows;
    }
    if (writer === undefined) yield begin(undefined);
    writer?.checkRows(written);
  }
  const head = (): Uint8Array => writer?.head?.(written, headBytes) ?? new Uint8Array();
  return { pieces: pieces(), options: { signal, head: rows === undefined && counted ? head : undefined } };
}

/** The codes of all blocks in one array. */
export async function collectCodes(source: Source<Codes>, codebook: Codec, signal: AbortSignal | undefined): Promise<Codes> {
  const check = checkCodeBlocks(codebook);
  const blocks: Codes[] = [];
  let rows = 0;
  for await (const codes of blocksOf(source, signal)) {
    rows = check(codes) + codes.rows;
    blocks.push({ ...codes, data: codes.data.slice() });
  }
  const stages = codebook.codewords.length;
  const data = createCodeArray(codebook.codewords, rows * stages);
  let at = 0;
  for (const block of blocks) {
    data.set(block.data, at);
    at += block.data.length;
  }
  return { data, rows, stages, codebookId: codebook.id };
}
