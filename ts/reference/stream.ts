// The verbs over streams of blocks: what they do with all rows at once, block by block.
import { onOneThread } from '../streams/one-thread.ts';
import { streamVerbs } from '../streams/verbs.ts';
import { decode } from './decode.ts';
import { encodeRows } from './encode.ts';
import { measureBlocks } from './evaluate.ts';

/** About 20 ms. */
const STEP_WORK = 2 ** 23;

export const { encodeStream, decodeStream, evaluateStream } = /* @__PURE__ */ streamVerbs(
  onOneThread({
    stepWork: STEP_WORK,
    encode: (codec, vectors, request) => encodeRows(codec, vectors, request, request.firstRow),
    decode,
    measure: measureBlocks,
  }),
);
