// node scripts/silence-panics.mjs FILE.wasm: makes a panic a bare trap. A panic of Rust's formats a message that this module has nowhere
// to print, and then traps; formatting is some 6 kB of it. What follows removes what is no longer called: wasm-opt, in build-wasm.sh.
import { readFileSync, writeFileSync } from 'node:fs';
import binaryen from 'binaryen';

/** In the names, mangled or not, of what in Rust's libraries ends in a panic or makes its message. The core itself formats nothing. */
const PANICS =
  /panicking|[:\d]fmt\b|slice_index_fail|len_mismatch_fail|assert_failed|expect_failed|unwrap_failed|panic_already_borrowed|handle_error|alloc_error/;

const [path] = process.argv.slice(2);
const module = binaryen.readBinary(readFileSync(path));
let silenced = 0;
for (let i = 0; i < module.getNumFunctions(); i++) {
  const fn = module.getFunctionByIndex(i);
  const { name, base } = binaryen.getFunctionInfo(fn);
  if (base !== '' || !PANICS.test(name)) continue;
  binaryen.Function(fn).setBody(module.unreachable());
  silenced++;
}
// a library that names its functions otherwise would bring the messages back unseen
if (silenced < 20) throw new Error(`${path}: expected 20 or more functions that panic, by their names, got ${silenced}`);
if (!module.validate()) throw new Error(`${path}: not a valid module without its panics' messages`);
writeFileSync(path, module.emitBinary());
