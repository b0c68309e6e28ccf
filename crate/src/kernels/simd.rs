//! The lanes in WebAssembly SIMD128. The only file of the kernels with unsafe code, all of it loads and stores through references.
#![allow(unsafe_code)]

use super::lanes::{Lanes, ROUNDING_MAGIC};
use core::arch::wasm32::*;

pub struct Simd128;

/// Reads sixteen bytes of an array.
macro_rules! load {
    ($from:expr) => {
        // SAFETY: the reference is to an array of exactly sixteen bytes, and v128.load has no alignment to keep.
        unsafe { v128_load(($from as *const _) as *const v128) }
    };
}

/// Writes sixteen bytes to an array.
macro_rules! store {
    ($value:expr, $to:expr) => {
        // SAFETY: the reference is to an array of exactly sixteen bytes that nobody else sees, and v128.store has no alignment to keep.
        unsafe { v128_store(($to as *mut _) as *mut v128, $value) }
    };
}

impl Lanes for Simd128 {
    type I16 = v128;
    type I32 = v128;
    type F32 = v128;
    type F64 = v128;

    #[inline(always)]
    fn load_i16(from: &[i16; 8]) -> v128 {
        load!(from)
    }
    #[inline(always)]
    fn store_i16(value: v128, to: &mut [i16; 8]) {
        store!(value, to)
    }
    #[inline(always)]
    fn splat_pair(from: &[i16; 2]) -> v128 {
        // SAFETY: the reference is to exactly four bytes, and the load has no alignment to keep.
        unsafe { v128_load32_splat((from as *const [i16; 2]) as *const u32) }
    }
    #[inline(always)]
    fn dot(a: v128, b: v128) -> v128 {
        i32x4_dot_i16x8(a, b)
    }
    #[inline(always)]
    fn interleave_pairs(a: v128, b: v128) -> [v128; 2] {
        [i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b)]
    }

    #[inline(always)]
    fn add_i16(a: v128, b: v128) -> v128 {
        i16x8_add(a, b)
    }
    #[inline(always)]
    fn sub_i16(a: v128, b: v128) -> v128 {
        i16x8_sub(a, b)
    }
    #[inline(always)]
    fn and_i16(a: v128, b: v128) -> v128 {
        v128_and(a, b)
    }
    #[inline(always)]
    fn min_i16(a: v128, b: v128) -> v128 {
        i16x8_min(a, b)
    }
    #[inline(always)]
    fn max_i16(a: v128, b: v128) -> v128 {
        i16x8_max(a, b)
    }
    #[inline(always)]
    fn shift_right_i16(value: v128, bits: u32) -> v128 {
        i16x8_shr(value, bits)
    }
    #[inline(always)]
    fn splat_i16(value: i16) -> v128 {
        i16x8_splat(value)
    }
    #[inline(always)]
    fn count_less_i16(count: v128, a: v128, b: v128) -> v128 {
        i16x8_sub(count, i16x8_lt(a, b))
    }
    #[inline(always)]
    fn sum_i16(value: v128) -> i32 {
        let pairs = i32x4_dot_i16x8(value, i16x8_splat(1));
        let fours = i32x4_add(pairs, i64x2_shuffle::<1, 0>(pairs, pairs));
        i32x4_extract_lane::<0>(fours) + i32x4_extract_lane::<1>(fours)
    }
    #[inline(always)]
    fn any_less_i16(a: v128, b: v128) -> bool {
        v128_any_true(i16x8_lt(a, b))
    }
    #[inline(always)]
    fn mask_less_i16(low: v128, high: v128, b: v128) -> u32 {
        u32::from(i8x16_bitmask(i8x16_narrow_i16x8(i16x8_lt(low, b), i16x8_lt(high, b))))
    }

    #[inline(always)]
    fn splat_i32(value: i32) -> v128 {
        i32x4_splat(value)
    }
    #[inline(always)]
    fn load_i32(from: &[i32; 4]) -> v128 {
        load!(from)
    }
    #[inline(always)]
    fn store_i32(value: v128, to: &mut [i32; 4]) {
        store!(value, to)
    }
    #[inline(always)]
    fn add_i32(a: v128, b: v128) -> v128 {
        i32x4_add(a, b)
    }
    #[inline(always)]
    fn sub_i32(a: v128, b: v128) -> v128 {
        i32x4_sub(a, b)
    }
    #[inline(always)]
    fn mul_i32(a: v128, b: v128) -> v128 {
        i32x4_mul(a, b)
    }
    #[inline(always)]
    fn and(a: v128, b: v128) -> v128 {
        v128_and(a, b)
    }
    #[inline(always)]
    fn or(a: v128, b: v128) -> v128 {
        v128_or(a, b)
    }
    #[inline(always)]
    fn min_i32(a: v128, b: v128) -> v128 {
        i32x4_min(a, b)
    }
    #[inline(always)]
    fn max_i32(a: v128, b: v128) -> v128 {
        i32x4_max(a, b)
    }

    #[inline(always)]
    fn mask_at_least_i32(a: v128, b: v128) -> u32 {
        u32::from(i32x4_bitmask(i32x4_ge(a, b)))
    }
    #[inline(always)]
    fn largest_i32(value: v128) -> i32 {
        let pairs = i32x4_max(value, i64x2_shuffle::<1, 0>(value, value));
        i32x4_extract_lane::<0>(i32x4_max(pairs, i32x4_shuffle::<1, 0, 3, 2>(pairs, pairs)))
    }

    #[inline(always)]
    fn splat_f32(value: f32) -> v128 {
        f32x4_splat(value)
    }
    #[inline(always)]
    fn load_f32(from: &[f32; 4]) -> v128 {
        load!(from)
    }
    #[inline(always)]
    fn store_f32(value: v128, to: &mut [f32; 4]) {
        store!(value, to)
    }
    #[inline(always)]
    fn add_f32(a: v128, b: v128) -> v128 {
        f32x4_add(a, b)
    }
    #[inline(always)]
    fn sub_f32(a: v128, b: v128) -> v128 {
        f32x4_sub(a, b)
    }
    #[inline(always)]
    fn mul_f32(a: v128, b: v128) -> v128 {
        f32x4_mul(a, b)
    }
    #[inline(always)]
    fn round_to_i32(value: v128) -> v128 {
        let magic = f32x4_splat(ROUNDING_MAGIC);
        i32x4_sub(f32x4_add(value, magic), magic)
    }
    #[inline(always)]
    fn max_magnitude(a: v128, b: v128) -> v128 {
        i32x4_max(a, f32x4_abs(b)) // floats that are not negative are ordered as their bits
    }
    #[inline(always)]
    fn to_f32(value: v128) -> v128 {
        f32x4_convert_i32x4(value)
    }
    #[inline(always)]
    fn sum_f32(value: v128) -> f32 {
        let pairs = f32x4_add(value, i64x2_shuffle::<1, 0>(value, value));
        f32x4_extract_lane::<0>(pairs) + f32x4_extract_lane::<1>(pairs)
    }
    #[inline(always)]
    fn round_to_i16(low: v128, high: v128) -> v128 {
        // trunc_sat is six or more x86 instructions; this is two a vector
        i16x8_narrow_i32x4(Self::round_to_i32(low), Self::round_to_i32(high))
    }
    #[inline(always)]
    fn wrap_to_i16(low: v128, high: v128) -> v128 {
        // the lowest bits of what adds up to the magic number are zero, so those of the mantissa are the integer's
        let magic = f32x4_splat(ROUNDING_MAGIC);
        i16x8_shuffle::<0, 2, 4, 6, 8, 10, 12, 14>(f32x4_add(low, magic), f32x4_add(high, magic))
    }

    #[inline(always)]
    fn splat_f64(value: f64) -> v128 {
        f64x2_splat(value)
    }
    #[inline(always)]
    fn load_f64(from: &[f64; 2]) -> v128 {
        load!(from)
    }
    #[inline(always)]
    fn store_f64(value: v128, to: &mut [f64; 2]) {
        store!(value, to)
    }
    #[inline(always)]
    fn low_to_f64(value: v128) -> v128 {
        f64x2_promote_low_f32x4(value)
    }
    #[inline(always)]
    fn high_to_f64(value: v128) -> v128 {
        f64x2_promote_low_f32x4(i64x2_shuffle::<1, 1>(value, value))
    }
    #[inline(always)]
    fn add_f64(a: v128, b: v128) -> v128 {
        f64x2_add(a, b)
    }
    #[inline(always)]
    fn sub_f64(a: v128, b: v128) -> v128 {
        f64x2_sub(a, b)
    }
    #[inline(always)]
    fn mul_f64(a: v128, b: v128) -> v128 {
        f64x2_mul(a, b)
    }
    #[inline(always)]
    fn sum_f64(value: v128) -> f64 {
        f64x2_extract_lane::<0>(value) + f64x2_extract_lane::<1>(value)
    }
}
