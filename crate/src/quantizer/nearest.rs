//! The nearest codeword of each row of a tile: screen, certify, decide.

use super::rows::{Lines, TILE};
use super::stage::{Scaling, Stage};
use crate::kernels::distance::distance;
use crate::kernels::pack::{self, DUO, PANEL};
use crate::kernels::{screen, stride, Native};

/// Buffers that one search leaves to the next.
pub struct Search {
    /// The tile as duos, `duo_len` numbers each.
    duos: Lines<i16>,
    scores: screen::Scores,
    best: [screen::Best; DUOS],
    scalings: [Option<Scaling>; TILE],
    candidates: Vec<u32>,
    /// Padded rows: zeros, and the copy of a last row.
    zero: Vec<f32>,
    last: Vec<f32>,
}

const DUOS: usize = TILE / DUO;
/// Of so many duos the rows' norms are taken to be like those of the tile.
const DUOS_ASKED: usize = 8;

/// Bytes of panels that a tile's duos go through one after the other: with a duo beside them they stay in a first-level cache of 32 KB.
const PANELS_AT_ONCE: usize = 17 << 10;

impl Search {
    /// For at most `rows` rows at a time, themselves at most a tile.
    pub fn new(rows: usize, dim: usize) -> Search {
        Search {
            duos: Lines::zeros(rows.div_ceil(DUO) * pack::duo_len(dim)).expect("memory for a tile"),
            scores: screen::Scores::NONE,
            best: [const { screen::Best::NONE }; DUOS],
            scalings: [const { None }; TILE],
            candidates: Vec::new(),
            zero: vec![0.0; stride(dim)],
            last: vec![0.0; stride(dim)],
        }
    }

    /// Writes the nearest codeword of each row to `codes`. `rows` are padded, at most a tile. Where there is a stage before, `codes` are its
    /// codewords on entry, and they are subtracted from the rows first.
    pub fn nearest(&mut self, before: Option<&Stage>, stage: &Stage, rows: &mut [f32], codes: &mut [u16]) {
        self.pack(before, stage, rows, codes);
        self.find(stage, rows, codes);
    }

    /// A row is subtracted from, measured and packed while it lies in the first-level cache. Once some rows have told how long they are, the others mostly share a scale.
    #[inline(never)]
    fn pack(&mut self, before: Option<&Stage>, stage: &Stage, rows: &mut [f32], codes: &[u16]) {
        let stride = stride(stage.dim);
        let mut longest = 0.0f32;
        let mut shared = None;
        let duos = rows.chunks_mut(DUO * stride).zip(codes.chunks(DUO)).zip(self.duos.chunks_exact_mut(pack::duo_len(stage.dim)));
        for (i, (((rows, codes), out), scalings)) in duos.zip(self.scalings.chunks_exact_mut(DUO)).enumerate() {
            let codeword = |in_duo: usize| before.map_or(&self.zero[..], |before| before.codeword(usize::from(codes[in_duo])));
            let (first, second) = rows.split_at_mut(stride);
            if second.is_empty() {
                // a last row without another is repeated
                self.last.copy_from_slice(first);
                scalings.copy_from_slice(&stage.pack_next([first, &mut self.last], [codeword(0); DUO], None, out).0);
                continue;
            }
            let (packed, square) = stage.pack_next([first, second], [codeword(0), codeword(1)], shared.as_ref(), out);
            scalings.copy_from_slice(&packed);
            if i < DUOS_ASKED {
                longest = longest.max(square);
                if i + 1 == DUOS_ASKED {
                    shared = stage.shared(longest);
                }
            }
        }
    }

    #[inline(never)]
    fn find(&mut self, stage: &Stage, rows: &[f32], codes: &mut [u16]) {
        let stride = stride(stage.dim);
        let duo_len = pack::duo_len(stage.dim);
        let duos = codes.len().div_ceil(DUO);
        self.best[..duos].fill(screen::Best::NONE);
        let at_once = (PANELS_AT_ONCE / (4 * PANEL * pack::pairs(stage.dim))).max(1);
        for (group, panels) in stage.panels().groups(at_once).enumerate() {
            for (duo, best) in self.duos.chunks_exact(duo_len).zip(&mut self.best[..duos]) {
                screen::screen::<Native>(duo, panels, group * at_once, stage.index_bits, &mut self.scores, best);
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
        let (duo, in_duo) = (in_tile / DUO, in_tile % DUO);
        let (first, second) = (&self.best[duo].first[in_duo], &self.best[duo].second[in_duo]);
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
            let duo_len = pack::duo_len(stage.dim);
            let duo = &self.duos[duo * duo_len..][..duo_len];
            screen::at_least::<Native>(duo, in_duo, stage.panels(), threshold, &mut self.scores, |k| candidates.push(k.min(last) as u32));
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
