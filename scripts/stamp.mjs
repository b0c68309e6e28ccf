// The stamp of crate/pkg: from which sources and with which compiler it was built.
//   node scripts/stamp.mjs write DIR COMPILER   writes DIR/stamp.json
//   node scripts/stamp.mjs check                fails where crate/pkg does not come from the present sources
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** SHA-256 over the name and the content of everything that the module is built from. */
function sourcesHash() {
  const sources = readdirSync(join(root, 'crate/src'), { recursive: true })
    .map((name) => `crate/src/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.rs'));
  const files = [...sources, 'crate/Cargo.toml', 'crate/Cargo.lock', 'crate/.cargo/config.toml', 'scripts/build-wasm.sh'].sort();
  const hash = createHash('sha256');
  for (const name of files) {
    const content = readFileSync(join(root, name));
    hash.update(`${name}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

const [command, folder, compiler] = process.argv.slice(2);
if (command === 'write') {
  const wasm = createHash('sha256')
    .update(readFileSync(join(folder, 'rvq_core_bg.wasm')))
    .digest('hex');
  const stamp = { sources: sourcesHash(), wasm, compiler };
  writeFileSync(join(folder, 'stamp.json'), `${JSON.stringify(stamp, null, 2)}\n`);
} else if (command === 'check') {
  const stamp = JSON.parse(readFileSync(join(root, 'crate/pkg/stamp.json'), 'utf8'));
  const wasm = createHash('sha256')
    .update(readFileSync(join(root, 'crate/pkg/rvq_core_bg.wasm')))
    .digest('hex');
  if (stamp.sources !== sourcesHash()) fail('crate/pkg was not built from the present sources: run npm run build:wasm');
  if (stamp.wasm !== wasm) fail('crate/pkg/rvq_core_bg.wasm is not the file that its stamp names: run npm run build:wasm');
  console.log(`crate/pkg comes from the present sources (${stamp.compiler})`);
} else {
  fail('usage: node scripts/stamp.mjs write DIR COMPILER | check');
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
