//! One stage of the search where a row has one entry before and after it: its nearest codeword, four times as fast as by ranking.

use crate::kernels::{distance, residual, stride, Native};
use crate::quantizer::nearest::Search;
use crate::quantizer::rows::{Tile, TILE};
use crate::quantizer::stage::Stage;

/// As [`super::extend`] with one entry a row.
pub fn extend(stage: &Stage, residuals: &[f32], next: &mut [f32], chosen: &mut [u32]) -> f64 {
    let dim = stage.dim;
    let mut tile = Tile::new(dim);
    let mut search = Search::new(TILE, dim, stage.count).expect("memory for a search");
    let mut winners = [0u16; TILE];
    let mut error = 0.0;
    let mut longest = None;
    let blocks = next.chunks_mut(TILE * dim).zip(chosen.chunks_mut(TILE));
    for (residuals, (next, chosen)) in residuals.chunks(TILE * dim).zip(blocks) {
        let rows = tile.load(residuals);
        let count = rows.len() / stride(dim);
        search.nearest(None, stage, rows, &mut winners[..count], &mut longest);
        for (i, (row, next)) in rows.chunks_exact_mut(stride(dim)).zip(next.chunks_exact_mut(dim)).enumerate() {
            let codeword = stage.codeword(usize::from(winners[i]));
            error += distance::distance::<Native>(row, codeword);
            residual::subtract::<Native>(row, codeword);
            next.copy_from_slice(&row[..dim]);
            chosen[i] = u32::from(winners[i]);
        }
    }
    error
}
