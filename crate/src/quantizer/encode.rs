//! Rows to codes: stage after stage the nearest codeword, and what is left of the row.

use super::nearest::Search;
use super::rows::{first_not_finite, Code, Tile, TILE};
use super::Codebook;
use crate::kernels::{residual, stride, Native};

/// `rows[row * dim + j]` to `codes[row * stages + stage]`. Where a value is not finite, its index is the error and nothing is written.
pub fn encode<C: Code>(codebook: &Codebook, rows: &[f32], codes: &mut [C]) -> Result<(), usize> {
    if let Some(index) = first_not_finite(rows) {
        return Err(index);
    }
    let (dim, stages) = (codebook.dim, codebook.stages.len());
    let stride = stride(dim);
    let mut tile = Tile::new(dim);
    let mut search = Search::new(dim);
    let mut winners = [0u16; TILE];
    for (rows, codes) in rows.chunks(TILE * dim).zip(codes.chunks_mut(TILE * stages)) {
        let residuals = tile.load(rows);
        for (m, stage) in codebook.stages.iter().enumerate() {
            search.nearest(stage, residuals, &mut winners);
            let last = m + 1 == stages;
            for (row, residual) in residuals.chunks_exact_mut(stride).enumerate() {
                let winner = usize::from(winners[row]);
                codes[row * stages + m] = C::from_index(winner);
                if !last {
                    residual::subtract::<Native>(residual, stage.codeword(winner));
                }
            }
        }
    }
    Ok(())
}
