//! One stage's codewords, ready for the search: padded for the definition, packed for the screen, with the numbers of the bound.
//! The bound is derived in docs/exactness.md; the names here are the ones there.

use super::rows::{padded, Lines};
use crate::kernels::pack::{self, DUO, PANEL};
use crate::kernels::screen::{self, Panels};
use crate::kernels::{stride, Native};
use core::ops::RangeInclusive;

/// Largest int16 number that a value is scaled to, as two are added.
const LARGEST: f64 = pack::LARGEST as f64;
/// Norm in int16 steps to which a row is scaled for the screen: a row whose largest element passes `LARGEST` then, which is rare, gets the
/// second, with which none can.
const ROW_NORM: f64 = 32_000.0;
const SHORT_ROW_NORM: f64 = 16_300.0;
/// Norm to which the longest of some rows is scaled where others share its scale, up to `ROW_NORM` and down to a `SHORTEST`-th of it.
const SHARED_NORM: f64 = 28_000.0;
const SHORTEST: f64 = 8.0;
/// Norm to which a row is scaled for products alone, its largest element permitting.
const PLAIN_ROW_NORM: f64 = 55_000.0;
/// Norm to which the longest codeword is scaled, its largest element permitting. No score leaves int32: with the rounding of rows of 4,096
/// values, 32,032 * 32,032 + 32,032^2 / 2 (the row's own products) + 32,000 * 16,001 (weight times half norm) < 2^31, and 55,032 * 32,032 < 2^31.
const CODEWORD_NORM: f64 = 32_000.0;
const MOST_WEIGHT: f64 = 32_000.0;

pub struct Stage {
    pub dim: usize,
    pub count: usize,
    /// Padded rows: `codewords[k * stride + j]`.
    pub codewords: Lines<f32>,
    /// The mean of the codewords, padded: rows and codewords are screened as differences from it.
    pub center: Vec<f32>,
    /// As in [`pack`]; the last panel is filled up with copies of the last codeword.
    panels: Lines<i16>,
    /// For each place of the panels, the negative of what the packed values' own products add to a score.
    offsets: Lines<i32>,
    /// The half norms in steps of the bound, for each place of the panels.
    half_norms: Lines<i32>,
    pub index_bits: u32,
    /// `|c_k - center|^2`, infinite in the panels' places past the last codeword.
    pub centered_norms: Vec<f32>,
    bound: Bound,
}

/// What the bound of a score's error needs of the codewords. Scaled means: in int16 steps.
struct Bound {
    /// int16 steps of a codeword's unit.
    scale: f64,
    /// The largest norm of a centered codeword: as it is, and scaled.
    norm: f64,
    scaled_norm: f64,
    /// The largest norm of a codeword's rounding error, scaled.
    rounding: f64,
    /// Scaled squares of one step of the half norms, and the largest half norm in such steps.
    norm_step: f64,
    half_norm: f64,
    /// The largest norm of a row's rounding error, scaled: half a step an element, and the f32 operations before.
    row_rounding: f64,
}

/// A row's scale and weight for the screen, and its margin: a codeword whose score lies below the best by more than that cannot be the nearest.
#[derive(Clone, Copy)]
pub struct Scaling {
    pub scale: f32,
    pub weight: i32,
    pub margin: i32,
}

/// A scale that rows of similar norms share, with the weight and margin that serve them all.
pub struct Shared {
    pub scaling: Scaling,
    /// Of the rows' `|row - center|^2`, in f32 arithmetic.
    squares: RangeInclusive<f32>,
}

/// What packing two rows has found.
pub struct Packed {
    pub scalings: [Option<Scaling>; DUO],
    /// Whether the shared scale serves both.
    pub shares: bool,
    /// The larger `|row - center|^2`, in f32 arithmetic.
    pub longer: f32,
}

impl Stage {
    /// `values[k * dim + j]`, all finite. None where memory does not suffice.
    pub fn new(values: &[f32], dim: usize) -> Option<Stage> {
        let count = values.len() / dim;
        debug_assert!(count > 0 && count * dim == values.len() && dim <= 4096); // as MAX_DIM of ts/model/matrix.ts
        let mut stage = Stage {
            dim,
            count,
            codewords: padded(values, dim)?,
            center: center(values, dim),
            panels: Lines::zeros(count.next_multiple_of(PANEL) * pack::width(dim))?,
            offsets: Lines::zeros(count.next_multiple_of(PANEL))?,
            half_norms: Lines::zeros(count.next_multiple_of(PANEL))?,
            index_bits: screen::index_bits(count),
            centered_norms: vec![f32::INFINITY; count.next_multiple_of(PANEL)],
            bound: Bound::new(dim),
        };
        stage.pack();
        Some(stage)
    }

    pub fn codeword(&self, index: usize) -> &[f32] {
        let stride = stride(self.dim);
        &self.codewords[index * stride..][..stride]
    }

    pub fn panels(&self) -> Panels<'_> {
        Panels { values: &self.panels, width: pack::width(self.dim) }
    }

    /// What scores of products alone start from, for each place of the panels.
    pub fn offsets(&self) -> &[i32] {
        &self.offsets
    }

    /// What scores of rows with this weight start from, for the places from `first` on.
    pub fn starts(&self, weight: i32, first: usize, starts: &mut [i32]) {
        screen::starts::<Native>(&self.offsets[first..], &self.half_norms[first..], weight, starts);
    }

    fn centered(&self, index: usize) -> impl Iterator<Item = f64> + '_ {
        let difference = |(value, center): (&f32, &f32)| f64::from(*value) - f64::from(*center);
        self.codeword(index)[..self.dim].iter().zip(&self.center).map(difference)
    }

    fn pack(&mut self) {
        let squares: Vec<f64> = (0..self.count).map(|k| self.centered(k).map(|x| x * x).sum()).collect();
        self.centered_norms.iter_mut().zip(&squares).for_each(|(norm, &square)| *norm = square as f32);
        let least = squares.iter().fold(f64::INFINITY, |a, &b| a.min(b));
        let most = squares.iter().fold(0.0, |a: f64, &b| a.max(b));
        let largest = (0..self.count).flat_map(|k| self.centered(k)).fold(0.0, |a, x| if x.abs() > a { x.abs() } else { a });
        let bound = &mut self.bound;
        bound.norm = most.sqrt() * SLACK;
        bound.scale = if most > 0.0 { (CODEWORD_NORM / bound.norm).min(LARGEST / largest) } else { 1.0 };
        bound.scaled_norm = bound.norm * bound.scale;

        // half norms from the middle of their range: a constant changes no comparison
        let scaled = bound.scale * bound.scale;
        let middle = (least + most) / 2.0;
        let half_norm = |square: f64| (square - middle) * scaled / 2.0;
        bound.norm_step = half_norm(most).sqrt().max(1.0);
        bound.half_norm = (half_norm(most) / bound.norm_step).ceil();

        let (scale, norm_step) = (bound.scale, bound.norm_step);
        let width = pack::width(self.dim);
        let mut panels = core::mem::take(&mut self.panels);
        let mut rounding = 0.0;
        for slot in 0..self.count.next_multiple_of(PANEL) {
            let k = slot.min(self.count - 1);
            let (mut square, mut offset, mut rounded_values) = (0.0, 0, [0; 4]);
            for (j, value) in self.centered(k).enumerate() {
                let exact = value * scale;
                let rounded = exact.round_ties_even();
                square += (exact - rounded) * (exact - rounded);
                pack::put(&mut panels, width, slot, j, rounded as i16);
                rounded_values[j % 4] = rounded as i32;
                if j % 4 > 1 {
                    offset -= rounded_values[j % 4] * rounded_values[j % 4 - 2];
                }
            }
            rounding = f64::max(rounding, square);
            self.offsets[slot] = offset;
            self.half_norms[slot] = (half_norm(squares[k]) / norm_step).round_ties_even() as i32;
        }
        self.panels = panels;
        self.bound.rounding = rounding.sqrt() * SLACK;
    }

    /// Packs two padded rows for the screen, given `|row - center|^2` in f32 arithmetic. None where the screen cannot serve.
    #[inline(always)]
    pub fn pack_duo(&self, rows: [&[f32]; DUO], squares: [f32; DUO], out: &mut [i16]) -> [Option<Scaling>; DUO] {
        let mut pack = |norm: f64| {
            let scalings: [Option<Scaling>; DUO] = core::array::from_fn(|i| self.scaling(squares[i], rows[i], norm));
            let scales = core::array::from_fn(|i| scalings[i].map_or(0.0, |scaling| scaling.scale));
            let largest = pack::duo::<Native>(rows, &self.center, scales, out);
            (scalings, largest <= i32::from(pack::LARGEST))
        };
        let (scalings, fits) = pack(ROW_NORM);
        if fits {
            scalings
        } else {
            pack(SHORT_ROW_NORM).0
        }
    }

    /// `square` is `|row - center|^2` as f32 arithmetic gives it, `scaled_norm` the norm to which the row is scaled. None where the screen cannot
    /// serve: the row is so long that float32 differences could overflow, or that their rounding outweighs all codewords.
    #[inline(never)] // most rows share a scale
    fn scaling(&self, square: f32, row: &[f32], scaled_norm: f64) -> Option<Scaling> {
        let bound = &self.bound;
        let norm = self.centered_norm(square, row);
        let farthest = norm + bound.norm;
        if farthest.is_nan() || farthest >= 3e38 {
            return None;
        }
        self.scaling_at(self.scale_for(scaled_norm, norm), norm)
    }

    /// Weight and margin of rows at a scale, whose norms are at most `norm`.
    fn scaling_at(&self, scale: f32, norm: f64) -> Option<Scaling> {
        let bound = &self.bound;
        let ratio = f64::from(scale) / bound.scale;
        let weight = (ratio * bound.norm_step).round_ties_even();
        let scaled_norm = f64::from(scale) * norm + bound.row_rounding;
        let rounding = bound.row_rounding * bound.scaled_norm + scaled_norm * bound.rounding;
        let norms = (ratio * bound.norm_step + bound.half_norm) * 0.5;
        let index = f64::from((1u32 << self.index_bits) - 1);
        // f32 rounding inside the definition's distance, at most this part of it
        let far = scaled_norm / ratio + bound.scaled_norm;
        let definition = DEFINITION_ROUNDING * 0.5 * ratio * far * far;
        let error = (rounding + norms + index + definition) * SLACK;
        let margin = (2.0 * error).ceil();
        // scores lie less than 2^32 apart: a margin in the order of that tells nothing apart
        (margin < f64::from(1 << 30)).then_some(Scaling { scale, weight: weight as i32, margin: margin as i32 })
    }

    /// The scale that rows share of which the longest of some has this square, as f32 arithmetic gives it. None where rows are better scaled one by one.
    pub fn shared(&self, square: f32) -> Option<Shared> {
        let norm = f64::from(square).sqrt();
        if !(1e-14..1e17).contains(&norm) || norm + self.bound.norm > 1e37 {
            return None;
        }
        let scale = self.scale_for(SHARED_NORM, norm);
        let most = ROW_NORM / f64::from(scale);
        // where weights hold the scale, that may be more than a square can be trusted with: an infinite one tells nothing
        let longest = least((most / (NORM_SLACK * NORM_SLACK)).powi(2), MOST_SQUARE);
        let squares = (norm / SHORTEST).powi(2) as f32..=longest as f32;
        self.scaling_at(scale, most).map(|scaling| Shared { scaling, squares })
    }

    /// The scale at which a norm comes to `scaled_norm`, held so low that weights stay within `MOST_WEIGHT`.
    fn scale_for(&self, scaled_norm: f64, norm: f64) -> f32 {
        let for_norm = scaled_norm / norm; // infinite for a row at the center
        least(least(for_norm, MOST_WEIGHT * self.bound.scale / self.bound.norm_step), MAX_SCALE) as f32
    }

    /// Takes a codeword off each of two padded rows, and packs what is left. A scale that serves both of them saves a second look at them.
    #[inline(always)]
    pub fn pack_next(&self, rows: [&mut [f32]; DUO], codewords: [&[f32]; DUO], shared: Option<&Shared>, out: &mut [i16]) -> Packed {
        let [a, b] = rows;
        let scale = shared.map_or(0.0, |shared| shared.scaling.scale);
        let (largest, squares) = pack::next_duo::<Native>([a, b], codewords, &self.center, scale, out);
        let longer = if squares[1] > squares[0] { squares[1] } else { squares[0] };
        let serves = |shared: &&Shared| largest <= i32::from(pack::LARGEST) && squares.iter().all(|square| shared.squares.contains(square));
        let served = shared.filter(serves);
        let scalings = served.map_or_else(|| self.pack_duo([a, b], squares, out), |shared| [Some(shared.scaling); DUO]);
        Packed { scalings, shares: served.is_some(), longer }
    }

    /// At least `|row - center|`, where `square` is its square as f32 arithmetic gives it.
    pub fn centered_norm(&self, square: f32, row: &[f32]) -> f64 {
        // f32 squares neither overflowed nor went under; else once more in f64
        let norm = if (LEAST_SQUARE..MOST_SQUARE).contains(&f64::from(square)) { f64::from(square).sqrt() } else { self.norm_from_center(row) };
        norm * NORM_SLACK
    }

    /// The largest norm of a centered codeword.
    pub fn centered_codeword_norm(&self) -> f64 {
        self.bound.norm
    }

    /// The scale of a row for products alone, without its part of the norms. `largest` is the largest magnitude of an element.
    pub fn plain_scale(norm: f64, largest: f32) -> f32 {
        least(least(PLAIN_ROW_NORM / norm, LARGEST / f64::from(largest)), MAX_SCALE) as f32
    }

    /// What makes -2 <row - center, c_k - center> of an int16 dot product.
    pub fn product_factor(&self, scale: f32) -> f64 {
        -2.0 / (f64::from(scale) * self.bound.scale)
    }

    /// The largest error of that, for a row whose own rounding has the norm `row_rounding`, in int16 steps.
    pub fn product_error(&self, scale: f32, norm: f64, row_rounding: f64) -> f64 {
        let bound = &self.bound;
        let scale = f64::from(scale);
        let row_rounding = row_rounding + FLOAT_ROUNDING;
        let rounding = row_rounding * bound.scaled_norm + (scale * norm + row_rounding) * bound.rounding;
        2.0 * rounding / (scale * bound.scale) * SLACK
    }

    fn norm_from_center(&self, row: &[f32]) -> f64 {
        let difference = |(value, center): (&f32, &f32)| f64::from(*value) - f64::from(*center);
        row.iter().zip(&self.center).map(difference).map(|x| x * x).sum::<f64>().sqrt()
    }
}

/// For the f64 arithmetic of the bound itself.
const SLACK: f64 = 1.0 + 1e-9;
/// What the f32 operations before rounding may change of a row, in int16 steps: 3 * 2^-24 of its norm, twice over.
const FLOAT_ROUNDING: f64 = 0.02;
/// For a sum of up to 4,096 squares in f32, in four partial sums: at most (4096 / 4 + 8) * 2^-24 of it, here of its root.
const NORM_SLACK: f64 = 1.0 + 1e-4;
/// (1 + 2^-24)^2 - 1 an element, and the f64 sum: below 2^-22.
const DEFINITION_ROUNDING: f64 = 1.0 / 4_194_304.0;
/// The most by which the definition's distance can differ from the distance that it rounds, `reach` at most apart.
pub fn definition_error(reach: f64) -> f64 {
    DEFINITION_ROUNDING * reach * reach
}

/// The most by which an f32 sum of squares can differ from what it rounds: (dim / 8 + 9) * 2^-24 of it, and what goes under.
pub fn square_error(square: f64, dim: usize) -> f64 {
    square * (dim as f64 / 8.0 + 9.0) / f64::from(1 << 24) + 1e-30
}

/// Between these an f32 sum of squares neither overflowed nor went under.
const LEAST_SQUARE: f64 = 1e-30;
const MOST_SQUARE: f64 = 1e36;
/// Keeps a scale a normal f32.
const MAX_SCALE: f64 = 1e36;

impl Bound {
    fn new(dim: usize) -> Bound {
        let row_rounding = 0.5 * (dim as f64).sqrt() + FLOAT_ROUNDING;
        Bound { scale: 1.0, norm: 0.0, scaled_norm: 0.0, rounding: 0.0, norm_step: 1.0, half_norm: 0.0, row_rounding }
    }
}

/// The smaller; `f64::min` is a function call in WebAssembly, because its instruction treats NaN otherwise.
#[inline(always)]
fn least(a: f64, b: f64) -> f64 {
    if b < a {
        b
    } else {
        a
    }
}

/// The mean of the codewords, as a padded row.
fn center(values: &[f32], dim: usize) -> Vec<f32> {
    let count = values.len() / dim;
    let mut sums = vec![0.0f64; dim];
    for codeword in values.chunks_exact(dim) {
        sums.iter_mut().zip(codeword).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    let mut center = vec![0.0; stride(dim)];
    center.iter_mut().zip(&sums).for_each(|(center, sum)| *center = (sum / count as f64) as f32);
    center
}
