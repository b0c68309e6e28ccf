// Holds a freshly built module against the committed one, and looks at what it is made of.
//   node scripts/check-wasm.mjs DIR   DIR: where build-wasm.sh --out has put it
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [fresh] = process.argv.slice(2);
const read = (folder, name) => readFileSync(join(folder, name));
const committed = join(root, 'crate/pkg');
const stamps = { fresh: JSON.parse(read(fresh, 'stamp.json')), committed: JSON.parse(read(committed, 'stamp.json')) };
const problems = [];

// Another compiler makes other bytes from the same sources; the same one must make the same.
if (stamps.fresh.compiler === stamps.committed.compiler) {
  if (stamps.fresh.wasm !== stamps.committed.wasm) problems.push('the same compiler makes other bytes: run npm run build:wasm and commit crate/pkg');
  if (!read(fresh, 'rvq_core.d.ts').equals(read(committed, 'rvq_core.d.ts'))) problems.push('rvq_core.d.ts differs');
} else {
  console.log(`not compared byte by byte: built by ${stamps.fresh.compiler}, committed by ${stamps.committed.compiler}`);
}

for (const folder of [committed, fresh]) {
  const path = join(folder, 'rvq_core_bg.wasm');
  const bytes = readFileSync(path);
  if (bytes.length >= 100_000) problems.push(`${path}: ${bytes.length} bytes, expected fewer than 100,000`);
  const module = new WebAssembly.Module(bytes);
  const imports = WebAssembly.Module.imports(module);
  const odd = imports.filter(({ name, kind }) => kind !== 'function' || !name.startsWith('__wbindgen_'));
  if (odd.length > 0) problems.push(`${path}: imports what a host cannot stub: ${odd.map(({ name }) => name)}`);
  const text = execFileSync(join(root, 'node_modules/.bin/wasm-dis'), [path], { maxBuffer: 1 << 28, encoding: 'utf8' });
  const dots = text.match(/i32x4\.dot_i16x8_s/g)?.length ?? 0;
  if (dots < 8) problems.push(`${path}: expected int16 dot products, found ${dots}`);
  const relaxed = text.match(/\brelaxed\w*|\w+\.relaxed_\w+/g) ?? [];
  if (relaxed.length > 0) problems.push(`${path}: holds relaxed SIMD: ${[...new Set(relaxed)]}`);
  console.log(`${path}: ${bytes.length} bytes, ${dots} int16 dot products, imports ${imports.map(({ name }) => name)}`);
}

for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
