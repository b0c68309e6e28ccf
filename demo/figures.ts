// What the demo measures: the data between measuring, printing and drawing, and the content of demo/out/report.json.
import type { Evaluation } from 'residual-vq';

export { count, percent, short } from '../ts/report/numbers.ts';

export interface Figures {
  readonly machine: Machine;
  /** Wall time of everything, in seconds. */
  readonly seconds: number;
  readonly sift: SiftFigures;
  readonly photograph: PhotographFigures;
}

export interface Machine {
  readonly cpu: string;
  readonly threads: number;
  readonly node: string;
  readonly platform: string;
}

/** What `rvq eval --json` prints: an evaluation, and the seconds that encoding and measuring took. */
export type TimedEvaluation = Evaluation & { readonly seconds: number };

export interface SiftFigures {
  readonly trainRows: number;
  /** Wall time of `rvq train`, in seconds. */
  readonly trainSeconds: number;
  readonly evaluation: TimedEvaluation;
  /** Bits a value in the file that the rows came from: SIFT is stored as uint8. */
  readonly storedBitsPerValue: number;
  /** mse between the rows and the file that `rvq decode` wrote. */
  readonly decodedMse: number;
  readonly codebookBytes: number;
  readonly speed: SpeedFigures;
}

export interface SpeedFigures {
  readonly wasm: EngineSpeed;
  readonly reference: EngineSpeed;
  /** Both gave the codes that the command wrote, for as many rows as each encoded. */
  readonly sameCodes: boolean;
}

export interface EngineSpeed {
  readonly rows: number;
  readonly runs: number;
  /** Median over the runs. */
  readonly seconds: number;
  readonly rowsPerSecond: number;
}

export interface PhotographFigures {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly patches: number;
  readonly trainRows: number;
  readonly trainSeconds: number;
  readonly evaluation: TimedEvaluation;
  readonly versions: readonly Version[];
  /** The same with a codebook that was trained without this photograph. */
  readonly unseen: { readonly trainedOn: string; readonly stages: number; readonly psnr: number };
  readonly codebookBytes: number;
}

/** The photograph, rebuilt from the first so many stages. */
export interface Version {
  readonly stages: number;
  /** In dB. */
  readonly psnr: number;
  /** Of the codes; the codebook is not counted. */
  readonly bitsPerPixel: number;
}

/** Bits of one row's codes after the first stage, the first two, and so on. */
export function bitsAfterStages({ codewords }: Evaluation): number[] {
  let bits = 0;
  return codewords.map((k) => {
    bits += Math.ceil(Math.log2(k));
    return bits;
  });
}

/** "1.57 MB". */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
