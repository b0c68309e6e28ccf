// What the contenders are called, in results and reports.

export const OURS = 'residual-vq';
export const REFERENCE = 'TypeScript reference';
export const FAISS = 'faiss-cpu';

/**
 * The ways in which faiss can be asked to encode: a beam search by tables (use_beam_LUT) or not; all rows in one call or in blocks of as
 * many as ours.
 */
export function faissWay({ tables, inBlocks }: { tables: boolean; inBlocks: boolean }): string {
  return [FAISS, ...(tables ? ['tables'] : []), ...(inBlocks ? ['in blocks'] : [])].join(', ');
}

export const FAISS_IN_BLOCKS = faissWay({ tables: false, inBlocks: true });
