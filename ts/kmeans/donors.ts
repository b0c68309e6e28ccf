// Which codeword gives rows to an empty one: the one with the most rows a codeword, as a binary heap.

export interface Donor {
  readonly codeword: number;
  /** Rows that chose it. */
  readonly rows: number;
  /** Empty codewords that it has been split for. */
  splits: number;
}

/** The donor with the most rows for each codeword made of it comes first, among equals the lowest codeword. */
export class Donors {
  readonly #heap: Donor[] = [];

  /** @param counts rows of each codeword; those with fewer than two have nothing to give */
  constructor(counts: ArrayLike<number>) {
    for (let codeword = 0; codeword < counts.length; codeword++) {
      if (counts[codeword] >= 2) this.#heap.push({ codeword, rows: counts[codeword], splits: 0 });
    }
    for (let i = this.#heap.length >> 1; i >= 0; i--) this.#sink(i);
  }

  /** The first donor, or nothing where every one is down to less than two rows a codeword. */
  first(): Donor | undefined {
    const donor = this.#heap[0];
    return donor !== undefined && share(donor) >= 2 ? donor : undefined;
  }

  /** Counts one more split of the first donor. */
  split(): void {
    this.#heap[0].splits++;
    this.#sink(0);
  }

  /** Takes the first donor out. */
  drop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #sink(start: number): void {
    const heap = this.#heap;
    let i = start;
    for (;;) {
      let first = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (child < heap.length && before(heap[child], heap[first])) first = child;
      if (first === i) return;
      [heap[i], heap[first]] = [heap[first], heap[i]];
      i = first;
    }
  }
}

function share({ rows, splits }: Donor): number {
  return rows / (splits + 1);
}

function before(a: Donor, b: Donor): boolean {
  return share(a) > share(b) || (share(a) === share(b) && a.codeword < b.codeword);
}
