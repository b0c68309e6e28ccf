// Codebooks in the core's memory: put there at first use, given back when the Codebook is collected, or before.
import type { Codebook } from '../model/codebook.ts';
import { type Core, guarded, isCurrent } from './core.ts';
import { opened, type Scope } from './memory.ts';

/** A codebook in the core, with what it was made of: one that is not frozen may have got another shape or array since. */
interface Resident {
  readonly handle: number;
  readonly data: Float32Array;
  readonly dim: number;
  readonly codewords: readonly number[];
}

/** For each instance its own, since one that trapped is replaced. */
const resident = new WeakMap<Core, WeakMap<Codebook, Resident>>();

const collected = /* @__PURE__ */ new FinalizationRegistry<{ core: WeakRef<Core>; handle: number }>(({ core, handle }) => {
  const owner = core.deref();
  if (owner !== undefined && isCurrent(owner)) owner.codebook_close(handle); // never in one that trapped
});

/** The core's handle of a codebook. */
export function codebookHandle({ core, place }: Scope, codebook: Codebook): number {
  let handles = resident.get(core);
  if (handles === undefined) {
    handles = new WeakMap();
    resident.set(core, handles);
  }
  const found = handles.get(codebook);
  if (found !== undefined && isSame(found, codebook)) return found.handle;
  releaseCodebook(codebook);
  const { data, dim, codewords } = codebook;
  const handle = opened(core, core.codebook_open(place(data), dim, place(Uint32Array.from(codewords)), codewords.length), 2 * data.byteLength);
  handles.set(codebook, { handle, data, dim, codewords: [...codewords] });
  collected.register(codebook, { core: new WeakRef(core), handle }, codebook);
  return handle;
}

function isSame({ data, dim, codewords }: Resident, codebook: Codebook): boolean {
  const same = data === codebook.data && dim === codebook.dim && codewords.length === codebook.codewords.length;
  return same && codewords.every((count, stage) => count === codebook.codewords[stage]);
}

/** Gives back what the core holds of a codebook. It may be used again. */
export function releaseCodebook(codebook: Codebook): void {
  guarded((core) => {
    const handles = resident.get(core);
    const found = handles?.get(codebook);
    if (found === undefined) return;
    handles?.delete(codebook);
    collected.unregister(codebook);
    core.codebook_close(found.handle);
  });
}
