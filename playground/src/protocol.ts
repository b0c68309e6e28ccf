// What the page and its worker say to each other.
import type { Codebook, Codes, Evaluation, Matrix, TrainProgress, TrainReport } from 'residual-vq';

export interface Settings {
  readonly stages: number;
  readonly codewords: number;
  readonly beam: number;
}

/** What to train on, and what to encode. */
export interface Work {
  readonly training: Matrix;
  readonly rows: Matrix;
  readonly settings: Settings;
}

export interface Result {
  readonly codebook: Codebook;
  readonly codes: Codes;
  readonly evaluation: Evaluation;
  readonly report: TrainReport;
  readonly seconds: number;
  /** By which of the two functions of the package: the reference where the engine has no WebAssembly. */
  readonly engine: Engine;
}

export type Engine = 'wasm' | 'reference';

export interface Comparison {
  readonly rows: number;
  /** Rows a second; undefined where the engine has no WebAssembly. */
  readonly wasm: number | undefined;
  readonly reference: number;
  readonly same: boolean;
}

export type Request =
  | { readonly kind: 'train'; readonly id: number; readonly work: Work }
  | { readonly kind: 'compare'; readonly id: number; readonly codebook: Codebook; readonly rows: Matrix }
  | { readonly kind: 'cancel'; readonly id: number };

export type Answer =
  | { readonly kind: 'progress'; readonly id: number; readonly progress: TrainProgress }
  | { readonly kind: 'encoding'; readonly id: number }
  | { readonly kind: 'trained'; readonly id: number; readonly result: Result }
  | { readonly kind: 'compared'; readonly id: number; readonly comparison: Comparison }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string; readonly cancelled: boolean };
