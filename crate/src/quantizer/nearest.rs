//! The nearest codeword of each row of a tile: screen, certify, decide.

use super::stage::{Scaling, Stage};
use crate::kernels::distance::{centered_square, distance};
use crate::kernels::pack::{self, QUAD};
use crate::kernels::{screen, stride, Native};

/// Buffers that one search leaves to the next, and how the decisions fell.
pub struct Search {
    quad: Vec<i16>,
    candidates: Vec<u32>,
    pub counts: Counts,
}

/// How rows were decided; what is not counted here was certified by the screen alone.
#[derive(Default, Clone, Copy)]
pub struct Counts {
    /// A few codewords were measured by the definition.
    pub measured: u64,
    /// ... after all scores of the row were computed once more.
    pub rescored: u64,
    /// All codewords were measured.
    pub unscreened: u64,
}

impl Search {
    pub fn new(dim: usize) -> Search {
        Search { quad: vec![0; pack::quad_len(dim)], candidates: Vec::new(), counts: Counts::default() }
    }

    /// `rows` are padded; calls `found(row, codeword)` for each.
    pub fn nearest(&mut self, stage: &Stage, rows: &[f32], mut found: impl FnMut(usize, usize)) {
        let stride = stride(stage.dim);
        let count = rows.len() / stride;
        for start in (0..count).step_by(QUAD) {
            // a ragged last quad repeats the last row
            let quad: [&[f32]; QUAD] = core::array::from_fn(|i| &rows[(start + i).min(count - 1) * stride..][..stride]);
            let scalings = quad.map(|row| stage.scaling(centered_square::<Native>(row, &stage.center), row));
            let scales = core::array::from_fn(|i| scalings[i].as_ref().map_or(0.0, |s| s.scale));
            let weights = core::array::from_fn(|i| scalings[i].as_ref().map_or(0, |s| s.weight));
            pack::quad::<Native>(quad, &stage.center, scales, weights, stage.dim, &mut self.quad);
            let best = screen::screen::<Native>(&self.quad, &stage.panels, stage.pairs, stage.index_bits);
            for i in 0..QUAD.min(count - start) {
                let codeword = match &scalings[i] {
                    Some(scaling) => self.certify(stage, quad[i], i, scaling, &best),
                    None => {
                        self.counts.unscreened += 1;
                        decide(stage, quad[i], 0..stage.count)
                    }
                };
                found(start + i, codeword);
            }
        }
    }

    /// The codewords whose scores lie within the margin of the best, and the nearest of them.
    #[inline(always)]
    fn certify(&mut self, stage: &Stage, row: &[f32], in_quad: usize, scaling: &Scaling, best: &screen::Best) -> usize {
        let (first, second) = (&best.first[in_quad], &best.second[in_quad]);
        let threshold = first.iter().fold(i32::MIN, |a, &b| a.max(b)).saturating_sub(scaling.margin);
        let index = |lane: usize| screen::codeword_of(first[lane], lane, stage.index_bits).min(stage.count - 1);
        let near: [bool; 4] = core::array::from_fn(|lane| first[lane] >= threshold);
        let hidden = second.iter().any(|&score| score >= threshold);
        if !hidden && near.iter().filter(|&&near| near).count() == 1 {
            return (0..4).find(|&lane| near[lane]).map_or(0, index);
        }
        self.counts.measured += 1;
        self.candidates.clear();
        if hidden {
            // a lane holds a third that nobody kept
            self.counts.rescored += 1;
            let (candidates, last) = (&mut self.candidates, stage.count - 1);
            screen::at_least::<Native>(&self.quad, in_quad, &stage.panels, stage.pairs, threshold, |k| candidates.push(k.min(last) as u32));
        } else {
            self.candidates.extend((0..4).filter(|&lane| near[lane]).map(|lane| index(lane) as u32));
            self.candidates.sort_unstable();
        }
        decide(stage, row, self.candidates.iter().map(|&k| k as usize))
    }
}

/// The definition: the smallest distance wins, ties to the first; the first also where no distance is below infinity.
fn decide(stage: &Stage, row: &[f32], candidates: impl Iterator<Item = usize>) -> usize {
    let mut nearest = (f64::INFINITY, 0);
    for k in candidates {
        let distance = distance::<Native>(row, stage.codeword(k));
        if distance < nearest.0 {
            nearest = (distance, k);
        }
    }
    nearest.1
}
