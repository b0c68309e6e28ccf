#!/usr/bin/env bash
# Builds crate/ to crate/pkg: wasm-pack, then wasm-opt from npm's binaryen, then the stamp of the sources. With --out DIR
# the package is written there instead, so that it can be compared with the committed one.
set -euo pipefail
cd "$(dirname "$0")/.."

TARGET=wasm32-unknown-unknown
out=crate/pkg
if [ "${1:-}" = --out ]; then out=$2; fi

has_target() {
  compgen -G "$("$1" --print sysroot 2>/dev/null)/lib/rustlib/$TARGET/lib/libstd-*.rlib" >/dev/null
}
# The Rust on PATH where it has the target, else Debian's, which scripts/setup-toolchain.sh may have prepared.
if ! has_target rustc; then
  if ! has_target /usr/bin/rustc; then
    echo "no Rust with $TARGET on this machine: run scripts/setup-toolchain.sh first" >&2
    exit 1
  fi
  export PATH="/usr/bin:$PATH"
  hash -r
fi
if [ "$(command -v rustc)" = /usr/bin/rustc ] && [ -x /usr/lib/llvm-22/bin/wasm-ld ]; then
  # Debian's Rust looks for a rust-lld that it does not bring; the linker of its lld-22 is the same program
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=/usr/lib/llvm-22/bin/wasm-ld
fi
export PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# no path of the machine in the module, and the same bytes whatever folder it is built in
remap="--remap-path-prefix=$PWD/crate=rvq-core --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
remap="$remap --remap-path-prefix=$(rustc --print sysroot)=rust"
for registry in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do remap="$remap --remap-path-prefix=${registry%/}=crates"; done
# as crate/.cargo/config.toml, which the variable replaces
order="-C llvm-args=-pre-RA-sched=source -C llvm-args=-disable-lsr -C llvm-args=-unroll-runtime=0"
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-C target-feature=+simd128 -C link-arg=-zstack-size=131072 $order $remap"
wasm-pack --quiet build crate --target web --release --no-pack --no-opt --out-dir "$work" -- --locked

node scripts/silence-panics.mjs "$work/rvq_core_bg.wasm"
npx --no-install wasm-opt "$work/rvq_core_bg.wasm" -o "$work/rvq_core_bg.wasm" \
  -O3 --enable-simd --enable-bulk-memory --enable-sign-ext --enable-nontrapping-float-to-int --enable-mutable-globals \
  --enable-reference-types --enable-multivalue --disable-relaxed-simd --strip-debug --strip-producers --strip-target-features

mkdir -p "$out"
cp "$work/rvq_core_bg.wasm" "$work/rvq_core.js" "$work/rvq_core.d.ts" "$out/"
node scripts/stamp.mjs write "$out" "$(rustc --version)"
echo "$out/rvq_core_bg.wasm: $(wc -c <"$out/rvq_core_bg.wasm") bytes"
