// The pool's engine for streams: some blocks are worked on at a time, so that no thread waits for others at the end of one.
import type { CreateEngine } from '../streams/verbs.ts';
import type { Crew } from './crew.ts';
import { JOB_FLOATS } from './share.ts';
import { decodeRows, encodeRows, measureBlocks } from './verbs.ts';

/** Jobs' worth of rows that are taken from a source for each thread: one that it does, one that waits. */
const JOBS_AHEAD = 2;

/** Even of blocks that are much smaller than a job no more are taken: a message for each takes long enough. */
const BLOCKS_AHEAD = 8;

export function poolEngine(crew: Crew): CreateEngine {
  const room = { blocks: BLOCKS_AHEAD * crew.threads, weight: JOBS_AHEAD * JOB_FLOATS * crew.threads };
  return () => ({
    room,
    encode: (codebook, vectors, request, signal) => encodeRows(crew, codebook, vectors, request, signal),
    decode: (codebook, codes, request, signal) => decodeRows(crew, codebook, codes, request, signal),
    measure: (codebook, vectors, codes, signal) => measureBlocks(crew, codebook, vectors, codes, signal),
  });
}
