#!/usr/bin/env bash
# Prepares a Debian machine, as root, for `npm run build:wasm`: a Rust with a wasm32-unknown-unknown
# standard library, wasm-bindgen and wasm-pack. Only who changes crate/ needs it: the built WASM is committed.
# Each step is skipped when what it makes is already there, so running it twice costs nothing. With --debian it takes Debian's Rust
# even where rustup has the target.
set -euo pipefail

WASM_PACK=0.15.1
WASM_BINDGEN=0.2.126 # the version crate/Cargo.toml pins; later locks name crates that mirrors may lack
TARGET=wasm32-unknown-unknown

say() { printf '[setup-toolchain] %s\n' "$*"; }
has_target() { # has_target RUSTC: can this compiler build for the target?
  local sysroot
  sysroot=$("$1" --print sysroot 2>/dev/null) || return 1
  compgen -G "$sysroot/lib/rustlib/$TARGET/lib/libstd-*.rlib" >/dev/null
}

install_std_from_debian() {
  say "installing Debian's rustc-web, cargo-web, rust-web-src and lld-22"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    rustc-web cargo-web rust-web-src lld-22 >/dev/null
  has_target /usr/bin/rustc && return 0

  local vendor work
  vendor=$(dpkg -L rust-web-src | sed -n '\|/library/vendor$|p')
  work=$(mktemp -d)
  say "building the standard library for $TARGET once (about a minute)"
  mkdir -p "$work/src" "$work/.cargo"
  printf '[package]\nname = "std-for-wasm"\nversion = "0.0.0"\nedition = "2021"\n' >"$work/Cargo.toml"
  : >"$work/src/lib.rs"
  printf '[source.crates-io]\nreplace-with = "std"\n[source.std]\ndirectory = "%s"\n' "$vendor" >"$work/.cargo/config.toml"
  (
    cd "$work"
    env -u RUSTFLAGS PATH="/usr/bin:$PATH" RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_HOME="$work/home" \
      CARGO_TARGET_DIR="$work/target" /usr/bin/cargo build --quiet --release --offline --target "$TARGET" -Zbuild-std=std,panic_abort
  )
  local lib
  lib="$(/usr/bin/rustc --print sysroot)/lib/rustlib/$TARGET/lib"
  mkdir -p "$lib"
  find "$work/target/$TARGET/release/deps" -name '*.rlib' ! -name 'libstd_for_wasm*' -exec cp {} "$lib/" \;
  rm -rf "$work"
}

if [ "${1:-}" = --debian ]; then
  install_std_from_debian
elif has_target rustc || has_target /usr/bin/rustc; then
  say "a Rust with $TARGET is here"
elif command -v rustup >/dev/null && say "trying: rustup target add $TARGET" &&
  timeout 60 rustup target add "$TARGET" >/dev/null 2>&1 && has_target rustc; then
  say "rustup installed $TARGET"
else
  say "rustup cannot install $TARGET here; taking Debian's Rust"
  install_std_from_debian
fi

has_version() { [ "$("$1" --version 2>/dev/null | cut -d' ' -f2)" = "$2" ]; }
export PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
if ! has_version wasm-bindgen "$WASM_BINDGEN"; then
  say "building wasm-bindgen-cli $WASM_BINDGEN (about three minutes)"
  cargo install --quiet --locked --version "$WASM_BINDGEN" wasm-bindgen-cli
fi
if ! has_version wasm-pack "$WASM_PACK"; then
  say "building wasm-pack $WASM_PACK (about two minutes)"
  cargo install --quiet --locked --version "$WASM_PACK" wasm-pack
fi
say "ready: npm run build:wasm"
