// Training: stage after stage, k-means on what the stages before have left. It is a loop of bounded steps that asks an engine for
// distances and sums; engines answer alike bit for bit, so the codebook depends on rows, options and seed alone. What decides a
// value uses + - * / and sqrt only, which every machine rounds the same way.
import { type Codebook, codebook as createCodebook, stageOffsets } from '../model/codebook.ts';
import { count } from '../model/errors.ts';
import { deadCodewords, normalizedEntropy } from '../model/evaluation.ts';
import type { Matrix } from '../model/matrix.ts';
import type { StageReport, TrainOptions, TrainReport } from '../model/training.ts';
import type { TrainEngine } from './engine.ts';
import { finishStage } from './finish.ts';
import { iterate } from './lloyd.ts';
import { readPlan, type TrainPlan } from './plan.ts';
import { createProgress, type Progress } from './progress.ts';
import { checkRows, rowsForStage, rowWarnings, sampleRows, sumGrid } from './sampling.ts';
import { seedCodewords, seedingRows } from './seeding.ts';
import { createSteps, type Steps } from './steps.ts';

/** What all stages of one training share. */
interface Training {
  readonly engine: TrainEngine;
  readonly plan: TrainPlan;
  /** The rows used; each stage leaves its residuals in `data`. */
  readonly rows: Matrix;
  /** For the rows that a stage begins with. */
  readonly room: Float32Array;
  readonly steps: Steps;
  readonly progress: Progress;
}

/** Trains on `engine`. The caller's rows are read at the start and never changed; every error is a rejection. */
export async function trainWith(engine: TrainEngine, vectors: Matrix, options: TrainOptions): Promise<{ codebook: Codebook; report: TrainReport }> {
  const plan = readPlan(vectors, options);
  const { dim, codewords, seed } = plan;
  const offsets = stageOffsets(codewords);
  const data = new Float32Array(offsets[codewords.length] * dim);
  const steps = createSteps(engine.stepSize, plan.signal);
  await checkRows(vectors, steps);
  const rows = await sampleRows(engine, plan, vectors, steps);
  const room = engine.createRows(seedingRows(Math.max(...codewords), rows.rows) * dim);
  const training: Training = { engine, plan, rows, room, steps, progress: createProgress(plan, rows.rows) };

  const stages: StageReport[] = [];
  let errorOfAll = 0;
  for (let stage = 0; stage < codewords.length; stage++) {
    const target = data.subarray(offsets[stage] * dim, offsets[stage + 1] * dim);
    const result = await trainStage(training, stage, target);
    stages.push(result.report);
    errorOfAll = result.errorOfAll;
  }
  const warnings = [...rowWarnings(plan, vectors.rows), ...deadWarnings(stages)];
  return {
    codebook: createCodebook(data, { dim, codewords }),
    report: { rows: vectors.rows, rowsUsed: rows.rows, seed, mse: errorOfAll / rows.rows, stages, warnings },
  };
}

/** Trains one stage into `codewords` and turns the rows into its residuals. */
async function trainStage(
  { engine, plan, rows, room, steps, progress }: Training,
  stage: number,
  codewords: Float32Array,
): Promise<{ report: StageReport; errorOfAll: number }> {
  const { dim } = plan;
  const trained = rowsForStage(plan, plan.codewords[stage], rows.rows);
  const own: Matrix = { data: rows.data.subarray(0, trained * dim), rows: trained, dim };
  const grid = await sumGrid(rows, trained, steps);
  codewords.set(await seedCodewords(engine, plan, { stage, rows: own, room, steps }));

  let lastMse = Number.NaN;
  const { iterations, repaired } = await iterate(engine, plan, { rows: own, codewords, grid, steps }, ({ iteration, mse, last }) => {
    lastMse = mse;
    if (!last) progress.iterated(stage, iteration, mse); // the last one is told of when the stage is finished
  });
  const { error, errorOfAll, counts } = await finishStage(engine, { rows, codewords, steps }, trained);
  const mse = error / trained;
  progress.finished(stage, iterations, iterations === 0 ? mse : lastMse);
  const use = { dead: deadCodewords(counts), entropy: normalizedEntropy(counts) };
  return { report: { codewords: plan.codewords[stage], rows: trained, mse, iterations, repaired, ...use }, errorOfAll };
}

function deadWarnings(stages: readonly StageReport[]): string[] {
  return stages.flatMap(({ dead, codewords }, stage) => {
    if (dead === 0) return [];
    const which = `${count(dead)} of the ${count(codewords)} codewords of stage ${stage} (stages count from 0)`;
    return [`No training row chose ${which}: ask for fewer codewords, or give rows that differ more.`];
  });
}
