//! Loops over slices. Each is generic over [`Lanes`], so that the host's tests run the same code with portable lanes.

pub mod accumulate;
pub mod continuations;
pub mod distance;
pub mod lanes;
pub mod pack;
pub mod portable;
pub mod project;
pub mod residual;
pub mod screen;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub mod simd;

pub use lanes::Lanes;

/// The lanes of this target.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub type Native = simd::Simd128;
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub type Native = portable::Portable;

/// Floats of a padded row: `dim` rounded up to eight, so that tails are met in the packing alone. What is added is zero and changes no sum.
pub const fn stride(dim: usize) -> usize {
    dim.div_ceil(8) * 8
}
