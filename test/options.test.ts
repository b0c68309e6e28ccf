// Options are plain objects with keys of their own: anything else is refused by every function, in the same words.
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import * as api from '../ts/index.ts';
import { createPool, readVectors, writeCodebook, writeCodes, writeVectors } from '../ts/node/index.ts';
import * as reference from '../ts/reference/index.ts';

const book = api.randomCodebook({ dim: 2, stages: 2, codewords: 4, seed: 1 });
const rows = api.matrix([
  [1, 2],
  [3, 4],
]);
const codes = api.encode(book, rows);

class Options {
  beam = 1;
}

/** No options, though each is an object. */
const OTHERS = [
  ['a Map', new Map([['beam', 2]])],
  ['an array', []],
  ['an instance of a class', new Options()],
  ['an object that inherits its keys', Object.create({ beam: 2 })],
  ['an object that inherits from one without a prototype', Object.create(Object.create(null, { beam: { value: 2, enumerable: true } }))],
  ['a typed array', new Float32Array(2)],
  ['a Date', new Date(0)],
  ['a function', () => {}],
  ['null', null],
] as const;

type Call = (options: never) => unknown;

const CALLS: readonly (readonly [string, Call])[] = [
  ...[api, reference].flatMap((verbs): [string, Call][] => [
    ['encode options', (options) => verbs.encode(book, rows, options)],
    ['evaluate options', (options) => verbs.evaluate(book, rows, options)],
    ['decode options', (options) => verbs.decode(book, codes, options)],
    ['train options', (options) => verbs.train(rows, options)],
  ]),
  ['randomCodebook options', (options) => api.randomCodebook(options)],
  ['shape', (options) => api.codebook(book.data, options)],
  ['createPool options', (options) => createPool(options)],
  ['readVectors options', (options) => readVectors('none.npy', options)],
  ['writeVectors options', (options) => writeVectors('none.npy', rows, options)],
  ['writeCodebook options', (options) => writeCodebook('none.safetensors', book, options)],
  ['writeCodes options', (options) => writeCodes('none.npy', codes, book, options)],
];

describe.each(CALLS)('%s', (subject, call) => {
  it.each(OTHERS)('cannot be %s', async (_, options) => {
    const expected = { code: 'INVALID_ARGUMENT', subject, message: expect.stringMatching(/: expected a plain object with .*, got /) };
    await expect((async () => call(options as never))()).rejects.toThrow(expect.objectContaining(expected));
  });
});

describe('options', () => {
  it('may lack a prototype, or come from another realm', () => {
    const bare = Object.assign(Object.create(null), { beam: 2 });
    const foreign = runInNewContext('({ beam: 2 })');
    for (const options of [bare, foreign]) expect(api.encode(book, rows, options)).toEqual(api.encode(book, rows, { beam: 2 }));
  });
});
