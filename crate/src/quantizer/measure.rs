//! The squared error that codes leave, after every stage.

use super::rows::{Code, Tile, TILE};
use super::Codebook;
use crate::kernels::{distance, residual, stride, Native};

/// Adds, row by row: to `sums[0]` the squared norm of each row, to `sums[m + 1]` its squared error after stage m, both as the definition measures them.
pub fn measure<C: Code>(codebook: &Codebook, rows: &[f32], codes: &[C], sums: &mut [f64]) {
    let (dim, stages) = (codebook.dim, codebook.stages.len());
    let stride = stride(dim);
    let zero = vec![0.0; stride];
    let mut tile = Tile::new(dim);
    for (rows, codes) in rows.chunks(TILE * dim).zip(codes.chunks(TILE * stages)) {
        for (residual, codes) in tile.load(rows).chunks_exact_mut(stride).zip(codes.chunks_exact(stages)) {
            sums[0] += distance::distance::<Native>(residual, &zero);
            for ((stage, code), sum) in codebook.stages.iter().zip(codes).zip(&mut sums[1..]) {
                let codeword = stage.codeword(code.index());
                *sum += distance::distance::<Native>(residual, codeword);
                residual::subtract::<Native>(residual, codeword);
            }
        }
    }
}
