// The blocks of a stream, checked one by one, with rows counted over all of them.
import type { Codec } from './codec.ts';
import { type Codes, checkCodes } from './codes.ts';
import { count, RvqError } from './errors.ts';
import { checkMatrix, type Matrix } from './matrix.ts';

/** Checks the next block of a stream, which may be empty, and tells how many rows came before it. */
export type CheckBlock<T> = (block: T) => number;

/** @param dim of the codebook, where there is one; else all blocks must have that of the first */
export function checkVectorBlocks(dim?: number): CheckBlock<Matrix> {
  let first: number | undefined;
  return counting((vectors) => {
    checkMatrix('vectors', vectors, dim, { allowEmpty: true });
    first ??= vectors.dim;
    if (vectors.dim === first) return vectors;
    throw new RvqError('DIM_MISMATCH', 'vectors', `expected rows of dim ${count(first)}, as the first block has, got dim ${count(vectors.dim)}`);
  });
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
