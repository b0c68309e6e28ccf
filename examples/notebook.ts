// Where this package started: residual quantization of one vector, step by step. After `npm run build`: npx tsx examples/notebook.ts
import { type Codebook, decode, encode, evaluate, type Matrix, matrix, quantize, randomCodebook, train } from 'residual-vq';

const x = [2.5, -1.3];
const rows = cloud(2000);

console.log(`x = ${show(x)}`);

console.log('\n1. Codebooks of random normal values: 3 stages of 8 codewords');
const random = randomCodebook({ dim: 2, stages: 3, codewords: 8, seed: 1 });
quantizeStepByStep(random, x);
printErrors(random, rows);

console.log('\n2. The same with codebooks trained on 2,000 rows');
const trained = await train(rows, { stages: 3, codewords: 8, seed: 1 });
quantizeStepByStep(trained.codebook, x);
printErrors(trained.codebook, rows);

console.log(`\nx is still ${show(x)}`);

/** Prints what each stage does to `vector`, and adds the codewords up again. */
function quantizeStepByStep(codebook: Codebook, vector: readonly number[]): void {
  const { indices, codewords, residuals } = quantize(codebook, vector);
  indices.forEach((index, stage) => {
    console.log(`   stage ${stage + 1}: index ${index}, codeword ${show(codewords[stage])}, residual ${show(residuals[stage])}`);
  });
  const codes = encode(codebook, matrix([vector]));
  const decoded = decode(codebook, codes).data;
  const error = Math.hypot(...vector.map((value, j) => value - decoded[j]));
  console.log(`   decode adds the codewords up: ${show(decoded)}, error ${error.toFixed(3)}`);
}

/** Prints how much of all rows is lost with 1, 2 and 3 stages. */
function printErrors(codebook: Codebook, vectors: Matrix): void {
  const { msePerStage, relativeErrorPerStage, bitsPerRow } = evaluate(codebook, vectors);
  const percent = relativeErrorPerStage.map((part) => `${(100 * part).toFixed(2)} %`);
  console.log(`   all rows, after each stage: mse ${msePerStage.map((mse) => mse.toFixed(4)).join(', ')}`);
  console.log(`   that is ${percent.join(', ')} of their squared norm, at ${bitsPerRow} bits a row instead of 64`);
}

/** Seeded normal rows of dim 2 around [1, -1], with a deviation of 1.5. */
function cloud(count: number): Matrix {
  const normal = randomCodebook({ dim: 2, stages: 1, codewords: count, seed: 7 }).data;
  return matrix(
    Float32Array.from(normal, (value, i) => (i % 2 === 0 ? 1 : -1) + 1.5 * value),
    2,
  );
}

function show(values: ArrayLike<number>): string {
  return `[${Array.from(values, (value) => value.toFixed(3)).join(', ')}]`;
}
