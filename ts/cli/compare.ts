// rvq compare: WebAssembly against the reference in TypeScript. Same codes? How much faster?
import type { Command } from 'commander';
import { type Codebook, type Codes, encode, type Matrix, matrix, train } from '../index.ts';
import { sum } from '../model/codebook.ts';
import { counted } from '../model/errors.ts';
import { checkFinite } from '../model/matrix.ts';
import { createRandom } from '../model/random.ts';
import { encode as referenceEncode } from '../reference/index.ts';
import { Failure } from './exit.ts';
import { firstRows, naming, openInput, type VectorFlags } from './input.ts';
import { addVectorOptions, HELP } from './options.ts';
import { printNote, printResult } from './output.ts';
import { rate, short, stagesText, table } from './terminal.ts';

const STAGES = 8;
const CODEWORDS = 256;
/** Rows of the built-in data, and the most of a file that train the codebook: a second or two of training. */
const TRAIN_ROWS = 8192;
const BUILT_IN_DIM = 128;
const SEED = 1;
/** Multiply-adds that the reference may take, about a second of it. */
const REFERENCE_WORK = 5e8;
const WASM_SECONDS = 0.3;

const EXAMPLES = `
Examples:
  rvq compare
  rvq compare vectors.fvecs`;

export function addCompare(program: Command): Command {
  const command = program
    .command('compare')
    .summary('compare WebAssembly with the TypeScript reference')
    .description('Train a small codebook and encode the same rows in WebAssembly and in the pure-TypeScript reference: same codes? how fast?')
    .argument('[vectors]', `${HELP.vectors}; without any, built-in random ones`);
  return addVectorOptions(command).addHelpText('after', EXAMPLES).action(runCompare);
}

async function runCompare(path: string | undefined, flags: VectorFlags): Promise<void> {
  const vectors = path === undefined ? builtInVectors() : await readFirstRows(path, flags);
  const trainRows = rowsOf(vectors, TRAIN_ROWS);
  const codewords = Math.min(CODEWORDS, trainRows.rows);
  printNote(`training ${stagesText(new Array<number>(STAGES).fill(codewords))} on ${counted(trainRows.rows, 'rows')} of dim ${vectors.dim}`);
  const training = () => train(trainRows, { stages: STAGES, codewords, iterations: 4, seed: SEED });
  const { codebook } = await naming('vectors', { name: path ?? 'built-in vectors' }, training);
  const rows = rowsOf(vectors, Math.max(16, Math.floor(REFERENCE_WORK / (sum(codebook.codewords) * vectors.dim))));
  const reference = timed(() => referenceEncode(codebook, rows));
  const wasm = repeated(codebook, rows);
  const same = equalCodes(reference.result, wasm.result);
  const ratio = reference.seconds / wasm.seconds;
  const speeds = { wasmRowsPerSecond: rows.rows / wasm.seconds, referenceRowsPerSecond: rows.rows / reference.seconds };
  const lines = [
    ['WebAssembly', rate(rows.rows, wasm.seconds)],
    ['TypeScript reference', rate(rows.rows, reference.seconds)],
  ];
  const verdict = same ? `the same codes, ${short(ratio)} times as fast` : 'different codes';
  printResult(
    { rows: rows.rows, dim: rows.dim, stages: STAGES, codewords: codebook.codewords, same, ...speeds, ratio },
    `${counted(rows.rows, 'rows')} of dim ${rows.dim}, ${stagesText(codebook.codewords)}\n${table(lines)}\n${verdict}`,
  );
  if (!same) throw new Failure('WebAssembly and the reference gave different codes: please report it, with the vectors');
}

/** As many rows of a file as are of use: the reference's part of them is the largest where a row is least work. */
async function readFirstRows(path: string, flags: VectorFlags): Promise<Matrix> {
  const input = await openInput(path, flags);
  return naming('vectors', input, async () => {
    const vectors = await firstRows(input, Math.max(TRAIN_ROWS, Math.ceil(REFERENCE_WORK / (STAGES * CODEWORDS * input.dim))));
    checkFinite('vectors', vectors);
    return vectors;
  });
}

/** Correlated rows, a little like real ones: each element leans on the one before it. */
function builtInVectors(): Matrix {
  const random = createRandom(SEED);
  const data = new Float32Array(TRAIN_ROWS * BUILT_IN_DIM);
  for (let i = 0; i < data.length; i++) data[i] = random.normal() + (i % BUILT_IN_DIM === 0 ? 0 : 0.9 * data[i - 1]);
  return matrix(data, BUILT_IN_DIM);
}

function rowsOf({ data, rows, dim }: Matrix, most: number): Matrix {
  const taken = Math.min(rows, most);
  return { data: data.subarray(0, taken * dim), rows: taken, dim };
}

function timed<T>(work: () => T): { result: T; seconds: number } {
  const started = performance.now();
  const result = work();
  return { result, seconds: (performance.now() - started) / 1000 };
}

/** The fastest of some runs, so that the engine's compiling and the placing of the codebook do not count. */
function repeated(codebook: Codebook, rows: Matrix): { result: Codes; seconds: number } {
  let best = timed(() => encode(codebook, rows));
  let spent = best.seconds;
  for (let run = 1; run < 3 || spent < WASM_SECONDS; run++) {
    const again = timed(() => encode(codebook, rows));
    spent += again.seconds;
    if (again.seconds < best.seconds) best = again;
  }
  return best;
}

function equalCodes(a: Codes, b: Codes): boolean {
  return a.data.length === b.data.length && a.data.every((code, i) => code === b.data[i]);
}
