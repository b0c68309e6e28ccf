// What rvq info tells of files of vectors, and of arrays and tables that may hold some.
import { elementBytes, isWhole } from '../formats/elements.ts';
import { inspectNpy, type NpyInfo } from '../formats/npy.ts';
import { inspectNpz } from '../formats/npz.ts';
import { rawRows } from '../formats/raw.ts';
import { parseVecs, type VecsKind } from '../formats/vecs.ts';
import { count, counted } from '../model/errors.ts';
import { readVectors } from '../node/index.ts';
import { inspectTable } from '../node/tables.ts';
import type { Description } from './info-codec.ts';

const VECS_TYPES: Readonly<Record<VecsKind, { type: string; bits: number }>> = {
  fvecs: { type: 'float32', bits: 32 },
  bvecs: { type: 'uint8', bits: 8 },
  ivecs: { type: 'int32', bits: 32 },
};

export function describeVecs(bytes: Uint8Array, file: string, kind: VecsKind): Description {
  const { rows, dim } = parseVecs(bytes, file, kind);
  const { type, bits } = VECS_TYPES[kind];
  return vectors({ rows, dim, type, bitsPerRow: dim * bits });
}

function vectors(shape: { rows: number; dim: number; type: string; bitsPerRow: number; column?: string }): Description {
  const { rows, dim, type, bitsPerRow, column } = shape;
  const where = column === undefined ? '' : `, column ${JSON.stringify(column)}`;
  return {
    json: { kind: 'vectors', ...shape },
    lines: [`vectors, ${counted(rows, 'rows')} of dim ${count(dim)}, ${type}, ${counted(bitsPerRow, 'bits')} a row${where}`],
  };
}

/** A .npy does not say what its numbers are: integers may be either. */
export function describeNpy(bytes: Uint8Array, file: string): Description {
  const facts = factsOf(inspectNpy(bytes, file));
  return { json: facts, lines: [arrayText(facts)] };
}

export function describeNpz(bytes: Uint8Array, file: string): Description {
  const arrays = [...inspectNpz(bytes, file)].map(([name, array]) => ({ name, ...(typeof array === 'string' ? { kind: array } : factsOf(array)) }));
  const lines = arrays.map((array) => `${JSON.stringify(array.name)} ${'shape' in array ? arrayText(array) : array.kind}`);
  return { json: { kind: 'arrays', arrays }, lines: [`${count(arrays.length)} ${arrays.length === 1 ? 'array' : 'arrays'}`, ...lines] };
}

function factsOf({ type, shape, rows, width }: NpyInfo) {
  return { kind: isWhole(type) ? 'vectors or codes' : 'vectors', type, shape, rows, dim: width, bitsPerRow: 8 * width * elementBytes(type) };
}

function arrayText({ kind, shape, type, bitsPerRow }: ReturnType<typeof factsOf>): string {
  return `${kind}, array of shape (${shape.join(', ')}), ${type}, ${counted(bitsPerRow, 'bits')} a row`;
}

/** How wide a row is such a file does not say. */
export function describeRaw(bytes: Uint8Array, file: string): Description {
  const { rows: values } = rawRows(bytes.length, file, 1);
  return {
    json: { kind: 'values', type: 'float32', values },
    lines: [`${counted(values, 'values')}, float32: rows of any dim that divides them, which other commands ask for (--dim)`],
  };
}

/** A table with one column that may be vectors is those; of any other it is told which may be. */
export async function describeTable(file: string, format: 'parquet' | 'arrow'): Promise<Description> {
  const { rows, columns } = await inspectTable(file, format);
  const candidates = columns.filter((column) => column.vectors);
  if (candidates.length === 1) {
    const { dim } = await readVectors(file);
    return vectors({ rows, dim, type: 'float32', bitsPerRow: 32 * dim, column: candidates[0].name });
  }
  const names = candidates.map(({ name }) => JSON.stringify(name));
  const which = names.length === 0 ? 'none of them vectors' : `may be vectors: ${names.join(', ')} (--column)`;
  return { json: { kind: 'table', rows, columns }, lines: [`table, ${counted(rows, 'rows')}, ${counted(columns.length, 'columns')}; ${which}`] };
}
