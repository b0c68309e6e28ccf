// One process that encodes many rows and prints how far the core's memory grew. The package does not show its memory, so
// WebAssembly.Instance is watched: what is measured is the built package as it is.
import { readFileSync } from 'node:fs';
import { cut, siftRows } from '../lib/data.ts';
import { MIDDLE } from '../lib/shapes.ts';

/** @property path a file with the float32 values of the codebook in the middle */
interface MemoryRun {
  readonly path: string;
  readonly rows: number;
}

const { path, rows } = JSON.parse(process.argv[2]) as MemoryRun;
const memories: { memory: WebAssembly.Memory; bytesAtFirst: number }[] = [];
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(target, [module, imports]: [WebAssembly.Module, WebAssembly.Imports]) {
    const instance = new target(module, imports);
    const { memory } = instance.exports;
    if (memory instanceof WebAssembly.Memory) memories.push({ memory, bytesAtFirst: memory.buffer.byteLength });
    return instance;
  },
});
const { codebook, encode } = await import('residual-vq');

const { dim, stages, codewords } = MIDDLE;
const bytes = readFileSync(path);
const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
const book = codebook(values, { dim, codewords: new Array<number>(stages).fill(codewords) });

const some = siftRows('base').data;
const many = new Float32Array(rows * dim);
for (let at = 0; at < many.length; at += some.length) many.set(some.subarray(0, many.length - at), at);

const started = performance.now();
const codes = encode(book, cut({ data: many, rows, dim }, dim));
const seconds = (performance.now() - started) / 1000;
if (memories.length !== 1) throw new Error(`expected one WebAssembly instance with a memory, saw ${memories.length}`);
const [{ memory, bytesAtFirst }] = memories;
const repeats = codes.data.every((code, i) => i < (some.length / dim) * stages || code === codes.data[i - (some.length / dim) * stages]);
process.stdout.write(JSON.stringify({ bytesAtFirst, bytesAtLast: memory.buffer.byteLength, seconds, repeats }));
