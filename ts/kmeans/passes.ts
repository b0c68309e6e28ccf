// Passes over the rows of a stage on the thread that trains: block after block, with pauses between them.
import { runsOf } from '../model/blocks.ts';
import type { Matrix } from '../model/matrix.ts';
import { assignRows } from './assignment.ts';
import type { Assignment, Entries, TrainEngine } from './engine.ts';
import type { Assigner, TrainKernels } from './kernels.ts';
import type { Steps } from './steps.ts';

/** The grid of sums that nobody reads. */
export const NO_SUMS = 1;

/** Multiply-adds of a nearest codeword's screen that take as long as to add a value and to spread it. */
const SPREAD_WORK = 8;

/** The engine that these kernels make on one thread. */
export function inSteps(kernels: TrainKernels): TrainEngine {
  return {
    stepSize: kernels.stepSize,
    createRows: (length) => new Float32Array(length),
    assign: (rows, codewords, { steps }) => assignAll(kernels, { rows, codewords, grid: NO_SUMS, steps }, () => ({})),
    assignAndSum: (rows, codewords, { steps, grid }) => assignAll(kernels, { rows, codewords, grid, steps }, (assigner) => assigner.sums()),
    extend: (entries, codewords, pass) => extendAll(kernels, entries, codewords, pass),
    async spread(places, from, to, { steps, stages, dim, rows }) {
      const count = places.length / stages;
      const work = SPREAD_WORK * stages * dim;
      for (const { start, end } of runsOf(count, Math.max(1, Math.floor(kernels.stepSize / work)))) {
        const turn = steps.kernel((end - start) * work);
        if (turn) await turn;
        kernels.spread(places.subarray(start * stages, end * stages), { stages, dim }, from, to, rows?.subarray(start * dim, end * dim));
      }
    },
  };
}

/** @param read what is asked of the assigner when all rows are assigned, before it is closed */
async function assignAll<T>(
  kernels: TrainKernels,
  { rows: { data, rows, dim }, codewords, grid, steps }: { rows: Matrix; codewords: Float32Array; grid: number; steps: Steps },
  read: (assigner: Assigner) => T,
): Promise<Assignment & T> {
  const count = codewords.length / dim;
  const codes = new Uint16Array(rows);
  const assigner = kernels.createAssigner(codewords, dim, grid);
  try {
    let error = 0;
    for (const { start, end } of runsOf(rows, assignRows(dim, count))) {
      const turn = steps.kernel((end - start) * dim * count);
      if (turn) await turn;
      error += assigner.assign(data.subarray(start * dim, end * dim), codes.subarray(start, end));
    }
    return { codes, error, ...read(assigner) };
  } finally {
    assigner.close();
  }
}

async function extendAll(
  kernels: TrainKernels,
  { data, rows, dim, count }: Entries,
  codewords: Float32Array,
  { steps, next, chosen }: { steps: Steps; next: Float32Array; chosen: Uint32Array },
): Promise<number> {
  const keep = chosen.length / rows;
  const work = count * codewords.length; // of a row
  const extender = kernels.createExtender(codewords, dim);
  try {
    let error = 0;
    for (const { start, end } of runsOf(rows, assignRows(dim, work / dim))) {
      const turn = steps.kernel((end - start) * work);
      if (turn) await turn;
      const from = data.subarray(start * count * dim, end * count * dim);
      error += extender.extend(from, count, next.subarray(start * keep * dim, end * keep * dim), chosen.subarray(start * keep, end * keep));
    }
    return error;
  } finally {
    extender.close();
  }
}
