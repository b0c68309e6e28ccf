// ml-kmeans: k-means over arrays of arrays, as it takes them.
import type { Rows } from './nearest.ts';
import { loadPeer } from './packages.ts';

/** The part of ml-kmeans that is used. */
interface MlKmeans {
  kmeans(
    rows: readonly (readonly number[])[],
    clusters: number,
    options: { maxIterations: number; initialization: 'random'; seed: number },
  ): { readonly centroids: readonly (readonly number[])[] };
}

export interface Clustering {
  readonly name: string;
  /** Finds centroids, row-major, from random rows. */
  cluster(options: { codewords: number; iterations: number; seed: number }): number[][];
}

/** The rows are copied into its form once: that is not part of the work. */
export async function createMlKmeans({ data, rows, dim }: Rows): Promise<Clustering> {
  const { kmeans } = await loadPeer<MlKmeans>('ml-kmeans');
  const copies = Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * dim, (row + 1) * dim)));
  return {
    name: 'ml-kmeans',
    cluster({ codewords, iterations, seed }) {
      const { centroids } = kmeans(copies, codewords, { maxIterations: iterations, initialization: 'random', seed });
      return centroids.map((centroid) => [...centroid]);
    },
  };
}
