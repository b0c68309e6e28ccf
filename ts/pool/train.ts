// Train by the workers of a pool: the k-means runs here, its passes over rows are shared out.
import { wasmKernels } from '../engine/kernels.ts';
import { assignRows } from '../kmeans/assignment.ts';
import type { Assignment, TrainEngine } from '../kmeans/engine.ts';
import { inSteps } from '../kmeans/passes.ts';
import type { Steps } from '../kmeans/steps.ts';
import { trainWith } from '../kmeans/train.ts';
import { type Run, runsOf } from '../model/blocks.ts';
import type { Codebook } from '../model/codebook.ts';
import type { Matrix } from '../model/matrix.ts';
import type { TrainingVectors, TrainOptions, TrainReport } from '../model/training.ts';
import type { Arena, Lease } from './arena.ts';
import type { Job } from './batch.ts';
import type { Crew } from './crew.ts';
import { type AssignAnswer, isShared, lend } from './protocol.ts';
import { JOB_FLOATS } from './share.ts';

/**
 * Rows of one job, about: for what comes with a job, the codewords to be packed and the sums to be sent, takes as long as to assign some 500
 * rows, whatever the shape. Where there are fewer rows for a thread, each gets one job.
 */
const JOB_ROWS = 2 ** 15;

/** Multiply-adds of a pass that is shared out, at least: about a millisecond. */
const PASS_WORK = 2 ** 25;

export async function train(
  crew: Crew,
  arena: Arena,
  vectors: TrainingVectors,
  options: TrainOptions,
): Promise<{ codebook: Codebook; report: TrainReport }> {
  crew.checkOpen();
  const lease = arena.lease();
  try {
    return await trainWith(createPoolEngine(crew, lease), vectors, options);
  } finally {
    lease.end();
  }
}

/** What is too little to share out is done by this thread. */
export function createPoolEngine(crew: Crew, lease: Lease): TrainEngine {
  const { threads } = crew;
  const alone = inSteps(wasmKernels);
  let room: Float32Array = new Float32Array(); // for codewords

  function share(codewords: Float32Array): Float32Array {
    if (room.length < codewords.length) room = lease.floats(codewords.length);
    room.set(codewords);
    return room.subarray(0, codewords.length);
  }

  /** Equal parts, or none where there is too little to do. */
  function runsFor({ data, rows, dim }: Matrix, codewords: Float32Array, entries = 1): Run[] {
    crew.checkOpen();
    if (rows * entries * codewords.length < PASS_WORK) return [];
    const most = (isShared(data) ? JOB_ROWS : Math.min(JOB_ROWS, JOB_FLOATS / dim)) / entries; // others have to be copied
    const jobs = threads * Math.ceil(rows / (threads * most));
    const block = assignRows(dim, (entries * codewords.length) / dim);
    return [...runsOf(rows, Math.ceil(rows / jobs / block) * block)];
  }

  /** @param jobOf makes the job of a run; what is sent with every job, and what is to be done with every answer */
  async function assignRuns(
    { data, rows, dim }: Matrix,
    codewords: Float32Array,
    { runs, steps }: { runs: readonly Run[]; steps: Steps },
    jobOf: (asks: () => { rows: Float32Array; dim: number; codewords: Float32Array }, take: (answer: AssignAnswer) => void) => Job,
  ): Promise<Assignment> {
    const block = assignRows(dim, codewords.length / dim);
    const codes = new Uint16Array(rows);
    const errors = new Float64Array(Math.ceil(rows / block));
    const shared = share(codewords);
    const jobs = runs.map(({ start, end }) =>
      jobOf(
        () => ({ rows: lend(data.subarray(start * dim, end * dim)), dim, codewords: lend(shared) }),
        (answer) => {
          codes.set(answer.codes, start);
          errors.set(answer.errors, start / block);
        },
      ),
    );
    await crew.run(jobs, steps.signal);
    return { codes, error: errors.reduce((sum, error) => sum + error, 0) };
  }

  return {
    stepSize: alone.stepSize,
    createRows: (length) => lease.floats(length),
    async assign(rows, codewords, { steps }) {
      const runs = runsFor(rows, codewords);
      if (runs.length === 0) return alone.assign(rows, codewords, { steps });
      return assignRuns(rows, codewords, { runs, steps }, (ask, take): Job<'assign'> => ({ kind: 'assign', ask, take }));
    },
    async assignAndSum(rows, codewords, { steps, grid }) {
      const runs = runsFor(rows, codewords);
      if (runs.length === 0) return alone.assignAndSum(rows, codewords, { steps, grid });
      const sums = new Float64Array(codewords.length);
      const counts = new Float64Array(codewords.length / rows.dim);
      const assignment = await assignRuns(
        rows,
        codewords,
        { runs, steps },
        (ask, take): Job<'assignAndSum'> => ({
          kind: 'assignAndSum',
          ask: () => ({ ...ask(), grid }),
          take(answer) {
            take(answer);
            addTo(sums, answer.sums);
            addTo(counts, answer.counts);
          },
        }),
      );
      return { ...assignment, sums, counts };
    },
    async extend(entries, codewords, { steps, next, chosen }) {
      const { data, rows, dim, count } = entries;
      const keep = chosen.length / rows;
      // the passes of one stage that a row makes are those of its entries
      const runs = runsFor({ data, rows, dim }, codewords, count);
      if (runs.length === 0) return alone.extend(entries, codewords, { steps, next, chosen });
      const block = assignRows(dim, (count * codewords.length) / dim);
      const errors = new Float64Array(Math.ceil(rows / block));
      const shared = share(codewords);
      const jobs = runs.map(
        ({ start, end }): Job<'extend'> => ({
          kind: 'extend',
          ask: () => ({ residuals: lend(data.subarray(start * count * dim, end * count * dim)), entries: count, keep, dim, codewords: lend(shared) }),
          take(answer) {
            next.set(answer.next, start * keep * dim);
            chosen.set(answer.chosen, start * keep);
            errors.set(answer.errors, start / block);
          },
        }),
      );
      await crew.run(jobs, steps.signal);
      return errors.reduce((sum, error) => sum + error, 0);
    },
    spread: alone.spread, // its sums are in the order of the rows, so that it cannot be shared out by these
  };
}

/** Exact, as all are multiples of the grid: so the order of the jobs does not matter. */
function addTo(sums: Float64Array, more: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] += more[i];
}
