// Our side of every race: the built package, as a user imports it.
import { type Codebook, type Codes, decode, encode, type Matrix, pack } from 'residual-vq';
import { decode as referenceDecode, encode as referenceEncode } from 'residual-vq/reference';
import { bitsPerStage } from '../../ts/model/codebook.ts';
import { OURS, REFERENCE } from './contenders.ts';
import { type Entrant, timed } from './race.ts';

export function encodeEntrant(codebook: Codebook, rows: Matrix, beam: number): Entrant {
  return { name: OURS, rows: rows.rows, run: () => timed(() => encode(codebook, rows, { beam })) };
}

export function referenceEncodeEntrant(codebook: Codebook, rows: Matrix, beam: number): Entrant {
  return { name: REFERENCE, rows: rows.rows, run: () => timed(() => referenceEncode(codebook, rows, { beam })) };
}

/** Encodes to packed codes, as faiss does: where a code is not a whole byte, packing is part of the work. */
export function packedEncodeEntrant(codebook: Codebook, rows: Matrix, beam: number): Entrant {
  if (bitsPerStage(codebook.codewords).every((bits) => bits === 8)) return encodeEntrant(codebook, rows, beam);
  return { name: OURS, rows: rows.rows, run: () => timed(() => pack(encode(codebook, rows, { beam }), codebook)) };
}

export function decodeEntrant(codebook: Codebook, codes: Codes): Entrant {
  return { name: OURS, rows: codes.rows, run: () => timed(() => decode(codebook, codes)) };
}

export function referenceDecodeEntrant(codebook: Codebook, codes: Codes): Entrant {
  return { name: REFERENCE, rows: codes.rows, run: () => timed(() => referenceDecode(codebook, codes)) };
}
