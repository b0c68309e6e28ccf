// How blocks flow: no faster than they are wanted, in bounded memory, until their source ends or nobody wants more.
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import * as wasm from '../ts/index.ts';
import { type Matrix, matrix, randomCodebook } from '../ts/index.ts';
import * as reference from '../ts/reference/index.ts';
import type { StreamVerbs } from '../ts/streams/verbs.ts';
import { openPool, threads, workerWith } from './support/pool.ts';
import { normalRows } from './support/rows.ts';

const book = randomCodebook({ dim: 6, stages: 3, codewords: 16, seed: 2 });
const rows = normalRows({ rows: 10, dim: 6 });

const ENGINES: Record<string, () => StreamVerbs> = {
  'the root entry': () => wasm,
  'the reference': () => reference,
  'a pool': () => openPool(threads, { threads: 2 }),
};

/** Endless blocks, counted, that remember being stopped. */
function endless(block: Matrix = rows) {
  const seen = { taken: 0, stopped: false };
  async function* generate(): AsyncGenerator<Matrix> {
    try {
      for (;;) {
        seen.taken++;
        yield block;
      }
    } finally {
      seen.stopped = true;
    }
  }
  return { seen, source: generate() };
}

/** A source whose first block comes and whose second never does, and that remembers being stopped. */
function stuck() {
  const seen = { stopped: false };
  const source = new ReadableStream<Matrix>({
    start: (controller) => controller.enqueue(rows),
    cancel() {
      seen.stopped = true;
    },
  });
  return { seen, source };
}

describe.each(Object.keys(ENGINES))('a stream of %s', (name) => {
  const engine = (): StreamVerbs => ENGINES[name]();

  it('stops its source when the reader stops', async () => {
    const { seen, source } = endless();
    for await (const codes of engine().encodeStream(book, source)) {
      expect(codes.rows).toBe(10);
      break;
    }
    await turn();
    expect(seen.stopped).toBe(true);
  });

  it('gives what is ready while its source makes it wait, and stops a source that it waits for', async () => {
    const { seen, source } = stuck();
    const stream = engine().encodeStream(book, source);
    expect((await stream.next()).value).toMatchObject({ rows: 10 });
    await stream.return();
    await turn();
    expect(seen.stopped).toBe(true);
  });

  it('ends with the reason of a signal, while it waits, works or before, and stops its source', async () => {
    const reason = new Error('enough');
    const early = endless();
    await expect(
      engine()
        .encodeStream(book, early.source, { signal: AbortSignal.abort(reason) })
        .next(),
    ).rejects.toBe(reason);
    expect(early.seen.taken).toBe(0);
    const waiting = stuck();
    const controller = new AbortController();
    const stream = engine().encodeStream(book, waiting.source, { signal: controller.signal });
    await stream.next();
    const next = stream.next();
    controller.abort(reason);
    await expect(next).rejects.toBe(reason);
    await turn();
    expect(waiting.seen.stopped).toBe(true);
    const working = endless(normalRows({ rows: 2000, dim: 6 }));
    const timed = new AbortController();
    setTimeout(() => timed.abort(reason), 60);
    const reading = async () => {
      for await (const codes of engine().encodeStream(book, working.source, { signal: timed.signal, beam: 16 })) expect(codes.rows).toBe(2000);
    };
    await expect(reading()).rejects.toBe(reason);
    await turn();
    expect(working.seen.stopped).toBe(true);
  });

  it('ends an evaluation with the reason of a signal', async () => {
    const { seen, source } = endless();
    const reason = new Error('enough');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 60);
    const slow = async function* (): AsyncGenerator<Matrix> {
      for await (const block of source) {
        await turn();
        yield block;
      }
    };
    await expect(engine().evaluateStream(book, slow(), { signal: controller.signal })).rejects.toBe(reason);
    await wait(5);
    expect(seen.stopped).toBe(true);
  });

  it("passes its source's error on, after what came before it", async () => {
    const problem = new Error('no more');
    async function* failing(): AsyncGenerator<Matrix> {
      yield rows;
      yield rows;
      throw problem;
    }
    const stream = engine().encodeStream(book, failing());
    expect((await stream.next()).value).toMatchObject({ rows: 10 });
    expect((await stream.next()).value).toMatchObject({ rows: 10 });
    await expect(stream.next()).rejects.toBe(problem);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('lets other work have its turn, though all its blocks are ready', async () => {
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    const blocks = new Array<Matrix>(60).fill(normalRows({ rows: 400, dim: 64 }));
    const codebook = randomCodebook({ dim: 64, stages: 4, codewords: 256, seed: 1 });
    const many = name === 'the reference' ? blocks.slice(0, 3) : blocks;
    for await (const codes of engine().encodeStream(codebook, many, { beam: name === 'the root entry' ? 16 : 1 })) expect(codes.rows).toBe(400);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(1);
  });

  it('pulls through a pipe no more than the reader wants, and tells the writer when he stops', async () => {
    let taken = 0;
    let cancelled = false;
    const source = new ReadableStream<Matrix>(
      {
        pull(controller) {
          taken++;
          controller.enqueue(rows);
        },
        cancel() {
          cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
    const reader = source.pipeThrough(engine().encodeStream(book)).getReader();
    for (let i = 0; i < 3; i++) expect((await reader.read()).value).toMatchObject({ rows: 10 });
    await wait(20);
    expect(taken).toBeLessThanOrEqual(name === 'a pool' ? 22 : 6);
    await reader.cancel();
    await wait(5);
    expect(cancelled).toBe(true);
  });

  it('lets a reader stop who waits for a block that nobody writes', async () => {
    const { readable, writable } = engine().encodeStream(book);
    const writer = writable.getWriter();
    writer.closed.catch(() => {});
    const reader = readable.getReader();
    const waiting = reader.read();
    await wait(5);
    await reader.cancel(new Error('enough'));
    expect((await waiting).done).toBe(true);
    await expect(writer.write(rows)).rejects.toThrow('enough');
  });

  it('tells both ends of a pipe what is wrong, and may be left before it began', async () => {
    const { readable, writable } = engine().encodeStream(book);
    const writer = writable.getWriter();
    const written = writer.write(matrix([[1, 2]])).catch((error: unknown) => error);
    await expect(readable.getReader().read()).rejects.toMatchObject({ code: 'DIM_MISMATCH' });
    await written;
    await expect(writer.closed.then(() => 'closed')).rejects.toMatchObject({ code: 'DIM_MISMATCH' });
    const unused = engine().encodeStream(book);
    await unused.readable.cancel(new Error('never mind'));
    await expect(unused.writable.getWriter().write(rows)).rejects.toThrow('never mind');
  });
});

describe('one thread', () => {
  it('takes a block when its codes are wanted, never earlier', async () => {
    const { seen, source } = endless();
    const stream = wasm.encodeStream(book, source);
    expect(seen.taken).toBe(0);
    for (let wanted = 1; wanted < 5; wanted++) {
      await stream.next();
      await turn();
      expect(seen.taken).toBe(wanted);
    }
    await stream.return();
  });

  it('may be given the same memory again and again', async () => {
    const shared = matrix(new Float32Array(60), 6);
    async function* reused(): AsyncGenerator<Matrix> {
      for (let i = 0; i < 5; i++) {
        shared.data.set(normalRows({ rows: 10, dim: 6, seed: i }).data);
        yield shared;
      }
    }
    let i = 0;
    for await (const codes of wasm.encodeStream(book, reused())) {
      expect(codes).toEqual(wasm.encode(book, normalRows({ rows: 10, dim: 6, seed: i++ })));
    }
    expect(i).toBe(5);
  });
});

describe('a pool', () => {
  it('takes some blocks ahead of the reader, and not more', async () => {
    const pool = openPool(threads, { threads: 2 });
    const { seen, source } = endless();
    const stream = pool.encodeStream(book, source);
    await stream.next();
    await wait(50);
    expect(seen.taken).toBeGreaterThan(1);
    expect(seen.taken).toBeLessThanOrEqual(17);
    const large = endless(matrix(new Float32Array(6 * 2 ** 20), 6));
    const second = pool.encodeStream(book, large.source);
    await second.next();
    await wait(50);
    expect(large.seen.taken).toBeLessThanOrEqual(3);
    await Promise.all([stream.return(), second.return()]);
  });

  it('goes on with a stream when a worker dies, and ends it when the pool is closed', async () => {
    const dying = openPool(workerWith('if (Math.random() < 0.3) setTimeout(() => process.exit(1), 30);'), { threads: 3 });
    const blocks = Array.from({ length: 40 }, (_, seed) => normalRows({ rows: 300, dim: 6, seed }));
    let i = 0;
    for await (const codes of dying.encodeStream(book, blocks)) expect(codes).toEqual(wasm.encode(book, blocks[i++]));
    expect(i).toBe(40);
    const stream = dying.encodeStream(book, endless().source);
    await stream.next();
    await dying.close();
    const reading = async () => {
      for await (const codes of stream) expect(codes.rows).toBe(10);
    };
    await expect(reading()).rejects.toThrow('pool: is closed');
  });
});

describe('memory', () => {
  const wide = randomCodebook({ dim: 128, stages: 2, codewords: 16, seed: 1 });

  async function* fresh(blocks: number): AsyncGenerator<Matrix> {
    for (let i = 0; i < blocks; i++) yield matrix(new Float32Array(4096 * 128).fill(i), 128); // 2 MB
  }

  it.each(Object.keys(ENGINES).filter((name) => name !== 'the reference'))('of a stream of %s does not grow with its rows', async (name) => {
    const verbs = ENGINES[name]();
    let most = 0;
    let count = 0;
    for await (const { rows: decoded } of verbs.decodeStream(wide, verbs.encodeStream(wide, fresh(400)))) {
      count += decoded;
      if (count % 40960 === 0) {
        globalThis.gc?.();
        most = Math.max(most, process.memoryUsage().arrayBuffers);
      }
    }
    expect(count).toBe(400 * 4096);
    expect(most).toBeLessThan(120e6); // of 819 MB
  });

  it('holds nothing of the blocks that have passed with a signal that lives on', async () => {
    const { signal } = new AbortController();
    const blocks = new Array<Matrix>(20_000).fill(rows);
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    let most = 0;
    let i = 0;
    for await (const codes of wasm.encodeStream(book, blocks, { signal })) {
      expect(codes.rows).toBe(10);
      if (++i % 5000 === 0) {
        globalThis.gc?.();
        most = Math.max(most, process.memoryUsage().heapUsed - before);
      }
    }
    expect(most).toBeLessThan(4e6);
  });
});
