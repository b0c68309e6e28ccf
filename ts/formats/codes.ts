// Codes in .safetensors files, plain or packed, and in .npy files. The bytes are laid down in docs/format.md.

import type { CodeArray } from '../model/arrays.ts';
import { MAX_CODEWORDS, MAX_STAGES } from '../model/codebook.ts';
import type { Codec } from '../model/codec.ts';
import { type Codes, createCodeArray, pack, packedRowBytes, unpackRows } from '../model/codes.ts';
import { count, describe, RvqError } from '../model/errors.ts';
import { viewOf, withinMemory } from './bytes.ts';
import { badFile, shapeText } from './check.ts';
import { checkFormat, FORMATS, formatMetadata } from './metadata.ts';
import { parseNpyCodes } from './npy.ts';
import { parseSafetensors, type Safetensors, serializeSafetensors, type Tensor, type TensorPlan, tensorNames } from './safetensors.ts';

/** How codes lie in a file. */
export interface CodesLayout {
  readonly codewords: readonly number[];
  readonly packed: boolean;
  readonly tensor: { readonly start: number };
}

/** What a codes file says of its codes. */
export interface CodesHeader extends CodesLayout {
  readonly rows: number;
  readonly codebookId: string;
  readonly tensor: Tensor;
}

/**
 * Reads codes of a .safetensors file.
 *
 * @param codebook where given, the codes must belong to it
 */
export function parseCodes(bytes: Uint8Array, name: string, codebook?: Codec): Codes {
  const header = codesHeader(parseSafetensors(bytes, name), name);
  checkOwner(header, name, codebook);
  const { rows, codewords, codebookId, tensor } = header;
  return { data: codesIn(bytes.subarray(tensor.start, tensor.end), name, header), rows, stages: codewords.length, codebookId };
}

/** Checks that the codes belong to the codebook, where there is one. */
export function checkOwner({ codewords, codebookId }: CodesHeader, name: string, codebook: Codec | undefined): void {
  if (codebook !== undefined && codebook.id !== codebookId) {
    throw new RvqError('CODEBOOK_MISMATCH', name, `made with codebook ${codebookId}, not with the one given, ${codebook.id}`);
  }
  if (codebook !== undefined && codebook.codewords.join() !== codewords.join()) {
    throw badFile(name, '__metadata__ "codewords"', `${codebook.codewords.join()}, as the codebook has`, codewords.join());
  }
}

/**
 * The codes in the bytes of whole rows.
 *
 * @param firstRow how many rows of the file lie before them
 */
export function codesIn(bytes: Uint8Array, name: string, { codewords, packed, tensor: { start } }: CodesLayout, firstRow = 0): CodeArray {
  const stages = codewords.length;
  const rowBytes = codeRowBytes(codewords, packed);
  const rows = bytes.length / rowBytes;
  const data = withinMemory(rows * stages, name, () =>
    packed ? unpackRows(bytes, codewords, rows) : plainCodes(bytes, createCodeArray(codewords, rows * stages)),
  );
  for (let i = 0; i < data.length; i++) {
    if (data[i] < codewords[i % stages]) continue;
    const at = packed ? Math.floor(i / stages) * rowBytes : i * data.BYTES_PER_ELEMENT;
    throw outOfRange(data[i], firstRow * stages + i, codewords, name, start + firstRow * rowBytes + at);
  }
  return data;
}

/** Bytes of the codes of a row. */
export function codeRowBytes(codewords: readonly number[], packed: boolean): number {
  return packed ? packedRowBytes(codewords) : codewords.length * createCodeArray(codewords, 0).BYTES_PER_ELEMENT;
}

/** Reads codes of a .npy file, which does not say whose they are: they are taken to belong to `codebook`. */
export function parseCodesNpy(bytes: Uint8Array, name: string, codebook: Codec): Codes {
  const { rows, stages, each } = parseNpyCodes(bytes, name);
  const { codewords, id } = codebook;
  if (stages !== codewords.length) throw badFile(name, 'shape', `${codewords.length} stages, as the codebook has`, `[${rows}, ${stages}]`);
  const data = withinMemory(rows * stages, name, () => createCodeArray(codewords, rows * stages));
  each((code, i, at) => {
    if (!(code >= 0 && code < codewords[i % stages])) throw outOfRange(code, i, codewords, name, at);
    data[i] = code;
  });
  return { data, rows, stages, codebookId: id };
}

/** The codes in an array of the type that the codebook asks for: they may come in the other one. */
export function fittingCodes(data: Uint8Array | Uint16Array, codewords: readonly number[]): Uint8Array | Uint16Array {
  const empty: CodeArray = createCodeArray(codewords, 0);
  if (data.BYTES_PER_ELEMENT === empty.BYTES_PER_ELEMENT) return data;
  return empty.BYTES_PER_ELEMENT === 1 ? Uint8Array.from(data) : Uint16Array.from(data);
}

function plainCodes(bytes: Uint8Array, codes: CodeArray): CodeArray {
  const view = viewOf(bytes);
  if (codes.BYTES_PER_ELEMENT === 1) codes.set(bytes);
  else for (let i = 0; i < codes.length; i++) codes[i] = view.getUint16(2 * i, true);
  return codes;
}

/** The error for code `i` of a file, at its byte, or at that where its packed row begins. */
export function outOfRange(code: number, i: number, codewords: readonly number[], name: string, at: number): RvqError {
  const stages = codewords.length;
  const stage = i % stages;
  const place = `row ${count(Math.floor(i / stages))}, stage ${stage}`;
  return badFile(name, at, `a codeword below ${count(codewords[stage])} at ${place}`, String(code));
}

/** Checks all but the codes themselves. */
export function codesHeader({ tensors, metadata }: Safetensors, name: string): CodesHeader {
  checkFormat(metadata, FORMATS.codes, name);
  const codewords = checkCodewords(metadata.get('codewords'), name);
  const codebookId = metadata.get('codebook');
  if (codebookId === undefined || !/^[0-9a-f]{32}$/.test(codebookId)) {
    throw badFile(name, '__metadata__ "codebook"', 'the 32 hexadecimal digits of an id', describe(codebookId));
  }
  const layout = metadata.get('layout');
  if (layout !== 'plain' && layout !== 'packed') throw badFile(name, '__metadata__ "layout"', '"plain" or "packed"', describe(layout));
  if (tensors.length !== 1 || tensors[0].name !== 'codes') {
    throw badFile(name, 'header', 'one tensor "codes"', tensorNames(tensors));
  }
  const [tensor] = tensors;
  const packed = layout === 'packed';
  const type = packed ? 'U8' : plainType(codewords);
  const width = packed ? packedRowBytes(codewords) : codewords.length;
  if (width === 0) throw badFile(name, '__metadata__ "layout"', '"plain" where every stage has one codeword', '"packed"');
  if (tensor.type !== type || tensor.shape.length !== 2 || tensor.shape[1] !== width) {
    throw badFile(name, 'tensor "codes"', `${type} of shape [rows, ${width}]`, `${tensor.type} of shape ${shapeText(tensor.shape)}`);
  }
  return { rows: tensor.shape[0], codewords, codebookId, packed, tensor };
}

function checkCodewords(text: string | undefined, name: string): number[] {
  const codewords = (text ?? '').split(',').map((part) => (/^[1-9]\d{0,4}$/.test(part) ? Number(part) : Number.NaN));
  if (codewords.length <= MAX_STAGES && codewords.every((k) => k <= MAX_CODEWORDS)) return codewords;
  throw badFile(name, '__metadata__ "codewords"', 'numbers of codewords, such as "256,256,64"', describe(text));
}

function plainType(codewords: readonly number[]): 'U8' | 'U16' {
  return createCodeArray(codewords, 0).BYTES_PER_ELEMENT === 1 ? 'U8' : 'U16';
}

/** The bytes of a codes file, piece by piece. The codes must belong to the codebook, and are at most as wide as it asks. */
export function serializeCodes(codes: Codes, codebook: Codec, { packed = false }: { packed?: boolean } = {}): Iterable<Uint8Array> {
  const { tensor, metadata } = codesPlan(codebook, codes.rows, packed);
  return serializeSafetensors([{ ...tensor, data: packed ? pack(codes, codebook) : fittingCodes(codes.data, codebook.codewords) }], metadata);
}

/** The tensor and the metadata of a file of codes. */
export function codesPlan({ codewords, id }: Codec, rows: number, packed: boolean): { tensor: TensorPlan; metadata: Record<string, string> } {
  const width = packed ? packedRowBytes(codewords) : codewords.length;
  if (width === 0) throw new RvqError('UNSUPPORTED', 'writeCodes option packed', 'codes of one codeword a stage take no bits: write them plain');
  return {
    tensor: { name: 'codes', type: packed ? 'U8' : plainType(codewords), shape: [rows, width] },
    metadata: formatMetadata(FORMATS.codes, { codebook: id, codewords: codewords.join(), layout: packed ? 'packed' : 'plain' }),
  };
}
