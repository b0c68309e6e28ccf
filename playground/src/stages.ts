// The stages of a result: what each costs and leaves, and the pictures that they rebuild.
import { decode } from 'residual-vq/reference';
import { joinPatches, type Picture, psnr } from '../../demo/patches.ts';
import type { Result } from './protocol.ts';
import type { Source } from './source.ts';

export interface StageFigures {
  readonly mse: number;
  readonly relativeError: number;
  readonly entropy: number;
  readonly dead: number;
  readonly bitsPerRow: number;
  /** Of pictures: bits a pixel, and the peak signal-to-noise ratio in dB. */
  readonly bitsPerPixel: number | undefined;
  readonly psnr: number | undefined;
}

export interface Stages {
  readonly count: number;
  readonly figures: readonly StageFigures[];
  /** The picture of the first `stages` stages. */
  rebuilt(stages: number): Picture;
}

/** Decodes by the reference: a page that may not compile WebAssembly shows its stages, too. */
export function stagesOf(source: Source, { codebook, codes, evaluation }: Result, patch: number): Stages {
  const pictures = new Map<number, Picture>();
  const count = codebook.codewords.length;

  function rebuilt(stages: number): Picture {
    if (source.kind !== 'picture') throw new Error('vectors are no picture');
    const known = pictures.get(stages);
    if (known !== undefined) return known;
    const picture = joinPatches(decode(codebook, codes, { stages }), source.picture, patch);
    pictures.set(stages, picture);
    return picture;
  }

  let bitsPerRow = 0;
  const figures = codebook.codewords.map((codewords, stage): StageFigures => {
    bitsPerRow += Math.ceil(Math.log2(codewords));
    const picture = source.kind === 'picture' ? source.picture : undefined;
    return {
      mse: evaluation.msePerStage[stage],
      relativeError: evaluation.relativeErrorPerStage[stage],
      entropy: evaluation.entropyPerStage[stage],
      dead: evaluation.deadPerStage[stage],
      bitsPerRow,
      bitsPerPixel: picture && (bitsPerRow * codes.rows) / (picture.width * picture.height),
      psnr: picture && psnr(picture, rebuilt(stage + 1)),
    };
  });
  return { count, figures, rebuilt };
}
