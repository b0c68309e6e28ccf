// The blocks of a stream, checked one by one, with rows counted over all of them.
import type { Codec } from './codec.ts';
import { type Codes, checkCodes } from './codes.ts';
import { count, RvqError } from './errors.ts';
import { checkMatrix, type Matrix } from './matrix.ts';

/** Checks the next block of a stream, which may be empty, and tells how many rows came before it. */
export type CheckBlock<T> = (block: T) => number;

/** @param dim of the codebook, where there is one */
export function checkVectorBlocks(dim?: number): CheckBlock<Matrix> {
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
export function ofBlock(error: RvqError, firstRow: number): RvqError {
  const rest = error.message.slice(`${error.subject}: `.length);
  return new RvqError(error.code, error.subject, `block from row ${count(firstRow)} on: ${rest}`, { cause: error });
}
