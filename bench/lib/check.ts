// A benchmark of wrong answers is worth nothing: holds one program's codes against another's.
import type { Codebook, Codes, Matrix } from 'residual-vq';
import { count } from '../../ts/model/errors.ts';

/** Thrown where two programs disagree by more than rounding explains. Nothing is reported then. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
}

/** How the codes of another program differ from those of the definition. */
export interface Difference {
  readonly rows: number;
  /** Rows with another code in at least one stage. */
  readonly different: number;
  /** Those of them whose first other code is a codeword as near, but for what float32 may lose in the sum of a distance. */
  readonly nearTies: number;
}

/** Rounding of one float32 operation. */
const UNIT = 2 ** -24;

/**
 * Follows both codes of each row to the first stage in which they differ. There the residuals are the same, and the codeword of `theirs` must
 * be as near as that of `ours` but for rounding. A program that works in float32 takes |r|² + |c|² - 2 r·c: each of the three is a sum of
 * dim terms, with an error of at most dim units of (|r| + |c|)² in all (Higham, Accuracy and Stability, section 3.1), and that twice, for two
 * codewords. What follows in such a row is another path, and is not compared.
 */
export function compareCodes(codebook: Codebook, vectors: Matrix, ours: Codes, theirs: Codes): Difference {
  const { dim, codewords } = codebook;
  const { rows, stages } = ours;
  if (theirs.rows !== rows || theirs.stages !== stages)
    throw new WrongAnswer(`expected codes of ${rows} x ${stages}, got ${theirs.rows} x ${theirs.stages}`);
  const offsets = codewords.map((_, stage) => codewords.slice(0, stage).reduce((sum, size) => sum + size, 0));
  const codewordOf = (stage: number, code: number) => codebook.data.subarray((offsets[stage] + code) * dim, (offsets[stage] + code + 1) * dim);
  let different = 0;
  let nearTies = 0;
  for (let row = 0; row < rows; row++) {
    const at = row * stages;
    const stage = firstDifference(ours.data.subarray(at, at + stages), theirs.data.subarray(at, at + stages));
    if (stage < 0) continue;
    different++;
    const residual = vectors.data.slice(row * dim, (row + 1) * dim);
    for (let before = 0; before < stage; before++) subtract(residual, codewordOf(before, ours.data[at + before]));
    const [own, other] = [codewordOf(stage, ours.data[at + stage]), codewordOf(stage, theirs.data[at + stage])];
    const reach = Math.sqrt(squaredNorm(residual)) + Math.sqrt(Math.max(squaredNorm(own), squaredNorm(other)));
    if (squaredDistance(residual, other) - squaredDistance(residual, own) <= 2 * dim * UNIT * reach ** 2) nearTies++;
  }
  return { rows, different, nearTies };
}

/** "same codes", or how far not; an error where a difference is none of rounding. */
export function checkCodes(who: string, { rows, different, nearTies }: Difference): string {
  if (different !== nearTies)
    throw new WrongAnswer(`${who}: other codes in ${count(different)} of ${count(rows)} rows, of which ${count(nearTies)} are near ties`);
  if (different === 0) return 'same codes';
  return `same codes but for ${count(different)} near ${different === 1 ? 'tie' : 'ties'} in ${count(rows)} rows`;
}

/** "mse 31,290 against 31,230"; an error where ours is more than `most` times theirs. */
export function checkError(who: string, { ours, theirs, most }: { ours: number; theirs: number; most: number }): string {
  const text = `mse ${count(Math.round(ours))} against ${count(Math.round(theirs))}`;
  if (!(ours <= most * theirs)) throw new WrongAnswer(`${who}: ${text}, expected at most ${most} times theirs`);
  return text;
}

/** An error unless both hold the same values. */
export function checkSame(who: string, ours: ArrayLike<number>, theirs: ArrayLike<number>): void {
  if (ours.length !== theirs.length) throw new WrongAnswer(`${who}: expected ${count(ours.length)} values, got ${count(theirs.length)}`);
  for (let i = 0; i < ours.length; i++) {
    if (ours[i] !== theirs[i]) throw new WrongAnswer(`${who}: value ${count(i)}: expected ${ours[i]}, got ${theirs[i]}`);
  }
}

function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return i;
  return -1;
}

function subtract(residual: Float32Array, codeword: Float32Array): void {
  for (let j = 0; j < residual.length; j++) residual[j] -= codeword[j];
}

function squaredNorm(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}

function squaredDistance(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, j) => sum + (value - b[j]) ** 2, 0);
}
