// The package in engines that lack something: it says what, and what works instead. Node's flags take it away, in processes of their own.
import { describe, expect, it } from 'vitest';
import { linkPackage, node, writeFiles } from './support/consumer.ts';
import { temporaryFolder } from './support/files.ts';

/** Prints what `call` gives or throws, and then what the reference gives, which needs nothing. */
const program = (call: string): string => `
import * as rvq from 'residual-vq';
import * as reference from 'residual-vq/reference';
const book = rvq.randomCodebook({ dim: 64, stages: 2, codewords: 200, seed: 1 });
const vectors = rvq.matrix(rvq.randomCodebook({ dim: 64, stages: 1, codewords: 9, seed: 2 }).data, 64);
const lines = [];
try {
  ${call};
  lines.push('no error');
} catch (error) {
  lines.push([error.name, error.code, error.message].join(' | '));
}
lines.push(reference.encode(book, vectors).rows);
console.log(lines.join('\\n'));
`;

async function runWith(flags: readonly string[], call = 'rvq.encode(book, vectors)'): Promise<string[]> {
  const folder = temporaryFolder();
  linkPackage(folder);
  writeFiles(folder, { 'program.mjs': program(call) });
  return (await node([...flags, 'program.mjs'], folder)).trimEnd().split('\n');
}

const NO_SIMD =
  'RvqError | NO_WEBASSEMBLY | engine: this engine has WebAssembly without its 128-bit SIMD, which Chrome and Edge have from 91 on, ' +
  'Firefox from 89, Safari from 16.4; residual-vq/reference gives the same codes without it';

/** Where V8 has no SIMD. On processors of other kinds, which always have it, only what it says can be changed. */
const WITHOUT_SIMD: { flags: readonly string[]; call: string }[] = [
  { flags: [], call: 'WebAssembly.validate = () => false; rvq.encode(book, vectors)' },
  ...(process.arch === 'x64' ? [{ flags: ['--no-enable-ssse3', '--no-enable-sse4-1'], call: 'rvq.encode(book, vectors)' }] : []),
];

describe('an engine', () => {
  it('with everything works', async () => {
    expect(await runWith([])).toEqual(['no error', '9']);
  });

  it.each(WITHOUT_SIMD)('without SIMD is told so: $flags', async ({ flags, call }) => {
    expect(await runWith(flags, call)).toEqual([NO_SIMD, '9']);
  });

  it.each(['rvq.encode(book, vectors)', 'rvq.quantize(book, new Float32Array(64))', 'await rvq.train(vectors, { stages: 1, codewords: 2 })'])(
    'without WebAssembly is told so by %s',
    async (call) => {
      const message = 'engine: this engine has no WebAssembly; residual-vq/reference gives the same codes without it';
      expect(await runWith(['--no-expose-wasm'], call)).toEqual([`RvqError | NO_WEBASSEMBLY | ${message}`, '9']);
    },
  );

  it('whose memory does not suffice for the core is told so', async () => {
    const [line, reference] = await runWith(['--wasm-max-mem-pages=1']);
    expect(line).toMatch(/^RvqError \| OUT_OF_MEMORY \| WebAssembly (?:memory|core): cannot be (?:had|compiled): /);
    expect(reference).toBe('9');
  });

  it('whose memory cannot grow is told so, and goes on with less', async () => {
    const large = 'rvq.encode(rvq.randomCodebook({ dim: 512, stages: 4, codewords: 1024, seed: 1 }), rvq.matrix(new Float32Array(512), 512))';
    const flags = ['--wasm-max-mem-pages=40'];
    const [line] = await runWith(flags, large);
    expect(line).toMatch(/^RvqError \| OUT_OF_MEMORY \| WebAssembly memory: cannot grow by [\d,]+ bytes; it holds [\d,]+$/);
    expect(await runWith(flags, `try { ${large} } catch {} rvq.encode(book, vectors)`)).toEqual(['no error', '9']);
  });
});
