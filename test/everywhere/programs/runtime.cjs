// The same as runtime.mjs, by require.
const { readFileSync } = require('node:fs');
const rvq = require('residual-vq');
const files = require('residual-vq/node');
const reference = require('residual-vq/reference');
const slim = require('residual-vq/slim');

async function main() {
  const { names } = await import('./entries.js');
  const { exercise, exercisePool } = await import('./exercise.js');
  await slim.init(readFileSync(require.resolve('residual-vq/rvq_core.wasm')));
  const result = {
    root: await exercise(rvq),
    reference: await exercise(reference),
    slim: await exercise(slim),
    pool: await exercisePool(rvq, files.createPool({ threads: 2 })),
    names: names(),
  };
  console.log(JSON.stringify(result));
}
main();
