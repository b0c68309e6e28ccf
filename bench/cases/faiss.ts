// Against faiss's ResidualQuantizer: the same codebook, the same rows, in turn.
import { type Codebook, type Codes, decode, encode, evaluate, type Matrix, train, unpack } from 'residual-vq';
import { encode as referenceEncode } from 'residual-vq/reference';
import { blockRows } from '../../ts/model/blocks.ts';
import { checkCodes, checkError, checkSame, compareCodes } from '../lib/check.ts';
import { TRAINING } from '../lib/codebooks.ts';
import { FAISS, faissWay, OURS, REFERENCE } from '../lib/contenders.ts';
import { cut, firstRows } from '../lib/data.ts';
import { codebookLike, floatsOf, meanSquaredError } from '../lib/floats.ts';
import { decodeEntrant, packedEncodeEntrant, referenceDecodeEntrant, referenceEncodeEntrant } from '../lib/ours.ts';
import { type Entrant, type Rounds, race, timedAsync } from '../lib/race.ts';
import type { Race } from '../lib/results.ts';
import { isMiddle, MIDDLE, type Shape, shapeName } from '../lib/shapes.ts';
import type { EncodeWay, Faiss } from '../peers/faiss.ts';
import { type Course, REFERENCE_ROWS } from './races.ts';

/** Training beyond this part above theirs would not be the same work. */
const MOST_MSE = 1.01;

/** Beam search drops near ties early, and another path follows: there the errors are compared, not the codes. */
const MOST_BEAM_MSE = 1.001;

/**
 * Encode at one shape, against every way in which faiss does it: a beam search by tables or not; all rows in one call, as one
 * writes it first, or in blocks of half a megabyte, which spares its caches.
 *
 * @param installed faiss as it was installed, where that is not the best there is: at the shape in the middle it takes part as well
 */
export async function encodeRace({ base, codebooks }: Course, best: Faiss, shape: Shape, rounds: Rounds, installed?: Faiss): Promise<Race> {
  const { dim, stages, codewords, beam } = shape;
  const codebook = await codebooks.of(shape);
  const rows = cut(base, dim);
  const work = { quantizer: shapeName(shape), vectors: `base ${dim}` };
  const ours = encode(codebook, rows, { beam });
  const entrants: Entrant[] = [packedEncodeEntrant(codebook, rows, beam)];
  const checks = new Set<string>();
  for (const faiss of installed !== undefined && isMiddle(shape) ? [best, installed] : [best]) {
    await faiss.putRows(work.vectors, rows);
    await faiss.putQuantizer(work.quantizer, { dim, stages, bits: Math.log2(codewords) }, codebook.data);
    for (const tables of beam === 1 ? [false] : [false, true]) {
      for (const inBlocks of [false, true]) {
        const name = faissWay({ tables, inBlocks, installed: faiss === installed });
        const way: EncodeWay = { beam, tables, block: inBlocks ? blockRows(dim) : null };
        const answer = await faiss.encode({ ...work, ...way });
        checks.add(checkAgainst(name, { codebook, rows, ours, theirs: unpack(answer.readBytes(), codebook, rows.rows), beam }));
        entrants.push({ name, rows: rows.rows, run: async () => (await faiss.encode({ ...work, ...way })).seconds });
      }
    }
  }
  if (isMiddle(shape)) {
    const few = firstRows(rows, REFERENCE_ROWS);
    checkSame(REFERENCE, encode(codebook, few).data, referenceEncode(codebook, few).data);
    entrants.push(referenceEncodeEntrant(codebook, few, beam));
  }
  return { work: 'encode', shape, contenders: await race(entrants, rounds), check: [...checks].join('; ') };
}

interface Answers {
  readonly codebook: Codebook;
  readonly rows: Matrix;
  readonly ours: Codes;
  readonly theirs: Codes;
  readonly beam: number;
}

function checkAgainst(who: string, { codebook, rows, ours, theirs, beam }: Answers): string {
  if (beam === 1) return checkCodes(who, compareCodes(codebook, rows, ours, theirs));
  const error = (codes: Codes) => meanSquaredError(rows, decode(codebook, codes));
  return checkError(who, { ours: error(ours), theirs: error(theirs), most: MOST_BEAM_MSE });
}

export async function decodeRace({ base, codebooks }: Course, faiss: Faiss, rounds: Rounds): Promise<Race> {
  const { dim, stages, codewords } = MIDDLE;
  const codebook = await codebooks.of(MIDDLE);
  const codes = encode(codebook, base);
  const packed = Uint8Array.from(codes.data);
  const quantizer = shapeName(MIDDLE);
  await faiss.putQuantizer(quantizer, { dim, stages, bits: Math.log2(codewords) }, codebook.data);
  checkSame(FAISS, decode(codebook, codes).data, floatsOf((await faiss.decode({ quantizer, codes: packed })).readBytes()));
  const theirs: Entrant = { name: FAISS, rows: base.rows, run: async () => (await faiss.decode({ quantizer, codes: packed })).seconds };
  const contenders = await race([decodeEntrant(codebook, codes), theirs, referenceDecodeEntrant(codebook, codes)], rounds);
  return { work: 'decode', shape: MIDDLE, contenders, check: 'same values' };
}

/** Our training and faiss's default training, both greedy with 10 iterations a stage; each codebook is judged on rows it has not seen. */
export async function trainRace({ base, train: rows, codebooks }: Course, faiss: Faiss, rounds: Rounds): Promise<Race> {
  const { stages, codewords, beam } = MIDDLE;
  await faiss.putRows('train', rows);
  const work = { vectors: 'train', stages, bits: Math.log2(codewords), beam };
  const ours = await codebooks.of(MIDDLE);
  const values = floatsOf((await faiss.train(work)).readBytes());
  const errors = { ours: evaluate(ours, base).mse, theirs: evaluate(codebookLike(ours, values), base).mse };
  const check = checkError(FAISS, { ...errors, most: MOST_MSE });
  const entrants: Entrant[] = [
    { name: OURS, rows: rows.rows, run: () => timedAsync(() => train(rows, TRAINING)) },
    { name: FAISS, rows: rows.rows, run: async () => (await faiss.train(work)).seconds },
  ];
  return { work: 'train', shape: MIDDLE, contenders: await race(entrants, rounds), check };
}
