//! The nearest codeword of each row of a tile: screen, certify, decide.

use super::rows::{Lines, TILE};
use super::stage::{Packed, Scaling, Shared, Stage};
use crate::kernels::distance::distance;
use crate::kernels::pack::{self, DUO, PANEL};
use crate::kernels::screen::{self, Near};
use crate::kernels::{stride, Native};
use core::ops::Range;

/// Buffers that one search leaves to the next.
pub struct Search {
    /// The tile as duos, `duo_len` numbers each.
    duos: Lines<i16>,
    scores: screen::Scores,
    best: [screen::Best; DUOS],
    scalings: [Option<Scaling>; TILE],
    /// The scale that most rows share, and which duos do.
    shared: Option<Shared>,
    sharing: [bool; DUOS],
    /// What scores start from, a place for each codeword: of rows that share the scale, and of a duo that does not.
    shared_starts: Lines<i32>,
    duo_starts: [Lines<i32>; DUO],
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
    /// For at most `rows` rows at a time, themselves at most a tile, and stages of at most `codewords`. None where memory does not suffice.
    pub fn new(rows: usize, dim: usize, codewords: usize) -> Option<Search> {
        let places = codewords.next_multiple_of(PANEL);
        Some(Search {
            duos: Lines::zeros(rows.div_ceil(DUO) * pack::duo_len(dim))?,
            scores: screen::Scores::NONE,
            best: [const { screen::Best::NONE }; DUOS],
            scalings: [const { None }; TILE],
            shared: None,
            sharing: [false; DUOS],
            shared_starts: Lines::zeros(places)?,
            duo_starts: [Lines::zeros(places)?, Lines::zeros(places)?],
            candidates: Vec::new(),
            zero: vec![0.0; stride(dim)],
            last: vec![0.0; stride(dim)],
        })
    }

    /// Writes the nearest codeword of each row to `codes`. `rows` are padded, at most a tile. Where there is a stage before, `codes` are its
    /// codewords on entry, and they are subtracted from the rows first. `longest` is what the tile before has left there, at the same stage: the
    /// largest `|row - center|^2` of most of its rows.
    pub fn nearest(&mut self, before: Option<&Stage>, stage: &Stage, rows: &mut [f32], codes: &mut [u16], longest: &mut Option<f32>) {
        self.pack(before, stage, rows, codes, longest);
        self.find(stage, rows, codes);
    }

    /// A row is subtracted from, measured and packed while it lies in the first-level cache. Once it is known how long rows are, they mostly share a
    /// scale: by `longest`, the largest square of a row of the tile before, or else by the first of this one.
    #[inline(never)]
    fn pack(&mut self, before: Option<&Stage>, stage: &Stage, rows: &mut [f32], codes: &[u16], longest: &mut Option<f32>) {
        let stride = stride(stage.dim);
        self.shared = longest.and_then(|longest| stage.shared(longest));
        let asked = if self.shared.is_none() { DUOS_ASKED } else { 0 };
        // of the rows that share the scale or were asked for it: what is too long to share is no measure for others
        let (mut most, mut count) = (0.0f32, 0);
        let duos = rows.chunks_mut(DUO * stride).zip(codes.chunks(DUO)).zip(self.duos.chunks_exact_mut(pack::duo_len(stage.dim)));
        for (i, (((rows, codes), out), scalings)) in duos.zip(self.scalings.chunks_exact_mut(DUO)).enumerate() {
            if asked > 0 && i == asked {
                self.shared = stage.shared(most);
            }
            let (first, mut second) = rows.split_at_mut(stride);
            if second.is_empty() {
                // a last row without another is repeated
                self.last.copy_from_slice(first);
                second = &mut self.last;
            }
            let codeword = |code: u16| before.map_or(&self.zero[..], |before| before.codeword(usize::from(code)));
            let codewords = [codeword(codes[0]), codeword(codes[codes.len() - 1])];
            let Packed { scalings: packed, shares, longer } = stage.pack_next([first, second], codewords, self.shared.as_ref(), out);
            scalings.copy_from_slice(&packed);
            self.sharing[i] = shares;
            if shares || i < asked {
                most = if longer > most { longer } else { most };
                count += 1;
            }
        }
        *longest = (2 * count > codes.len().div_ceil(DUO)).then_some(most);
    }

    #[inline(never)]
    fn find(&mut self, stage: &Stage, rows: &[f32], codes: &mut [u16]) {
        let stride = stride(stage.dim);
        let duo_len = pack::duo_len(stage.dim);
        let duos = codes.len().div_ceil(DUO);
        self.best[..duos].fill(screen::Best::NONE);
        let at_once = (PANELS_AT_ONCE / (2 * PANEL * pack::width(stage.dim))).max(1);
        if let Some(Shared { scaling, .. }) = self.shared {
            stage.starts(scaling.weight, 0, &mut self.shared_starts);
        }
        for (group, panels) in stage.panels().groups(at_once).enumerate() {
            let first = group * at_once * PANEL;
            for (i, (duo, best)) in self.duos.chunks_exact(duo_len).zip(&mut self.best[..duos]).enumerate() {
                let starts = if self.sharing[i] {
                    [&self.shared_starts[first..]; DUO]
                } else {
                    let places = first..stage.offsets().len().min(first + at_once * PANEL);
                    starts_of(stage, &self.scalings[DUO * i..], places, &mut self.duo_starts)
                };
                screen::screen::<Native>(duo, panels, starts, first / PANEL, stage.index_bits, &mut self.scores, best);
            }
        }
        for (i, (row, code)) in rows.chunks_exact(stride).zip(codes).enumerate() {
            let codeword = self.certify(stage, i).unwrap_or_else(|| self.decide(stage, row));
            *code = codeword as u16;
        }
    }

    /// The codeword whose score alone lies within the margin of the best. None where there are others: then they are the candidates.
    #[inline(always)]
    fn certify(&mut self, stage: &Stage, in_tile: usize) -> Option<usize> {
        self.candidates.clear();
        let Some(Scaling { margin, .. }) = self.scalings[in_tile] else {
            self.candidates.extend(0..stage.count as u32);
            return None;
        };
        let (duo, in_duo) = (in_tile / DUO, in_tile % DUO);
        let (first, second) = (&self.best[duo].first[in_duo], &self.best[duo].second[in_duo]);
        let Near { best, threshold, first: near, second: hidden } = screen::near::<Native>(first, second, margin);
        let index = |score: i32, lane: usize| screen::codeword_of(score, lane, stage.index_bits).min(stage.count - 1);
        if hidden != 0 {
            // a lane may hold a third that nobody kept
            let (candidates, last) = (&mut self.candidates, stage.count - 1);
            let duo_len = pack::duo_len(stage.dim);
            let starts = starts_of(stage, &self.scalings[duo * DUO..], 0..stage.offsets().len(), &mut self.duo_starts);
            let duo = &self.duos[duo * duo_len..][..duo_len];
            screen::at_least::<Native>(duo, in_duo, stage.panels(), starts, threshold, &mut self.scores, |k| candidates.push(k.min(last) as u32));
        } else if near.is_power_of_two() {
            return Some(index(best, near.trailing_zeros() as usize));
        } else {
            self.candidates.extend((0..4).filter(|&lane| near & 1 << lane != 0).map(|lane| index(first[lane], lane) as u32));
        }
        None
    }

    /// The nearest candidate, by the definition: the smallest distance wins, ties to the lowest codeword; that is 0 where no distance is below infinity.
    #[inline(never)]
    fn decide(&self, stage: &Stage, row: &[f32]) -> usize {
        let mut nearest = (f64::INFINITY, 0);
        for &k in &self.candidates {
            let distance = distance::<Native>(row, stage.codeword(k as usize));
            if distance < nearest.0 || (distance == nearest.0 && k < nearest.1) {
                nearest = (distance, k);
            }
        }
        nearest.1 as usize
    }
}

/// What the scores of a duo start from, for some places.
#[inline(never)] // few duos need it
fn starts_of<'a>(stage: &Stage, scalings: &[Option<Scaling>], places: Range<usize>, starts: &'a mut [Lines<i32>; DUO]) -> screen::Starts<'a> {
    for (starts, scaling) in starts.iter_mut().zip(scalings) {
        let weight = scaling.map_or(0, |scaling| scaling.weight); // where the screen cannot serve, nobody asks for scores
        stage.starts(weight, places.start, &mut starts[..places.len()]);
    }
    starts.each_ref().map(|starts| &starts[..places.len()])
}
