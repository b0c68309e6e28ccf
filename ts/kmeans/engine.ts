// What training asks of an engine: passes over all rows of a stage. One thread does a pass in steps (passes.ts), a pool shares it out.
// Engines answer alike, bit for bit: errors are added up in the same blocks, and sums are exact in any order.
import type { Matrix } from '../model/matrix.ts';
import type { Steps } from './steps.ts';

/** What the codewords of a stage are to its rows. */
export interface Assignment {
  /** The number of the nearest codeword of each row. */
  readonly codes: Uint16Array;
  /** The summed squared error of the rows: added row by row in a block of assignRows, then block by block. */
  readonly error: number;
}

/** An assignment, with the rows of each codeword added up. */
export interface AssignmentWithSums extends Assignment {
  /** Sums of the rows that chose each codeword, codewords x dim. */
  readonly sums: Float64Array;
  /** How many rows chose each codeword. */
  readonly counts: Float64Array;
}

/** Partial encodings of rows: what each leaves of its row. */
export interface Entries {
  /** Row after row, the best entry first: rows x count x dim. */
  readonly data: Float32Array;
  readonly rows: number;
  readonly dim: number;
  /** Entries of each row. */
  readonly count: number;
}

export interface TrainEngine {
  /** Multiply-adds between two pauses of the thread that trains. */
  readonly stepSize: number;
  /** An array for rows that passes go over, in memory that all threads of the engine see. */
  createRows(length: number): Float32Array;
  /** @param codewords row-major */
  assign(rows: Matrix, codewords: Float32Array, pass: { steps: Steps }): Promise<Assignment>;
  /**
   * @param codewords row-major
   * @param pass `grid`: see TrainKernels
   */
  assignAndSum(rows: Matrix, codewords: Float32Array, pass: { steps: Steps; grid: number }): Promise<AssignmentWithSums>;
  /**
   * Beam search by one stage: the best continuations of each row's entries, as Extender finds them. Their residuals go to `next`.
   *
   * @param codewords row-major
   * @param pass `next`: rows x keep x dim, which may be the array of the entries; `chosen`: rows x keep
   * @returns the summed squared error of the rows' first continuations: added row by row in a block of assignRows, then block by block
   */
  extend(entries: Entries, codewords: Float32Array, pass: { steps: Steps; next: Float32Array; chosen: Uint32Array }): Promise<number>;
  /** See TrainKernels; the rows are as many as there are places for. */
  spread(
    places: Uint32Array,
    from: Float64Array,
    to: Float64Array,
    pass: { steps: Steps; stages: number; dim: number; rows?: Float32Array },
  ): Promise<void>;
}
