// The schema of an Arrow stream: its columns, how many buffers of a batch each takes, and columns of our own beside them.
// Source: https://arrow.apache.org/docs/format/Columnar.html and the .fbs files beside it.
import { count } from '../model/errors.ts';
import { type ArrowType, TYPE } from './arrow-rows.ts';
import { asciiBytes } from './bytes.ts';
import { badFile, quote } from './check.ts';
import type { FlatValue, FlatValues } from './flatbuffer.ts';

/** How much of a batch is a column's: of its nodes, its buffers, and its counts of buffers that views point into. */
export interface ColumnParts {
  readonly nodes: number;
  readonly buffers: number;
  readonly views: number;
}

export interface ArrowField {
  readonly name: string;
  readonly type: ArrowType;
  readonly parts: ColumnParts;
  /** The ids of the dictionaries that it and its children use. */
  readonly dictionaries: readonly number[];
  /** As the schema has it. */
  readonly values: FlatValues;
}

export interface ArrowSchema {
  readonly fields: readonly ArrowField[];
  /** The version of the metadata, and the schema as it came. */
  readonly version: number;
  readonly values: FlatValues;
}

const V5 = 4;
const UNION = 14;
const DENSE = 1;
/** Buffers of a type beside those of its children, by the number of the type. */
const BUFFERS = [0, 0, 2, 2, 3, 3, 2, 2, 2, 2, 2, 2, 2, 1, 1, 2, 1, 2, 2, 3, 3, 2, 0, 2, 2, 3, 3];
const VIEWS = [23, 24];

/** @param message the values of the message that holds it */
export function readSchema(message: FlatValues, name: string): ArrowSchema {
  const version = Number(message[0] ?? 0);
  const values = list(message[2]);
  if (Number(values[0] ?? 0) !== 0) throw badFile(name, 'schema', 'values in little-endian order', 'big-endian ones');
  return { fields: tables(values[1]).map((field) => readField(field, version, name)), version, values };
}

/** The schema's message with other columns. */
export function schemaValues({ version, values }: ArrowSchema, fields: readonly FlatValues[]): FlatValues {
  return [version, 1, [values[0], fields, ...values.slice(2)], 0n];
}

function readField(values: FlatValues, version: number, name: string): ArrowField {
  const [text, , typeId, type, dictionary] = values;
  const label = text instanceof Uint8Array ? new TextDecoder().decode(text) : '';
  const children = tables(values[5]).map((child) => readField(child, version, name));
  const encoding = list(dictionary);
  const id = Number(typeId ?? 0);
  if (!(BUFFERS[id] !== undefined && id > 0)) throw badFile(name, `column ${quote(label)}`, 'a type that Arrow has', `type ${count(id)}`);
  const own = children.flatMap(({ dictionaries }) => dictionaries);
  const dictionaries = dictionary === undefined ? own : [Number(encoding[0] ?? 0), ...own];
  const [first, second] = list(type);
  if (dictionary !== undefined) return { name: label, type: { typeId: -1 }, parts: { nodes: 1, buffers: 2, views: 0 }, dictionaries, values };
  const number = Number(first ?? 0);
  const isDense = id === UNION && number === DENSE;
  const buffers = BUFFERS[id] + (isDense ? 1 : 0) + (id === UNION && version < V5 ? 1 : 0); // unions had a validity of their own
  const sum = (part: keyof ColumnParts): number => children.reduce((all, { parts }) => all + parts[part], 0);
  const parts = { nodes: 1 + sum('nodes'), buffers: buffers + sum('buffers'), views: (VIEWS.includes(id) ? 1 : 0) + sum('views') };
  return { name: label, type: { typeId: id, children, ...details(id, number, second) }, parts, dictionaries, values };
}

function details(id: number, first: number, second: FlatValue): Partial<ArrowType> {
  if (id === TYPE.int) return { bitWidth: first, isSigned: Boolean(second) };
  if (id === TYPE.float) return { precision: first };
  return id === TYPE.fixedList ? { listSize: first } : id === TYPE.fixedBinary ? { byteWidth: first } : {};
}

/** A column of a type, without nulls, as the schema has it. */
export function fieldOf(name: string, typeId: number, type: FlatValues, children: readonly FlatValues[] = [], metadata?: Pairs): FlatValues {
  return [new TextEncoder().encode(name), 0, typeId, type, undefined, children, metadata && pairsOf(metadata)];
}

export type Pairs = Readonly<Record<string, string>>;

export function pairsOf(metadata: Pairs): readonly FlatValues[] {
  return Object.entries(metadata).map(([key, value]) => [asciiBytes(key), asciiBytes(value)]);
}

export const integerField = (name: string, bits: number, { signed }: { signed: boolean }): FlatValues =>
  fieldOf(name, TYPE.int, [bits, Number(signed)]);
export const doubleField = (name: string): FlatValues => fieldOf(name, TYPE.float, [2]);

function list(value: FlatValue): FlatValues {
  return Array.isArray(value) ? value : [];
}

function tables(value: FlatValue): readonly FlatValues[] {
  return list(value).map(list);
}
