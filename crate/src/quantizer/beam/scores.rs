//! The scores of a row's continuations, and the steps in which they count.

use super::select::{Candidates, ScoreRows};
use super::tables::columns;
use crate::kernels::continuations::{entry_scores, GROUPS, MOST_STEPS, SEGMENT};
use crate::kernels::Native;
use crate::quantizer::Codebook;

/// Buffers for the scores of a row, and the candidates that they give.
pub struct Scores {
    /// `scores[entry * columns + k]`
    scores: Vec<i16>,
    /// `minima[entry * segments + segment]`
    minima: Vec<[i16; GROUPS]>,
    /// `groups[entry]`
    groups: Vec<[i16; GROUPS]>,
    pub candidates: Candidates,
}

/// f32 arithmetic on scores: a few operations, each rounding by 2^-24 of what went into it.
const SCORE_ROUNDING: f64 = 1.0 / (1 << 21) as f64;
/// Beyond this sum of magnitudes f32 scores could overflow.
const LARGEST_SCORE: f64 = 1e37;
/// What scores and factors below the normal floats may lose.
const SMALLEST_SCORE: f64 = 1e-35;
/// A score is the distance in steps less ZERO. Distances may come to RANGE steps and be wrong by ERROR: from -32,700 to 32,300.
const ZERO: f64 = 31_700.0;
pub const RANGE: f64 = 63_000.0;
const ERROR: f64 = 1_000.0;
/// 1.5 * 2^52: with it a float of magnitude up to 2^51 is rounded to an integer.
const ROUNDING_MAGIC: f64 = 6_755_399_441_055_744.0;

/// What the scores of a row measure.
#[derive(Clone, Copy)]
pub struct Scale {
    /// In squared units.
    pub step: f64,
    per_step: f64,
    /// The most by which the distance may differ from the score times step, in squared units.
    pub error: f64,
    /// The same for the definition's distance.
    pub within: f64,
    /// Of two scores that are further apart the smaller belongs to the nearer.
    pub margin: i32,
}

impl Scale {
    /// `magnitude`: the largest sum of magnitudes of what makes the base. `farthest`: the largest distance. `error`: of the distance before it is
    /// rounded to scores, `roundings` times. `definition`: by how much the definition's distance may differ from that. None where they leave what 16 bits or floats hold.
    pub fn new(step: f64, magnitude: f64, farthest: f64, error: f64, roundings: f64, definition: f64) -> Option<Scale> {
        let error = error + magnitude * SCORE_ROUNDING + SMALLEST_SCORE + roundings * step;
        let within = error + definition;
        let sound =
            magnitude <= LARGEST_SCORE && magnitude <= MOST_STEPS * step && farthest <= RANGE * step && error <= ERROR * step && within.is_finite();
        let margin = (2.0 * within / step + 1.0).ceil().min(1e5) as i32;
        sound.then_some(Scale { step, per_step: 1.0 / step, error, within, margin })
    }

    /// What an entry's scores have in common: a part of the distance.
    pub fn offset(&self, part: f64) -> i16 {
        // the lowest bits of what adds up to the magic number are zero, so those of the mantissa are the rounded integer's
        ((part * self.per_step - ZERO) + ROUNDING_MAGIC).to_bits() as i16
    }

    pub fn distance(&self, score: i16) -> f64 {
        (f64::from(score) + ZERO) * self.step
    }
}

impl Scores {
    pub fn bytes(codebook: &Codebook, beam: usize) -> f64 {
        let columns = widest(codebook);
        let segments = columns.div_ceil(SEGMENT);
        2.0 * continuations(codebook, beam) + (2 * GROUPS * beam * (segments + 1)) as f64 + Candidates::bytes(columns, beam)
    }

    #[inline(never)]
    pub fn new(codebook: &Codebook, beam: usize) -> Scores {
        let columns = widest(codebook);
        Scores {
            scores: vec![0; beam * columns],
            minima: vec![[0; GROUPS]; beam * columns.div_ceil(SEGMENT)],
            groups: vec![[0; GROUPS]; beam],
            candidates: Candidates::default(),
        }
    }
}

/// The most continuations that a row can have, places past the last codeword among them.
pub fn continuations(codebook: &Codebook, beam: usize) -> f64 {
    beam as f64 * widest(codebook) as f64
}

/// Places of the widest row of scores.
#[inline(never)]
pub fn widest(codebook: &Codebook) -> usize {
    codebook.stages.iter().map(|stage| columns(stage.count)).max().unwrap_or(0)
}

impl Scores {
    /// Scores an entry from what its scores are the sum of: the products of its row and a table row for each of its codewords: of all but the last, and of that. `count` codewords.
    pub fn score(&mut self, entry: usize, base: &[i16], row: &[i16], offset: i16, count: usize) {
        let columns = columns(count);
        let segments = columns.div_ceil(SEGMENT);
        let scores = &mut self.scores[entry * columns..][..columns];
        self.groups[entry] = entry_scores::<Native>(base, row, offset, count, scores, &mut self.minima[entry * segments..][..segments]);
    }

    /// Makes the candidates those of the entries' scores that could be among the best `keep`.
    pub fn choose(&mut self, entries: usize, count: usize, keep: usize, margin: i32) {
        let columns = columns(count);
        let segments = columns.div_ceil(SEGMENT);
        let (scores, minima) = (&self.scores[..entries * columns], &self.minima[..entries * segments]);
        let rows = ScoreRows { columns, scores, minima, groups: &self.groups[..entries] };
        self.candidates.choose(rows, keep, margin);
    }
}
