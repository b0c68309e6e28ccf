// Against faiss's ResidualQuantizer: the same codebook, the same rows, in turn.
import { decode, encode, evaluate, train, unpack } from 'residual-vq';
import { encode as referenceEncode } from 'residual-vq/reference';
import { checkCodes, checkError, checkSame, compareCodes } from '../lib/check.ts';
import { TRAINING } from '../lib/codebooks.ts';
import { FAISS, FAISS_TABLES, OURS } from '../lib/contenders.ts';
import { cut, firstRows } from '../lib/data.ts';
import { codebookLike, floatsOf, meanSquaredError } from '../lib/floats.ts';
import { decodeEntrant, packedEncodeEntrant, referenceDecodeEntrant, referenceEncodeEntrant } from '../lib/ours.ts';
import { type Entrant, race, timedAsync } from '../lib/race.ts';
import type { Race } from '../lib/results.ts';
import { MIDDLE, type Shape, shapeName } from '../lib/shapes.ts';
import type { Faiss } from '../peers/faiss.ts';
import { type Course, REFERENCE_ROWS } from './races.ts';

/** Training beyond this part above theirs would not be the same work. */
const MOST_MSE = 1.01;

/** Beam search drops near ties early, and another path follows: there the errors are compared, not the codes. */
const MOST_BEAM_MSE = 1.001;

/** Encode at one shape. With a beam, faiss has two ways to do it, by tables or not, and we are held against both. */
export async function encodeRace({ base, codebooks }: Course, faiss: Faiss, shape: Shape, rounds: number): Promise<Race> {
  const { dim, stages, codewords, beam } = shape;
  const codebook = await codebooks.of(shape);
  const rows = cut(base, dim);
  const [quantizer, vectors] = [shapeName(shape), `base ${dim}`];
  await faiss.putRows(vectors, rows);
  await faiss.putQuantizer(quantizer, { dim, stages, bits: Math.log2(codewords) }, codebook.data);

  const ours = encode(codebook, rows, { beam });
  const theirs = unpack((await faiss.encode({ quantizer, vectors, beam, tables: false })).readBytes(), codebook, rows.rows);
  const errors = {
    ours: meanSquaredError(rows, decode(codebook, ours)),
    theirs: meanSquaredError(rows, decode(codebook, theirs)),
    most: MOST_BEAM_MSE,
  };
  const check = beam === 1 ? checkCodes(FAISS, compareCodes(codebook, rows, ours, theirs)) : checkError(FAISS, errors);

  const faissEntrant = (name: string, tables: boolean): Entrant => ({
    name,
    rows: rows.rows,
    run: async () => (await faiss.encode({ quantizer, vectors, beam, tables })).seconds,
  });
  const entrants = [packedEncodeEntrant(codebook, rows, beam), faissEntrant(FAISS, false)];
  if (beam > 1) entrants.push(faissEntrant(FAISS_TABLES, true));
  if (shapeName(shape) === shapeName(MIDDLE)) {
    const few = firstRows(rows, REFERENCE_ROWS);
    checkSame('reference encode', encode(codebook, few).data, referenceEncode(codebook, few).data);
    entrants.push(referenceEncodeEntrant(codebook, few, beam));
  }
  return { work: 'encode', shape, contenders: await race(entrants, rounds), check };
}

export async function decodeRace({ base, codebooks }: Course, faiss: Faiss, rounds: number): Promise<Race> {
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
export async function trainRace({ base, train: rows, codebooks }: Course, faiss: Faiss, rounds: number): Promise<Race> {
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
