// Encode, evaluate and decode by the workers of a pool: a job is a run of rows, and what it gives goes to its place in one array.
import { summarizeBlocks } from '../evaluate.ts';
import type { CodeArray } from '../model/arrays.ts';
import { blockRows } from '../model/blocks.ts';
import { type Codebook, sum } from '../model/codebook.ts';
import { type Codes, createCodeArray } from '../model/codes.ts';
import type { Evaluation } from '../model/evaluation.ts';
import { type DecodedMatrix, type Matrix, notFinite } from '../model/matrix.ts';
import { checkDecode, checkEncode, type DecodeOptions, type EncodeOptions } from '../model/requests.ts';
import type { Job } from './batch.ts';
import type { Crew } from './crew.ts';
import { lend, type NotFinite } from './protocol.ts';
import { shareRows } from './share.ts';

export async function encode(crew: Crew, codebook: Codebook, vectors: Matrix, options?: EncodeOptions): Promise<Codes> {
  const { request, runs, codes } = prepare('encode', crew, codebook, vectors, options, Math.min(64, blockRows(codebook.dim)));
  const jobs = runs.map(({ start, end }): Job<'encode'> => {
    const rows = rowsOf(vectors, start, end);
    return {
      kind: 'encode',
      codebook,
      ask: () => ({ rows: lend(rows), request }),
      take(answer) {
        codes.data.set(finite(answer, vectors, start).codes, start * codes.stages);
      },
    };
  });
  await crew.run(jobs);
  return codes;
}

export async function evaluate(crew: Crew, codebook: Codebook, vectors: Matrix, options?: EncodeOptions): Promise<Evaluation> {
  const { request, runs, codes } = prepare('evaluate', crew, codebook, vectors, options, blockRows(codebook.dim));
  const block = blockRows(codebook.dim);
  const width = codes.stages + 1;
  const sums = new Float64Array(Math.ceil(vectors.rows / block) * width);
  const jobs = runs.map(({ start, end }): Job<'evaluate'> => {
    const rows = rowsOf(vectors, start, end);
    return {
      kind: 'evaluate',
      codebook,
      ask: () => ({ rows: lend(rows), request }),
      take(answer) {
        const given = finite(answer, vectors, start);
        codes.data.set(given.codes, start * codes.stages);
        sums.set(given.sums, (start / block) * width);
      },
    };
  });
  await crew.run(jobs);
  return summarizeBlocks(codebook, codes, sums);
}

export async function decode(crew: Crew, codebook: Codebook, codes: Codes, options?: DecodeOptions): Promise<DecodedMatrix> {
  const { stages: prefix } = checkDecode(codebook, codes, options);
  const { dim } = codebook;
  const { rows, stages } = codes;
  const data = new Float32Array(rows * dim);
  // A float that is added takes longer than a multiply-add, for what it takes is memory.
  const runs = shareRows({ rows, block: blockRows(dim), dim, rowWork: 8 * dim * prefix, threads: crew.threads });
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
  await crew.run(jobs);
  return { data, rows, dim };
}

/** What encode and evaluate begin with: their arguments checked, the rows shared out, room for the codes. */
function prepare(verb: 'encode' | 'evaluate', crew: Crew, codebook: Codebook, vectors: Matrix, options: EncodeOptions | undefined, block: number) {
  const checked = checkEncode(verb, codebook, vectors, options);
  const { dim, codewords, id } = codebook;
  const { rows } = vectors;
  const stages = codewords.length;
  const rowWork = dim * sum(codewords) * checked.beam;
  const runs = shareRows({ rows, block, dim, rowWork, threads: crew.threads });
  const data: CodeArray = createCodeArray(codewords, rows * stages);
  return { request: { ...checked, allRows: rows }, runs, codes: { data, rows, stages, codebookId: id } };
}

function rowsOf({ data, dim }: Matrix, start: number, end: number): Float32Array {
  return data.subarray(start * dim, end * dim);
}

/** The answer, or the error for the row as the caller counts. */
function finite<A extends object>(answer: A | NotFinite, { data, dim }: Matrix, start: number): A {
  if ('notFinite' in answer) throw notFinite('vectors', data, start * dim + answer.notFinite, dim);
  return answer;
}
