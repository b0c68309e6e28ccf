// npm run bench:peers: the rivals, on the same rows, in turn with us. Installs them into bench/peers on first use. `-- --quick` for a short
// run, `-- --keep` to keep the results in bench/results, from where bench/report.ts takes them.
import { decodeRace, encodeRace, trainRace } from './cases/faiss.ts';
import { kmeansRace, nearestRace } from './cases/javascript.ts';
import type { Course } from './cases/races.ts';
import { createCodebooks } from './lib/codebooks.ts';
import { FAISS, FAISS_OPTIONS, OPENBLAS } from './lib/contenders.ts';
import { siftRows } from './lib/data.ts';
import { chooseKernels } from './lib/faiss-kernels.ts';
import { type Flags, print, runMain } from './lib/flags.ts';
import { describeMachine, machineText } from './lib/machine.ts';
import type { Rounds } from './lib/race.ts';
import { FILES, type Race, writeResults } from './lib/results.ts';
import { allShapes, QUICK_SHAPES, type Shape } from './lib/shapes.ts';
import { raceLines, textTable } from './lib/table.ts';
import { type Faiss, startFaiss } from './peers/faiss.ts';
import { peerVersions } from './peers/packages.ts';
import { setUpPeers } from './peers/setup.ts';

interface Effort {
  readonly rounds: Rounds;
  readonly shapes: readonly Shape[];
}

/** faiss on its best kernels, and as it was installed where these are others. */
interface Rivals {
  readonly faiss: Faiss;
  readonly installed: Faiss | undefined;
}

const FULL: Effort = { rounds: { least: 5, seconds: 3 }, shapes: allShapes() };
const QUICK: Effort = { rounds: { least: 3, seconds: 0.1 }, shapes: QUICK_SHAPES };

await runMain(async ({ quick, keep }: Flags) => {
  setUpPeers((text) => process.stderr.write(`${text}\n`));
  const machine = describeMachine(1);
  const { best, text: kernels } = await chooseKernels();
  const faiss = startFaiss(best);
  let installed: Faiss | undefined;
  try {
    if (best !== undefined) installed = startFaiss();
    const { faiss: version, options, threads } = await faiss.about();
    if (threads !== 1) throw new Error(`faiss: expected 1 thread, got ${threads}`);
    print(`${machineText(machine)}; faiss-cpu ${version} (${options}; ${OPENBLAS}: ${kernels})${quick ? ' (quick)' : ''}\n`);
    const races = await runRaces({ faiss, installed }, quick ? QUICK : FULL);
    const versions = { [FAISS]: version, [FAISS_OPTIONS]: options, [OPENBLAS]: kernels, ...peerVersions() };
    const path = keep ? FILES.keptPeers : FILES.peers;
    writeResults(path, { machine, date: new Date().toISOString().slice(0, 10), quick, versions, races, facts: [] });
    print(`\n${path}`);
  } finally {
    faiss.close();
    installed?.close();
  }
});

async function runRaces({ faiss, installed }: Rivals, { rounds, shapes }: Effort): Promise<Race[]> {
  const rows = { base: siftRows('base'), train: siftRows('train') };
  const course: Course = { ...rows, codebooks: createCodebooks(rows.train) };
  const races: Race[] = [];
  const add = async (pending: Promise<Race>): Promise<void> => {
    const race = await pending;
    print(textTable(raceLines([race])));
    races.push(race);
  };
  for (const shape of shapes) await add(encodeRace(course, faiss, shape, rounds, installed));
  await add(decodeRace(course, faiss, rounds));
  await add(trainRace(course, faiss, rounds));
  await add(nearestRace(course, faiss, rounds));
  await add(kmeansRace(course, faiss, rounds));
  return races;
}
