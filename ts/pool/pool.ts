// The pool: the verbs of residual-vq as promises, done by workers. Whatever their number, results are the same to the last bit.
import type { Codebook } from '../model/codebook.ts';
import type { Codec } from '../model/codec.ts';
import type { Codes } from '../model/codes.ts';
import { badArgument, type RvqError } from '../model/errors.ts';
import type { Evaluation } from '../model/evaluation.ts';
import type { DecodedMatrix, Matrix } from '../model/matrix.ts';
import { integer, readOptions } from '../model/options.ts';
import type { DecodeOptions, EncodeOptions } from '../model/requests.ts';
import type { TrainingVectors, TrainOptions, TrainReport } from '../model/training.ts';
import { type StreamVerbs, streamVerbs } from '../streams/verbs.ts';
import { Arena } from './arena.ts';
import { Crew } from './crew.ts';
import { poolEngine } from './stream.ts';
import { train } from './train.ts';
import type { Transport } from './transport.ts';
import { decode, encode, evaluate } from './verbs.ts';

declare global {
  /** As lib.esnext.disposable has it, for programs that are compiled without. */
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

export interface PoolOptions {
  /** How many workers at most, 1 to 256. Default as many as the process may use cores. They are started when there is work for them. */
  threads?: number | undefined;
  /** Told of each worker that died or could not start. Its work is done by others. */
  onWorkerError?: ((error: RvqError) => void) | undefined;
}

/**
 * The verbs of residual-vq, with the same arguments, options, results and errors, on several threads. Errors are rejections, those of streams as on one thread. Vectors
 * and codes in a SharedArrayBuffer are read where they are, others are copied piece by piece; both must stay as they are until the
 * promise is settled. `maxMemory` is for each worker. The memory in which a training kept its rows is kept for the next one.
 */
export interface Pool extends StreamVerbs {
  readonly threads: number;
  /** Workers that died or could not start so far. */
  readonly lostWorkers: number;
  encode(codebook: Codec, vectors: Matrix, options?: EncodeOptions): Promise<Codes>;
  decode(codebook: Codec, codes: Codes, options?: DecodeOptions): Promise<DecodedMatrix>;
  evaluate(codebook: Codec, vectors: Matrix, options?: EncodeOptions): Promise<Evaluation>;
  train(vectors: TrainingVectors, options: TrainOptions): Promise<{ codebook: Codebook; report: TrainReport }>;
  /** Stops the workers. Work that is not done is rejected. A pool that has nothing to do does not keep the process alive. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** More threads than any machine has cores would only take memory. */
const MOST_THREADS = 256;

/** @param environment `cores`: the default number of threads; `startMilliseconds`: for tests, how long a worker may take to start */
export function createPoolOn(
  transport: Transport,
  options: PoolOptions | undefined,
  { cores, startMilliseconds }: { cores: number; startMilliseconds?: number },
): Pool {
  const given = readOptions('createPool', options, ['threads', 'onWorkerError']);
  const { threads = Math.min(cores, MOST_THREADS), onWorkerError } = given;
  integer('createPool option threads', threads, 1, MOST_THREADS);
  if (onWorkerError !== undefined && typeof onWorkerError !== 'function') {
    throw badArgument('createPool option onWorkerError', 'a function', onWorkerError);
  }
  const crew = new Crew(transport, { threads, onWorkerError, startMilliseconds });
  const arena = new Arena();
  const close = (): Promise<void> => crew.close();
  return {
    threads,
    get lostWorkers() {
      return crew.lostWorkers;
    },
    encode: (codebook, vectors, options) => encode(crew, codebook, vectors, options),
    decode: (codebook, codes, options) => decode(crew, codebook, codes, options),
    evaluate: (codebook, vectors, options) => evaluate(crew, codebook, vectors, options),
    ...streamVerbs(poolEngine(crew)),
    train: (vectors, options) => train(crew, arena, vectors, options),
    close,
    [Symbol.asyncDispose]: close,
  };
}
