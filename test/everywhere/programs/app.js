// What a page does: everything that runtimes do, with the pool on Web Workers. Each bundler brings its own way to a URL of the core and
// to a worker in bundler.js.
import * as rvq from 'residual-vq';
import { createPool } from 'residual-vq/pool';
import * as reference from 'residual-vq/reference';
import * as slim from 'residual-vq/slim';
import { coreUrl, workers } from './bundler.js';
import { names } from './entries.js';
import { exercise, exercisePool, told } from './exercise.js';

async function run() {
  await slim.init(fetch(coreUrl));
  const pools = [];
  for (const worker of workers) pools.push(await exercisePool(rvq, createPool({ worker, threads: 2 })));
  const slimPool = await exercisePool(slim, slim.createPool({ worker: workers[0], threads: 2 }));
  return {
    root: await exercise(rvq),
    reference: await exercise(reference),
    slim: await exercise(slim),
    pools: [...pools, slimPool],
    names: names(),
  };
}

globalThis.result = run().catch((error) => ({ error: told(error) }));
