// Async iterables as Web Streams.
import type { Source } from '../model/sources.ts';

/** The two ends of a transformation, as `ReadableStream.pipeThrough` takes them. */
export interface TransformPair<T, R> {
  readonly readable: ReadableStream<R>;
  readonly writable: WritableStream<T>;
}

/** What `through` makes of what is written. Neither end runs ahead of the other by more than `through` does. */
export function transformPair<T, R>(through: (source: Source<T>) => AsyncGenerator<R, void, undefined>): TransformPair<T, R> {
  const { readable, writable } = new TransformStream<T, T>();
  const reader = readable.getReader();
  const written: UnderlyingDefaultSource<T> = {
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  };
  const results = through(new ReadableStream(written, { highWaterMark: 0 }));
  let cancelled = false;
  const pulled: UnderlyingDefaultSource<R> = {
    async pull(controller) {
      const { done, value } = await results.next();
      if (cancelled) return;
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      cancelled = true;
      await reader.cancel(reason); // else what waits for the next block would wait on
      await results.return();
    },
  };
  return { readable: new ReadableStream(pulled, { highWaterMark: 0 }), writable };
}
