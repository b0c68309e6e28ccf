//! Sums of rows for k-means, exact in any order.

use super::Lanes;

/// Adds a row to `sums`, each value first rounded to a multiple of `magic / (1.5 * 2^52)`: with values of magnitude up to
/// 2^29 such steps, 2^24 rows add up without a rounding. Both are padded rows.
#[inline(always)]
pub fn add_on_grid<L: Lanes>(sums: &mut [f64], row: &[f32], magic: f64) {
    debug_assert_eq!(sums.len(), row.len());
    let magic = L::splat_f64(magic);
    let on_grid = |value: L::F64| L::sub_f64(L::add_f64(value, magic), magic);
    for (s, r) in sums.as_chunks_mut::<4>().0.iter_mut().zip(row.as_chunks::<4>().0) {
        let row = L::load_f32(r);
        let (low, high) = s.split_at_mut(2);
        let (low, high) = (&mut low.as_chunks_mut().0[0], &mut high.as_chunks_mut().0[0]);
        L::store_f64(L::add_f64(L::load_f64(low), on_grid(L::low_to_f64(row))), low);
        L::store_f64(L::add_f64(L::load_f64(high), on_grid(L::high_to_f64(row))), high);
    }
}
