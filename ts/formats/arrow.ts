// .arrow and .feather: a column of lists of numbers, or of bytes that are float32. apache-arrow reads it, which whoever calls brings along;
// its metadata are checked before, and what it gives after.
import { count, counted, RvqError } from '../model/errors.ts';
import type { Matrix } from '../model/matrix.ts';
import { readOptions } from '../model/options.ts';
import { checkArrow } from './arrow-layout.ts';
import { type ArrowData, type ArrowType, isVectors, rowsOfData } from './arrow-rows.ts';
import { badFile } from './check.ts';
import { badRow, type ColumnRows, chooseColumn, joinBlocks } from './column.ts';
import { checkBytes, checkName } from './named.ts';
import type { TableFacts } from './parquet.ts';

/** What is used of the package apache-arrow: `import * as arrow from 'apache-arrow'`. */
export interface ApacheArrow {
  tableFromIPC(bytes: Uint8Array): {
    readonly schema: { readonly fields: readonly { readonly name: string; readonly type: ArrowType }[] };
    readonly batches: readonly { readonly numRows: number; readonly data: { readonly children: readonly ArrowData[] } }[];
  };
}

export interface ReadArrowOptions {
  /** What the bytes are called in errors; default "vectors.arrow". */
  name?: string | undefined;
  /** The column, where several may be vectors. */
  column?: string | undefined;
}

/**
 * Reads vectors from the bytes of an Arrow file or stream, or of Feather V2: a column of lists of numbers, of one length and without nulls,
 * or of bytes that are little-endian float32. The buffers must not be compressed.
 *
 * @param arrow the package apache-arrow: `import * as arrow from 'apache-arrow'`
 * @throws RvqError `BAD_FILE` with the byte, or the column and row
 */
export function readArrow(bytes: Uint8Array, arrow: ApacheArrow, options?: ReadArrowOptions): Matrix {
  const given = readOptions('readArrow', options, ['name', 'column']);
  const name = checkName('readArrow', given.name ?? 'vectors.arrow');
  const { fields, blocks } = readTable(checkBytes(bytes), name, arrow);
  const column = chooseColumn(name, given.column, fields);
  const index = fields.findIndex((field) => field.name === column && field.vectors);
  const target: ColumnRows = { name, column, dim: undefined, rows: 0 };
  return joinBlocks(
    name,
    column,
    blocks.map(({ numRows, children }) => {
      const data = children[index];
      if (data?.length !== numRows) throw badRow(target, 0, counted(numRows, 'rows'), count(data?.length ?? 0));
      return fromLibrary(name, () => rowsOfData(target, data));
    }),
  );
}

/** What the table is, without its rows. */
export function inspectArrow(bytes: Uint8Array, name: string, arrow: ApacheArrow): TableFacts {
  const { fields, blocks } = readTable(bytes, name, arrow);
  return { rows: blocks.reduce((rows, block) => rows + block.numRows, 0), columns: fields };
}

function readTable(bytes: Uint8Array, name: string, arrow: ApacheArrow) {
  checkArrow(bytes, name);
  return fromLibrary(name, () => {
    const { schema, batches } = arrow.tableFromIPC(bytes);
    const fields = schema.fields.map((field) => ({ name: field.name, vectors: isVectors(field.type) }));
    return { fields, blocks: batches.map(({ numRows, data }) => ({ numRows, children: data.children })) };
  });
}

/** What the library throws at bytes that are no Arrow becomes ours. */
function fromLibrary<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof RvqError) throw cause;
    throw badFile(name, 'data', 'Arrow', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
