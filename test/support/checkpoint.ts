// A small checkpoint, for tests of files.
import { type TrainCheckpoint, train } from '../../ts/index.ts';
import { normalRows } from './rows.ts';

/** The first of two stages. */
export async function checkpoint(): Promise<TrainCheckpoint> {
  const made: TrainCheckpoint[] = [];
  await train(normalRows({ rows: 60, dim: 2 }), { stages: 2, codewords: [3, 2], iterations: 1, onCheckpoint: (next) => void made.push(next) });
  return made[0];
}
