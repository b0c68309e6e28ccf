// The races that need no rivals: WebAssembly against the reference, and the shapes against each other.
import { decode, encode, evaluate, type Matrix, train } from 'residual-vq';
import { decode as referenceDecode, encode as referenceEncode } from 'residual-vq/reference';
import { checkError, checkSame } from '../lib/check.ts';
import { type Codebooks, TRAINING } from '../lib/codebooks.ts';
import { OURS, REFERENCE } from '../lib/contenders.ts';
import { cut, firstRows } from '../lib/data.ts';
import { decodeEntrant, encodeEntrant, referenceDecodeEntrant, referenceEncodeEntrant } from '../lib/ours.ts';
import { type Entrant, type Rounds, race, timedAsync } from '../lib/race.ts';
import type { Race } from '../lib/results.ts';
import { BEAMS, MIDDLE, ROWS, type Shape } from '../lib/shapes.ts';

/** What races run on. */
export interface Course {
  readonly base: Matrix;
  readonly train: Matrix;
  readonly codebooks: Codebooks;
}

/** The reference takes some 400 µs a row, so it gets fewer rows: about as long as WebAssembly takes for all. */
export const REFERENCE_ROWS = 500;

/** Rows of each shape that the reference encodes too. */
const CHECKED_ROWS = 20;

/** mse of sift-base under the codebook of faiss's default training at beam 1, and how far above it ours may be. */
const FAISS_MSE = 31_230;
const MOST_MSE = 1.01;

/** Encode at every beam, WebAssembly and reference. */
export async function encodeRaces({ base, codebooks }: Course, rounds: Rounds): Promise<Race[]> {
  const codebook = await codebooks.of(MIDDLE);
  const races: Race[] = [];
  for (const beam of BEAMS) {
    const few = firstRows(base, Math.ceil(REFERENCE_ROWS / beam));
    checkSame(REFERENCE, encode(codebook, few, { beam }).data, referenceEncode(codebook, few, { beam }).data);
    const contenders = await race([encodeEntrant(codebook, base, beam), referenceEncodeEntrant(codebook, few, beam)], rounds);
    races.push({ work: 'encode', shape: { ...MIDDLE, beam }, contenders, check: 'same codes' });
  }
  return races;
}

export async function decodeRace({ base, codebooks }: Course, rounds: Rounds): Promise<Race> {
  const codebook = await codebooks.of(MIDDLE);
  const codes = encode(codebook, base);
  checkSame(REFERENCE, decode(codebook, codes).data, referenceDecode(codebook, codes).data);
  const contenders = await race([decodeEntrant(codebook, codes), referenceDecodeEntrant(codebook, codes)], rounds);
  return { work: 'decode', shape: MIDDLE, contenders, check: 'same values' };
}

export async function trainRace({ base, train: rows }: Course, rounds: Rounds): Promise<Race> {
  const { codebook } = await train(rows, TRAINING);
  const check = checkError('train', { ours: evaluate(codebook, base).mse, theirs: FAISS_MSE, most: MOST_MSE });
  const contenders = await race([{ name: OURS, rows: rows.rows, run: () => timedAsync(() => train(rows, TRAINING)) }], rounds);
  return { work: 'train', shape: MIDDLE, contenders, check };
}

/**
 * Encode at every one of the shapes, and at the one in the middle for more and more rows: ours alone. All of them are entrants of one
 * race, since how the time grows is seen by holding them against each other.
 */
export async function growthRaces({ base, codebooks }: Course, shapes: readonly Shape[], rounds: Rounds): Promise<Race[]> {
  const runs: { readonly shape: Shape; readonly entrant: Entrant }[] = [];
  for (const shape of shapes) {
    const codebook = await codebooks.of(shape);
    const rows = cut(base, shape.dim);
    const few = firstRows(rows, CHECKED_ROWS);
    const { beam } = shape;
    checkSame(REFERENCE, encode(codebook, few, { beam }).data, referenceEncode(codebook, few, { beam }).data);
    runs.push({ shape, entrant: encodeEntrant(codebook, rows, beam) });
  }
  const codebook = await codebooks.of(MIDDLE);
  const all = encode(codebook, base).data;
  for (const rows of ROWS) {
    const some = firstRows(base, rows);
    checkSame('encode of fewer rows', encode(codebook, some).data, all.subarray(0, some.rows * MIDDLE.stages));
    runs.push({ shape: MIDDLE, entrant: encodeEntrant(codebook, some, 1) });
  }
  const entrants = runs.map(({ entrant }) => entrant);
  const contenders = await race(entrants, rounds);
  return runs.map(({ shape }, at) => ({ work: 'encode', shape, contenders: [contenders[at]], check: 'same codes' }));
}
