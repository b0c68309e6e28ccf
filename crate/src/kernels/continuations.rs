//! Scores of beam search: what the distance would be, up to a constant, if an entry of the beam went on with each codeword.
//! Here the smaller is the nearer. A row of scores has `columns` places, a whole number of panels; those past the last codeword are infinite.

use super::pack::{PANEL, QUAD};
use super::screen::tile;
use super::Lanes;

/// Lanes of a segment's minima: the low and the high half of each eight columns.
pub const GROUPS: usize = 8;

/// For four rows and all codewords: `scores[row][k] = norms[k] + factors[row] * dot(row, codeword k)`.
///
/// `quad[pair][row][2]` with weights 0, `panels[panel][pair][codeword][2]`, `norms[k]` infinite past the last codeword.
#[inline(always)]
pub fn products<L: Lanes>(quad: &[i16], panels: &[i16], pairs: usize, norms: &[f32], factors: [f32; QUAD], scores: [&mut [f32]; QUAD]) {
    let quad = &quad.as_chunks::<{ 2 * QUAD }>().0[..pairs - 1]; // the last pair is the norm's
    let factors = factors.map(L::splat_f32);
    let [a, b, c, d] = scores.map(|row| row.as_chunks_mut::<PANEL>().0);
    let rows = a.iter_mut().zip(b).zip(c).zip(d);
    for ((panel, norms), (((a, b), c), d)) in panels.chunks_exact(pairs * 2 * PANEL).zip(norms.as_chunks::<PANEL>().0).zip(rows) {
        let dots = tile::<L>(quad, panel);
        for (row, out) in [a, b, c, d].into_iter().enumerate() {
            for half in 0..2 {
                let norm = L::load_f32(&norms.as_chunks::<4>().0[half]);
                let score = L::add_f32(norm, L::mul_f32(L::to_f32(dots[row][half]), factors[row]));
                L::store_f32(score, &mut out.as_chunks_mut::<4>().0[half]);
            }
        }
    }
}

/// `sums += row`, in int16.
#[inline(always)]
pub fn add_table_row<L: Lanes>(sums: &mut [i16], row: &[i16]) {
    debug_assert_eq!(sums.len(), row.len());
    for (sum, row) in sums.as_chunks_mut::<8>().0.iter_mut().zip(row.as_chunks::<8>().0) {
        L::store_i16(L::add_i16(L::load_i16(sum), L::load_i16(row)), sum);
    }
}

/// `scores[k] = base[k] + (offset + step * sums[k])`, and the minima of each segment's groups: group g of a segment holds its columns k with
/// `k % 8 == g`. `minima` has one element a segment of `segment` columns, a multiple of eight.
#[inline(always)]
pub fn combine<L: Lanes>(base: &[f32], sums: &[i16], step: f32, offset: f32, segment: usize, scores: &mut [f32], minima: &mut [[f32; GROUPS]]) {
    debug_assert!(base.len() == sums.len() && base.len() == scores.len());
    let (step, offset) = (L::splat_f32(step), L::splat_f32(offset));
    let segments = base.chunks(segment).zip(sums.chunks(segment)).zip(scores.chunks_mut(segment));
    for (((base, sums), scores), minima) in segments.zip(minima) {
        let mut least = [L::splat_f32(f32::INFINITY); 2];
        let columns = base.as_chunks::<8>().0.iter().zip(sums.as_chunks::<8>().0).zip(scores.as_chunks_mut::<8>().0);
        for ((base, sums), scores) in columns {
            let sums = L::load_i16(sums);
            let sums = [L::low_to_i32(sums), L::high_to_i32(sums)];
            for half in 0..2 {
                let table = L::add_f32(offset, L::mul_f32(step, L::to_f32(sums[half])));
                let score = L::add_f32(L::load_f32(&base.as_chunks::<4>().0[half]), table);
                L::store_f32(score, &mut scores.as_chunks_mut::<4>().0[half]);
                least[half] = L::min_f32(least[half], score);
            }
        }
        for half in 0..2 {
            L::store_f32(least[half], &mut minima.as_chunks_mut::<4>().0[half]);
        }
    }
}

/// Calls `found` with each column whose score is at most `threshold`, in ascending order.
#[inline(always)]
pub fn at_most<L: Lanes>(scores: &[f32], threshold: f32, mut found: impl FnMut(usize)) {
    let limit = L::splat_f32(threshold);
    for (i, scores) in scores.as_chunks::<8>().0.iter().enumerate() {
        let halves = scores.as_chunks::<4>().0;
        if L::any_at_most(L::min_f32(L::load_f32(&halves[0]), L::load_f32(&halves[1])), limit) {
            for (lane, &score) in scores.iter().enumerate() {
                if score <= threshold {
                    found(i * 8 + lane);
                }
            }
        }
    }
}
