//! The lanes spelled out in plain Rust, for the host: what each operation means, lane by lane.

use super::lanes::{Lanes, ROUNDING_MAGIC};
use core::array::from_fn;

pub struct Portable;

impl Lanes for Portable {
    type I16 = [i16; 8];
    type I32 = [i32; 4];
    type F32 = [f32; 4];
    type F64 = [f64; 2];

    fn load_i16(from: &[i16; 8]) -> [i16; 8] {
        *from
    }
    fn store_i16(value: [i16; 8], to: &mut [i16; 8]) {
        *to = value;
    }
    fn splat_pair(from: &[i16; 2]) -> [i16; 8] {
        from_fn(|i| from[i % 2])
    }
    fn dot(a: [i16; 8], b: [i16; 8]) -> [i32; 4] {
        from_fn(|i| {
            let product = |j: usize| i32::from(a[j]) * i32::from(b[j]);
            product(2 * i).wrapping_add(product(2 * i + 1))
        })
    }
    fn interleave_pairs(a: [i16; 8], b: [i16; 8]) -> [[i16; 8]; 2] {
        from_fn(|half| from_fn(|i| [a, b][i / 2 % 2][4 * half + i / 4 * 2 + i % 2]))
    }

    fn add_i16(a: [i16; 8], b: [i16; 8]) -> [i16; 8] {
        from_fn(|i| a[i].wrapping_add(b[i]))
    }
    fn sub_i16(a: [i16; 8], b: [i16; 8]) -> [i16; 8] {
        from_fn(|i| a[i].wrapping_sub(b[i]))
    }
    fn and_i16(a: [i16; 8], b: [i16; 8]) -> [i16; 8] {
        from_fn(|i| a[i] & b[i])
    }
    fn min_i16(a: [i16; 8], b: [i16; 8]) -> [i16; 8] {
        from_fn(|i| a[i].min(b[i]))
    }
    fn max_i16(a: [i16; 8], b: [i16; 8]) -> [i16; 8] {
        from_fn(|i| a[i].max(b[i]))
    }
    fn shift_right_i16(v: [i16; 8], bits: u32) -> [i16; 8] {
        v.map(|x| x >> bits)
    }
    fn splat_i16(value: i16) -> [i16; 8] {
        [value; 8]
    }
    fn count_less_i16(count: [i16; 8], a: [i16; 8], b: [i16; 8]) -> [i16; 8] {
        from_fn(|i| count[i] + i16::from(a[i] < b[i]))
    }
    fn sum_i16(v: [i16; 8]) -> i32 {
        v.into_iter().map(i32::from).sum()
    }
    fn any_less_i16(a: [i16; 8], b: [i16; 8]) -> bool {
        (0..8).any(|i| a[i] < b[i])
    }
    fn mask_less_i16(low: [i16; 8], high: [i16; 8], b: [i16; 8]) -> u32 {
        (0..8).map(|i| u32::from(low[i] < b[i]) << i | u32::from(high[i] < b[i]) << (i + 8)).sum()
    }

    fn splat_i32(value: i32) -> [i32; 4] {
        [value; 4]
    }
    fn load_i32(from: &[i32; 4]) -> [i32; 4] {
        *from
    }
    fn store_i32(value: [i32; 4], to: &mut [i32; 4]) {
        *to = value;
    }
    fn add_i32(a: [i32; 4], b: [i32; 4]) -> [i32; 4] {
        from_fn(|i| a[i].wrapping_add(b[i]))
    }
    fn sub_i32(a: [i32; 4], b: [i32; 4]) -> [i32; 4] {
        from_fn(|i| a[i].wrapping_sub(b[i]))
    }
    fn mul_i32(a: [i32; 4], b: [i32; 4]) -> [i32; 4] {
        from_fn(|i| a[i].wrapping_mul(b[i]))
    }
    fn and(a: [i32; 4], b: [i32; 4]) -> [i32; 4] {
        from_fn(|i| a[i] & b[i])
    }
    fn or(a: [i32; 4], b: [i32; 4]) -> [i32; 4] {
        from_fn(|i| a[i] | b[i])
    }
    fn min_i32(a: [i32; 4], b: [i32; 4]) -> [i32; 4] {
        from_fn(|i| a[i].min(b[i]))
    }
    fn max_i32(a: [i32; 4], b: [i32; 4]) -> [i32; 4] {
        from_fn(|i| a[i].max(b[i]))
    }

    fn mask_at_least_i32(a: [i32; 4], b: [i32; 4]) -> u32 {
        (0..4).map(|i| u32::from(a[i] >= b[i]) << i).sum()
    }
    fn largest_i32(value: [i32; 4]) -> i32 {
        value.into_iter().fold(i32::MIN, i32::max)
    }

    fn splat_f32(value: f32) -> [f32; 4] {
        [value; 4]
    }
    fn load_f32(from: &[f32; 4]) -> [f32; 4] {
        *from
    }
    fn store_f32(value: [f32; 4], to: &mut [f32; 4]) {
        *to = value;
    }
    fn add_f32(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        from_fn(|i| a[i] + b[i])
    }
    fn sub_f32(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        from_fn(|i| a[i] - b[i])
    }
    fn mul_f32(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        from_fn(|i| a[i] * b[i])
    }
    fn round_to_i32(v: [f32; 4]) -> [i32; 4] {
        v.map(|x| (x + ROUNDING_MAGIC).to_bits().wrapping_sub(ROUNDING_MAGIC.to_bits()) as i32)
    }
    fn max_magnitude(a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        from_fn(|i| f32::from_bits(a[i].to_bits().max(b[i].abs().to_bits())))
    }
    fn to_f32(v: [i32; 4]) -> [f32; 4] {
        v.map(|x| x as f32)
    }
    fn sum_f32(v: [f32; 4]) -> f32 {
        (v[0] + v[2]) + (v[1] + v[3])
    }
    fn round_to_i16(low: [f32; 4], high: [f32; 4]) -> [i16; 8] {
        from_fn(|i| {
            let value = if i < 4 { low[i] } else { high[i - 4] };
            let [rounded, ..] = Self::round_to_i32([value; 4]);
            rounded.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
        })
    }
    fn wrap_to_i16(low: [f32; 4], high: [f32; 4]) -> [i16; 8] {
        from_fn(|i| Self::round_to_i32(if i < 4 { low } else { high })[i % 4] as i16)
    }

    fn splat_f64(value: f64) -> [f64; 2] {
        [value; 2]
    }
    fn load_f64(from: &[f64; 2]) -> [f64; 2] {
        *from
    }
    fn store_f64(value: [f64; 2], to: &mut [f64; 2]) {
        *to = value;
    }
    fn low_to_f64(v: [f32; 4]) -> [f64; 2] {
        [f64::from(v[0]), f64::from(v[1])]
    }
    fn high_to_f64(v: [f32; 4]) -> [f64; 2] {
        [f64::from(v[2]), f64::from(v[3])]
    }
    fn add_f64(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
        [a[0] + b[0], a[1] + b[1]]
    }
    fn sub_f64(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
        [a[0] - b[0], a[1] - b[1]]
    }
    fn mul_f64(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
        [a[0] * b[0], a[1] * b[1]]
    }
    fn sum_f64(v: [f64; 2]) -> f64 {
        v[0] + v[1]
    }
}
