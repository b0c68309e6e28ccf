// Vectors as train is given them: a matrix, or blocks of rows that come one after the other and are drawn from while they pass.
import { counted, RvqError } from '../model/errors.ts';
import { checkMatrix, type Matrix } from '../model/matrix.ts';
import { blocksOf, isSource, type Source } from '../model/sources.ts';
import { checkVectorBlocks } from '../model/stream-blocks.ts';
import type { TrainingVectors } from '../model/training.ts';
import type { TrainSettings } from './plan.ts';
import { createReservoir } from './reservoir.ts';
import { checkRows } from './sampling.ts';
import { forRows, pause, type Steps } from './steps.ts';

export interface Drawn {
  readonly vectors: Matrix;
  /** The numbers of the rows of `vectors` that were drawn, or undefined: all of them. */
  readonly chosen: Float64Array | undefined;
  /** How many rows were given. */
  readonly given: number;
}

/** As many rows as training can use, each as likely as any other, or all in their order where they are fewer. Every value given is checked. */
export async function drawRows(settings: TrainSettings, vectors: TrainingVectors, steps: Steps): Promise<Drawn> {
  return isSource(vectors) ? drawFromBlocks(settings, vectors, steps) : drawFromMatrix(settings, vectors, steps);
}

async function drawFromMatrix(settings: TrainSettings, vectors: Matrix, steps: Steps): Promise<Drawn> {
  checkMatrix('vectors', vectors, undefined, { allowEmpty: true });
  await checkRows('vectors', vectors, steps);
  return { vectors, chosen: await chooseRows(settings, vectors.rows, steps), given: vectors.rows };
}

/** The numbers of the rows drawn of so many, or undefined: all. */
export async function chooseRows(settings: TrainSettings, rows: number, steps: Steps): Promise<Float64Array | undefined> {
  const reservoir = createReservoir(settings);
  if (rows <= reservoir.capacity) return undefined;
  const chosen = new Float64Array(reservoir.capacity);
  await forRows(steps, rows, DRAWING, (start, end) => {
    for (let i = start; i < end; i++) {
      const place = reservoir.place();
      if (place >= 0) chosen[place] = i;
    }
  });
  return chosen;
}

/** Multiply-adds that take as long as to draw one place. */
const DRAWING = 16;

async function drawFromBlocks(settings: TrainSettings, source: Source<Matrix>, steps: Steps): Promise<Drawn> {
  let kept: Kept | undefined;
  const check = checkVectorBlocks();
  for await (const block of blocksOf(source, steps.signal)) {
    const firstRow = check(block);
    kept ??= createKept(settings, block.dim);
    await checkRows('vectors', block, steps, firstRow);
    await kept.add(block, steps);
    await pause(); // a stream may have all its blocks ready, and then would leave no other task a turn
  }
  if (kept === undefined) throw new RvqError('TOO_FEW_ROWS', 'vectors', 'expected at least one block of rows, got none');
  return kept.drawn();
}

interface Kept {
  readonly dim: number;
  add(block: Matrix, steps: Steps): Promise<void>;
  drawn(): Drawn;
}

/** Rows that there is room for at first: the room grows as they come. */
const FIRST_ROWS = 4096;

/** Copies of the rows drawn so far. */
function createKept(settings: TrainSettings, dim: number): Kept {
  const reservoir = createReservoir(settings);
  let kept = new Float32Array();
  let given = 0;

  function growTo(rows: number): void {
    if (kept.length >= rows * dim) return;
    const length = Math.min(reservoir.capacity, Math.max(FIRST_ROWS, rows, (2 * kept.length) / dim)) * dim;
    const larger = allocate(length);
    larger.set(kept);
    kept = larger;
  }
  return {
    dim,
    async add({ data, rows }, steps) {
      growTo(Math.min(reservoir.capacity, given + rows));
      await forRows(steps, rows, DRAWING + dim, (start, end) => {
        for (let i = start; i < end; i++) {
          const place = reservoir.place();
          if (place >= 0) kept.set(data.subarray(i * dim, (i + 1) * dim), place * dim);
        }
      });
      given += rows;
    },
    drawn() {
      const rows = Math.min(given, reservoir.capacity);
      return { vectors: { data: kept.subarray(0, rows * dim), rows, dim }, chosen: undefined, given };
    },
  };
}

function allocate(length: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(length);
  } catch (cause) {
    const message = `${counted(length, 'values')} drawn of them do not fit into memory: lower maxRowsPerCodeword`;
    throw new RvqError('OUT_OF_MEMORY', 'vectors', message, { cause });
  }
}
