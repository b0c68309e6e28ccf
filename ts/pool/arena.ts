// Shared memory for trainings. It is kept from one to the next, since engines do not count it: what garbage still refers to in some worker
// would pile up. (Measured in Node 20: 30 arrays of 100 MB, each used once by a worker, left 3 GB.)

import { canShare } from './protocol.ts';

/** Arrays of one training: the rows, those that a stage begins with, its codewords. */
const KEPT = 3;

export interface Lease {
  /** An array in shared memory, or where the environment has none, in its own. Its values may be anything. */
  floats(length: number): Float32Array;
  /** Gives the memory back. */
  end(): void;
}

export class Arena {
  #free: ArrayBufferLike[] = [];

  lease(): Lease {
    const taken: ArrayBufferLike[] = [];
    return {
      floats: (length) => {
        const buffer = this.#take(length * 4);
        taken.push(buffer);
        return new Float32Array(buffer, 0, length);
      },
      end: () => {
        this.#free = [...this.#free, ...taken.splice(0)].sort((a, b) => b.byteLength - a.byteLength).slice(0, KEPT);
      },
    };
  }

  /** The smallest that is large enough, or a new one. */
  #take(bytes: number): ArrayBufferLike {
    const enough = this.#free.filter(({ byteLength }) => byteLength >= bytes).length; // they come first
    if (enough > 0) return this.#free.splice(enough - 1, 1)[0];
    return canShare() ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  }
}
