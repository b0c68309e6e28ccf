// Which rows are drawn where there are more than training can use: decided row by row, so that a stream need not be kept.
import { createRandom } from '../model/random.ts';
import type { TrainSettings } from './plan.ts';
import { RESERVOIR_STREAM, rowsToDraw } from './sampling.ts';

export interface Reservoir {
  /** How many rows are kept at most. */
  readonly capacity: number;
  /** The place of the next row, 0 to capacity - 1, in that of one which came before where the reservoir is full; or -1: not kept. */
  place(): number;
}

/**
 * Algorithm R (Waterman; Vitter, 1985): row i takes the place of a row kept with probability capacity / (i + 1). Rows that fit all keep
 * their order. It draws the same rows of a matrix and of a stream of its blocks.
 */
export function createReservoir(settings: TrainSettings): Reservoir {
  const capacity = rowsToDraw(settings);
  const random = createRandom(settings.seed, RESERVOIR_STREAM);
  let rows = 0;
  return {
    capacity,
    place() {
      const row = rows++;
      if (row < capacity) return row;
      // beyond 2^32 rows the place is drawn as a double, which is off by less than 2^-20 of its probability
      const place = rows <= 2 ** 32 ? random.below(rows) : Math.floor(random.uniform() * rows);
      return place < capacity ? place : -1;
    },
  };
}
