// Against what else JavaScript has: none does residual quantization, so single steps of it. One stage: the nearest of 1,024
// codewords. And plain k-means.
import { type Codebook, type Codes, encode, evaluate, type Matrix, type TrainOptions, train } from 'residual-vq';
import { checkCodes, checkError, compareCodes, WrongAnswer } from '../lib/check.ts';
import { FAISS, OURS } from '../lib/contenders.ts';
import { firstRows } from '../lib/data.ts';
import { codebookLike, floatsOf, idsOf } from '../lib/floats.ts';
import { encodeEntrant } from '../lib/ours.ts';
import { type Entrant, type Rounds, race, timed, timedAsync } from '../lib/race.ts';
import type { Race } from '../lib/results.ts';
import type { Shape } from '../lib/shapes.ts';
import type { Faiss } from '../peers/faiss.ts';
import { createMlKmeans } from '../peers/ml-kmeans.ts';
import { type Codewords, createLoopsNearest, type Nearest } from '../peers/nearest.ts';
import { createOnnxNearest } from '../peers/onnx.ts';
import { createTfjsNearest } from '../peers/tfjs.ts';
import type { Course } from './races.ts';

const NEAREST_ROWS = 8_000;
const NEAREST: Shape = { dim: 128, stages: 1, codewords: 1024, beam: 1 };

const KMEANS_ROWS = 4_000;
const KMEANS_ITERATIONS = 2;
const KMEANS: Shape = { dim: 128, stages: 1, codewords: 256, beam: 1 };
const KMEANS_SEED = 1;

/**
 * All of them start from random rows, which the three draw differently: ours may not be worse than the others by more than that.
 * (ml-kmeans's k-means++ would take 12 s.)
 */
const MOST_MSE = 1.02;

/** The nearest of 1,024 codewords. Putting the codewords where each wants them is not part of the work; passing the rows is. */
export async function nearestRace({ base, codebooks }: Course, faiss: Faiss, rounds: Rounds): Promise<Race> {
  const rows = firstRows(base, NEAREST_ROWS);
  const codebook = await codebooks.of(NEAREST);
  const ours = encode(codebook, rows);
  const codewords: Codewords = { data: codebook.data, count: NEAREST.codewords, dim: NEAREST.dim };
  const peers = [
    await faissNearest(faiss, codewords, rows),
    await createOnnxNearest(codewords),
    await createTfjsNearest(codewords),
    createLoopsNearest(codewords),
  ];
  const checks: string[] = [];
  for (const peer of peers) {
    const theirs = asCodes(await peer.find(rows), codebook);
    checks.push(checkCodes(peer.name, compareCodes(codebook, rows, ours, theirs)));
  }
  const entrants = [encodeEntrant(codebook, rows, 1), ...peers.map((peer) => nearestEntrant(peer, rows))];
  return { work: 'nearest', shape: NEAREST, contenders: await race(entrants, rounds), check: [...new Set(checks)].join('; ') };
}

/** A peer that knows better than we how long it took, since it runs in another process, says so. */
interface TimedNearest extends Nearest {
  seconds?(): number;
}

function nearestEntrant(peer: TimedNearest, rows: Matrix): Entrant {
  return {
    name: peer.name,
    rows: rows.rows,
    async run() {
      const seconds = await timedAsync(() => peer.find(rows));
      return peer.seconds?.() ?? seconds;
    },
  };
}

async function faissNearest(faiss: Faiss, { data, dim }: Codewords, rows: Matrix): Promise<TimedNearest> {
  await faiss.putRows('codewords', { data, dim });
  await faiss.putRows('nearest', rows);
  let seconds = Number.NaN;
  return {
    name: FAISS,
    async find() {
      const answer = await faiss.nearest({ vectors: 'nearest', codewords: 'codewords' });
      seconds = answer.seconds;
      return idsOf(answer.readBytes());
    },
    seconds: () => seconds,
  };
}

function asCodes(nearest: ArrayLike<number>, { id }: Codebook): Codes {
  return { data: Uint16Array.from(nearest), rows: nearest.length, stages: 1, codebookId: id };
}

/** k-means from random rows, two iterations. */
export async function kmeansRace({ base }: Course, faiss: Faiss, rounds: Rounds): Promise<Race> {
  const rows = firstRows(base, KMEANS_ROWS);
  const options: TrainOptions = { stages: 1, codewords: KMEANS.codewords, iterations: KMEANS_ITERATIONS, init: 'random', seed: KMEANS_SEED };
  const { codebook } = await train(rows, options);
  const work = { codewords: KMEANS.codewords, iterations: KMEANS_ITERATIONS };
  const clustering = await createMlKmeans(rows);
  const centroids = clustering.cluster({ ...work, seed: KMEANS_SEED });
  if (centroids.length !== KMEANS.codewords)
    throw new WrongAnswer(`${clustering.name}: expected ${KMEANS.codewords} centroids, got ${centroids.length}`);
  const theirs = evaluate(codebookLike(codebook, Float32Array.from(centroids.flat())), rows).mse;
  const check = checkError(clustering.name, { ours: evaluate(codebook, rows).mse, theirs, most: MOST_MSE });

  await faiss.putRows('k-means', rows);
  const ofFaiss = floatsOf((await faiss.kmeans({ vectors: 'k-means', ...work })).readBytes());
  const faissCheck = checkError(FAISS, {
    ours: evaluate(codebook, rows).mse,
    theirs: evaluate(codebookLike(codebook, ofFaiss), rows).mse,
    most: MOST_MSE,
  });
  const entrants: Entrant[] = [
    { name: OURS, rows: rows.rows, run: () => timedAsync(() => train(rows, options)) },
    { name: clustering.name, rows: rows.rows, run: () => timed(() => clustering.cluster({ ...work, seed: KMEANS_SEED })) },
    { name: FAISS, rows: rows.rows, run: async () => (await faiss.kmeans({ vectors: 'k-means', ...work })).seconds },
  ];
  return { work: 'k-means', shape: KMEANS, contenders: await race(entrants, rounds), check: `${check}; ${faissCheck}` };
}
