// Encode, decode and evaluate over blocks that come one after the other, whichever engine does the work. Rows are counted over all blocks.
import { streamRows } from '../model/blocks.ts';
import type { Codec } from '../model/codec.ts';
import type { Codes } from '../model/codes.ts';
import { badArgument, RvqError } from '../model/errors.ts';
import { createTally, type Evaluation } from '../model/evaluation.ts';
import { type DecodedMatrix, firstNotFinite, type Matrix, notFinite } from '../model/matrix.ts';
import { isPlain, optionalSignal, readOptions } from '../model/options.ts';
import { checkDecoded } from '../model/overflow.ts';
import {
  checkDecodeOptions,
  checkEncodeOptions,
  type DecodeOptions,
  type EncodeOptions,
  type EncodeRequest,
  type EncodeSettings,
} from '../model/requests.ts';
import { isSource, type Source } from '../model/sources.ts';
import { checkCodeBlocks, checkVectorBlocks } from '../model/stream-blocks.ts';
import { inOrder, type Room } from './order.ts';
import { regroup } from './regroup.ts';
import { type TransformPair, transformPair } from './web.ts';

export interface EncodeStreamOptions extends EncodeOptions {
  /** Ends the stream: it fails with the signal's reason, and its source is stopped. */
  signal?: AbortSignal | undefined;
}

export interface DecodeStreamOptions extends DecodeOptions {
  /** Ends the stream: it fails with the signal's reason, and its source is stopped. */
  signal?: AbortSignal | undefined;
}

/** What does the work of one stream. Arguments were checked, but for the values of rows; a signal ends the work on the block with its reason. */
export interface StreamEngine {
  readonly room: Room;
  /** @param request `allRows`: those of the stream so far, for whose sake tables may be built */
  encode(codebook: Codec, vectors: Matrix, request: EncodeRequest, signal: AbortSignal): Promise<Codes>;
  decode(codebook: Codec, codes: Codes, request: { readonly stages: number }, signal: AbortSignal): Promise<DecodedMatrix>;
  /** See measureBlocks of ts/evaluate.ts. */
  measure(codebook: Codec, vectors: Matrix, codes: Codes, signal: AbortSignal): Promise<Float64Array>;
}

export type CreateEngine = () => StreamEngine;

type Through<T, R> = (source: Source<T>) => AsyncGenerator<R, void, undefined>;

/** `encodeStream` of an engine. */
export interface EncodeStream {
  /**
   * Encodes blocks of rows one after the other, in constant memory: for each block its codes, as `encode` gives them. How rows are cut into
   * blocks changes no code. Errors count rows over all blocks. One thread takes a block when its codes are wanted; a pool takes some megabytes
   * of them ahead, so blocks must then stay as they are until their codes are there.
   *
   * @param source matrices of the codebook's dim, as an iterable, async or not, or a ReadableStream
   * @throws RvqError at once where codebook or options are wrong; later with what is wrong with a block, or the signal's reason
   */
  (codebook: Codec, source: Source<Matrix>, options?: EncodeStreamOptions): AsyncGenerator<Codes, void, undefined>;
  /** The same as a stream to pipe matrices through: `matrices.pipeThrough(encodeStream(codebook))`. */
  (codebook: Codec, options?: EncodeStreamOptions): TransformPair<Matrix, Codes>;
}

/** `decodeStream` of an engine. */
export interface DecodeStream {
  /** Rebuilds rows from blocks of codes one after the other, in constant memory: for each block its rows. It is as `encodeStream` is. */
  (codebook: Codec, source: Source<Codes>, options?: DecodeStreamOptions): AsyncGenerator<DecodedMatrix, void, undefined>;
  /** The same as a stream to pipe codes through. */
  (codebook: Codec, options?: DecodeStreamOptions): TransformPair<Codes, DecodedMatrix>;
}

export interface StreamVerbs {
  readonly encodeStream: EncodeStream;
  readonly decodeStream: DecodeStream;
  /** What `evaluate` measures, of rows that come block after block: to the last bit the same as of all at once. */
  evaluateStream(codebook: Codec, source: Source<Matrix>, options?: EncodeStreamOptions): Promise<Evaluation>;
}

// One maker for each verb, so that a program that uses one brings no other.

export function createEncodeStream(create: CreateEngine): EncodeStream {
  function encodeStream(codebook: Codec, source: Source<Matrix>, options?: EncodeStreamOptions): AsyncGenerator<Codes, void, undefined>;
  function encodeStream(codebook: Codec, options?: EncodeStreamOptions): TransformPair<Matrix, Codes>;
  function encodeStream(codebook: Codec, given?: Source<Matrix> | EncodeStreamOptions, options?: EncodeStreamOptions) {
    return throughOrPair<Matrix, Codes, EncodeStreamOptions>('matrices', given, options, (chosen) => {
      const { settings, signal } = readEncode('encodeStream', codebook, chosen);
      return (source) => encodeInOrder(create(), codebook, source, { ...settings, signal }, async ({ codes }) => codes);
    });
  }
  return encodeStream;
}

export function createDecodeStream(create: CreateEngine): DecodeStream {
  function decodeStream(codebook: Codec, source: Source<Codes>, options?: DecodeStreamOptions): AsyncGenerator<DecodedMatrix, void, undefined>;
  function decodeStream(codebook: Codec, options?: DecodeStreamOptions): TransformPair<Codes, DecodedMatrix>;
  function decodeStream(codebook: Codec, given?: Source<Codes> | DecodeStreamOptions, options?: DecodeStreamOptions) {
    return throughOrPair<Codes, DecodedMatrix, DecodeStreamOptions>('codes', given, options, (chosen) => {
      const { signal: hearing, ...others } = readOptions('decodeStream', chosen, ['stages', 'signal']);
      const request = checkDecodeOptions('decodeStream', codebook, others);
      const signal = optionalSignal('decodeStream option signal', hearing);
      return (source) => {
        const { room, decode } = create();
        const check = checkCodeBlocks(codebook);
        return inOrder(source, {
          room,
          signal,
          begin(codes, stop) {
            const firstRow = check(codes);
            const result = decode(codebook, codes, request, stop).then((rows) => checkDecoded(rows, codebook, firstRow));
            return { weight: codes.rows * codebook.dim, result };
          },
        });
      };
    });
  }
  return decodeStream;
}

export function createEvaluateStream(create: CreateEngine): StreamVerbs['evaluateStream'] {
  async function evaluateStream(codebook: Codec, source: Source<Matrix>, options?: EncodeStreamOptions): Promise<Evaluation> {
    const { settings, signal } = readEncode('evaluateStream', codebook, options);
    if (!isSource(source)) throw badSource('matrices', source);
    const engine = create();
    const { dim } = codebook;
    const tally = createTally(codebook);
    const blocks = regroup(source, { dim, rows: streamRows(dim), signal });
    const measured = encodeInOrder(engine, codebook, blocks, { ...settings, signal }, async ({ vectors, codes }, stop) => ({
      codes,
      sums: await engine.measure(codebook, vectors, codes, stop),
    }));
    for await (const { codes, sums } of measured) tally.add(codes, sums);
    const evaluation = tally.evaluation();
    if (evaluation.rows === 0) throw new RvqError('INVALID_ARGUMENT', 'vectors', 'expected at least one row, got none');
    return evaluation;
  }
  return evaluateStream;
}

export function streamVerbs(create: CreateEngine): StreamVerbs {
  return {
    encodeStream: createEncodeStream(create),
    decodeStream: createDecodeStream(create),
    evaluateStream: createEvaluateStream(create),
  };
}

function encodeInOrder<R>(
  { room, encode }: StreamEngine,
  codebook: Codec,
  source: Source<Matrix>,
  { signal, ...settings }: EncodeSettings & { readonly signal: AbortSignal | undefined },
  finish: (block: { vectors: Matrix; codes: Codes }, stop: AbortSignal) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const { dim } = codebook;
  const check = checkVectorBlocks(dim);
  async function work(vectors: Matrix, firstRow: number, stop: AbortSignal): Promise<R> {
    try {
      return await finish(
        { vectors, codes: await encode(codebook, vectors, { ...settings, firstRow, allRows: firstRow + vectors.rows }, stop) },
        stop,
      );
    } catch (error) {
      const bad = error instanceof RvqError && error.code === 'NOT_FINITE' ? firstNotFinite(vectors.data) : -1;
      throw bad < 0 ? error : notFinite('vectors', vectors.data, bad, dim, firstRow);
    }
  }
  return inOrder(source, {
    room,
    signal,
    begin: (vectors, stop) => ({ result: work(vectors, check(vectors), stop), weight: vectors.data.length }),
  });
}

function readEncode(
  verb: 'encodeStream' | 'evaluateStream',
  codebook: Codec,
  options: EncodeStreamOptions | undefined,
): { settings: EncodeSettings; signal: AbortSignal | undefined } {
  const { signal, ...others } = readOptions(verb, options, ['beam', 'maxMemory', 'signal']);
  return { settings: checkEncodeOptions(verb, codebook, others), signal: optionalSignal(`${verb} option signal`, signal) };
}

/** Where there is a source what comes of it, else a pair for pipeThrough. Options are checked at once. */
function throughOrPair<T, R, O extends object>(
  of: string,
  given: Source<T> | O | undefined,
  options: O | undefined,
  begin: (options: O | undefined) => Through<T, R>,
): AsyncGenerator<R, void, undefined> | TransformPair<T, R> {
  if (isSourceOf<T>(given)) return begin(options)(given);
  const isOptions = given === undefined ? options === undefined : isPlain(given) && !('data' in given);
  if (isOptions) return transformPair(begin(given));
  throw badSource(of, given);
}

function isSourceOf<T>(given: unknown): given is Source<T> {
  return isSource(given);
}

function badSource(of: string, given: unknown): RvqError {
  return badArgument('source', `${of} one after the other: an iterable, async or not, or a ReadableStream`, given);
}
