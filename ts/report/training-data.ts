// What a report of a training holds: the content of `rvq train --report out.json`, and what out.html draws.
import type { CheckpointSettings, TrainReport } from '../model/training.ts';

export interface TrainingData {
  readonly format: 'residual-vq training report';
  readonly version: 1;
  /** Of the package that trained. */
  readonly residualVq: string;
  readonly vectors: { readonly file: string; readonly rows: number; readonly dim: number };
  readonly codebook: {
    readonly file: string;
    readonly id: string;
    readonly dim: number;
    readonly codewords: readonly number[];
    readonly bitsPerRow: number;
  };
  /** As it was typed. */
  readonly command: string;
  /** The options that decide the codebook, with their defaults. */
  readonly options: CheckpointSettings;
  readonly threads: number;
  /** Wall time of the training; only of the last part where it was resumed. */
  readonly seconds: number;
  readonly training: TrainReport;
  readonly rateDistortion: RateDistortion;
}

/** What the first stages of the codebook come to, alone: codebooks of their own, each encoded with. */
export interface RateDistortion {
  /** Rows measured: of those held back where there are any, else of those that trained. */
  readonly rows: number;
  readonly heldBack: boolean;
  readonly curves: readonly RateCurve[];
}

export interface RateCurve {
  readonly beam: number;
  readonly points: readonly RatePoint[];
}

export interface RatePoint {
  readonly stages: number;
  readonly bitsPerRow: number;
  readonly mse: number;
  /** Of the squared norm of the rows. */
  readonly relativeError: number;
}
