//! Scores of beam search: what the distance would be, in integer steps, if an entry of the beam went on with each codeword. Here the
//! smaller is the nearer. A score has 16 bits. What it is a sum of may leave them and wraps: only the sum has to fit.
//!
//! A row of scores has `columns` places, a whole number of panels.

use super::pack::{DUO, PANEL, QUAD};
use super::screen::{own_products, tile, Panels, Scores};
use super::Lanes;

/// Columns whose scores are looked at or passed over together.
pub const SEGMENT: usize = 64;

/// Groups of a segment: its columns k with the same k % 8.
pub const GROUPS: usize = 8;

/// Largest magnitude, in steps, of what is rounded to a score.
pub const MOST_STEPS: f64 = (1 << 21) as f64;

/// Products of four rows with all codewords, in steps: the lowest 16 bits of `round(norms[k] * per_step[row] + dot(row, codeword k) * factors[row])`.
///
/// `offsets` are those of the panels' codewords.
#[inline(always)]
pub fn products<L: Lanes>(
    quad: &[i16],
    panels: Panels,
    offsets: &[i32],
    norms: &[f32],
    per_step: [f32; QUAD],
    factors: [f32; QUAD],
    mut base: [&mut [i16]; QUAD],
) {
    let duos = quad.chunks_exact(quad.len() / 2).zip(base.as_chunks_mut::<DUO>().0);
    let scales = per_step.as_chunks::<DUO>().0.iter().zip(factors.as_chunks::<DUO>().0);
    let mut dots = Scores::NONE;
    for ((duo, base), (per_step, factors)) in duos.zip(scales) {
        let own = own_products::<L>(duo, panels.width);
        for (p, (panel, [first, second])) in panels.each([offsets; DUO]).enumerate() {
            tile::<L>(duo, panel, first, second, &mut dots);
            let norms = norms[p * PANEL..][..PANEL].as_chunks::<4>().0;
            for (row, base) in base.iter_mut().enumerate() {
                let (per_step, factor) = (L::splat_f32(per_step[row]), L::splat_f32(factors[row]));
                let score = |vector: usize| {
                    let dot = L::sub_i32(L::load_i32(&dots.0[vector][row]), own[row]);
                    L::add_f32(L::mul_f32(L::load_f32(&norms[vector]), per_step), L::mul_f32(L::to_f32(dot), factor))
                };
                for (i, out) in base[p * PANEL..][..PANEL].as_chunks_mut::<8>().0.iter_mut().enumerate() {
                    L::store_i16(L::wrap_to_i16(score(2 * i), score(2 * i + 1)), out);
                }
            }
        }
    }
}

/// `to = a + b + c + d` at each place, or `to += a + b + c + d`.
pub fn add_four<L: Lanes>(to: &mut [i16], add: bool, rows: [&[i16]; 4]) {
    // what is there already is masked rather than left out: one loop serves both
    let keep = L::splat_i16(if add { -1 } else { 0 });
    let four = |to: &mut [i16; 8], [a, b, c, d]: [&[i16; 8]; 4]| {
        let (ab, cd) = (L::add_i16(L::load_i16(a), L::load_i16(b)), L::add_i16(L::load_i16(c), L::load_i16(d)));
        let before = L::and_i16(L::load_i16(to), keep);
        L::store_i16(L::add_i16(L::add_i16(ab, cd), before), to);
    };
    let ([a, b, c, d], to) = (rows.map(vectors::<4>), vectors_mut::<4>(to));
    for ((((to, a), b), c), d) in to.0.iter_mut().zip(a.0).zip(b.0).zip(c.0).zip(d.0) {
        for i in 0..4 {
            four(&mut to[i], [&a[i], &b[i], &c[i], &d[i]]);
        }
    }
    for ((((to, a), b), c), d) in to.1.iter_mut().zip(a.1).zip(b.1).zip(c.1).zip(d.1) {
        four(to, [a, b, c, d]);
    }
}

/// Vectors of a segment.
const VECTORS: usize = SEGMENT / 8;

/// A row's vectors, N at a time, and those that are left. Loops over N are unrolled: the engine looks for interrupts at every turn of a loop.
#[inline(always)]
fn vectors<const N: usize>(row: &[i16]) -> (&[[[i16; 8]; N]], &[[i16; 8]]) {
    row.as_chunks::<8>().0.as_chunks()
}

#[inline(always)]
fn vectors_mut<const N: usize>(row: &mut [i16]) -> (&mut [[[i16; 8]; N]], &mut [[i16; 8]]) {
    row.as_chunks_mut::<8>().0.as_chunks_mut()
}

/// Halves all values `bits` times, towards minus infinity.
pub fn shift_right<L: Lanes>(values: &mut [i16], bits: u32) {
    for value in values.as_chunks_mut::<8>().0 {
        L::store_i16(L::shift_right_i16(L::load_i16(value), bits), value);
    }
}

/// The scores of an entry: `offset + base[k] + row[k]`. Also the smallest of each segment's groups. The places from `count` on
/// get the largest score. Returns the smallest of each group in all segments.
pub fn entry_scores<L: Lanes>(
    base: &[i16],
    row: &[i16],
    offset: i16,
    count: usize,
    scores: &mut [i16],
    minima: &mut [[i16; GROUPS]],
) -> [i16; GROUPS] {
    let least = sum_scores::<L>(base, row, offset, scores, minima);
    if count == scores.len() {
        return least;
    }
    scores[count..].fill(i16::MAX);
    minima[count / SEGMENT] = least_of::<L>(scores[count / SEGMENT * SEGMENT..].as_chunks().0);
    least_of::<L>(minima)
}

fn least_of<L: Lanes>(values: &[[i16; 8]]) -> [i16; 8] {
    let mut least = [0; 8];
    L::store_i16(values.iter().fold(L::splat_i16(i16::MAX), |least, values| L::min_i16(least, L::load_i16(values))), &mut least);
    least
}

#[inline(always)]
fn sum_scores<L: Lanes>(base: &[i16], row: &[i16], offset: i16, scores: &mut [i16], minima: &mut [[i16; GROUPS]]) -> [i16; GROUPS] {
    let offset = L::splat_i16(offset);
    let score = |score: &mut [i16; 8], base: &[i16; 8], row: &[i16; 8]| {
        let sum = L::add_i16(L::add_i16(L::load_i16(base), L::load_i16(row)), offset);
        L::store_i16(sum, score);
        sum
    };
    let mut least_of_all = L::splat_i16(i16::MAX);
    let (scores, base, row) = (vectors_mut::<VECTORS>(scores), vectors::<VECTORS>(base), vectors::<VECTORS>(row));
    let (whole, last) = minima.split_at_mut(scores.0.len());
    for (((scores, base), row), minima) in scores.0.iter_mut().zip(base.0).zip(row.0).zip(whole) {
        let mut least = score(&mut scores[0], &base[0], &row[0]);
        for i in 1..VECTORS {
            least = L::min_i16(least, score(&mut scores[i], &base[i], &row[i]));
        }
        L::store_i16(least, minima);
        least_of_all = L::min_i16(least_of_all, least);
    }
    if let [minima] = last {
        let mut least = L::splat_i16(i16::MAX);
        for ((scores, base), row) in scores.1.iter_mut().zip(base.1).zip(row.1) {
            least = L::min_i16(least, score(scores, base, row));
        }
        L::store_i16(least, minima);
        least_of_all = L::min_i16(least_of_all, least);
    }
    let mut least = [0; GROUPS];
    L::store_i16(least_of_all, &mut least);
    least
}

/// Bit i is set where score i of a segment lies below `limit`.
#[inline(always)]
pub fn below<L: Lanes>(segment: &[i16], limit: i16) -> u64 {
    let limit = L::splat_i16(limit);
    let (pairs, last) = segment.as_chunks::<16>();
    let mut mask = 0;
    for (i, pair) in pairs.iter().enumerate() {
        let halves = pair.as_chunks::<8>().0;
        mask |= u64::from(L::mask_less_i16(L::load_i16(&halves[0]), L::load_i16(&halves[1]), limit)) << (16 * i);
    }
    if let [last] = last.as_chunks::<8>().0 {
        mask |= u64::from(L::mask_less_i16(L::load_i16(last), L::splat_i16(i16::MAX), limit)) << (16 * pairs.len());
    }
    mask
}

/// Whether any of the values lies below `limit`.
#[inline(always)]
pub fn any_below<L: Lanes>(values: &[i16; GROUPS], limit: i16) -> bool {
    L::any_less_i16(L::load_i16(values), L::splat_i16(limit))
}

/// How many of the values lie below `limit`.
#[inline(always)]
pub fn count_below<L: Lanes>(values: &[[i16; 8]], limit: i16) -> usize {
    let limit = L::splat_i16(limit);
    // a lane of 16 bits counts so far
    let more = |count: L::I16, values: &[i16; 8]| L::count_less_i16(count, L::load_i16(values), limit);
    let chunk = |values: &[[i16; 8]]| {
        let (fours, others) = values.as_chunks::<4>();
        let count = fours.iter().fold(L::splat_i16(0), |count, values| values.iter().fold(count, more));
        L::sum_i16(others.iter().fold(count, more))
    };
    values.chunks(1 << 14).map(|values| chunk(values) as usize).sum()
}

/// The smallest and the largest of the values.
#[inline(always)]
pub fn range<L: Lanes>(values: &[[i16; 8]]) -> [i16; 2] {
    let mut range = [L::splat_i16(i16::MAX), L::splat_i16(i16::MIN)];
    for values in values {
        let values = L::load_i16(values);
        range = [L::min_i16(range[0], values), L::max_i16(range[1], values)];
    }
    let (mut least, mut most) = ([0; 8], [0; 8]);
    L::store_i16(range[0], &mut least);
    L::store_i16(range[1], &mut most);
    [least.into_iter().fold(i16::MAX, i16::min), most.into_iter().fold(i16::MIN, i16::max)]
}
