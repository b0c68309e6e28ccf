// The verbs over streams of blocks, in WebAssembly on the thread that asks.
import { decodeRows } from './decode.ts';
import { encodeRows } from './encode.ts';
import { measureBlocks } from './evaluate.ts';
import { onOneThread } from './streams/one-thread.ts';
import { createDecodeStream, createEncodeStream, createEvaluateStream } from './streams/verbs.ts';

/** 15 to 60 ms: 2 ** 30, written out because bundlers take powers for calls, and would keep all that stands below. */
const STEP_WORK = 1_073_741_824;

const engine = /* @__PURE__ */ onOneThread({
  stepWork: STEP_WORK,
  encode: (codebook, vectors, request) => encodeRows(codebook, vectors, request),
  decode: decodeRows,
  measure: (codebook, vectors, codes) => measureBlocks(codebook, vectors, codes.data),
});

export const encodeStream = /* @__PURE__ */ createEncodeStream(engine);
export const decodeStream = /* @__PURE__ */ createDecodeStream(engine);
export const evaluateStream = /* @__PURE__ */ createEvaluateStream(engine);
