// What the contenders are called, in results and reports.

export const OURS = 'residual-vq';
export const REFERENCE = 'TypeScript reference';
export const FAISS = 'faiss-cpu';
/** The other way of faiss to do a beam search: use_beam_LUT. */
export const FAISS_TABLES = 'faiss-cpu, tables';
