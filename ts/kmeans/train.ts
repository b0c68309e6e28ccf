// Training: stage after stage, k-means on what the stages before have left. It is a loop of bounded steps that asks an engine for
// distances and sums; engines answer alike bit for bit, so the codebook depends on rows, options and seed alone. What decides a
// value uses + - * / and sqrt only, which every machine rounds the same way.
import { type Codebook, codebook as createCodebook, stageOffsets } from '../model/codebook.ts';
import { count } from '../model/errors.ts';
import { deadCodewords, normalizedEntropy } from '../model/evaluation.ts';
import type { Matrix } from '../model/matrix.ts';
import type { Refinement, StageReport, TrainOptions, TrainReport } from '../model/training.ts';
import type { Entries, TrainEngine } from './engine.ts';
import { finishStage } from './finish.ts';
import { iterate } from './lloyd.ts';
import { entriesOfStages, readPlan, type TrainPlan } from './plan.ts';
import { createProgress, type Progress } from './progress.ts';
import { chooseWeight, createEncoding, solveCodewords } from './refine.ts';
import { checkRows, gatherRows, rowsForStage, rowWarnings, sampleRows, sumGrid } from './sampling.ts';
import { seedCodewords, seedingRows } from './seeding.ts';
import { createSteps, type Steps } from './steps.ts';

/** What all stages of one training share. */
interface Training {
  readonly engine: TrainEngine;
  readonly plan: TrainPlan;
  /** Entries of a row before each stage, and after the last. */
  readonly beams: readonly number[];
  /** For the rows that a stage begins with, and then for one entry of each of its rows. */
  readonly room: Float32Array;
  readonly steps: Steps;
  readonly progress: Progress;
}

/** Trains on `engine`. The caller's rows are read at the start and never changed; every error is a rejection. */
export async function trainWith(engine: TrainEngine, vectors: Matrix, options: TrainOptions): Promise<{ codebook: Codebook; report: TrainReport }> {
  const plan = readPlan(vectors, options);
  const { dim, codewords, seed } = plan;
  const offsets = stageOffsets(codewords);
  const data = plan.start?.data.slice() ?? new Float32Array(offsets[codewords.length] * dim);
  const steps = createSteps(engine.stepSize, plan.signal);
  await checkRows(vectors, steps);
  const rows = await sampleRows(engine, plan, vectors, steps);
  const beams = entriesOfStages(plan, rows.rows);
  const most = Math.max(...beams);
  const seeding = seedingRows(Math.max(...codewords), rows.rows * most);
  const room = engine.createRows(Math.max(seeding, most > 1 ? rows.rows : 0) * dim);
  const training: Training = { engine, plan, beams, room, steps, progress: createProgress(plan, rows.rows, beams) };

  const stages: StageReport[] = [];
  let errorOfAll = 0;
  // a first stage that keeps one entry would leave its residuals in the rows
  let entries: Entries = { ...(plan.refine > 0 ? await copyOf(engine, rows, steps) : rows), count: 1 };
  for (let stage = 0; stage < codewords.length; stage++) {
    const target = data.subarray(offsets[stage] * dim, offsets[stage + 1] * dim);
    const result = await trainStage(training, stage, entries, target);
    entries = result.entries;
    stages.push(result.report);
    errorOfAll = result.errorOfAll;
  }
  const refinements: Refinement[] = [];
  if (plan.refine > 0) {
    const encodeAll = createEncoding(engine, plan, beams, rows);
    let encoded = await encodeAll(data, steps);
    const weight = await chooseWeight(data, rows, encoded, steps);
    for (let round = 1; round <= plan.refine; round++) {
      data.set(await solveCodewords(data, rows, encoded.places, { weight, steps }));
      encoded = await encodeAll(data, steps);
      errorOfAll = encoded.error;
      const mse = errorOfAll / rows.rows;
      refinements.push({ weight, mse });
      training.progress.refined(round, mse);
    }
    for (const [stage, { error, dead, entropy }] of encoded.stages.entries()) {
      stages[stage] = { ...stages[stage], mse: error / rows.rows, dead, entropy };
    }
  }
  const warnings = [...rowWarnings(plan, vectors.rows), ...deadWarnings(stages)];
  return {
    codebook: createCodebook(data, { dim, codewords }),
    report: { rows: vectors.rows, rowsUsed: rows.rows, seed, mse: errorOfAll / rows.rows, stages, refinements, warnings },
  };
}

/** Trains one stage into `codewords` on what the stages before left of all entries of its rows, and takes the entries on by the stage. */
async function trainStage(
  { engine, plan, beams, room, steps, progress }: Training,
  stage: number,
  entries: Entries,
  codewords: Float32Array,
): Promise<{ report: StageReport; entries: Entries; errorOfAll: number }> {
  const { dim } = plan;
  const { count } = entries;
  const trained = rowsForStage(plan, plan.codewords[stage], entries.rows);
  const own: Matrix = { data: entries.data.subarray(0, trained * count * dim), rows: trained * count, dim };
  const grid = await sumGrid(own, own.rows, steps);
  if (plan.start === undefined) codewords.set(await seedCodewords(engine, plan, { stage, rows: own, room, steps }));

  let lastMse = Number.NaN;
  const { iterations, repaired } = await iterate(
    engine,
    plan,
    { rows: own, entries: count, room, codewords, grid, steps },
    ({ iteration, mse, last }) => {
      lastMse = mse;
      if (!last) progress.iterated(stage, iteration, mse); // the last one is told of when the stage is finished
    },
  );
  const finished = await finishStage(engine, { entries, codewords, trained, keep: beams[stage + 1], steps });
  const { error, errorOfAll, counts } = finished;
  const mse = error / trained;
  progress.finished(stage, iterations, iterations === 0 ? mse : lastMse);
  const use = { dead: deadCodewords(counts), entropy: normalizedEntropy(counts) };
  return { report: { codewords: plan.codewords[stage], rows: trained, mse, iterations, repaired, ...use }, entries: finished.entries, errorOfAll };
}

function copyOf(engine: TrainEngine, rows: Matrix, steps: Steps): Promise<Matrix> {
  return gatherRows(rows, undefined, { copy: engine.createRows(rows.data.length), steps });
}

function deadWarnings(stages: readonly StageReport[]): string[] {
  return stages.flatMap(({ dead, codewords }, stage) => {
    if (dead === 0) return [];
    const which = `${count(dead)} of the ${count(codewords)} codewords of stage ${stage} (stages count from 0)`;
    return [`No training row chose ${which}: ask for fewer codewords, or give rows that differ more.`];
  });
}
