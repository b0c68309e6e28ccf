// Codebooks in the core's memory: put there at first use, given back when the Codebook is collected.
import type { Codebook } from '../model/codebook.ts';
import type { Core } from './core.ts';
import { opened, type Scope } from './memory.ts';

/** For each instance its own, since one that trapped is replaced. */
const resident = new WeakMap<Core, WeakMap<Codebook, number>>();

const collected = new FinalizationRegistry<{ core: WeakRef<Core>; handle: number }>(({ core, handle }) => {
  core.deref()?.codebook_close(handle);
});

/** The core's handle of a codebook. */
export function codebookHandle({ core, place }: Scope, codebook: Codebook): number {
  let handles = resident.get(core);
  if (handles === undefined) {
    handles = new WeakMap();
    resident.set(core, handles);
  }
  let handle = handles.get(codebook);
  if (handle === undefined) {
    const { data, dim, codewords } = codebook;
    handle = opened(core, core.codebook_open(place(data), dim, place(Uint32Array.from(codewords)), codewords.length), 2 * data.byteLength);
    handles.set(codebook, handle);
    collected.register(codebook, { core: new WeakRef(core), handle });
  }
  return handle;
}
