// How rows pass through the verbs: in blocks whose size depends on dim alone, so that sums over rows are added in the
// same order whatever does the work and however many threads share it.

/** Rows of one block: about half a megabyte of float32. */
export function blockRows(dim: number): number {
  return Math.max(64, Math.floor((1 << 17) / dim));
}

/**
 * Rows that are encoded by one call where nothing is added up: of long rows more than a block, so that what the core does once a call is spread over
 * them, but no more than two megabytes of float32. Whole tiles of the core, which have 256 rows, or quarters of one.
 */
export function encodingRows(dim: number): number {
  const rows = Math.min(Math.max(blockRows(dim), 1024), Math.floor(2 ** 19 / dim));
  return rows - (rows % (rows < 256 ? 64 : 256));
}

/** Rows of one block of a stream where nothing else says how many: whole blocks of the verbs, of about two megabytes of float32. */
export function streamRows(dim: number): number {
  const block = blockRows(dim);
  return block * Math.max(1, Math.floor(2 ** 19 / (block * dim)));
}

/** Calls `visit(start, end)` for each block of `rows` rows. */
export function forEachBlock(rows: number, dim: number, visit: (start: number, end: number) => void): void {
  for (const { start, end } of runsOf(rows, blockRows(dim))) visit(start, end);
}

/** Rows `start` up to, not including, `end`. */
export interface Run {
  readonly start: number;
  readonly end: number;
}

/** `rows` rows in runs of `step`, the last one as long as it gets. */
export function* runsOf(rows: number, step: number): Generator<Run> {
  for (let start = 0; start < rows; start += step) yield { start, end: Math.min(rows, start + step) };
}
