// Projections of codecs in the core.
import type { Floats } from '../model/arrays.ts';
import type { Projection } from '../model/codec.ts';
import { opened, withMemory } from './memory.ts';

/** Rows of `to` values for rows of `from`, to the last bit as project of ts/codec/arithmetic.ts gives them. */
export function project({ from, to, weight, bias }: Projection, rows: Float32Array): Floats {
  const count = rows.length / from;
  const projected = new Float32Array(count * to);
  withMemory(({ core, place, reserve, copyOut }) => {
    const projectedAt = reserve(projected.byteLength);
    const biasAt = bias === undefined ? 0 : place(bias);
    opened(core, core.project(place(rows), count, from, to, place(weight), biasAt, projectedAt), weight.byteLength);
    copyOut(projectedAt, projected);
  });
  return projected;
}
