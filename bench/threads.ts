// Two threads against one: node --import tsx bench/threads.ts, after npm run build. Encodes sift-base by the verb, and by pools of one and of
// two threads, in turn, and prints medians and how many times as fast the pools are.
import { type Codebook, type Codes, encode, type Matrix } from 'residual-vq';
import { createPool, type Pool } from 'residual-vq/node';
import { checkSame } from './lib/check.ts';
import { createCodebooks } from './lib/codebooks.ts';
import { siftRows } from './lib/data.ts';
import { print, runMain } from './lib/flags.ts';
import { describeMachine, machineText } from './lib/machine.ts';
import { type Entrant, race, timed, timedAsync } from './lib/race.ts';
import { MIDDLE } from './lib/shapes.ts';
import { rowsPerSecond, timesAsFast } from './lib/statistics.ts';
import { ratioText, textTable, withSpread } from './lib/table.ts';

const THREADS = [1, 2];
const BEAMS = [1, 5];
const ROUNDS = { least: 15, seconds: 20 };

await runMain(async () => {
  print(`${machineText(describeMachine(Math.max(...THREADS)))}\n`);
  const rows = siftRows('base');
  const codebook = await createCodebooks(siftRows('train')).of(MIDDLE);
  const pools = THREADS.map((threads) => createPool({ threads }));
  const lines = [['encode, 8 x 256, d 128', 'speed', 'times as fast as the verb']];
  for (const beam of BEAMS) {
    const codes = encode(codebook, rows, { beam });
    const entrants = [verb(codebook, rows, beam), ...pools.map((pool) => byPool(pool, codebook, rows, { beam, codes }))];
    const contenders = await race(entrants, ROUNDS);
    for (const one of contenders) {
      lines.push([`beam ${beam}, ${one.name}`, withSpread(rowsPerSecond(one), ' rows/s'), ratioText(timesAsFast(one, contenders[0]))]);
    }
  }
  for (const pool of pools) await pool.close();
  print(textTable(lines));
});

function verb(codebook: Codebook, rows: Matrix, beam: number): Entrant {
  return { name: 'the verb', rows: rows.rows, run: () => timed(() => encode(codebook, rows, { beam })) };
}

/** Its answers are checked after the time is taken. */
function byPool(pool: Pool, codebook: Codebook, rows: Matrix, { beam, codes }: { beam: number; codes: Codes }): Entrant {
  const name = `a pool of ${pool.threads}`;
  return {
    name,
    rows: rows.rows,
    async run() {
      let found: Codes = codes;
      const seconds = await timedAsync(async () => {
        found = await pool.encode(codebook, rows, { beam });
      });
      checkSame(name, codes.data, found.data);
      return seconds;
    },
  };
}
