//! Inner products of the rows of a projection, in f64: products added in four partial sums (j mod 4), and these as `(s0 + s2) + (s1 + s3)`.

use super::Lanes;

/// Rows that are multiplied at a time. Two sums a row leave V8's sixteen vector registers room for the weights.
pub const ROWS: usize = 4;

/// The inner products of `weights` with [`ROWS`] rows.
///
/// `rows`: four elements of each row, then the next four of each; `weights`: as many, padded with zeros to a whole number of fours.
#[inline(always)]
pub fn inner_products<L: Lanes>(rows: &[f64], weights: &[f32]) -> [f64; ROWS] {
    debug_assert_eq!(rows.len(), weights.len() * ROWS);
    let (mut low, mut high) = ([L::splat_f64(0.0); ROWS], [L::splat_f64(0.0); ROWS]);
    for (weights, rows) in weights.as_chunks::<4>().0.iter().zip(rows.as_chunks::<{ 4 * ROWS }>().0) {
        let weights = L::load_f32(weights);
        let (a, b) = (L::low_to_f64(weights), L::high_to_f64(weights));
        let halves = rows.as_chunks::<2>().0;
        for row in 0..ROWS {
            low[row] = L::add_f64(low[row], L::mul_f64(a, L::load_f64(&halves[2 * row])));
            high[row] = L::add_f64(high[row], L::mul_f64(b, L::load_f64(&halves[2 * row + 1])));
        }
    }
    core::array::from_fn(|row| L::sum_f64(L::add_f64(low[row], high[row])))
}
