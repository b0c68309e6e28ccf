// All rows encoded by the engine with the codewords so far, stage by stage, as beam search does it.
import { stageOffsets } from '../model/codebook.ts';
import { codewordUse } from '../model/evaluation.ts';
import type { Matrix } from '../model/matrix.ts';
import type { Entries, TrainEngine } from './engine.ts';
import type { TrainPlan } from './plan.ts';
import type { Steps } from './steps.ts';

/** Floats of the entries that are encoded together: they go through all stages near the processor, and are work enough for every thread. */
const BLOCK_FLOATS = 2 ** 20;

export interface Encoded {
  /** The codeword of each row and stage, counted through all stages: rows x stages. */
  readonly places: Uint32Array;
  /** Summed squared error of the rows. */
  readonly error: number;
  /** Of each stage, as the report gives them; the error is that of the best entry after it. */
  readonly stages: readonly { readonly error: number; readonly use: ReturnType<typeof codewordUse> }[];
}

/** Beam search of all rows by the engine, which `createEncoding` gives room for once. */
export function createEncoding(engine: TrainEngine, { dim, codewords }: TrainPlan, beams: readonly number[], rows: Matrix) {
  const offsets = stageOffsets(codewords);
  const stages = codewords.length;
  const most = Math.max(...beams);
  const block = Math.max(1, Math.min(Math.floor(BLOCK_FLOATS / (most * dim)), rows.rows));
  const rooms = [0, 1].map(() => engine.createRows(block * most * dim));

  return async (data: Float32Array, steps: Steps): Promise<Encoded> => {
    const places = new Uint32Array(rows.rows * stages);
    const errors = new Float64Array(stages);
    for (let start = 0; start < rows.rows; start += block) {
      const count = Math.min(block, rows.rows - start);
      rooms[0].set(rows.data.subarray(start * dim, (start + count) * dim));
      let paths: Uint32Array = new Uint32Array();
      for (let stage = 0; stage < stages; stage++) {
        const [before, keep] = [beams[stage], beams[stage + 1]];
        const entries: Entries = { data: rooms[stage % 2].subarray(0, count * before * dim), rows: count, dim, count: before };
        const next = rooms[(stage + 1) % 2].subarray(0, count * keep * dim);
        const chosen = new Uint32Array(count * keep);
        errors[stage] += await engine.extend(entries, data.subarray(offsets[stage] * dim, offsets[stage + 1] * dim), { steps, next, chosen });
        paths = longerPaths(paths, chosen, { stage, before, keep, offset: offsets[stage] });
      }
      places.set(paths, start * stages);
    }
    const use = new Float64Array(offsets[stages]);
    for (const place of places) use[place]++;
    const of = codewords.map((_, stage) => {
      return { error: errors[stage], use: codewordUse(use.subarray(offsets[stage], offsets[stage + 1])) };
    });
    return { places, error: errors[stages - 1], stages: of };
  };
}

/**
 * The codewords of entries, counted through all stages, after one more of them.
 *
 * @param paths those before, rows x before x stage
 * @param chosen as TrainEngine.extend gives it: rows x keep
 * @param at `stage`: the one that was chosen in; `offset`: codewords of the stages before it
 * @returns rows x keep x (stage + 1)
 */
export function longerPaths(
  paths: Uint32Array,
  chosen: Uint32Array,
  { stage, before, keep, offset }: { stage: number; before: number; keep: number; offset: number },
): Uint32Array {
  const longer = new Uint32Array(chosen.length * (stage + 1));
  for (let i = 0, at = 0; i < chosen.length; i++) {
    const from = (Math.floor(i / keep) * before + (chosen[i] >>> 16)) * stage;
    for (let m = 0; m < stage; m++) longer[at++] = paths[from + m];
    longer[at++] = offset + (chosen[i] & 0xffff);
  }
  return longer;
}
