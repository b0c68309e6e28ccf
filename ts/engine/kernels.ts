// What training needs, in WebAssembly.
import type { Assigner, Extender, TrainKernels } from '../kmeans/kernels.ts';
import { RvqError } from '../model/errors.ts';
import { type Core, guarded } from './core.ts';
import { opened, withMemory } from './memory.ts';

export const wasmKernels: TrainKernels = {
  /** A few milliseconds of the screen, and under 50 even where every codeword must be measured. 2 ** 26, as bundlers want it: see ts/stream.ts. */
  stepSize: 67_108_864,
  spread(places, { stages, dim }, from, to, rows) {
    withMemory(({ core, place, copyOut }) => {
      const pointer = place(to);
      const rowsAt = rows === undefined ? 0 : place(rows);
      core.joint_spread(place(places), places.length / stages, stages, to.length / dim, dim, place(from), rowsAt, pointer);
      copyOut(pointer, to);
    });
  },
  createAssigner,
  createExtender,
};

function createAssigner(codewords: Float32Array, dim: number, grid: number): Assigner {
  const count = codewords.length / dim;
  const [owner, handle] = withMemory(({ core, place }) => [
    core,
    opened(core, core.assigner_open(place(codewords), count, dim, grid), codewords.length * 14),
  ]);
  return {
    assign: (rows, codes) =>
      withMemory(({ core, place, reserve, copyOut }) => {
        checkOwner(core, owner);
        const pointer = reserve(codes.byteLength);
        const error = owner.assigner_assign(handle, place(rows), codes.length, dim, pointer);
        copyOut(pointer, codes);
        return error;
      }),
    sums: () =>
      withMemory(({ core, reserve, copyOut }) => {
        checkOwner(core, owner);
        const sums = new Float64Array(count * dim);
        const counts = new Float64Array(count);
        const [sumsAt, countsAt] = [reserve(sums.byteLength), reserve(counts.byteLength)];
        owner.assigner_read(handle, count, dim, sumsAt, countsAt);
        copyOut(sumsAt, sums);
        copyOut(countsAt, counts);
        return { sums, counts };
      }),
    close: () =>
      guarded((core) => {
        if (core === owner) owner.assigner_close(handle);
      }),
  };
}

function createExtender(codewords: Float32Array, dim: number): Extender {
  const count = Uint32Array.of(codewords.length / dim);
  const [owner, handle] = withMemory(({ core, place }) => [
    core,
    opened(core, core.codebook_open(place(codewords), dim, place(count), 1), codewords.length * 8),
  ]);
  return {
    extend: (residuals, entries, next, chosen) =>
      withMemory(({ core, place, reserve, copyOut }) => {
        checkOwner(core, owner);
        const rows = residuals.length / (entries * dim);
        const [nextAt, chosenAt] = [reserve(next.byteLength), reserve(chosen.byteLength)];
        const error = owner.beam_extend(handle, place(residuals), rows, entries, chosen.length / rows, nextAt, chosenAt);
        copyOut(nextAt, next);
        copyOut(chosenAt, chosen);
        return error;
      }),
    close: () =>
      guarded((core) => {
        if (core === owner) owner.codebook_close(handle);
      }),
  };
}

/** Assigners and extenders live in one instance. Where that trapped meanwhile, in another call, pointers of the new one mean nothing to it. */
function checkOwner(core: Core, owner: Core): void {
  if (core !== owner) throw new RvqError('CORE_FAILED', 'WebAssembly core', 'stopped in another call while this training went on: train again');
}
