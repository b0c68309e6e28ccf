// What a training will do: train's arguments, checked, with their defaults.
import { checkCheckpoint } from '../model/checkpoint.ts';
import { type Codebook, checkCodebook, checkSeed, codewordsPerStage } from '../model/codebook.ts';
import { badArgument, RvqError } from '../model/errors.ts';
import { finiteNumber, integer, oneOf, optionalSignal, readOptions } from '../model/options.ts';
import { MAX_BEAM } from '../model/requests.ts';
import type { Init, TrainCheckpoint, TrainOptions, TrainProgress } from '../model/training.ts';

/** What train's options ask for, whatever the vectors. */
export interface TrainSettings {
  /** Codewords of each stage. */
  readonly codewords: readonly number[];
  /** Lloyd iterations a stage at most. */
  readonly iterations: number;
  readonly init: Init;
  readonly seed: number;
  readonly maxRowsPerCodeword: number;
  readonly tolerance: number;
  /** Entries that a row may have between two stages. */
  readonly beam: number;
  /** Rounds of joint refinement after the last stage. */
  readonly refine: number;
  /** The codewords with which the iterations begin. */
  readonly start: Codebook | undefined;
  /** Part of the rows that is set aside; undefined: what is not needed to train. */
  readonly heldBack: number | undefined;
  readonly onCheckpoint: ((checkpoint: TrainCheckpoint) => void | Promise<void>) | undefined;
  readonly resume: TrainCheckpoint | undefined;
  readonly onProgress: ((progress: TrainProgress) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

export interface TrainPlan extends TrainSettings {
  readonly dim: number;
}

const INITS: readonly Init[] = ['k-means++', 'random', 'normal'];
const OPTIONS = [
  'stages',
  'codewords',
  'iterations',
  'init',
  'seed',
  'maxRowsPerCodeword',
  'tolerance',
  'beam',
  'refine',
  'start',
  'heldBack',
  'onCheckpoint',
  'resume',
  'onProgress',
  'signal',
] as const;

const MAX_ITERATIONS = 10_000;
const MAX_REFINE = 1_000;

/** All but the last go over a part of the rows. */
export const DEFAULT_ITERATIONS = 12;

/** Greedy: what a beam gains, and takes, docs/training.md tells. */
export const DEFAULT_BEAM = 1;

/** Floats that the entries of all rows may take, 512 MB: where there are more rows, each has fewer entries. */
const MOST_ENTRY_FLOATS = 2 ** 27;

/** Checks the options of train. Default 256 rows a codeword: more hardly lowers the error, as faiss found. */
export function readSettings(options: TrainOptions): TrainSettings {
  const given = readOptions('train', options, OPTIONS);
  const {
    iterations = DEFAULT_ITERATIONS,
    init = 'k-means++',
    seed = 1,
    maxRowsPerCodeword = 256,
    tolerance = 0,
    beam = DEFAULT_BEAM,
    refine = 0,
    heldBack,
    onCheckpoint,
    onProgress,
    signal,
  } = given;
  checkFunction('onProgress', onProgress);
  checkFunction('onCheckpoint', onCheckpoint);
  const codewords = codewordsPerStage('train', given.stages, given.codewords);
  return {
    codewords,
    iterations: integer('train option iterations', iterations, 0, MAX_ITERATIONS),
    init: oneOf('train option init', init, INITS),
    seed: checkSeed('train', seed),
    maxRowsPerCodeword: integer('train option maxRowsPerCodeword', maxRowsPerCodeword, 1),
    tolerance: finiteNumber('train option tolerance', tolerance, 0),
    start: given.start === undefined ? undefined : checkCodebook(given.start, 'train option start'),
    heldBack: heldBack === undefined ? undefined : checkPart('train option heldBack', heldBack, 0.5),
    onCheckpoint,
    resume: given.resume === undefined ? undefined : checkCheckpoint(given.resume),
    refine: integer('train option refine', refine, 0, MAX_REFINE),
    beam: integer('train option beam', beam, 1, MAX_BEAM),
    onProgress,
    signal: optionalSignal('train option signal', signal),
  };
}

/** The plan for vectors of `dim`: codebooks that were given must have it, too. */
export function planFor(settings: TrainSettings, dim: number): TrainPlan {
  const { start, resume, codewords } = settings;
  if (start !== undefined) checkStart(start, dim, codewords);
  if (resume !== undefined && resume.codebook.dim !== dim) {
    throw new RvqError('DIM_MISMATCH', 'vectors', `expected rows of dim ${resume.codebook.dim}, as the checkpoint has, got dim ${dim}`);
  }
  return { ...settings, dim };
}

function checkFunction(option: 'onProgress' | 'onCheckpoint', value: unknown): void {
  if (value !== undefined && typeof value !== 'function') throw badArgument(`train option ${option}`, 'a function', value);
}

function checkPart(subject: string, value: number, most: number): number {
  if (!(finiteNumber(subject, value, 0) <= most)) throw badArgument(subject, `a number from 0 to ${most}`, value);
  return value;
}

function checkStart(start: Codebook, dim: number, codewords: readonly number[]): void {
  const same = start.dim === dim && start.codewords.length === codewords.length && start.codewords.every((size, stage) => size === codewords[stage]);
  if (same) return;
  const shape = (of: readonly number[], width: number) => `stages of ${of.join(', ')} codewords of dim ${width}`;
  throw new RvqError('INVALID_ARGUMENT', 'train option start', `expected ${shape(codewords, dim)}, got ${shape(start.codewords, start.dim)}`);
}

/** Entries of a row before each stage, and after the last, of which one is asked for. They depend on plan and rows alone. */
export function entriesOfStages({ dim, codewords, beam }: TrainPlan, rows: number): number[] {
  const most = Math.max(1, Math.min(beam, Math.floor(MOST_ENTRY_FLOATS / (rows * dim))));
  const entries = [1];
  for (const count of codewords) entries.push(Math.min(most, entries[entries.length - 1] * count));
  entries[codewords.length] = 1;
  return entries;
}
