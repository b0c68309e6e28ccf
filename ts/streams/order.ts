// Several blocks worked on at a time, given in their order.
import { blocksOf, type Source } from '../model/sources.ts';

/** How much is taken from a source before the first of it is given: two blocks of any size where `blocks` allows it, more while they are light. */
export interface Room {
  /** Blocks at most. */
  readonly blocks: number;
  /** What they may weigh together. */
  readonly weight: number;
}

/** A block that is worked on. */
export interface Begun<R> {
  /** So much of the room it takes until it is given. */
  readonly weight: number;
  readonly result: Promise<R>;
}

export interface Work<T, R> {
  readonly room: Room;
  readonly signal: AbortSignal | undefined;
  /** @param signal aborted when the result is not wanted any more: one for each block, for Node warns of a signal that many listen to */
  begin(block: T, signal: AbortSignal): Begun<R>;
}

interface Working<R> extends Begun<R> {
  readonly controller: AbortController;
  settled: boolean;
}

/**
 * Begins each block of the source and gives what it comes to, in order. A block is asked for while a reader waits and there is room, never
 * earlier. What was begun before the source failed is given first.
 */
export async function* inOrder<T, R>(source: Source<T>, { room, signal, begin }: Work<T, R>): AsyncGenerator<R, void, undefined> {
  const asked = new AbortController(); // for the source
  const begun: Working<R>[] = [];
  function stop(reason: unknown): void {
    asked.abort(reason);
    for (const { controller } of begun) controller.abort(reason);
  }
  const abort = (): void => stop(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  const blocks = blocksOf(source, asked.signal);
  const state: { weight: number; asking?: Promise<void> | undefined; end?: { readonly failed: boolean; readonly error?: unknown } } = { weight: 0 };

  function hasRoom(): boolean {
    return begun.length < Math.min(room.blocks, state.weight < room.weight ? room.blocks : 2);
  }
  async function ask(): Promise<void> {
    try {
      const { done, value } = await blocks.next();
      if (done) state.end = { failed: false };
      else work(value);
    } catch (error) {
      state.end = { failed: true, error };
    }
    state.asking = undefined;
  }
  function work(block: T): void {
    const controller = new AbortController();
    const one = { ...begin(block, controller.signal), controller, settled: false };
    const settle = (): void => {
      one.settled = true;
    };
    one.result.then(settle, settle); // an error is told when it is its turn
    begun.push(one);
    state.weight += one.weight;
  }

  try {
    for (;;) {
      if (state.end === undefined && state.asking === undefined && hasRoom()) state.asking = ask();
      if (begun.length === 0) {
        if (state.end !== undefined) break;
        await state.asking;
      } else if (state.asking !== undefined && !begun[0].settled) {
        await Promise.race([begun[0].result, state.asking]);
      } else {
        const result = await begun[0].result;
        state.weight -= begun[0].weight;
        begun.shift();
        yield result;
      }
    }
    if (state.end.failed) throw state.end.error;
  } catch (error) {
    stop(error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
    stop(undefined); // a source that is waited for is told at once, and ends when it can
    if (state.asking === undefined) await blocks.return();
  }
}
