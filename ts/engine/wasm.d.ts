// What a build puts in the place of the core: a function that gives its bytes, as in most entries and in tests; where the runtime imports .wasm files, what it
// makes of it; or nothing, where the program or another thread gives it.
declare module '*.wasm' {
  const source: (() => Uint8Array<ArrayBuffer>) | WebAssembly.Module | undefined;
  export default source;
}
