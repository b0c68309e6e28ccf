// What runtimes outside the browser do: everything, and the pool of residual-vq/node. With the argument `workers` also that of
// residual-vq/pool, on Web Workers.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as rvq from 'residual-vq';
import * as files from 'residual-vq/node';
import { createPool } from 'residual-vq/pool';
import * as reference from 'residual-vq/reference';
import * as slim from 'residual-vq/slim';
import { names } from './entries.js';
import { exercise, exercisePool } from './exercise.js';

await slim.init(await readFile(fileURLToPath(import.meta.resolve('residual-vq/rvq_core.wasm'))));
const worker = () => new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
const makePool = process.argv.includes('workers') ? () => createPool({ worker, threads: 2 }) : () => files.createPool({ threads: 2 });

const result = {
  root: await exercise(rvq),
  reference: await exercise(reference),
  slim: await exercise(slim),
  pool: await exercisePool(rvq, makePool()),
  names: names(),
};
console.log(JSON.stringify(result));
