//! Codes to rows: the sum of the codewords, stage after stage, in f32.

use super::rows::Code;
use super::Codebook;
use crate::kernels::{residual, Native};

/// `codes[row * stages + stage]` to `rows[row * dim + j]`, with the first `prefix` stages. Every code is a codeword of its stage.
pub fn decode<C: Code>(codebook: &Codebook, codes: &[C], prefix: usize, rows: &mut [f32]) {
    let dim = codebook.dim;
    let (first, others) = codebook.stages[..prefix].split_first().expect("a codebook has a stage");
    for (row, codes) in rows.chunks_exact_mut(dim).zip(codes.chunks_exact(codebook.stages.len())) {
        row.copy_from_slice(&first.codeword(codes[0].index())[..dim]);
        for (stage, code) in others.iter().zip(&codes[1..]) {
            residual::add::<Native>(row, &stage.codeword(code.index())[..dim]);
        }
    }
}
