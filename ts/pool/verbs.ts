// Encode, evaluate and decode by the workers of a pool: a job is a run of rows, and what it gives goes to its place in one array.
import { createSums } from '../evaluate.ts';
import type { CodeArray, Doubles } from '../model/arrays.ts';
import { blockRows } from '../model/blocks.ts';
import type { Codec } from '../model/codec.ts';
import { type Codes, createCodeArray } from '../model/codes.ts';
import { type Evaluation, evaluationOf } from '../model/evaluation.ts';
import { type DecodedMatrix, type Matrix, notFinite } from '../model/matrix.ts';
import { checkDecoded } from '../model/overflow.ts';
import { checkDecode, checkEncode, type DecodeOptions, type EncodeOptions, type EncodeRequest } from '../model/requests.ts';
import { decodeWork, encodeWork, PART_WORK } from '../model/work.ts';
import type { Job } from './batch.ts';
import type { Crew } from './crew.ts';
import { lend, type NotFinite } from './protocol.ts';
import { shareRows } from './share.ts';

/** Rows that a worker takes together: as many as the core does, or where they are much work fewer. */
const TILE_ROWS = 64;
const QUAD_ROWS = 4;

export async function encode(crew: Crew, codebook: Codec, vectors: Matrix, options?: EncodeOptions): Promise<Codes> {
  return encodeRows(crew, codebook, vectors, { ...checkEncode('encode', codebook, vectors, options), firstRow: 0, allRows: vectors.rows });
}

/** As encode, with arguments that were checked but for the values of the rows. */
export async function encodeRows(crew: Crew, codebook: Codec, vectors: Matrix, request: EncodeRequest, signal?: AbortSignal): Promise<Codes> {
  const { dim, codewords, id } = codebook;
  const { rows } = vectors;
  const stages = codewords.length;
  const data: CodeArray = createCodeArray(codewords, rows * stages);
  const rowWork = encodeWork(codebook, request.beam);
  const block = TILE_ROWS * rowWork <= PART_WORK ? TILE_ROWS : QUAD_ROWS;
  const jobs = shareRows({ rows, block, dim, rowWork, threads: crew.threads }).map(({ start, end }): Job<'encode'> => {
    const part = rowsOf(vectors, start, end);
    return {
      kind: 'encode',
      codebook,
      ask: () => ({ rows: lend(part), request: { ...request, firstRow: request.firstRow + start } }),
      take(answer) {
        data.set(finite(answer, vectors, start).codes, start * stages);
      },
    };
  });
  await crew.run(jobs, signal);
  return { data, rows, stages, codebookId: id };
}

/** Encodes, then measures: a block whose sums belong together may be too much work to encode for one job. */
export async function evaluate(crew: Crew, codebook: Codec, vectors: Matrix, options?: EncodeOptions): Promise<Evaluation> {
  const request = { ...checkEncode('evaluate', codebook, vectors, options), firstRow: 0, allRows: vectors.rows };
  const codes = await encodeRows(crew, codebook, vectors, request);
  return evaluationOf(codebook, codes, await measureBlocks(crew, codebook, vectors, codes));
}

/** As measureBlocks of ts/evaluate.ts. */
export async function measureBlocks(crew: Crew, codebook: Codec, vectors: Matrix, codes: Codes, signal?: AbortSignal): Promise<Doubles> {
  const { dim } = codebook;
  const { rows, stages } = codes;
  const block = blockRows(dim);
  const sums = createSums(codebook, rows);
  const runs = shareRows({ rows, block, dim, rowWork: decodeWork(codebook, stages), threads: crew.threads });
  const jobs = runs.map(({ start, end }): Job<'measure'> => {
    const part = rowsOf(vectors, start, end);
    return {
      kind: 'measure',
      codebook,
      ask: () => ({ rows: lend(part), codes: codes.data.slice(start * stages, end * stages) }),
      take(answer) {
        sums.set(answer.sums, (start / block) * (stages + 1));
      },
    };
  });
  await crew.run(jobs, signal);
  return sums;
}

export async function decode(crew: Crew, codebook: Codec, codes: Codes, options?: DecodeOptions): Promise<DecodedMatrix> {
  return checkDecoded(await decodeRows(crew, codebook, codes, checkDecode(codebook, codes, options)), codebook);
}

/** As decode, with arguments that were checked. */
export async function decodeRows(
  crew: Crew,
  codebook: Codec,
  codes: Codes,
  { stages: prefix }: { readonly stages: number },
  signal?: AbortSignal,
): Promise<DecodedMatrix> {
  const { dim } = codebook;
  const { rows, stages } = codes;
  const data = new Float32Array(rows * dim);
  const runs = shareRows({ rows, block: blockRows(dim), dim, rowWork: decodeWork(codebook, prefix), threads: crew.threads });
  const jobs = runs.map(({ start, end }): Job<'decode'> => {
    const part = codes.data.subarray(start * stages, end * stages);
    return {
      kind: 'decode',
      codebook,
      ask: () => ({ codes: lend(part), stages: prefix }),
      take(answer) {
        data.set(answer.rows, start * dim);
      },
    };
  });
  await crew.run(jobs, signal);
  return { data, rows, dim };
}

function rowsOf({ data, dim }: Matrix, start: number, end: number): Float32Array {
  return data.subarray(start * dim, end * dim);
}

/** The answer, or the error for the row as the caller counts. */
function finite<A extends object>(answer: A | NotFinite, { data, dim }: Matrix, start: number): A {
  if ('notFinite' in answer) throw notFinite('vectors', data, start * dim + answer.notFinite, dim);
  return answer;
}
