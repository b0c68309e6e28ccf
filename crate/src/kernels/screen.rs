//! The screen: scores of four rows with panels of eight codewords, as int16 dot products, of which only the best two a lane are kept.
//!
//! A score is the dot product of a quad's row and a codeword, norm pair included: the larger, the nearer. Its lowest bits
//! are replaced by where the codeword stands, so that the search for the best needs no second pass over the scores and no store.

use super::pack::{PANEL, QUAD};
use super::Lanes;

/// Codewords of one vector.
const LANES: usize = 4;

/// For each row of a quad and each lane the best score and the second best.
#[derive(Clone)]
pub struct Best {
    pub first: [[i32; LANES]; QUAD],
    pub second: [[i32; LANES]; QUAD],
}

impl Best {
    pub const NONE: Best = Best { first: [[i32::MIN; LANES]; QUAD], second: [[i32::MIN; LANES]; QUAD] };
}

/// Low bits of a score that say which vector of codewords it belongs to.
pub fn index_bits(codewords: usize) -> u32 {
    let vectors = codewords.div_ceil(PANEL) * (PANEL / LANES);
    vectors.next_power_of_two().trailing_zeros()
}

/// The codeword of a score in `lane` of [`Best`].
#[inline(always)]
pub fn codeword_of(score: i32, lane: usize, index_bits: u32) -> usize {
    (score & ((1 << index_bits) - 1)) as usize * LANES + lane
}

/// Scores a quad with whole panels, of which the first holds codeword `8 * first_panel`, and keeps the best so far.
///
/// `quad[pair][row][2]`, `panels[panel][pair][codeword][2]`, `pairs` pairs each.
#[inline(always)]
pub fn screen<L: Lanes>(quad: &[i16], panels: &[i16], pairs: usize, first_panel: usize, index_bits: u32, best: &mut Best) {
    let quad = &quad.as_chunks::<{ 2 * QUAD }>().0[..pairs];
    let keep = L::splat_i32(!((1 << index_bits) - 1));
    let mut index = L::splat_i32((first_panel * (PANEL / LANES)) as i32);
    for panel in panels.chunks_exact(pairs * 2 * PANEL) {
        let scores = tile::<L>(quad, panel);
        for half in 0..2 {
            for row in 0..QUAD {
                let (first, second) = (L::load_i32(&best.first[row]), L::load_i32(&best.second[row]));
                let score = L::or(L::and(scores[row][half], keep), index);
                L::store_i32(L::max_i32(second, L::min_i32(first, score)), &mut best.second[row]);
                L::store_i32(L::max_i32(first, score), &mut best.first[row]);
            }
            index = L::add_i32(index, L::splat_i32(1));
        }
    }
}

/// The dot products of four rows with eight codewords, of the first `quad.len()` pairs: `[row][half of the panel]`.
#[inline(always)]
pub fn tile<L: Lanes>(quad: &[[i16; 2 * QUAD]], panel: &[i16]) -> [[L::I32; 2]; QUAD] {
    let mut scores = [[L::splat_i32(0); 2]; QUAD];
    for (codewords, rows) in panel.as_chunks::<{ 2 * PANEL }>().0.iter().zip(quad) {
        let halves = codewords.as_chunks::<8>().0;
        let (low, high) = (L::load_i16(&halves[0]), L::load_i16(&halves[1]));
        for (score, row) in scores.iter_mut().zip(rows.as_chunks::<2>().0) {
            let row = L::splat_pair(row);
            score[0] = L::add_i32(score[0], L::dot(row, low));
            score[1] = L::add_i32(score[1], L::dot(row, high));
        }
    }
    scores
}

/// Calls `found` with each codeword whose score with row `row` of the quad is at least `threshold`, in ascending order.
pub fn at_least<L: Lanes>(quad: &[i16], row: usize, panels: &[i16], pairs: usize, threshold: i32, mut found: impl FnMut(usize)) {
    let quad = &quad.as_chunks::<{ 2 * QUAD }>().0[..pairs];
    for (index, panel) in panels.chunks_exact(pairs * 2 * PANEL).enumerate() {
        let mut scores = [L::splat_i32(0); 2];
        for (codewords, rows) in panel.as_chunks::<{ 2 * PANEL }>().0.iter().zip(quad) {
            let row = L::splat_pair(&rows.as_chunks::<2>().0[row]);
            for (score, half) in scores.iter_mut().zip(codewords.as_chunks::<8>().0) {
                *score = L::add_i32(*score, L::dot(row, L::load_i16(half)));
            }
        }
        for (half, score) in scores.into_iter().enumerate() {
            let mut lanes = [0; LANES];
            L::store_i32(score, &mut lanes);
            for (lane, score) in lanes.into_iter().enumerate() {
                if score >= threshold {
                    found(index * PANEL + half * LANES + lane);
                }
            }
        }
    }
}
