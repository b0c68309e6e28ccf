//! Codes to rows: the sum of the codewords, stage after stage, in f32.

use super::rows::Code;
use super::Codebook;
use crate::kernels::{residual, Native};

/// `codes[row * stages + stage]` to `rows[row * dim + j]`, with the first `prefix` stages. Every code is a codeword of its stage.
pub fn decode<C: Code>(codebook: &Codebook, codes: &[C], prefix: usize, rows: &mut [f32]) {
    let stages = &codebook.stages[..prefix];
    let mut codewords: Vec<&[f32]> = vec![&[]; prefix];
    for (row, codes) in rows.chunks_exact_mut(codebook.dim).zip(codes.chunks_exact(codebook.stages.len())) {
        for ((codeword, stage), code) in codewords.iter_mut().zip(stages).zip(codes) {
            *codeword = stage.codeword(code.index());
        }
        residual::sum::<Native>(row, &codewords);
    }
}
