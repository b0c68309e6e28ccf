// Where streams get their blocks from: whatever gives one after the other, now or later.

/** Blocks in their order: an array, a generator, a stream of Node in object mode, or a ReadableStream. */
export type Source<T> = Iterable<T> | AsyncIterable<T> | ReadableStream<T>;

interface BlockIterator<T> {
  next(): Promise<IteratorResult<T, unknown>>;
  /** Tells the source that no more is wanted, and why not. */
  stop(reason: unknown): Promise<unknown>;
}

export function isSource(value: unknown): value is Source<unknown> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value || isReadableStream(value);
}

/**
 * The blocks of a source, each asked for when it is wanted. While one is waited for, the signal ends the waiting with its reason. A reader
 * that stops early, for whatever reason, stops the source.
 */
export async function* blocksOf<T>(source: Source<T>, signal?: AbortSignal): AsyncGenerator<T, void, undefined> {
  const iterator = iteratorOf(source);
  let state: 'idle' | 'waiting' | 'ended' = 'idle';
  const hasEnded = (): boolean => state === 'ended';
  try {
    for (;;) {
      signal?.throwIfAborted();
      state = 'waiting';
      const asked = iterator.next().finally(() => {
        state = 'ended'; // by its end or its error; or there is a block
      });
      const { done, value } = await unlessAborted(asked, signal);
      if (done) return;
      state = 'idle';
      yield value;
    }
  } finally {
    // Where its next block is still waited for, so would be the end of a generator: it is not waited for.
    const stopped = hasEnded() ? undefined : iterator.stop(signal?.reason);
    if (state === 'waiting') stopped?.catch(() => {});
    else await stopped;
  }
}

function iteratorOf<T>(source: Source<T>): BlockIterator<T> {
  // Where a ReadableStream has an iterator, that would not stop while it is waited for.
  if (isReadableStream(source)) {
    const reader = source.getReader();
    return { next: () => reader.read(), stop: (reason) => reader.cancel(reason) };
  }
  if (Symbol.asyncIterator in source) {
    const iterator = source[Symbol.asyncIterator]();
    return { next: async () => iterator.next(), stop: async () => iterator.return?.() };
  }
  const iterator = source[Symbol.iterator]();
  const next = async (): Promise<IteratorResult<T, unknown>> => {
    const result = iterator.next();
    return result.done ? result : { done: false, value: await result.value }; // an array may hold promises
  };
  return { next, stop: async () => iterator.return?.() };
}

/** Not by Promise.race, which would keep something of every block until the signal is collected. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function isReadableStream<T>(value: Source<T>): value is ReadableStream<T>;
function isReadableStream(value: object): value is ReadableStream<unknown>;
function isReadableStream(value: object): boolean {
  return 'getReader' in value && typeof value.getReader === 'function';
}
