// What the contenders are called, in results and reports.

export const OURS = 'residual-vq';
export const REFERENCE = 'TypeScript reference';
export const FAISS = 'faiss-cpu';

/** Under these names results say what faiss was compiled for, and which kernels its products run on. */
export const FAISS_OPTIONS = 'faiss compiled for';
export const OPENBLAS = "faiss's OpenBLAS";

/**
 * The ways in which faiss can be asked to encode: a beam search by tables (use_beam_LUT) or not; all rows in one call or in blocks of
 * half a megabyte; on the kernels that serve it best, or on those that it chooses as it was installed.
 */
export function faissWay({ tables, inBlocks, installed }: { tables: boolean; inBlocks: boolean; installed?: boolean }): string {
  return [FAISS, ...(installed ? ['as installed'] : []), ...(tables ? ['tables'] : []), ...(inBlocks ? ['in blocks'] : [])].join(', ');
}

export const FAISS_IN_BLOCKS = faissWay({ tables: false, inBlocks: true });
