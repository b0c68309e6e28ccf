// npm run bench: how fast, how large, how much memory; no rivals needed. `-- --quick` for a short run, `-- --keep` to keep the results
// in bench/results, from where bench/report.ts takes them.
import { firstCalls, memoryGrowth, packageSizes } from './cases/facts.ts';
import { type Course, decodeRace, encodeRaces, growthRaces, trainRace } from './cases/races.ts';
import { createCodebooks } from './lib/codebooks.ts';
import { OURS } from './lib/contenders.ts';
import { siftRows } from './lib/data.ts';
import { type Flags, print, runMain } from './lib/flags.ts';
import { growthOf, nanosecondsPerMultiplyAdd } from './lib/growth.ts';
import { describeMachine, machineText } from './lib/machine.ts';
import type { Rounds } from './lib/race.ts';
import { type Fact, FILES, type Race, writeResults } from './lib/results.ts';
import { allShapes, MIDDLE, QUICK_SHAPES, type Shape } from './lib/shapes.ts';
import { factLines, raceLines, short, textTable } from './lib/table.ts';

interface Effort {
  readonly rounds: Rounds;
  /** Fresh processes for the first call. */
  readonly processes: number;
  /** Rows for the growth of memory. */
  readonly manyRows: number;
  readonly shapes: readonly Shape[];
}

const FULL: Effort = {
  rounds: { least: 5, seconds: 3 },
  processes: 11,
  manyRows: 1_000_000,
  shapes: allShapes(),
};
const QUICK: Effort = {
  rounds: { least: 3, seconds: 0.1 },
  processes: 3,
  manyRows: 100_000,
  shapes: QUICK_SHAPES,
};

await runMain(async ({ quick, keep }: Flags) => {
  const effort = quick ? QUICK : FULL;
  const machine = describeMachine(1);
  print(`${machineText(machine)}${quick ? ' (quick)' : ''}\n`);
  const rows = { base: siftRows('base'), train: siftRows('train') };
  const course: Course = { ...rows, codebooks: createCodebooks(rows.train) };

  const main = printRaces([
    ...(await encodeRaces(course, effort.rounds)),
    await decodeRace(course, effort.rounds),
    await trainRace(course, effort.rounds),
  ]);
  const shapes = printRaces(await growthRaces(course, effort.shapes, effort.rounds));
  printGrowth(shapes);
  const facts = printFacts([
    ...(await firstCalls(effort.processes)),
    ...packageSizes(),
    ...(await memoryGrowth(await course.codebooks.of(MIDDLE), effort.manyRows)),
  ]);

  const path = keep ? FILES.keptBench : FILES.bench;
  const date = new Date().toISOString().slice(0, 10);
  writeResults(path, { machine, date, quick, versions: {}, races: [...main, ...shapes], facts });
  print(path);
});

function printRaces(races: Race[]): Race[] {
  print(`${textTable(raceLines(races))}\n`);
  return races;
}

function printFacts(facts: Fact[]): Fact[] {
  print(`${textTable(factLines(facts))}\n`);
  return facts;
}

function printGrowth(races: readonly Race[]): void {
  for (const factor of ['rows', 'stages', 'codewords', 'dim', 'beam'] as const) {
    const growth = growthOf(races, factor, OURS);
    if (growth !== undefined) print(`time grows with ${factor} to the power ${short(growth.exponent)}`);
  }
  const cost = races.filter(({ shape }) => shape.beam === 1).map(nanosecondsPerMultiplyAdd);
  print(`greedy, a multiply-add of the full search costs ${short(Math.min(...cost))} to ${short(Math.max(...cost))} ns over the shapes\n`);
}
