// @tensorflow/tfjs-backend-wasm: the nearest codeword by matMul, add and argMin.
import { dirname, join } from 'node:path';
import type { Codewords, Nearest } from './nearest.ts';
import { loadPeer, peerPath } from './packages.ts';

/** The part of @tensorflow/tfjs-core that is used. */
interface TensorFlow {
  setBackend(name: string): Promise<boolean>;
  tensor2d(values: Float32Array, shape: [number, number]): Tensor;
  transpose(x: Tensor): Tensor;
  square(x: Tensor): Tensor;
  sum(x: Tensor, axis: number): Tensor;
  mul(a: Tensor, b: number): Tensor;
  matMul(a: Tensor, b: Tensor): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  argMin(x: Tensor, axis: number): Tensor;
  tidy<T>(work: () => T): T;
  keep(x: Tensor): Tensor;
}
interface Tensor {
  dataSync(): Int32Array;
}
/** The part of the backend that is used. */
interface WasmBackend {
  setWasmPaths(folder: string): void;
  setThreadsCount(threads: number): void;
}

const BACKEND = '@tensorflow/tfjs-backend-wasm';

export async function createTfjsNearest({ data: codewords, count, dim }: Codewords): Promise<Nearest> {
  const tf = await loadPeer<TensorFlow>('@tensorflow/tfjs-core');
  const backend = await loadPeer<WasmBackend>(BACKEND);
  backend.setWasmPaths(join(dirname(peerPath(BACKEND)), '/'));
  backend.setThreadsCount(1);
  if (!(await tf.setBackend('wasm'))) throw new Error(`${BACKEND}: the backend did not start`);
  const [products, norms] = tf.tidy(() => {
    const table = tf.tensor2d(codewords, [count, dim]);
    return [tf.keep(tf.mul(tf.transpose(table), -2)), tf.keep(tf.sum(tf.square(table), 1))];
  });
  return {
    name: 'tfjs-backend-wasm',
    async find({ data, rows }) {
      return tf.tidy(() => tf.argMin(tf.add(tf.matMul(tf.tensor2d(data, [rows, dim]), products), norms), 1).dataSync());
    },
  };
}
