// What a thread of an engine does for training, a block of rows at a time. WebAssembly and the reference do alike, bit for bit:
// distances are those of the definition, sums are exact.

/** Nearest codewords of rows and the sums of the rows that chose each. */
export interface Assigner {
  /**
   * Writes the number of the nearest codeword of each row to `codes`, and adds the rows to the sums of their codewords.
   *
   * @param rows row-major, codes.length x dim
   * @returns the summed distance (squared error) of the rows, added row by row
   */
  assign(rows: Float32Array, codes: Uint16Array): number;
  /** Sums of the rows so far, codewords x dim, and how many rows chose each codeword. */
  sums(): { sums: Float64Array; counts: Float64Array };
  /** Gives back what the engine holds. */
  close(): void;
}

/** One stage of beam search: entries of rows go on with its codewords. */
export interface Extender {
  /**
   * Of all continuations of the entries of a row the best, as beam search ranks them.
   *
   * @param residuals finite, rows x entries x dim
   * @param entries entries of each row
   * @param next their residuals, rows x keep x dim, best first; may be the array `residuals`
   * @param chosen rows x keep: the entry gone on with x 65,536 + the codeword; keep is at most entries x codewords
   * @returns the summed distance (squared error) of the rows' first continuations, added row by row
   */
  extend(residuals: Float32Array, entries: number, next: Float32Array, chosen: Uint32Array): number;
  /** Gives back what the engine holds. */
  close(): void;
}

export interface TrainKernels {
  /** Multiply-adds that one step may take, so that it lasts some milliseconds. */
  readonly stepSize: number;
  /**
   * @param codewords row-major
   * @param grid a power of two: values are rounded to multiples of it before they are added, which makes sums exact in any order
   */
  createAssigner(codewords: Float32Array, dim: number, grid: number): Assigner;
  /**
   * Adds to `to` of each codeword of a row the sum of the row's codewords in `from`; where `rows` are given, what that sum leaves of the row. All is
   * added in the order of rows and stages.
   *
   * @param places the codeword of each row and stage, counted through all stages: rows x stages
   * @param from codewords of all stages x dim, as `to`
   * @param rows row-major, or undefined
   */
  spread(places: Uint32Array, shape: { stages: number; dim: number }, from: Float64Array, to: Float64Array, rows: Float32Array | undefined): void;
  /** @param codewords row-major */
  createExtender(codewords: Float32Array, dim: number): Extender;
}
