//! The vector operations that the kernels need, each on 128 bits.

/// One instruction set. `simd.rs` maps each function to one WebAssembly instruction (or a few), `portable.rs` spells it out.
pub trait Lanes {
    /// Eight i16.
    type I16: Copy + 'static;
    /// Four i32.
    type I32: Copy + 'static;
    /// Four f32.
    type F32: Copy + 'static;
    /// Two f64.
    type F64: Copy + 'static;

    fn load_i16(from: &[i16; 8]) -> Self::I16;
    fn store_i16(value: Self::I16, to: &mut [i16; 8]);
    /// The pair in all four places.
    fn splat_pair(from: &[i16; 2]) -> Self::I16;
    /// Lane i: `a[2i] * b[2i] + a[2i + 1] * b[2i + 1]`.
    fn dot(a: Self::I16, b: Self::I16) -> Self::I32;
    /// The four pairs of `a` and of `b`, in turn.
    fn interleave_pairs(a: Self::I16, b: Self::I16) -> [Self::I16; 2];

    /// Wraps.
    fn add_i16(a: Self::I16, b: Self::I16) -> Self::I16;
    /// Wraps.
    fn sub_i16(a: Self::I16, b: Self::I16) -> Self::I16;
    fn and_i16(a: Self::I16, b: Self::I16) -> Self::I16;
    fn min_i16(a: Self::I16, b: Self::I16) -> Self::I16;
    fn max_i16(a: Self::I16, b: Self::I16) -> Self::I16;
    /// Towards minus infinity.
    fn shift_right_i16(value: Self::I16, bits: u32) -> Self::I16;
    fn splat_i16(value: i16) -> Self::I16;
    /// One more in each lane where `a` is less than `b`.
    fn count_less_i16(count: Self::I16, a: Self::I16, b: Self::I16) -> Self::I16;
    fn sum_i16(value: Self::I16) -> i32;
    /// Whether any lane of `a` is less than that of `b`.
    fn any_less_i16(a: Self::I16, b: Self::I16) -> bool;
    /// Bit i is set where value i of `low` or, from the eighth on, of `high` is less than that of `b`.
    fn mask_less_i16(low: Self::I16, high: Self::I16, b: Self::I16) -> u32;

    fn splat_i32(value: i32) -> Self::I32;
    fn load_i32(from: &[i32; 4]) -> Self::I32;
    fn store_i32(value: Self::I32, to: &mut [i32; 4]);
    /// Wraps.
    fn add_i32(a: Self::I32, b: Self::I32) -> Self::I32;
    /// Wraps.
    fn sub_i32(a: Self::I32, b: Self::I32) -> Self::I32;
    /// Wraps.
    fn mul_i32(a: Self::I32, b: Self::I32) -> Self::I32;
    fn and(a: Self::I32, b: Self::I32) -> Self::I32;
    fn or(a: Self::I32, b: Self::I32) -> Self::I32;
    fn min_i32(a: Self::I32, b: Self::I32) -> Self::I32;
    fn max_i32(a: Self::I32, b: Self::I32) -> Self::I32;

    /// Bit i is set where lane i of `a` is at least that of `b`.
    fn mask_at_least_i32(a: Self::I32, b: Self::I32) -> u32;
    /// The largest lane.
    fn largest_i32(value: Self::I32) -> i32;

    fn splat_f32(value: f32) -> Self::F32;
    fn load_f32(from: &[f32; 4]) -> Self::F32;
    fn store_f32(value: Self::F32, to: &mut [f32; 4]);
    fn add_f32(a: Self::F32, b: Self::F32) -> Self::F32;
    fn sub_f32(a: Self::F32, b: Self::F32) -> Self::F32;
    fn mul_f32(a: Self::F32, b: Self::F32) -> Self::F32;
    /// Rounds to the nearest integer, ties to even, up to a magnitude of 2^22.
    fn round_to_i32(value: Self::F32) -> Self::I32;
    /// The larger of `a`, which is not negative, and the magnitude of `b`.
    fn max_magnitude(a: Self::F32, b: Self::F32) -> Self::F32;
    fn to_f32(value: Self::I32) -> Self::F32;
    /// `(v0 + v2) + (v1 + v3)`
    fn sum_f32(value: Self::F32) -> f32;
    /// Rounds to the nearest integer, ties to even; any order of magnitude up to 2^22, saturating at i16.
    fn round_to_i16(low: Self::F32, high: Self::F32) -> Self::I16;
    /// Rounds to the nearest integer, ties to even, up to a magnitude of 2^22, and keeps its lowest 16 bits.
    fn wrap_to_i16(low: Self::F32, high: Self::F32) -> Self::I16;

    fn splat_f64(value: f64) -> Self::F64;
    fn load_f64(from: &[f64; 2]) -> Self::F64;
    fn store_f64(value: Self::F64, to: &mut [f64; 2]);
    fn low_to_f64(value: Self::F32) -> Self::F64;
    fn high_to_f64(value: Self::F32) -> Self::F64;
    fn add_f64(a: Self::F64, b: Self::F64) -> Self::F64;
    fn sub_f64(a: Self::F64, b: Self::F64) -> Self::F64;
    fn mul_f64(a: Self::F64, b: Self::F64) -> Self::F64;
    /// `v0 + v1`
    fn sum_f64(value: Self::F64) -> f64;
}

/// 1.5 * 2^23: adding it to a float of magnitude up to 2^22 leaves the rounded integer in the low bits of the mantissa.
pub const ROUNDING_MAGIC: f32 = 12_582_912.0;
