//! Rows through a linear map, as codecs have them around their codebooks.

use super::rows::{padded, zeros};
use crate::kernels::project::{inner_products, ROWS};
use crate::kernels::{stride, Native};

/// `projected[row * to + i]` is the inner product of the row with `weight[i * from..]`, plus `bias[i]` where there is a bias, rounded to f32
/// once. None where memory does not suffice.
pub fn project(values: &[f32], from: usize, weight: &[f32], bias: &[f32], projected: &mut [f32]) -> Option<()> {
    let to = weight.len() / from;
    let weight = padded(weight, from)?;
    let mut tile: Vec<f64> = zeros(stride(from) * ROWS)?;
    for (rows, projected) in values.chunks(from * ROWS).zip(projected.chunks_mut(to * ROWS)) {
        // a last tile of fewer rows holds others of the one before, which nobody reads
        for (row, values) in rows.chunks_exact(from).enumerate() {
            for (tile, values) in tile.chunks_exact_mut(4 * ROWS).zip(values.chunks(4)) {
                for (slot, &value) in tile[4 * row..4 * row + 4].iter_mut().zip(values) {
                    *slot = f64::from(value);
                }
            }
        }
        for (i, weight) in weight.chunks_exact(stride(from)).enumerate() {
            let sums = inner_products::<Native>(&tile, weight);
            let bias = bias.get(i).copied().map_or(0.0, f64::from);
            for (projected, sum) in projected.chunks_exact_mut(to).zip(sums) {
                projected[i] = (sum + bias) as f32;
            }
        }
    }
    Some(())
}
