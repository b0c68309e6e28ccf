//! The inner products of the codewords of each two stages, in int16.
//!
//! With y the row less the first stage's center, c_0 the first stage's codewords less it, and rho = y - sum of the codewords chosen so far:
//!
//! |rho - c_k|^2 = |rho|^2 + |c_k|^2 - 2 <y, c_k> + sum over stages l before of 2 <c_l[i_l], c_k>
//!
//! A table holds the last term's values for one pair of stages, in steps of `step`, which is the same for all tables of a
//! stage and so large that their sum stays in int16.

use super::scores::RANGE;
use crate::kernels::pack::PANEL;
use crate::kernels::{distance, stride, Native};
use crate::quantizer::rows::zeros;
use crate::quantizer::Codebook;

pub struct Tables {
    stages: Vec<StageTables>,
}

/// The tables for going on with one stage's codewords.
pub struct StageTables {
    /// `|c_k|^2`, infinite in the places past the last codeword.
    pub norms: Vec<f32>,
    pub step: f32,
    /// For each stage before, `table[i * columns + k]`.
    tables: Vec<Vec<i16>>,
    /// The largest error of a sum of table values, in squared units.
    pub error: f64,
    /// The largest norm of the stage's codewords, and the sum of those of the stages before.
    pub norm: f64,
    pub norms_before: f64,
    /// The norm of the stage's center; zero for the first, which is taken off its codewords.
    pub center_norm: f64,
}

/// The most that a sum of table values may come to: int16 less half a step for each stage before, of which there are 1,000 at most.
const MOST_SUM: f64 = 32_000.0;
/// Distances of so many squared norms of the longest codeword are told apart without coarser steps: residuals of twice its norm and more.
const TYPICAL_RANGE: f64 = 12.0;

/// Places of a row of scores: the codewords in whole panels.
pub fn columns(count: usize) -> usize {
    count.next_multiple_of(PANEL)
}

impl Tables {
    /// What stays, and what building the largest stage takes beside it. In floats: it may be more than an address space holds.
    pub fn bytes(codebook: &Codebook) -> f64 {
        let values = |m: usize| -> f64 { codebook.stages[..m].iter().map(|l| l.count as f64 * columns(codebook.stages[m].count) as f64).sum() };
        let stages = 0..codebook.stages.len();
        let building = stages.clone().map(|m| 4.0 * values(m)).fold(0.0, f64::max) + 4.0 * codebook.stages[0].codewords.len() as f64;
        stages.map(|m| 2.0 * values(m)).sum::<f64>() + building
    }

    /// None where memory does not suffice.
    pub fn new(codebook: &Codebook) -> Option<Tables> {
        let stride = stride(codebook.dim);
        // the first stage's codewords less their center, the others as they are
        let first = &codebook.stages[0];
        let mut centered = first.codewords.to_vec();
        for codeword in centered.chunks_exact_mut(stride) {
            codeword.iter_mut().zip(&first.center).for_each(|(value, center)| *value -= center);
        }
        let codewords = |m: usize| if m == 0 { &centered[..] } else { &codebook.stages[m].codewords };
        let norm = |m: usize| codewords(m).chunks_exact(stride).map(square).fold(0.0, f64::max).sqrt();
        let mut stages = Vec::new();
        let mut norms_before = 0.0;
        for m in 0..codebook.stages.len() {
            let columns = columns(codebook.stages[m].count);
            let mut norms = vec![f32::INFINITY; columns];
            norms.iter_mut().zip(codewords(m).chunks_exact(stride)).for_each(|(norm, codeword)| *norm = square(codeword) as f32);
            let mut products = Vec::new();
            let mut largest = 0.0;
            for l in 0..m {
                let mut values: Vec<f32> = zeros(codebook.stages[l].count.checked_mul(columns)?)?;
                let mut most = 0.0f32;
                for (row, a) in values.chunks_exact_mut(columns).zip(codewords(l).chunks_exact(stride)) {
                    for (value, b) in row.iter_mut().zip(codewords(m).chunks_exact(stride)) {
                        *value = 2.0 * distance::inner_product::<Native>(a, b);
                        // an overflow makes the table useless, which an infinite step tells; a maximum would drop the NaN
                        let size = if value.is_nan() { f32::INFINITY } else { value.abs() };
                        most = if size > most { size } else { most };
                    }
                }
                largest += f64::from(most);
                products.push(values);
            }
            let norm = norm(m);
            let step = (largest / MOST_SUM).max(norm * norm * TYPICAL_RANGE / RANGE).max(1e-30) as f32;
            let mut tables = Vec::new();
            for values in products {
                let mut table: Vec<i16> = zeros(values.len())?;
                table.iter_mut().zip(&values).for_each(|(to, from)| *to = (from / step).round_ties_even() as i16);
                tables.push(table);
            }
            // half a step a table, its f32 arithmetic, and the f32 rounding of the inner products and of centering
            let rounding = f64::from(step) * 0.51 * m as f64 + 2.0 * norm * norms_before * (codebook.dim as f64 / 8.0 + 12.0) / f64::from(1 << 24);
            let center_norm = if m == 0 { 0.0 } else { square(&codebook.stages[m].center).sqrt() };
            stages.push(StageTables { norms, step, tables, error: rounding, norm, norms_before, center_norm });
            norms_before += norm;
        }
        Some(Tables { stages })
    }

    /// For tests, which show that they would notice: the bound without what tables round.
    pub fn forget_error(&mut self) {
        self.stages.iter_mut().for_each(|stage| stage.error = 0.0);
    }

    pub fn stage(&self, stage: usize) -> &StageTables {
        &self.stages[stage]
    }
}

impl StageTables {
    /// The table's row of the codeword that a path took at a stage before: values for each codeword.
    pub fn row(&self, before: usize, index: u16) -> &[i16] {
        let columns = self.norms.len();
        &self.tables[before][usize::from(index) * columns..][..columns]
    }
}

fn square(values: &[f32]) -> f64 {
    values.iter().map(|&x| f64::from(x) * f64::from(x)).sum()
}
