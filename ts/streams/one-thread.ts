// Streams on the thread that asks: part by part, with pauses in which other work gets its turn and the signal is heard.
import { createSteps } from '../kmeans/steps.ts';
import { type Run, runsOf } from '../model/blocks.ts';
import type { Codec } from '../model/codec.ts';
import { type Codes, createCodeArray } from '../model/codes.ts';
import type { DecodedMatrix, Matrix } from '../model/matrix.ts';
import type { EncodeRequest } from '../model/requests.ts';
import { decodeWork, encodeWork } from '../model/work.ts';
import type { CreateEngine } from './verbs.ts';

/** The verbs of an engine, whose arguments were checked. */
export interface OneThread {
  /** Work between two pauses, under 50 ms of it: see ts/model/work.ts. */
  readonly stepWork: number;
  encode(codebook: Codec, vectors: Matrix, request: EncodeRequest): Codes;
  decode(codebook: Codec, codes: Codes, request: { readonly stages: number }): DecodedMatrix;
  measure(codebook: Codec, vectors: Matrix, codes: Codes): Float64Array;
}

/** The next block is asked for when the one before has been given: a source may use the same memory for all. */
const ONE_BLOCK = { blocks: 1, weight: Number.POSITIVE_INFINITY };

export function onOneThread({ stepWork, ...verbs }: OneThread): CreateEngine {
  return () => {
    const steps = createSteps(stepWork, undefined); // over all blocks: there may be many small ones

    async function inParts(
      { rows, rowWork, signal }: { rows: number; rowWork: number; signal: AbortSignal },
      visit: (run: Run) => void,
    ): Promise<void> {
      for (const run of runsOf(rows, Math.ceil(stepWork / rowWork))) {
        const turn = steps.kernel((run.end - run.start) * rowWork);
        if (turn) await turn;
        signal.throwIfAborted();
        visit(run);
      }
    }
    return {
      room: ONE_BLOCK,
      async encode(codebook, vectors, request, signal) {
        const stages = codebook.codewords.length;
        const data = createCodeArray(codebook.codewords, vectors.rows * stages);
        await inParts({ rows: vectors.rows, rowWork: encodeWork(codebook, request.beam), signal }, (run) => {
          data.set(verbs.encode(codebook, rowsOf(vectors, run), { ...request, firstRow: request.firstRow + run.start }).data, run.start * stages);
        });
        return { data, rows: vectors.rows, stages, codebookId: codebook.id };
      },
      async decode(codebook, codes, request, signal) {
        const { dim } = codebook;
        const data = new Float32Array(codes.rows * dim);
        await inParts({ rows: codes.rows, rowWork: decodeWork(codebook, request.stages), signal }, (run) => {
          data.set(verbs.decode(codebook, codesOf(codes, run), request).data, run.start * dim);
        });
        return { data, rows: codes.rows, dim };
      },
      measure: async (codebook, vectors, codes) => verbs.measure(codebook, vectors, codes),
    };
  };
}

function rowsOf({ data, dim }: Matrix, { start, end }: Run): Matrix {
  return { data: data.subarray(start * dim, end * dim), rows: end - start, dim };
}

function codesOf(codes: Codes, { start, end }: Run): Codes {
  const { stages } = codes;
  return { ...codes, data: codes.data.subarray(start * stages, end * stages), rows: end - start };
}
