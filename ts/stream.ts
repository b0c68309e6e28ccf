// The verbs over streams of blocks, in WebAssembly on the thread that asks.
import { decodeRows } from './decode.ts';
import { encodeRows } from './encode.ts';
import { measureBlocks } from './evaluate.ts';
import { onOneThread } from './streams/one-thread.ts';
import { streamVerbs } from './streams/verbs.ts';

/** 15 to 60 ms. */
const STEP_WORK = 2 ** 30;

export const { encodeStream, decodeStream, evaluateStream } = /* @__PURE__ */ streamVerbs(
  onOneThread({
    stepWork: STEP_WORK,
    encode: (codebook, vectors, request) => encodeRows(codebook, vectors, request),
    decode: decodeRows,
    measure: (codebook, vectors, codes) => measureBlocks(codebook, vectors, codes.data),
  }),
);
