// Training: stage after stage, k-means on what the stages before have left. It is a loop of bounded steps that asks an engine for
// distances and sums; engines answer alike bit for bit, so the codebook depends on rows, options and seed alone. What decides a
// value uses + - * / and sqrt only, which every machine rounds the same way.
import { type Codebook, codebook as createCodebook, stageOffsets, sum } from '../model/codebook.ts';
import { count, counted, RvqError } from '../model/errors.ts';
import { codewordUse } from '../model/evaluation.ts';
import type { Matrix } from '../model/matrix.ts';
import type { StageReport, TrainingVectors, TrainOptions, TrainReport } from '../model/training.ts';
import { type Checkpoints, createCheckpoints } from './checkpoint.ts';
import { createEncoding, longerPaths } from './encoding.ts';
import type { Entries, TrainEngine } from './engine.ts';
import { finishStage } from './finish.ts';
import { iterate } from './lloyd.ts';
import { entriesOfStages, planFor, readSettings, type TrainPlan } from './plan.ts';
import { createProgress, type Progress } from './progress.ts';
import { createRefiner } from './refine.ts';
import { gatherRows, rowsForStage, sampleRows, sumGrid } from './sampling.ts';
import { seedCodewords, seedingRows } from './seeding.ts';
import { createSteps, type Steps } from './steps.ts';
import { drawRows } from './stream.ts';
import { warningsOf } from './warnings.ts';

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
  readonly checkpoints: Checkpoints;
}

/** Trains on `engine`. The caller's rows are read at the start and never changed; every error is a rejection. */
export async function trainWith(
  engine: TrainEngine,
  given: TrainingVectors,
  options: TrainOptions,
): Promise<{ codebook: Codebook; report: TrainReport }> {
  const settings = readSettings(options);
  const steps = createSteps(engine.stepSize, settings.signal);
  const drawn = await drawRows(settings, given, steps);
  const plan = planFor(settings, drawn.vectors.dim);
  checkEnough(plan, drawn.given);
  const { rows, heldBack } = await sampleRows(engine, plan, drawn, steps);
  const { dim, codewords, seed, resume } = plan;
  const beams = entriesOfStages(plan, rows.rows);
  const training: Training = {
    engine,
    plan,
    beams,
    room: engine.createRows(roomFor(plan, rows.rows, Math.max(...beams)) * dim),
    steps,
    progress: createProgress(plan, rows.rows, beams),
    checkpoints: await createCheckpoints(plan, rows, steps),
  };
  const data = plan.start?.data.slice() ?? new Float32Array(sum(codewords) * dim);
  if (resume !== undefined) data.set(resume.codebook.data);

  const done = await trainStages(training, rows, data);
  const refined = plan.refine > 0 ? await refineStages(training, rows, data, done) : { ...done, refinements: [] };
  const report = {
    rows: drawn.given,
    rowsUsed: rows.rows,
    rowsHeldBack: heldBack.rows,
    seed,
    mse: refined.errorOfAll / rows.rows,
    refinements: refined.refinements,
    ...(await withHeldBack(training, data, heldBack, refined.stages)),
  };
  return { codebook: createCodebook(data, { dim, codewords }), report: { ...report, warnings: warningsOf(plan, report) } };
}

interface TrainedStages {
  readonly stages: readonly StageReport[];
  /** Summed squared error of all rows with all stages. */
  readonly errorOfAll: number;
}

/** What the codewords were trained on has chosen of them, where that is known. */
interface WithPlaces {
  /** The codeword of each row and stage, counted through all stages: rows x stages. */
  readonly places: Uint32Array | undefined;
}

/** Trains stage after stage into `data`, which has those that were resumed. */
async function trainStages(training: Training, rows: Matrix, data: Float32Array): Promise<TrainedStages & WithPlaces> {
  const { engine, plan, beams, steps, checkpoints } = training;
  const { dim, codewords, resume, refine } = plan;
  if (resume?.stages.length === codewords.length && refine > 0) {
    return { stages: resume.stages, errorOfAll: Number.NaN, places: undefined }; // refining finds them anew
  }
  const offsets = stageOffsets(codewords);
  const stages: StageReport[] = [];
  let errorOfAll = 0;
  let places: Uint32Array = new Uint32Array();
  // a first stage that keeps one entry would leave its residuals in the rows
  let entries: Entries = { ...(refine > 0 ? await copyOf(engine, rows, steps) : rows), count: 1 };
  for (let stage = 0; stage < codewords.length; stage++) {
    const target = data.subarray(offsets[stage] * dim, offsets[stage + 1] * dim);
    const result = await trainStage(training, stage, entries, target);
    places = longerPaths(places, result.chosen, { stage, before: beams[stage], keep: beams[stage + 1], offset: offsets[stage] });
    entries = result.entries;
    stages.push(result.report);
    errorOfAll = result.errorOfAll;
    await checkpoints.made(data, stages, []);
  }
  return { stages, errorOfAll, places };
}

/** Moves the codewords of all stages together, round after round. */
async function refineStages(
  { engine, plan, beams, steps, progress, checkpoints }: Training,
  rows: Matrix,
  data: Float32Array,
  { stages: trained, errorOfAll, places: trainedPlaces }: TrainedStages & WithPlaces,
): Promise<TrainedStages & Pick<TrainReport, 'refinements'>> {
  const refinements = [...(plan.resume?.refinements ?? [])];
  const encodeAll = createEncoding(engine, plan, beams, rows);
  let encoded = trainedPlaces === undefined ? await encodeAll(data, steps) : undefined;
  let places = encoded?.places ?? trainedPlaces ?? new Uint32Array();
  const began = (encoded?.error ?? errorOfAll) / rows.rows;
  if (encoded !== undefined) progress.resumed(plan.codewords.length - 1, refinements.length, began);
  const refiner = await createRefiner(engine, plan, beams, rows, steps);
  const { weight, axisWeight } = refinements[0] ?? (await refiner.choosePull(data, places));
  if (refinements.length === 0) progress.refined(0, began);
  for (let round = refinements.length + 1; round <= plan.refine; round++) {
    data.set(await refiner.refined(data, places, { weight, axisWeight }));
    encoded = await encodeAll(data, steps);
    places = encoded.places;
    const mse = encoded.error / rows.rows;
    refinements.push({ weight, axisWeight, mse });
    progress.refined(round, mse);
    await checkpoints.made(data, trained, refinements);
  }
  const after = encoded ?? (await encodeAll(data, steps));
  const stages = trained.map((stage, m) => ({ ...stage, mse: after.stages[m].error / rows.rows, ...after.stages[m].use }));
  return { stages, errorOfAll: after.error, refinements };
}

/** Rows that there must be room for: those that seeding copies, and one entry of each row where there are several. */
export function roomFor({ codewords }: TrainPlan, rows: number, most: number): number {
  return Math.max(seedingRows(Math.max(...codewords), rows * most), rows);
}

/** The reports of the stages with the error of the rows held back, and that after the last. */
async function withHeldBack(
  { engine, plan, beams, steps }: Training,
  data: Float32Array,
  heldBack: Matrix,
  stages: readonly StageReport[],
): Promise<Pick<TrainReport, 'stages' | 'heldBackMse'>> {
  if (heldBack.rows === 0) return { stages };
  const encoded = await createEncoding(engine, plan, beams, heldBack)(data, steps);
  const mse = encoded.stages.map(({ error }) => error / heldBack.rows);
  return { stages: stages.map((stage, m) => ({ ...stage, heldBackMse: mse[m] })), heldBackMse: mse[mse.length - 1] };
}

export function checkEnough(plan: TrainPlan, rows: number): void {
  const most = Math.max(...plan.codewords);
  const aside = Math.floor((plan.heldBack ?? 0) * rows);
  if (rows - aside >= most) return; // of more rows than training can use, enough are drawn
  const left = aside === 0 ? '' : `, ${count(aside)} of them held back,`;
  const enough = count(Math.ceil(most / (1 - (plan.heldBack ?? 0))));
  throw new RvqError(
    'TOO_FEW_ROWS',
    'vectors',
    `${counted(rows, 'rows')}${left} cannot train ${counted(most, 'codewords')}: give ${enough} rows at least, or ask for fewer codewords`,
  );
}

/** Trains one stage into `codewords` on what the stages before left of all entries of its rows, and takes the entries on by the stage. */
async function trainStage(
  { engine, plan, beams, room, steps, progress }: Training,
  stage: number,
  entries: Entries,
  codewords: Float32Array,
): Promise<{ report: StageReport; entries: Entries; chosen: Uint32Array; errorOfAll: number }> {
  const { dim } = plan;
  const { count } = entries;
  const trained = rowsForStage(plan, plan.codewords[stage], entries.rows);
  const done = plan.resume?.stages[stage];
  if (done !== undefined) {
    const finished = await finishStage(engine, { entries, codewords, trained, keep: beams[stage + 1], steps });
    progress.resumed(stage, 0, done.mse);
    return { ...finished, report: done };
  }
  const own: Matrix = { data: entries.data.subarray(0, trained * count * dim), rows: trained * count, dim };
  const grid = await sumGrid(own, own.rows, steps);
  if (plan.start === undefined) codewords.set(await seedCodewords(engine, plan, { stage, rows: own, room, steps }));

  const msePerIteration: number[] = [];
  const { iterations, repaired } = await iterate(
    engine,
    plan,
    { rows: own, entries: count, room, codewords, grid, steps },
    ({ iteration, mse, last }) => {
      msePerIteration.push(mse);
      if (!last) progress.iterated(stage, iteration, mse); // the last one is told of when the stage is finished
    },
  );
  const finished = await finishStage(engine, { entries, codewords, trained, keep: beams[stage + 1], steps });
  const { error, counts } = finished;
  const mse = error / trained;
  progress.finished(stage, iterations, msePerIteration.at(-1) ?? mse);
  const report = { codewords: plan.codewords[stage], rows: trained, mse, iterations, msePerIteration, repaired, ...codewordUse(counts) };
  return { ...finished, report };
}

function copyOf(engine: TrainEngine, rows: Matrix, steps: Steps): Promise<Matrix> {
  return gatherRows(rows, undefined, { copy: engine.createRows(rows.data.length), steps });
}
