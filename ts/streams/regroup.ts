// The blocks of a stream, cut anew.
import type { Matrix } from '../model/matrix.ts';
import { blocksOf, type Source } from '../model/sources.ts';
import { checkVectorBlocks } from '../model/stream-blocks.ts';

/** The rows of a source in blocks of `rows`, the last as long as it gets. They are views where they can be. */
export async function* regroup(
  source: Source<Matrix>,
  { dim, rows, signal }: { dim: number; rows: number; signal: AbortSignal | undefined },
): AsyncGenerator<Matrix, void, undefined> {
  const check = checkVectorBlocks(dim);
  const size = rows * dim;
  const block = (data: Float32Array): Matrix => ({ data, rows: data.length / dim, dim });
  let held = new Float32Array(); // of `size` once it is needed
  let filled = 0;
  for await (const vectors of blocksOf(source, signal)) {
    check(vectors);
    const { data } = vectors;
    for (let at = 0; at < data.length; ) {
      const taken = Math.min(size - filled, data.length - at);
      const part = data.subarray(at, at + taken);
      at += taken;
      if (taken === size) {
        yield block(part);
        continue;
      }
      if (filled === 0) held = new Float32Array(size);
      held.set(part, filled);
      filled += taken;
      if (filled < size) continue;
      filled = 0;
      yield block(held);
    }
  }
  if (filled > 0) yield block(held.subarray(0, filled));
}
