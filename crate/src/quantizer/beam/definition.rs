//! What the definition says of paths, measured from the row itself: needed where scores do not decide.

use crate::kernels::distance::{distance, square_distance};
use crate::kernels::{residual, stride, Native};
use crate::quantizer::Codebook;
use core::cmp::Ordering;

/// Codewords that are taken off a row in registers.
const AT_ONCE: usize = 16;

pub struct Definition<'a> {
    codebook: &'a Codebook,
    residual: Vec<f32>,
    before: Vec<f32>,
}

impl<'a> Definition<'a> {
    pub fn bytes(codebook: &Codebook) -> f64 {
        (2 * 4 * stride(codebook.dim)) as f64
    }

    pub fn new(codebook: &'a Codebook) -> Definition<'a> {
        let row = || vec![0.0; stride(codebook.dim)];
        Definition { codebook, residual: row(), before: row() }
    }

    /// What is left of a row (padded) after the codewords of a path.
    pub fn residual(&mut self, row: &[f32], path: &[u16]) -> &[f32] {
        let (mut from, mut stage) = (row, 0);
        loop {
            let mut codewords: [&[f32]; AT_ONCE] = [&[]; AT_ONCE];
            let count = AT_ONCE.min(path.len() - stage);
            for (i, codeword) in codewords[..count].iter_mut().enumerate() {
                *codeword = self.codebook.stages[stage + i].codeword(usize::from(path[stage + i]));
            }
            residual::rest::<Native>(&mut self.residual, from, &codewords[..count]);
            stage += count;
            if stage == path.len() {
                break;
            }
            self.before.copy_from_slice(&self.residual);
            from = &self.before;
        }
        &self.residual
    }

    /// The definition's distance, to within `square_error`, of a codeword from the residual that was asked for last.
    pub fn square(&self, stage: usize, codeword: usize) -> f64 {
        f64::from(square_distance::<Native>(&self.residual, self.codebook.stages[stage].codeword(codeword)))
    }

    /// The same, exactly; infinite where it overflows.
    pub fn distance(&self, stage: usize, codeword: usize) -> f64 {
        let exact = distance::<Native>(&self.residual, self.codebook.stages[stage].codeword(codeword));
        if exact < f64::INFINITY {
            exact
        } else {
            f64::INFINITY
        }
    }

    /// Which of two entries, of as many codewords each, comes first: the nearer; where both are as near, the one whose parent comes first, and then the
    /// one with the lower codeword.
    pub fn order(&mut self, row: &[f32], a: &[u16], b: &[u16]) -> Ordering {
        let Some(apart) = a.iter().zip(b).position(|(a, b)| a != b) else { return Ordering::Equal };
        for stage in (apart..a.len()).rev() {
            let mut last = |path: &[u16]| {
                self.residual(row, &path[..stage]);
                self.distance(stage, usize::from(path[stage]))
            };
            let order = last(a).total_cmp(&last(b));
            if order.is_ne() {
                return order;
            }
        }
        a[apart].cmp(&b[apart])
    }
}
