// What the JavaScript peers can do of our work: the nearest of some codewords for each row. And how it is written without a library.

/** Codewords, row-major: float j of codeword k is `data[k * dim + j]`. */
export interface Codewords {
  readonly data: Float32Array;
  readonly count: number;
  readonly dim: number;
}

export interface Rows {
  readonly data: Float32Array;
  readonly rows: number;
  readonly dim: number;
}

/** A way to find the nearest codewords, set up for some codewords. */
export interface Nearest {
  readonly name: string;
  /** For each row the number of the codeword nearest to it. */
  find(rows: Rows): Promise<ArrayLike<number>>;
}

/** The loops that one writes first. */
export function createLoopsNearest({ data: codewords, count, dim }: Codewords): Nearest {
  return {
    name: 'plain JS loops',
    async find({ data, rows }) {
      const nearest = new Uint32Array(rows);
      for (let row = 0; row < rows; row++) {
        let best = Number.POSITIVE_INFINITY;
        for (let k = 0; k < count; k++) {
          let distance = 0;
          for (let j = 0; j < dim; j++) {
            const difference = data[row * dim + j] - codewords[k * dim + j];
            distance += difference * difference;
          }
          if (distance < best) {
            best = distance;
            nearest[row] = k;
          }
        }
      }
      return nearest;
    },
  };
}
