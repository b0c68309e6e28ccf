// Rows of vectors that lie one after the other in a file, so that a file can be read part by part: where they begin, and how the bytes of
// whole rows become values.

/** Where rows lie. */
export interface PlacedRows {
  readonly rows: number;
  /** The byte of the first row. */
  readonly start: number;
  /** Bytes of one row. */
  readonly rowBytes: number;
}

export interface FileRows extends PlacedRows {
  readonly dim: number;
  /**
   * The values of whole rows, row-major; they may share memory with the bytes.
   *
   * @param bytes those of the rows
   * @param firstRow how many rows of the file lie before them
   * @throws RvqError with the byte of the file that is wrong
   */
  read(bytes: Uint8Array, firstRow: number): Float32Array;
}
