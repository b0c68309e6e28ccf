// The blocks of a stream: checked one by one, with rows counted over all of them, and cut anew.
import type { Codec } from '../model/codec.ts';
import { type Codes, checkCodes } from '../model/codes.ts';
import { count, RvqError } from '../model/errors.ts';
import { checkMatrix, type Matrix } from '../model/matrix.ts';
import { blocksOf, type Source } from '../model/sources.ts';

/** Checks the next block of a stream, which may be empty, and tells how many rows came before it. */
export type CheckBlock<T> = (block: T) => number;

export function checkVectorBlocks(dim: number): CheckBlock<Matrix> {
  return counting((vectors) => checkMatrix('vectors', vectors, dim, { allowEmpty: true }));
}

export function checkCodeBlocks(codebook: Codec): CheckBlock<Codes> {
  return counting((codes, firstRow) => checkCodes(codes, codebook, firstRow));
}

function counting<T extends { readonly rows: number }>(check: (block: T, firstRow: number) => T): CheckBlock<T> {
  let rows = 0;
  return (block) => {
    const firstRow = rows;
    try {
      rows += check(block, firstRow).rows;
    } catch (error) {
      throw error instanceof RvqError && firstRow > 0 && error.code !== 'CODE_OUT_OF_RANGE' ? ofBlock(error, firstRow) : error;
    }
    return firstRow;
  };
}

/** An error of a whole block says which one it was; one that names a row has counted already. */
function ofBlock(error: RvqError, firstRow: number): RvqError {
  const rest = error.message.slice(`${error.subject}: `.length);
  return new RvqError(error.code, error.subject, `block from row ${count(firstRow)} on: ${rest}`, { cause: error });
}

/** The rows of a source in blocks of `rows`, the last as long as it gets. They are views where they can be. */
export async function* regroup(
  source: Source<Matrix>,
  { dim, rows, signal }: { dim: number; rows: number; signal: AbortSignal | undefined },
): AsyncGenerator<Matrix, void, undefined> {
  const check = checkVectorBlocks(dim);
  const size = rows * dim;
  const block = (data: Float32Array): Matrix => ({ data, rows: data.length / dim, dim });
  let held = new Float32Array(); // of `size` once it is needed
  let filled = 0;
  for await (const vectors of blocksOf(source, signal)) {
    check(vectors);
    const { data } = vectors;
    for (let at = 0; at < data.length; ) {
      const taken = Math.min(size - filled, data.length - at);
      const part = data.subarray(at, at + taken);
      at += taken;
      if (taken === size) {
        yield block(part);
        continue;
      }
      if (filled === 0) held = new Float32Array(size);
      held.set(part, filled);
      filled += taken;
      if (filled < size) continue;
      filled = 0;
      yield block(held);
    }
  }
  if (filled > 0) yield block(held.subarray(0, filled));
}
