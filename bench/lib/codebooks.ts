// A trained codebook for every shape that is measured, trained once a run.
import { type Codebook, type Matrix, type TrainOptions, train } from 'residual-vq';
import { cut } from './data.ts';
import { MIDDLE, type Shape } from './shapes.ts';

const SEED = 1;

/** How the codebook in the middle is trained: 10 iterations, everything else by default. */
export const TRAINING: TrainOptions = { stages: MIDDLE.stages, codewords: MIDDLE.codewords, iterations: 10, seed: SEED };

/**
 * The other shapes need codewords that lie like trained ones, not the best ones: 3 iterations on 64 rows a codeword take a tenth of
 * the time. Their mse is not reported.
 */
const SHORT = { iterations: 3, maxRowsPerCodeword: 64, seed: SEED };

export interface Codebooks {
  of(shape: Shape): Promise<Codebook>;
}

/** @param rows what to train on; a shape of another dim takes the same values cut into rows of that dim */
export function createCodebooks(rows: Matrix): Codebooks {
  const made = new Map<string, Promise<Codebook>>();
  const make = async ({ dim, stages, codewords }: Shape): Promise<Codebook> => {
    const middle = dim === MIDDLE.dim && stages === MIDDLE.stages && codewords === MIDDLE.codewords;
    const { codebook } = await train(cut(rows, dim), middle ? TRAINING : { ...SHORT, stages, codewords });
    return codebook;
  };
  return {
    of(shape) {
      const key = [shape.dim, shape.stages, shape.codewords].join();
      const present = made.get(key) ?? make(shape);
      made.set(key, present);
      return present;
    },
  };
}
