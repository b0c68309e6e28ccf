// A file larger than memory would like, through the command: node --import tsx bench/large.ts [--gigabytes 10] [--folder /tmp], after npm run
// build. Makes a .npy of float32 rows, trains on it, encodes, decodes and evaluates it, and prints time, processor and the most memory that each took.
// Codes of rows here and there are checked against the verbs. The files are removed at the end.
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Codebook, encode, matrix } from 'residual-vq';
import { readCodebook } from 'residual-vq/node';
import { checkSame } from './lib/check.ts';
import { siftRows } from './lib/data.ts';
import { describeMachine, machineText } from './lib/machine.ts';
import { type Measured, measureRvq } from './lib/measured.ts';
import { textTable } from './lib/table.ts';

const DIM = 128;
const MOST_BYTES = 500e6;
const CHECKS = 50;

const { values } = parseArgs({ options: { gigabytes: { type: 'string', default: '10' }, folder: { type: 'string', default: tmpdir() } } });
const rows = Math.floor((Number(values.gigabytes) * 1e9) / (4 * DIM));
if (!(rows >= 1e5)) throw new Error(`--gigabytes: expected at least 0.1, got ${values.gigabytes}`);

const cwd = mkdtempSync(join(values.folder, 'rvq-large-'));
try {
  const started = performance.now();
  writeRows(join(cwd, 'vectors.npy'));
  const bytes = statSync(join(cwd, 'vectors.npy')).size;
  process.stdout.write(`${machineText(describeMachine(2))}\n${bytes} bytes in ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
  const table = [['command', 'seconds', 'processor', 'rows/s', 'peak memory']];
  for (const args of [
    ['train', 'vectors.npy', '-o', 'book.safetensors', '--stages', '8', '--codewords', '256', '--max-rows-per-codeword', '64', '--iterations', '4'],
    ['encode', 'book.safetensors', 'vectors.npy', '-o', 'codes.npy'],
    ['encode', 'book.safetensors', 'vectors.npy', '-o', 'packed.safetensors', '--packed', '--threads', '1'],
    ['decode', 'book.safetensors', 'codes.npy', '-o', 'decoded.fvecs'],
    ['eval', 'book.safetensors', 'vectors.npy', '--json'],
  ]) {
    table.push(lineOf(args, await measureRvq(args, { cwd })));
    if (args[0] === 'decode') rmSync(join(cwd, 'decoded.fvecs'));
    process.stdout.write(`${textTable([table[0], table[table.length - 1]])}\n`);
  }
  checkCodes(await readCodebook(join(cwd, 'book.safetensors')));
  process.stdout.write(`\n${textTable(table)}\ncodes of ${CHECKS} runs of rows are those of the verb\n`);
} finally {
  rmSync(cwd, { recursive: true, force: true });
}

/** SIFT descriptors, again and again, each time moved by another vector: rows that no two are alike. */
function writeRows(path: string): void {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${DIM}), }`;
  const file = openSync(path, 'w');
  try {
    writeSync(file, Buffer.from(`\x93NUMPY\x01\x00\x76\x00${dictionary.padEnd(117)}\n`, 'latin1'));
    const { data } = siftRows('base');
    const moved = new Float32Array(data.length);
    for (let at = 0, turn = 0; at < rows * DIM; at += moved.length, turn++) {
      for (let i = 0; i < data.length; i++) moved[i] = data[i] + ((turn * 31 + i * 7919) % 101) / 16;
      writeSync(file, new Uint8Array(moved.buffer, 0, 4 * Math.min(moved.length, rows * DIM - at)));
    }
  } finally {
    closeSync(file);
  }
}

function lineOf(args: readonly string[], { code, stderr, seconds, processorSeconds, peakBytes }: Measured): string[] {
  if (code !== 0) throw new Error(`rvq ${args.join(' ')} ended with ${code}: ${stderr}`);
  if (peakBytes > MOST_BYTES) throw new Error(`rvq ${args.join(' ')} took ${peakBytes} bytes of memory`);
  const speed = Math.round(rows / seconds).toLocaleString('en-US');
  const name = `${args[0]}${args.includes('--threads') ? ', one thread' : ''}`;
  return [name, seconds.toFixed(1), `${processorSeconds.toFixed(1)} s`, speed, `${(peakBytes / 1e6).toFixed(0)} MB`];
}

/** Reads runs of rows and their codes back, from all over the file. */
function checkCodes(book: Codebook): void {
  const [vectors, codes] = ['vectors.npy', 'codes.npy'].map((name) => openSync(join(cwd, name), 'r'));
  const run = 1000;
  for (let i = 0; i < CHECKS; i++) {
    const first = Math.floor((i / (CHECKS - 1)) * (rows - run));
    const floats = new Float32Array(run * DIM);
    readSync(vectors, new Uint8Array(floats.buffer), 0, floats.byteLength, 128 + first * DIM * 4);
    const written = new Uint8Array(run * book.codewords.length);
    readSync(codes, written, 0, written.length, 128 + first * book.codewords.length);
    checkSame(`codes from row ${first} on`, encode(book, matrix(floats, DIM)).data, written);
  }
  closeSync(vectors);
  closeSync(codes);
}
