// The verbs over streams of blocks: what they do with all rows at once, block by block.
import { onOneThread } from '../streams/one-thread.ts';
import { createDecodeStream, createEncodeStream, createEvaluateStream } from '../streams/verbs.ts';
import { decodeRows } from './decode.ts';
import { encodeRows } from './encode.ts';
import { measureBlocks } from './evaluate.ts';

/** About 20 ms: 2 ** 23, written out because bundlers take powers for calls, and would keep all that stands below. */
const STEP_WORK = 8_388_608;

const engine = /* @__PURE__ */ onOneThread({
  stepWork: STEP_WORK,
  encode: (codec, vectors, request) => encodeRows(codec, vectors, request, request.firstRow),
  decode: decodeRows,
  measure: measureBlocks,
});

export const encodeStream = /* @__PURE__ */ createEncodeStream(engine);
export const decodeStream = /* @__PURE__ */ createDecodeStream(engine);
export const evaluateStream = /* @__PURE__ */ createEvaluateStream(engine);
