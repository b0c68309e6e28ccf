// Pages where something is missing or wrong. The query of the URL says what the page does; what it was refused with is the result, and
// what works all the same.
import * as rvq from 'residual-vq';
import { createPool } from 'residual-vq/pool';
import * as reference from 'residual-vq/reference';
import * as slim from 'residual-vq/slim';
import { bits, inputs, told } from './exercise.js';

const { book, vectors } = inputs(rvq, 1000);

const encode = () => bits(rvq.encode(book, vectors).data);
const slowly = () => bits(reference.encode(book, vectors).data);

/** What becomes of a promise. */
const outcome = (promise) => promise.then((value) => ({ value }), told);

/** What becomes of a pool whose workers have the script, and what the page can do afterwards. */
async function poolWith(script, options = {}) {
  const errors = [];
  const worker = () => new Worker(script, { type: 'module' });
  const pool = createPool({ worker, threads: 2, onWorkerError: ({ code }) => errors.push(code), ...options });
  const first = await outcome(pool.encode(book, vectors).then(({ data }) => bits(data)));
  await pool.close();
  return { first, errors, lost: pool.lostWorkers, afterwards: await outcome((async () => encode())()) };
}

/** Counts what jobs bring to workers: arrays in shared memory, and buffers that go with them. */
async function sharing() {
  const { postMessage } = Worker.prototype;
  const seen = { shared: 0, transferred: 0 };
  Worker.prototype.postMessage = function (message, transfer) {
    if (message.type !== 'job') return postMessage.call(this, message, transfer);
    const isShared = ({ buffer }) => typeof SharedArrayBuffer === 'function' && buffer instanceof SharedArrayBuffer;
    seen.shared += Object.values(message.asks).filter((value) => ArrayBuffer.isView(value) && isShared(value)).length;
    seen.transferred += transfer.length;
    postMessage.call(this, message, transfer);
  };
  const pool = createPool({ worker: () => new Worker('worker.js', { type: 'module' }), threads: 2 });
  // Shared memory can be had of WebAssembly also where there is no SharedArrayBuffer; there it may not be sent to workers.
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2, shared: true });
  const data = new Float32Array(memory.buffer, 0, vectors.data.length);
  data.set(vectors.data);
  const plain = bits((await pool.encode(book, vectors)).data);
  const before = { ...seen };
  const shared = bits((await pool.encode(book, { ...vectors, data })).data);
  const of = { plain: before, shared: { shared: seen.shared - before.shared, transferred: seen.transferred - before.transferred } };
  await pool.close();
  return { isolated: crossOriginIsolated, codes: [plain, shared], ...of, kept: bits(data) === bits(vectors.data) };
}

const large = () => rvq.encode(rvq.randomCodebook({ dim: 512, stages: 4, codewords: 1024, seed: 1 }), rvq.matrix(new Float32Array(512), 512));

const does = {
  encode: async () => ({ encode: await outcome((async () => encode())()), reference: slowly() }),
  pool: () => poolWith('worker.js'),
  missing: () => poolWith('no-such-script.js'),
  page: () => poolWith('index.html'),
  silent: () => poolWith('silent.js'),
  none: () => poolWith('worker.js', { worker: () => 'a worker' }),
  sharing,
  large: async () => ({ large: await outcome((async () => large())()), encode: await outcome((async () => encode())()) }),
  slim: async () => ({
    early: await outcome((async () => slim.encode(book, vectors))()),
    missing: await outcome(slim.init(fetch('no-such-core.wasm'))),
    wrong: await outcome(slim.init(fetch('index.html'))),
    unreachable: await outcome(slim.init(fetch('http://127.0.0.1:9/'))),
    right: await outcome(slim.init(fetch('rvq_core.wasm'))),
    afterwards: bits(slim.encode(book, vectors).data),
  }),
};

globalThis.result = does[location.search.slice(1)]().catch((error) => ({ failed: told(error) }));
