// What a training will do: train's arguments, checked, with their defaults.
import { type Codebook, checkCodebook, checkSeed, codewordsPerStage } from '../model/codebook.ts';
import { badArgument, count, RvqError } from '../model/errors.ts';
import { checkMatrix, type Matrix } from '../model/matrix.ts';
import { finiteNumber, integer, oneOf, optionalSignal, readOptions } from '../model/options.ts';
import { MAX_BEAM } from '../model/requests.ts';
import type { Init, TrainOptions, TrainProgress } from '../model/training.ts';

export interface TrainPlan {
  readonly dim: number;
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
  readonly onProgress: ((progress: TrainProgress) => void) | undefined;
  readonly signal: AbortSignal | undefined;
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
  'onProgress',
  'signal',
] as const;

const MAX_ITERATIONS = 10_000;
const MAX_REFINE = 1_000;
const DEFAULT_BEAM = 1;

/** Floats that the entries of all rows may take, 512 MB: where there are more rows, each has fewer entries. */
const MOST_ENTRY_FLOATS = 2 ** 27;

/** Checks what train was given, but for the values of the rows. Default 256 rows a codeword: more hardly lowers the error, as faiss found. */
export function readPlan(vectors: Matrix, options: TrainOptions): TrainPlan {
  checkMatrix('vectors', vectors, undefined, { allowEmpty: true });
  const given = readOptions('train', options, OPTIONS);
  const {
    iterations = 10,
    init = 'k-means++',
    seed = 1,
    maxRowsPerCodeword = 256,
    tolerance = 0,
    beam = DEFAULT_BEAM,
    refine = 0,
    onProgress,
    signal,
  } = given;
  if (onProgress !== undefined && typeof onProgress !== 'function') throw badArgument('train option onProgress', 'a function', onProgress);
  const codewords = codewordsPerStage('train', given.stages, given.codewords);
  const plan: TrainPlan = {
    dim: vectors.dim,
    codewords,
    iterations: integer('train option iterations', iterations, 0, MAX_ITERATIONS),
    init: oneOf('train option init', init, INITS),
    seed: checkSeed('train', seed),
    maxRowsPerCodeword: integer('train option maxRowsPerCodeword', maxRowsPerCodeword, 1),
    tolerance: finiteNumber('train option tolerance', tolerance, 0),
    start: given.start && checkStart(given.start, vectors.dim, codewords),
    refine: integer('train option refine', refine, 0, MAX_REFINE),
    beam: integer('train option beam', beam, 1, MAX_BEAM),
    onProgress,
    signal: optionalSignal('train option signal', signal),
  };
  const most = Math.max(...plan.codewords);
  if (vectors.rows < most) {
    throw new RvqError(
      'TOO_FEW_ROWS',
      'vectors',
      `${count(vectors.rows)} rows cannot train ${count(most)} codewords: give ${count(most)} rows at least, or ask for fewer codewords`,
    );
  }
  return plan;
}

function checkStart(start: Codebook, dim: number, codewords: readonly number[]): Codebook {
  checkCodebook(start, 'train option start');
  const same = start.dim === dim && start.codewords.length === codewords.length && start.codewords.every((size, stage) => size === codewords[stage]);
  if (same) return start;
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
