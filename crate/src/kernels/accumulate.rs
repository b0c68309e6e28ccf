//! Sums of rows for k-means, exact in any order.

use super::Lanes;

/// Adds a row to `sums`, each value first rounded to a multiple of the grid, which is `magic / (1.5 * 2^52)`: while the sums stay below
/// 2^53 multiples of it, they are exact. The caller chooses the grid by the largest value and the number of rows.
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
