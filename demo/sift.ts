// The descriptors: trained, encoded, decoded and evaluated by the command; timed in this process.
import type { Matrix } from 'residual-vq';
import { evaluateFile, rvq } from './command.ts';
import type { SiftFigures } from './figures.ts';
import type { Library } from './library.ts';
import { measureSpeed } from './speed.ts';
import { DemoError } from './stop.ts';

/** 8 stages of 256 codewords: 8 bytes a row. */
export const SHAPE = ['--stages', '8', '--codewords', '256'] as const;

const TRAIN = 'data/sift-train.bvecs';
const BASE = 'data/sift-base.bvecs';
/** .bvecs: one byte a value. */
const STORED_BITS = 8;

/** @param out the folder for what is made, relative to the package */
export async function runSift(library: Library, { out, signal }: { out: string; signal: AbortSignal }): Promise<SiftFigures> {
  const { files } = library;
  const [book, codes, decoded] = [`${out}/sift-codebook.safetensors`, `${out}/sift-codes.safetensors`, `${out}/sift-decoded.fvecs`];
  const { seconds: trainSeconds } = await rvq(['train', TRAIN, '-o', book, ...SHAPE], { signal });
  await rvq(['encode', book, BASE, '-o', codes], { signal });
  await rvq(['decode', book, codes, '-o', decoded], { signal });
  const evaluation = await evaluateFile(book, BASE, { signal });

  const codebook = await files.readCodebook(book);
  const vectors = await files.readVectors(BASE);
  const written = await files.readCodes(codes, codebook);
  const decodedMse = meanSquaredError(vectors, await files.readVectors(decoded));
  if (Math.abs(decodedMse - evaluation.mse) > 1e-4 * evaluation.mse) {
    throw new DemoError(`${decoded}: expected an mse of ${evaluation.mse}, as rvq eval says, got ${decodedMse}`);
  }
  const speed = await measureSpeed(library, { codebook, vectors, written }, { signal });
  if (!speed.sameCodes) throw new DemoError('WebAssembly and the reference gave different codes: please report it');
  const { rows: trainRows } = await files.readVectors(TRAIN);
  return { trainRows, trainSeconds, evaluation, storedBitsPerValue: STORED_BITS, decodedMse, codebookBytes: codebook.data.byteLength, speed };
}

/** The mean over rows of the summed squared difference. */
export function meanSquaredError(a: Matrix, b: Matrix): number {
  if (a.rows !== b.rows || a.dim !== b.dim) throw new DemoError(`expected ${a.rows} rows of dim ${a.dim}, got ${b.rows} of dim ${b.dim}`);
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i] - b.data[i]) ** 2;
  return sum / a.rows;
}
