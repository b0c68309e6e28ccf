// One process, one first call: prints the milliseconds from before the first encode after the import until it returns.
import type { Shape } from '../lib/shapes.ts';

const { dim, stages, codewords } = JSON.parse(process.argv[2]) as Shape;

const started = performance.now();
const { encode, matrix, randomCodebook } = await import('residual-vq');
const imported = performance.now();
const codebook = randomCodebook({ dim, stages, codewords, seed: 1 });
const row = matrix(codebook.data.slice(0, dim), dim);

const before = performance.now();
encode(codebook, row);
const first = performance.now() - before;

const again = performance.now();
encode(codebook, row);
const second = performance.now() - again;

process.stdout.write(JSON.stringify({ import: imported - started, first, second }));
