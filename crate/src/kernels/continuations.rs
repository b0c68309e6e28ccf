//! Scores of beam search: what the distance would be, up to a constant and in integer steps, if an entry of the beam went on with each
//! codeword. Here the smaller is the nearer. A row of scores has `columns` places, a whole number of panels; those past the last
//! codeword are larger than any score.

use super::pack::{DUO, PANEL, QUAD};
use super::screen::{own_products, tile, Panels, Scores};
use super::Lanes;

/// Groups of a segment: its columns k with the same k % 8.
pub const GROUPS: usize = 8;

/// Largest magnitude, in steps, of what is rounded to a score.
pub const MOST_STEPS: f64 = (1 << 21) as f64;

/// Products of four rows with all codewords, in steps: `base[row][k] = round(norms[k] * per_step + dot(row, codeword k) * factors[row])`.
///
/// The quad has weights of zero. `norms[k]` is infinite past the last codeword.
#[inline(always)]
pub fn products<L: Lanes>(quad: &[i16], panels: Panels, norms: &[f32], per_step: f32, factors: [f32; QUAD], mut base: [&mut [i32]; QUAD]) {
    let (duos, per_step) = (quad.chunks_exact(quad.len() / 2), L::splat_f32(per_step));
    let mut dots = Scores::NONE;
    for ((duo, base), factors) in duos.zip(base.as_chunks_mut::<DUO>().0).zip(factors.as_chunks::<DUO>().0) {
        let own = own_products::<L>(duo, panels.pairs);
        for (p, (panel, offsets)) in panels.each().enumerate() {
            tile::<L>(duo, panel, offsets, &mut dots);
            for (row, base) in base.iter_mut().enumerate() {
                let out = base[p * PANEL..][..PANEL].as_chunks_mut::<4>().0;
                for ((out, norms), dots) in out.iter_mut().zip(norms[p * PANEL..][..PANEL].as_chunks::<4>().0).zip(&dots.0) {
                    let dot = L::sub_i32(L::load_i32(&dots[row]), own[row]);
                    let score = L::add_f32(L::mul_f32(L::load_f32(norms), per_step), L::mul_f32(L::to_f32(dot), L::splat_f32(factors[row])));
                    L::store_i32(L::round_to_i32(score), out);
                }
            }
        }
    }
}

/// The scores of an entry: `base[k]` and the sum of the tables' rows at k. Also the minima of each segment's groups, in segments of `segment`
/// columns, a multiple of eight. `sums` is a buffer.
pub fn entry_scores<L: Lanes>(base: &[i32], rows: &[&[i16]], sums: &mut [i16], segment: usize, scores: &mut [i32], minima: &mut [[i32; GROUPS]]) {
    // four rows at a time, the last group with the base
    let (before, last) = rows.split_at(rows.len().saturating_sub(1) / 4 * 4);
    for (i, group) in before.chunks_exact(4).enumerate() {
        add_rows::<L>(sums, [group[0], group[1], group[2], group[3]], i == 0);
    }
    if !before.is_empty() {
        let sums = &*sums;
        match *last {
            [a] => sum_scores::<L, 2>(base, [sums, a], segment, scores, minima),
            [a, b] => sum_scores::<L, 3>(base, [sums, a, b], segment, scores, minima),
            [a, b, c] => sum_scores::<L, 4>(base, [sums, a, b, c], segment, scores, minima),
            [a, b, c, d, ..] => sum_scores::<L, 5>(base, [sums, a, b, c, d], segment, scores, minima),
            [] => {}
        }
    } else {
        match *last {
            [] => sum_scores::<L, 0>(base, [], segment, scores, minima),
            [a] => sum_scores::<L, 1>(base, [a], segment, scores, minima),
            [a, b] => sum_scores::<L, 2>(base, [a, b], segment, scores, minima),
            [a, b, c] => sum_scores::<L, 3>(base, [a, b, c], segment, scores, minima),
            [a, b, c, d, ..] => sum_scores::<L, 4>(base, [a, b, c, d], segment, scores, minima),
        }
    }
}

fn add_rows<L: Lanes>(sums: &mut [i16], rows: [&[i16]; 4], first: bool) {
    let sums = sums.as_chunks_mut::<8>().0;
    let rows = rows.map(|row| &row.as_chunks::<8>().0[..sums.len()]);
    for (i, sum) in sums.iter_mut().enumerate() {
        let [a, b, c, d] = rows.map(|row| L::load_i16(&row[i]));
        let four = L::add_i16(L::add_i16(a, b), L::add_i16(c, d));
        L::store_i16(if first { four } else { L::add_i16(four, L::load_i16(sum)) }, sum);
    }
}

#[inline(always)]
fn sum_scores<L: Lanes, const N: usize>(base: &[i32], rows: [&[i16]; N], segment: usize, scores: &mut [i32], minima: &mut [[i32; GROUPS]]) {
    let (base, scores) = (base.as_chunks::<8>().0, scores.as_chunks_mut::<8>().0);
    let rows = rows.map(|row| &row.as_chunks::<8>().0[..base.len()]);
    let segments = base.chunks(segment / 8).zip(scores.chunks_mut(segment / 8)).zip(minima);
    for (s, ((base, scores), minima)) in segments.enumerate() {
        let rows = rows.map(|row| &row[s * (segment / 8)..][..base.len()]);
        let mut least = [L::splat_i32(i32::MAX); 2];
        for (i, (base, score)) in base.iter().zip(scores).enumerate() {
            let base = base.as_chunks::<4>().0;
            let mut sum = [L::load_i32(&base[0]), L::load_i32(&base[1])];
            if N > 0 {
                let mut table = L::load_i16(&rows[0][i]);
                for row in &rows[1..] {
                    table = L::add_i16(table, L::load_i16(&row[i]));
                }
                sum = [L::add_i32(sum[0], L::low_to_i32(table)), L::add_i32(sum[1], L::high_to_i32(table))];
            }
            for half in 0..2 {
                L::store_i32(sum[half], &mut score.as_chunks_mut::<4>().0[half]);
                least[half] = L::min_i32(least[half], sum[half]);
            }
        }
        for half in 0..2 {
            L::store_i32(least[half], &mut minima.as_chunks_mut::<4>().0[half]);
        }
    }
}

/// Calls `found` with each column whose score is at most `threshold`, in ascending order.
#[inline(always)]
pub fn at_most<L: Lanes>(scores: &[i32], threshold: i32, mut found: impl FnMut(usize)) {
    let limit = L::splat_i32(threshold);
    for (i, scores) in scores.as_chunks::<8>().0.iter().enumerate() {
        let halves = scores.as_chunks::<4>().0;
        if L::any_at_most(L::min_i32(L::load_i32(&halves[0]), L::load_i32(&halves[1])), limit) {
            for (lane, &score) in scores.iter().enumerate() {
                if score <= threshold {
                    found(i * 8 + lane);
                }
            }
        }
    }
}

/// Whether any of the values is at most `limit`.
#[inline(always)]
pub fn any_at_most<L: Lanes>(values: &[i32; GROUPS], limit: i32) -> bool {
    let halves = values.as_chunks::<4>().0;
    L::any_at_most(L::min_i32(L::load_i32(&halves[0]), L::load_i32(&halves[1])), L::splat_i32(limit))
}

/// How many of the values are at most `limit`. Their number is a multiple of four.
#[inline(always)]
pub fn count_at_most<L: Lanes>(values: &[i32], limit: i32) -> usize {
    let limit = L::splat_i32(limit);
    let count = values.as_chunks::<4>().0.iter().fold(L::splat_i32(0), |count, values| L::count_at_most(count, L::load_i32(values), limit));
    let mut lanes = [0; 4];
    L::store_i32(count, &mut lanes);
    lanes.iter().sum::<i32>() as usize
}
