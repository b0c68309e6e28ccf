//! Codes to rows: the sum of the codewords, stage after stage, in f32.

use super::rows::Code;
use super::Codebook;
use crate::kernels::residual::{sums, AT_ONCE};
use crate::kernels::{stride, Native};
use core::ops::Range;

/// Rows to which some stages are added at a time: they stay in the first-level cache for the others.
const TILE: usize = 32;

/// `codes[row * stages + stage]` to `rows[row * dim + j]`, with the first `prefix` stages. Every code is a codeword of its stage.
pub fn decode<C: Code>(codebook: &Codebook, codes: &[C], prefix: usize, rows: &mut [f32]) {
    let (dim, stride, stages) = (codebook.dim, stride(codebook.dim), codebook.stages.len());
    let nothing = vec![-0.0; stride]; // what it is added to stays the same, -0 too
    let mut tables: Vec<&[f32]> = codebook.stages[..prefix].iter().map(|stage| &stage.codewords[..]).collect();
    tables.resize(prefix.next_multiple_of(AT_ONCE), &nothing);
    let mut padded = vec![0.0; if dim == stride { 0 } else { TILE * stride }];
    let mut picked = [[0; AT_ONCE]; TILE];
    for (rows, codes) in rows.chunks_mut(TILE * dim).zip(codes.chunks(TILE * stages)) {
        let to = if dim == stride { &mut *rows } else { &mut padded };
        for (group, tables) in tables.as_chunks::<AT_ONCE>().0.iter().enumerate() {
            let first = group * AT_ONCE;
            pick(codes, stages, first..prefix.min(first + AT_ONCE), &mut picked);
            match (group, prefix) {
                (0, ..=2) => sums::<Native, 2, false>(to, stride, tables, &picked),
                (0, ..=4) => sums::<Native, 4, false>(to, stride, tables, &picked),
                (0, _) => sums::<Native, AT_ONCE, false>(to, stride, tables, &picked),
                _ => sums::<Native, AT_ONCE, true>(to, stride, tables, &picked),
            }
        }
        for (row, padded) in rows.chunks_exact_mut(dim).zip(padded.chunks_exact(stride)) {
            row.copy_from_slice(&padded[..dim]);
        }
    }
}

/// The rows' codes of some stages; 0 for those that there are less.
fn pick<C: Code>(codes: &[C], stages: usize, some: Range<usize>, picked: &mut [[u16; AT_ONCE]]) {
    for (picked, codes) in picked.iter_mut().zip(codes.chunks_exact(stages)) {
        *picked = [0; AT_ONCE];
        for (picked, code) in picked.iter_mut().zip(&codes[some.clone()]) {
            *picked = code.index() as u16;
        }
    }
}
