// The rate-distortion curve of a codebook: bits a row against error, measured with its first stages alone.
import { type Codebook, codebook as createCodebook, type Matrix } from '../index.ts';
import { stageOffsets } from '../model/codebook.ts';
import type { RateCurve, RatePoint } from '../report/training-data.ts';
import type { Verbs } from './threads.ts';

/** Of a codebook of more stages, so many prefixes are measured: work grows with the square of their number. */
const MOST_POINTS = 16;

/** The wider beam: that of the training, but this at least. */
const WIDE_BEAM = 5;

/** @param done called before each measurement with the part of the work that is done */
export async function rateCurves(
  { evaluate }: Pick<Verbs, 'evaluate'>,
  codebook: Codebook,
  rows: Matrix,
  { trainedWith, signal, done }: { trainedWith: number; signal: AbortSignal; done: (fraction: number) => void },
): Promise<RateCurve[]> {
  // beam search cannot keep more entries than the first stage has codewords
  const beams = [1, Math.min(codebook.codewords[0], Math.max(WIDE_BEAM, trainedWith))].filter((beam, i, all) => all.indexOf(beam) === i);
  const prefixes = prefixLengths(codebook.codewords.length);
  const work = (stages: number, beam: number) => stages * (beam + 1);
  const all = beams.flatMap((beam) => prefixes.map((stages) => work(stages, beam))).reduce((a, b) => a + b, 0);
  let worked = 0;
  const curves: RateCurve[] = [];
  for (const beam of beams) {
    const points: RatePoint[] = [];
    for (const stages of prefixes) {
      signal.throwIfAborted();
      done(worked / all);
      const { bitsPerRow, mse, relativeError } = await evaluate(prefix(codebook, stages), rows, { beam });
      points.push({ stages, bitsPerRow, mse, relativeError });
      worked += work(stages, beam);
    }
    curves.push({ beam, points });
  }
  return curves;
}

/** 1, ... all: evenly spaced where they are many. */
export function prefixLengths(stages: number): number[] {
  if (stages <= MOST_POINTS) return Array.from({ length: stages }, (_, m) => m + 1);
  return Array.from({ length: MOST_POINTS }, (_, i) => 1 + Math.round((i * (stages - 1)) / (MOST_POINTS - 1)));
}

function prefix(codebook: Codebook, stages: number): Codebook {
  const { data, dim, codewords } = codebook;
  if (stages === codewords.length) return codebook;
  return createCodebook(data.subarray(0, stageOffsets(codewords)[stages] * dim), { dim, codewords: codewords.slice(0, stages) });
}
