// onnxruntime-web: the nearest codeword as a model of three nodes, its bytes written here.
import type { Codewords, Nearest } from './nearest.ts';
import { loadPeer } from './packages.ts';
import { bytesField, integerField, message } from './protobuf.ts';

/** The part of onnxruntime-web that is used. */
interface Ort {
  readonly env: { readonly wasm: { numThreads: number } };
  readonly InferenceSession: { create(model: Uint8Array, options: { executionProviders: string[] }): Promise<Session> };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: number[]) => Tensor;
}
interface Session {
  run(feeds: Record<string, Tensor>): Promise<Record<string, Tensor>>;
}
interface Tensor {
  readonly data: unknown;
}

export async function createOnnxNearest(codewords: Codewords): Promise<Nearest> {
  const ort = await loadPeer<Ort>('onnxruntime-web');
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(nearestModel(codewords), { executionProviders: ['wasm'] });
  return {
    name: 'onnxruntime-web',
    async find({ data, rows, dim }) {
      const { nearest } = await session.run({ rows: new ort.Tensor('float32', data, [rows, dim]) });
      return Uint32Array.from(nearest.data as BigInt64Array, Number);
    },
  };
}

// Field numbers and enum values of onnx.proto3: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE_INT = 2;
const IR_VERSION = 8;
const OPSET = 13;

/** nearest = ArgMin over k of (rows · -2c_k) + |c_k|²: the squared distance but for |row|², which is the same for all k. */
export function nearestModel({ data, count, dim }: Codewords): Uint8Array {
  const products = new Float32Array(dim * count); // [j * count + k]
  const norms = new Float32Array(count);
  for (let k = 0; k < count; k++) {
    for (let j = 0; j < dim; j++) {
      const value = data[k * dim + j];
      products[j * count + k] = -2 * value;
      norms[k] += value * value;
    }
  }
  const graph = message(
    bytesField(1, node('MatMul', ['rows', 'products'], 'scores')),
    bytesField(1, node('Add', ['scores', 'norms'], 'distances')),
    bytesField(1, node('ArgMin', ['distances'], 'nearest', { axis: 1, keepdims: 0 })),
    bytesField(2, 'nearest codeword'),
    bytesField(5, tensor('products', [dim, count], products)),
    bytesField(5, tensor('norms', [count], norms)),
    bytesField(11, valueInfo('rows', FLOAT, ['n', dim])),
    bytesField(12, valueInfo('nearest', INT64, ['n'])),
  );
  return message(integerField(1, IR_VERSION), bytesField(8, message(bytesField(1, ''), integerField(2, OPSET))), bytesField(7, graph));
}

function node(operator: string, inputs: readonly string[], output: string, attributes: Readonly<Record<string, number>> = {}): Uint8Array {
  return message(
    ...inputs.map((input) => bytesField(1, input)),
    bytesField(2, output),
    bytesField(4, operator),
    ...Object.entries(attributes).map(([name, value]) =>
      bytesField(5, message(bytesField(1, name), integerField(3, value), integerField(20, ATTRIBUTE_INT))),
    ),
  );
}

function tensor(name: string, dims: readonly number[], values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return message(...dims.map((size) => integerField(1, size)), integerField(2, FLOAT), bytesField(8, name), bytesField(9, bytes));
}

/** @param dims a number, or a name where any number will do */
function valueInfo(name: string, type: number, dims: readonly (number | string)[]): Uint8Array {
  const shape = message(...dims.map((size) => bytesField(1, typeof size === 'number' ? integerField(1, size) : bytesField(2, size))));
  return message(bytesField(1, name), bytesField(2, bytesField(1, message(integerField(1, type), bytesField(2, shape)))));
}
