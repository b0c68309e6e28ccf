//! Going on by residuals: every entry's residual is multiplied with the stage's codewords.

use super::entries::Entries;
use super::packed::Packed;
use super::scores::{Scale, Scores, RANGE};
use super::select::Continuation;
use crate::kernels::pack::QUAD;
use crate::quantizer::stage::{definition_error, square_error, Stage};
use crate::quantizer::Codebook;

/// Norms beyond this are not squared.
const LARGEST_NORM: f64 = 1e18;
/// So that a quotient that was rounded down does not leave the farthest out of range.
const SLACK: f64 = 1.0 + 1e-9;

/// The row's entries go on by one stage: the best `keep` continuations are the next ones. Rows come in their order.
pub fn extend(codebook: &Codebook, stage: usize, row: usize, keep: usize, entries: &mut Entries, packed: &mut Packed, scores: &mut Scores) {
    let codewords = codebook.stages[stage].count;
    let count = entries.count(row);
    if let Some(margin) = score(&codebook.stages[stage], entries, row, packed, scores) {
        scores.choose(count, codewords, keep, margin);
        entries.extend(codebook, stage, row, scores.candidates.continuations().iter().copied(), keep);
    } else {
        let all = (0..count * codewords).map(|i| Continuation::new(i / codewords, i % codewords));
        entries.extend(codebook, stage, row, all, keep);
    }
}

/// The margin; None where scores prove nothing.
fn score(stage: &Stage, entries: &Entries, row: usize, packed: &mut Packed, scores: &mut Scores) -> Option<i32> {
    let count = entries.count(row);
    packed.load(stage, entries.residuals(row));
    let longest = stage.centered_codeword_norm();
    let (mut error, mut norm) = (0.0f64, 0.0f64);
    for entry in 0..count {
        let facts = packed.facts(entry);
        if facts.norm.is_nan() || facts.norm > LARGEST_NORM {
            return None;
        }
        norm = norm.max(facts.norm);
        error = error.max(stage.product_error(facts.scale, facts.norm, facts.rounding) + square_error(facts.square, stage.dim));
    }
    let farthest = (norm + longest) * (norm + longest);
    let magnitude = longest * longest + 2.0 * norm * longest;
    // half a step for base and offset each, and f64 arithmetic
    let (roundings, definition) = (1.001, definition_error(norm + longest));
    let step = (farthest / RANGE * SLACK).max(error / 500.0).max(1e-30);
    let scale = Scale::new(step, magnitude, farthest, error, roundings, definition)?;
    for entry in 0..count {
        if entry.is_multiple_of(QUAD) {
            packed.multiply(stage, &stage.centered_norms, [step; QUAD], entry / QUAD);
        }
        let offset = scale.offset(packed.facts(entry).square);
        scores.score(entry, packed.products(entry % QUAD), packed.zeros(), offset, stage.count);
    }
    Some(scale.margin)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Between -1 and 1, from a linear congruential generator.
    fn values(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (f64::from(state) / f64::from(1u32 << 31) - 1.0) as f32
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn rows_of_ordinary_size_are_told_apart_by_scores() {
        let (dim, codewords, rows) = (8, 16, 4096);
        let codebook = Codebook::new(&values(codewords * dim, 1), dim, &[codewords as u32]).expect("memory");
        let (mut packed, mut scores) = (Packed::new(&codebook, 2), Scores::new(&codebook, 2));
        let mut entries = Entries::new(&codebook, rows, 2);
        entries.start(&values(rows * dim, 2));
        let without = (0..rows).filter(|&row| score(&codebook.stages[0], &entries, row, &mut packed, &mut scores).is_none());
        assert_eq!(without.count(), 0);
    }
}
