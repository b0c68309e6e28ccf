// Rows and codewords that stand on edges, for holding the WebAssembly verbs to the reference.
import { type Codebook, codebook } from '../../ts/model/codebook.ts';
import { type Matrix, matrix } from '../../ts/model/matrix.ts';
import { createRandom, type Random } from '../../ts/model/random.ts';

export interface Trouble {
  readonly name: string;
  readonly codebook: Codebook;
  readonly vectors: Matrix;
}

/** The next float32 but `steps`, away from zero where positive. */
function nudge(value: number, steps: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  if (value !== 0) view.setInt32(0, view.getInt32(0) + steps);
  return view.getFloat32(0);
}

/** Every kind of trouble for one shape. */
export function troubles(shape: { dim: number; codewords: readonly number[]; rows: number; seed: number }): Trouble[] {
  const { dim, codewords, rows, seed } = shape;
  const total = codewords.reduce((a, b) => a + b, 0);
  const random = createRandom(seed, 77);
  const found: Trouble[] = [];
  const add = (name: string, words: ArrayLike<number>, vectors: ArrayLike<number>): void => {
    found.push({
      name: `${name} (dim ${dim}, codewords ${codewords})`,
      codebook: codebook(Float32Array.from(words), { dim, codewords }),
      vectors: matrix(Float32Array.from(vectors), dim),
    });
  };
  const uniform = (count: number, scale: number, shift = 0): Float32Array =>
    Float32Array.from({ length: count * dim }, () => (random.uniform() * 2 - 1) * scale + shift);
  const eachRow = (count: number, make: (random: Random) => number[]): number[] => Array.from({ length: count }, () => make(random)).flat();

  const words = uniform(total, 1);
  const word = (k: number): number[] => Array.from(words.subarray(k * dim, (k + 1) * dim));
  add('uniform', words, uniform(rows, 2));
  add(
    'rows halfway between codewords, give or take a last bit',
    words,
    eachRow(rows, () => {
      const [a, b] = [word(random.below(total)), word(random.below(total))];
      const steps = random.below(3) - 1;
      return a.map((value, j) => nudge(Math.fround((value + b[j]) / 2), steps));
    }),
  );
  add(
    'rows that are codewords',
    words,
    eachRow(rows, () => word(random.below(total))),
  );
  const first = word(0);
  const nearFirst = (most: number): number[] => {
    const [at, steps] = [random.below(dim), random.below(2 * most + 1) - most];
    return first.map((value, j) => (j === at ? nudge(value, steps) : value));
  };
  add(
    'codewords a last bit apart',
    eachRow(total, () => nearFirst(1)),
    eachRow(rows, () => nearFirst(4)),
  );
  add(
    'all codewords equal',
    eachRow(total, () => first),
    uniform(rows, 1),
  );
  add('all zero', new Float32Array(total * dim), new Float32Array(rows * dim));
  add('rows of zeros', words, new Float32Array(rows * dim));
  for (const scale of [1e-44, 1e-38, 1e-20, 1e20, 1e37, 3e38]) {
    add(`scale ${scale}`, uniform(total, scale), uniform(rows, scale));
    add(`rows of scale ${scale}`, words, uniform(rows, scale));
    add(`codewords of scale ${scale}`, uniform(total, scale), uniform(rows, 1));
  }
  for (const mean of [100, 1e6, 1e8, -1e30]) add(`common mean ${mean}`, uniform(total, 1, mean), uniform(rows, 1, mean));
  const mixed = (): number[] => {
    const scale = 10 ** (random.below(13) - 6);
    return Array.from({ length: dim }, () => (random.uniform() - 0.5) * scale);
  };
  add('norms that differ by orders of magnitude', eachRow(total, mixed), eachRow(rows, mixed));
  const spiky = (): number[] => {
    const at = random.below(dim);
    return Array.from({ length: dim }, (_, j) => (random.uniform() - 0.5) * (j === at ? 100 : 1e-3));
  };
  add('one large value a row', eachRow(total, spiky), eachRow(rows, spiky));
  const whole = (): number[] => Array.from({ length: dim }, () => random.below(3) - 1);
  add('exact ties', eachRow(total, whole), eachRow(rows, whole));
  return found;
}
