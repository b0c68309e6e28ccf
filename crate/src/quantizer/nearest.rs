//! The nearest codeword of each row of a tile: screen, certify, decide.

use super::rows::TILE;
use super::stage::{Scaling, Stage, HALF, ROW_NORM};
use crate::kernels::distance::{distance, square_distance};
use crate::kernels::pack::{self, PANEL, QUAD};
use crate::kernels::{screen, stride, Native};

/// Buffers that one search leaves to the next.
pub struct Search {
    /// The tile as quads, `quad_len` numbers each.
    quads: Vec<i16>,
    best: [screen::Best; QUADS],
    scalings: [Option<Scaling>; TILE],
    candidates: Vec<u32>,
    scores: screen::Scores,
}

const QUADS: usize = TILE / QUAD;

/// Bytes of panels that a tile's quads go through one after the other: with a quad beside them they stay in a first-level cache of 32 KB.
const PANELS_AT_ONCE: usize = 17 << 10;

impl Search {
    pub fn new(dim: usize) -> Search {
        Search {
            quads: vec![0; QUADS * pack::quad_len(dim)],
            best: [const { screen::Best::NONE }; QUADS],
            scalings: [const { None }; TILE],
            candidates: Vec::new(),
            scores: screen::NO_SCORES,
        }
    }

    /// Writes the nearest codeword of each row to `codes`. `rows` are padded, at most a tile.
    #[inline(never)]
    pub fn nearest(&mut self, stage: &Stage, rows: &[f32], codes: &mut [u16]) {
        let stride = stride(stage.dim);
        let count = rows.len() / stride;
        let quad_len = pack::quad_len(stage.dim);
        let quads = count.div_ceil(QUAD);
        for (q, out) in self.quads.chunks_exact_mut(quad_len).take(quads).enumerate() {
            // a ragged last quad repeats the last row
            let quad: [&[f32]; QUAD] = core::array::from_fn(|i| &rows[(q * QUAD + i).min(count - 1) * stride..][..stride]);
            let squares = quad.map(|row| square_distance::<Native>(row, &stage.center));
            let mut norm = ROW_NORM;
            let scalings = loop {
                let scalings: [Option<Scaling>; QUAD] = core::array::from_fn(|i| stage.scaling(squares[i], norm, quad[i]));
                let scales = core::array::from_fn(|i| scalings[i].as_ref().map_or(0.0, |s| s.scale));
                let weights = core::array::from_fn(|i| scalings[i].as_ref().map_or(0, |s| s.weight));
                if f64::from(pack::quad::<Native>(quad, &stage.center, scales, weights, stage.dim, out)) <= HALF {
                    break scalings;
                }
                norm = HALF - 32.0;
            };
            for (to, from) in self.scalings[q * QUAD..].iter_mut().zip(scalings) {
                *to = from;
            }
            self.best[q] = screen::Best::NONE;
        }
        let panel_len = stage.pairs * 2 * PANEL;
        let at_once = (PANELS_AT_ONCE / 2 / panel_len).max(1);
        for (group, (panels, offsets)) in stage.panels.chunks(at_once * panel_len).zip(stage.offsets.chunks(at_once * PANEL)).enumerate() {
            for (quad, best) in self.quads.chunks_exact(quad_len).zip(&mut self.best[..quads]) {
                for half in 0..2 {
                    screen::screen::<Native>(quad, half, panels, offsets, stage.pairs, group * at_once, stage.index_bits, &mut self.scores, best);
                }
            }
        }
        for (i, (row, code)) in rows.chunks_exact(stride).zip(codes).enumerate() {
            let codeword = match self.scalings[i] {
                Some(scaling) => self.certify(stage, row, i, &scaling),
                None => decide(stage, row, 0..stage.count),
            };
            *code = codeword as u16;
        }
    }

    /// The codewords whose scores lie within the margin of the best, and the nearest of them.
    #[inline(always)]
    fn certify(&mut self, stage: &Stage, row: &[f32], in_tile: usize, scaling: &Scaling) -> usize {
        let (quad, in_quad) = (in_tile / QUAD, in_tile % QUAD);
        let (first, second) = (&self.best[quad].first[in_quad], &self.best[quad].second[in_quad]);
        let threshold = first.iter().fold(i32::MIN, |a, &b| a.max(b)).saturating_sub(scaling.margin);
        let index = |lane: usize| screen::codeword_of(first[lane], lane, stage.index_bits).min(stage.count - 1);
        let near: [bool; 4] = core::array::from_fn(|lane| first[lane] >= threshold);
        let hidden = second.iter().any(|&score| score >= threshold);
        if !hidden && near.iter().filter(|&&near| near).count() == 1 {
            return (0..4).find(|&lane| near[lane]).map_or(0, index);
        }
        self.candidates.clear();
        if hidden {
            // a lane holds a third that nobody kept
            let (candidates, last) = (&mut self.candidates, stage.count - 1);
            let quad_len = pack::quad_len(stage.dim);
            let quad = &self.quads[quad * quad_len..][..quad_len];
            screen::at_least::<Native>(quad, in_quad, &stage.panels, &stage.offsets, stage.pairs, threshold, |k| candidates.push(k.min(last) as u32));
        } else {
            self.candidates.extend((0..4).filter(|&lane| near[lane]).map(|lane| index(lane) as u32));
        }
        decide(stage, row, self.candidates.iter().map(|&k| k as usize))
    }
}

/// The definition: the smallest distance wins, ties to the lowest codeword; that is 0 where no distance is below infinity.
fn decide(stage: &Stage, row: &[f32], candidates: impl Iterator<Item = usize>) -> usize {
    let mut nearest = (f64::INFINITY, 0);
    for k in candidates {
        let distance = distance::<Native>(row, stage.codeword(k));
        if distance < nearest.0 || (distance == nearest.0 && k < nearest.1) {
            nearest = (distance, k);
        }
    }
    nearest.1
}
