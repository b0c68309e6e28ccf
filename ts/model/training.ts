// What train takes and reports.
import type { Codebook } from './codebook.ts';
import type { Matrix } from './matrix.ts';
import type { Source } from './sources.ts';

/**
 * Rows to train on: all at once, or block after block, as many as there are and of any size. Of blocks, as many rows as are useful are drawn
 * by seed while they pass (reservoir sampling), so that memory holds no more than these; how the rows are cut into blocks changes nothing.
 */
export type TrainingVectors = Matrix | Source<Matrix>;

/**
 * How the codewords of a stage start: as rows spread by D² sampling, as rows drawn at random (both moved towards the mean where
 * that fits the rows better), or normal with the rows' mean and deviation.
 */
export type Init = 'k-means++' | 'random' | 'normal';

export interface TrainOptions {
  /** How many stages. */
  stages: number;
  /** Codewords a stage: one number, or one for each. */
  codewords: number | readonly number[];
  /** Lloyd iterations a stage at most; default 12. The last goes over all rows, those before over every fourth where these are enough. */
  iterations?: number | undefined;
  /** Default 'k-means++'. */
  init?: Init | undefined;
  /** Integer from 0 to 2^32 - 1; the same seed gives the same codebook, bit for bit. Default 1. */
  seed?: number | undefined;
  /** At most this many rows a codeword are used, drawn by seed; default 256. */
  maxRowsPerCodeword?: number | undefined;
  /**
   * Part of the rows that is set aside, 0 to 0.5, drawn by seed: the report gives their mse beside that of the rows that trained, and warns
   * of overfitting. Without this option, rows that maxRowsPerCodeword leaves out serve, an eighth as many as train; 0 holds none back.
   */
  heldBack?: number | undefined;
  /** A stage ends early once an iteration lowers its mse by less than this part of it; default 0: only when nothing is gained. */
  tolerance?: number | undefined;
  /**
   * Entries that beam search keeps of each row from stage to stage, 1 to 64; default 1, greedy. Each stage is trained on what all of them leave
   * of their rows, so time grows with it, and codebooks get better to encode with a beam. Fewer are kept where those of all rows would take more than 512 MB.
   */
  beam?: number | undefined;
  /**
   * Rounds of joint refinement after the last stage; default 0. In each, the rows are encoded with the beam, and the codewords of all stages
   * are then moved together to what fits the rows best: least squares, with a pull to the mean of their stage that rows held back choose in the first.
   */
  refine?: number | undefined;
  /** A codebook of the same shape to go on from, on the same rows or others: its codewords are the first, and `init` is not used. It is not changed. */
  start?: Codebook | undefined;
  /** Called after every stage and every round of refinement with what `resume` takes, and waited for; where it throws, training ends so. */
  onCheckpoint?: ((checkpoint: TrainCheckpoint) => void | Promise<void>) | undefined;
  /**
   * A checkpoint to go on from. Vectors and options must be those that it was made with, but for `refine`, which may be more; the codebook is then
   * the one that would have been, bit for bit.
   */
  resume?: TrainCheckpoint | undefined;
  /** Called after every iteration; for the last of a stage once the stage is done. With no iterations, once a stage. */
  onProgress?: ((progress: TrainProgress) => void) | undefined;
  /** Ends training: the promise is rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
}

export interface TrainProgress {
  /** The stage being trained, from 0. */
  readonly stage: number;
  readonly stages: number;
  /** Iterations done in this stage, from 1 (0 only where none were asked for). */
  readonly iteration: number;
  readonly iterations: number;
  /** Rounds of joint refinement done; undefined before it. */
  readonly round: number | undefined;
  /** mse of the stage's training rows under the codewords with which the iteration began; while refining, of all rows used. */
  readonly mse: number;
  /** How much of the whole training is done, 0 to 1. */
  readonly fraction: number;
  /** How long the rest takes, about, if it goes on at the pace so far; undefined where nothing was done yet but to resume. */
  readonly secondsLeft: number | undefined;
}

/** A training after some of its stages, or rounds of refinement: plain data, to be kept as it is. */
export interface TrainCheckpoint {
  /** The stages so far. */
  readonly codebook: Codebook;
  /** What the report says of them, without what rows held back come to. */
  readonly stages: readonly StageReport[];
  /** The rounds of refinement so far, which begin after the last stage. */
  readonly refinements: readonly Refinement[];
  /** What was asked for, by which another training refuses the checkpoint. */
  readonly settings: CheckpointSettings;
  /** 32 hexadecimal digits of a SHA-256 of the rows that train: rows of others are refused, too. */
  readonly vectors: string;
}

/** The options that decide a codebook, with their defaults; `start` by its id. */
export interface CheckpointSettings {
  /** Codewords of all stages, those to come among them. */
  readonly codewords: readonly number[];
  /** Rounds of refinement that were asked for. */
  readonly refine: number;
  readonly [option: string]: string | number | null | readonly number[];
}

export interface StageReport {
  readonly codewords: number;
  /** Rows that trained this stage. */
  readonly rows: number;
  /** mse of the training rows after this stage. */
  readonly mse: number;
  /** mse of the rows held back after this stage, or undefined where there are none. */
  readonly heldBackMse?: number | undefined;
  readonly iterations: number;
  /**
   * mse under the codewords with which each iteration began: of the rows that it went over, every fourth in turns where rows are many, and with a
   * beam of one entry of each; in the last iteration of all rows and entries.
   */
  readonly msePerIteration: readonly number[];
  /** Codewords that stood empty after an iteration and were replaced, over all iterations. */
  readonly repaired: number;
  /** How many training rows chose each codeword in the end. */
  readonly use: readonly number[];
  /** Codewords that no training row chose in the end. */
  readonly dead: number;
  /** Codewords that some training row chose, but fewer than a tenth of rows / codewords. */
  readonly nearDead: number;
  /** Entropy of the codewords' use over log2(codewords): 1 where all are used alike. */
  readonly entropy: number;
}

export interface Refinement {
  /** So many rows more at the mean of its stage each codeword was fitted to. */
  readonly weight: number;
  /** As many on top along axes on which the codes leave all of the rows' variance, and along others fewer, by the part that they leave. */
  readonly axisWeight: number;
  /** mse of the rows used, encoded with the codewords of this round. */
  readonly mse: number;
}

export interface TrainReport {
  /** Rows given. */
  readonly rows: number;
  /** Rows used, after sampling. */
  readonly rowsUsed: number;
  /** Rows held back. */
  readonly rowsHeldBack: number;
  readonly seed: number;
  /** mse of the rows used, with all stages. */
  readonly mse: number;
  /** mse of the rows held back, with all stages, or undefined where there are none. */
  readonly heldBackMse?: number | undefined;
  readonly stages: readonly StageReport[];
  /** What each round of joint refinement came to; the figures of the stages are those after the last. */
  readonly refinements: readonly Refinement[];
  /** What a user should know of this training, in whole sentences. */
  readonly warnings: readonly string[];
}
