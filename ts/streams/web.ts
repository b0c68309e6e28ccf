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
  const results = through(readable);
  let begun = false;
  const pulled: UnderlyingDefaultSource<R> = {
    async pull(controller) {
      begun = true;
      const { done, value } = await results.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      if (!begun) return readable.cancel(reason);
      await results.throw(reason).catch(() => {}); // that it ends with the reason is what was asked for
    },
  };
  return { readable: new ReadableStream(pulled, { highWaterMark: 0 }), writable };
}
