//! The arithmetic of residual-vq, for WebAssembly SIMD.
//!
//! - `kernels`: slices in, slices out; SIMD through one small trait; knows no codebook
//! - `quantizer`: the codebook and the verbs: nearest codewords, encode, decode, measure, the sums of k-means
//! - `boundary`: the exports, numbers only: pointers, lengths, flags
//!
//! Arrows point one way: boundary -> quantizer -> kernels. Why codes are exact: docs/exactness.md.

pub mod kernels;
pub mod quantizer;

#[cfg(target_arch = "wasm32")]
mod boundary;
