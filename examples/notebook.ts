// Where this package started: residual quantization of one vector, step by step. After `npm run build`: npx tsx examples/notebook.ts
import { type Codebook, codebook, decode, encode, evaluate, matrix, quantize, randomCodebook, train } from 'residual-vq';

const x = [2.5, -1.3];
const shape = { dim: 2, stages: 3, codewords: 8 };

console.log(`x = ${show(x)}\n`);
console.log('1. Codebooks of random normal values: 3 stages of 8 codewords');
walk(randomCodebook({ ...shape, seed: 42 }), x);

console.log('\n2. The same with codebooks trained on 2,000 rows like x');
const rows = spiral(2000);
const trained = await train(rows, { stages: shape.stages, codewords: shape.codewords, seed: 42 });
walk(trained.codebook, x);

const { msePerStage, relativeErrorPerStage, bitsPerRow } = evaluate(trained.codebook, rows);
console.log('\n3. All 2,000 rows under the trained codebooks');
msePerStage.forEach((mse, stage) => {
  console.log(`   with ${stage + 1} of 3 stages: mse ${mse.toFixed(4)}, ${(100 * relativeErrorPerStage[stage]).toFixed(2)} % of the rows' squared norm`);
});
console.log(`   ${bitsPerRow} bits a row instead of ${32 * shape.dim}`);

console.log(`\nx is still ${show(x)}`);

/** Quantizes `vector`, prints what each stage does, and adds the codewords up again. */
function walk(book: Codebook, vector: readonly number[]): void {
  const { indices, codewords, residuals } = quantize(book, vector);
  indices.forEach((index, stage) => {
    console.log(`   stage ${stage + 1}: index ${index}, codeword ${show(codewords[stage])}, residual ${show(residuals[stage])}`);
  });
  const codes = encode(book, matrix([vector]));
  const decoded = decode(book, codes).data;
  const error = Math.sqrt(squaredDistance(vector, decoded));
  console.log(`   decode adds the codewords up: ${show(decoded)}, error ${error.toFixed(4)}`);
  for (let stages = 1; stages < indices.length; stages++) {
    const coarse = decode(book, codes, { stages }).data;
    console.log(`   with ${stages} of ${indices.length} stages: ${show(coarse)}, error ${Math.sqrt(squaredDistance(vector, coarse)).toFixed(4)}`);
  }
}

/** Seeded rows of dim 2, on a spiral of two turns out to a radius of 4, with a little noise. */
function spiral(count: number) {
  const noise = codebook(randomCodebook({ dim: 2, stages: 1, codewords: count, seed: 7 }).data, { dim: 2, codewords: [count] }).data;
  return matrix(
    Array.from({ length: count }, (_, i) => {
      const part = (i + 1) / count;
      const angle = 4 * Math.PI * part;
      return [4 * part * Math.cos(angle) + 0.1 * noise[2 * i], 4 * part * Math.sin(angle) + 0.1 * noise[2 * i + 1]];
    }),
  );
}

function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((sum, value, j) => sum + (value - b[j]) ** 2, 0);
}

function show(values: ArrayLike<number>): string {
  return `[${Array.from(values, (value) => value.toFixed(3)).join(', ')}]`;
}
