//! Rows to codes: stage after stage the nearest codeword, and what is left of the row.

use super::nearest::Search;
use super::rows::{first_not_finite, Code, Tile, TILE};
use super::Codebook;
use crate::kernels::stride;

/// `rows[row * dim + j]` to `codes[row * stages + stage]`. Where a value is not finite, its index is the error and nothing is written.
pub fn encode<C: Code>(codebook: &Codebook, rows: &[f32], codes: &mut [C]) -> Result<(), usize> {
    if let Some(index) = first_not_finite(rows) {
        return Err(index);
    }
    let (dim, stages) = (codebook.dim, codebook.stages.len());
    let stride = stride(dim);
    let at_once = TILE.min(rows.len() / dim);
    let mut tile = Tile::of(at_once, dim);
    let mut search = Search::new(at_once, dim, codebook.widest()).expect("memory for a search");
    let mut winners = [0u16; TILE];
    let mut longest = vec![None; stages];
    for (rows, codes) in rows.chunks(TILE * dim).zip(codes.chunks_mut(TILE * stages)) {
        let residuals = tile.load(rows);
        let winners = &mut winners[..residuals.len() / stride];
        for (m, stage) in codebook.stages.iter().enumerate() {
            let before = m.checked_sub(1).map(|before| &codebook.stages[before]);
            search.nearest(before, stage, residuals, winners, &mut longest[m]);
            for (row, &winner) in winners.iter().enumerate() {
                codes[row * stages + m] = C::from_index(usize::from(winner));
            }
        }
    }
    Ok(())
}
