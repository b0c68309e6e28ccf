//! The distance of the definition, and what is near it.

use super::Lanes;

/// The distance that defines a code: `e_j = f32(row_j - codeword_j)`, the sum of `e_j^2` in f64 in four partial sums (j mod 4) that are
/// added as `(s0 + s2) + (s1 + s3)`. Both slices are padded rows.
#[inline(always)]
pub fn distance<L: Lanes>(row: &[f32], codeword: &[f32]) -> f64 {
    debug_assert_eq!(row.len(), codeword.len());
    let (mut low, mut high) = (L::splat_f64(0.0), L::splat_f64(0.0));
    for (r, c) in row.as_chunks::<4>().0.iter().zip(codeword.as_chunks::<4>().0) {
        let difference = L::sub_f32(L::load_f32(r), L::load_f32(c));
        let (a, b) = (L::low_to_f64(difference), L::high_to_f64(difference));
        low = L::add_f64(low, L::mul_f64(a, a));
        high = L::add_f64(high, L::mul_f64(b, b));
    }
    L::sum_f64(L::add_f64(low, high))
}

/// `|row - other|^2` in f32, in some order.
#[inline(always)]
pub fn square_distance<L: Lanes>(row: &[f32], other: &[f32]) -> f32 {
    debug_assert_eq!(row.len(), other.len());
    let mut sums = [L::splat_f32(0.0); 2];
    for (r, c) in row.as_chunks::<8>().0.iter().zip(other.as_chunks::<8>().0) {
        for half in 0..2 {
            let at = |x: &[f32; 8]| L::load_f32(&x.as_chunks::<4>().0[half]);
            let difference = L::sub_f32(at(r), at(c));
            sums[half] = L::add_f32(sums[half], L::mul_f32(difference, difference));
        }
    }
    L::sum_f32(L::add_f32(sums[0], sums[1]))
}

/// The inner product in f32, in some order. Both slices are padded rows.
#[inline(always)]
pub fn inner_product<L: Lanes>(a: &[f32], b: &[f32]) -> f32 {
    debug_assert_eq!(a.len(), b.len());
    let mut sums = [L::splat_f32(0.0); 2];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        for half in 0..2 {
            let at = |x: &[f32; 8]| L::load_f32(&x.as_chunks::<4>().0[half]);
            sums[half] = L::add_f32(sums[half], L::mul_f32(at(a), at(b)));
        }
    }
    L::sum_f32(L::add_f32(sums[0], sums[1]))
}

/// `<row - from, other>` in f32, in some order. All are padded rows.
#[inline(always)]
pub fn inner_product_from<L: Lanes>(row: &[f32], from: &[f32], other: &[f32]) -> f32 {
    debug_assert!(row.len() == from.len() && row.len() == other.len());
    let mut sums = [L::splat_f32(0.0); 2];
    for ((r, f), o) in row.as_chunks::<8>().0.iter().zip(from.as_chunks::<8>().0).zip(other.as_chunks::<8>().0) {
        for half in 0..2 {
            let at = |x: &[f32; 8]| L::load_f32(&x.as_chunks::<4>().0[half]);
            sums[half] = L::add_f32(sums[half], L::mul_f32(L::sub_f32(at(r), at(f)), at(o)));
        }
    }
    L::sum_f32(L::add_f32(sums[0], sums[1]))
}
