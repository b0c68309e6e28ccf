//! The screen: scores of two rows with panels of sixteen codewords, as int16 dot products, of which only the best two a lane are kept.
//!
//! A score is the dot product of a row and a codeword, less its part of the codeword's norm, and a constant of the row: the larger, the nearer. Its lowest
//! bits are replaced by where the codeword stands, so that the search for the best needs no second pass over all scores.
//!
//! Products are made four values at a time, by Winograd's identity, with half the multiplications: `(x0 + y2) (x2 + y0) + (x1 + y3) (x3 + y1)` is
//! `x0 y0 + x1 y1 + x2 y2 + x3 y3` and two terms more: `x0 x2 + x1 x3`, the constant of the row, and `y0 y2 + y1 y3`, which
//! is taken off by what scores start from.

use super::pack::{DUO, PANEL};
use super::Lanes;

/// Codewords of one vector.
const LANES: usize = 4;
/// Vectors of a panel.
const VECTORS: usize = PANEL / LANES;

/// For each row of a duo and each lane the best score and the second best.
#[derive(Clone)]
#[repr(align(16))]
pub struct Best {
    pub first: [[i32; LANES]; DUO],
    pub second: [[i32; LANES]; DUO],
}

impl Best {
    pub const NONE: Best = Best { first: [[i32::MIN; LANES]; DUO], second: [[i32::MIN; LANES]; DUO] };
}

/// A duo with a panel: `scores[codeword / 4][row][codeword % 4]`.
#[repr(align(64))]
pub struct Scores(pub [[[i32; LANES]; DUO]; VECTORS]);

impl Scores {
    pub const NONE: Scores = Scores([[[0; LANES]; DUO]; VECTORS]);
}

/// Low bits of a score that say which vector of codewords it belongs to.
pub fn index_bits(codewords: usize) -> u32 {
    let vectors = codewords.div_ceil(PANEL) * VECTORS;
    vectors.next_power_of_two().trailing_zeros()
}

/// The codeword of a score in `lane` of [`Best`].
#[inline(always)]
pub fn codeword_of(score: i32, lane: usize, index_bits: u32) -> usize {
    (score & ((1 << index_bits) - 1)) as usize * LANES + lane
}

/// Whole panels of codewords, of so many values each.
#[derive(Clone, Copy)]
pub struct Panels<'a> {
    pub values: &'a [i16],
    pub width: usize,
}

/// What the scores of each row of a duo start from, codeword by codeword.
pub type Starts<'a> = [&'a [i32]; DUO];

impl<'a> Panels<'a> {
    /// Each panel with its part of the starts.
    #[inline(always)]
    pub fn each(self, [first, second]: Starts<'a>) -> impl Iterator<Item = (&'a [i16], [&'a [i32; PANEL]; DUO])> {
        let starts = first.as_chunks::<PANEL>().0.iter().zip(second.as_chunks::<PANEL>().0);
        self.values.chunks_exact(self.width * PANEL).zip(starts.map(|(first, second)| [first, second]))
    }

    /// So many panels at a time.
    #[inline(always)]
    pub fn groups(self, panels: usize) -> impl Iterator<Item = Panels<'a>> {
        self.values.chunks(panels * self.width * PANEL).map(move |values| Panels { values, ..self })
    }
}

/// Scores a duo with panels, of which the first holds codeword `16 * first_panel`, and keeps the best so far. `scores` is a buffer.
#[inline(always)]
pub fn screen<L: Lanes>(duo: &[i16], panels: Panels, starts: Starts, first_panel: usize, index_bits: u32, scores: &mut Scores, best: &mut Best) {
    let keep = L::splat_i32(!((1 << index_bits) - 1));
    let mut index = L::splat_i32((first_panel * VECTORS) as i32);
    for (panel, [first, second]) in panels.each(starts) {
        tile::<L>(duo, panel, first, second, scores);
        let mut indices = [index; VECTORS];
        for vector in 1..VECTORS {
            indices[vector] = L::add_i32(indices[vector - 1], L::splat_i32(1));
        }
        index = L::add_i32(indices[VECTORS - 1], L::splat_i32(1));
        for row in 0..DUO {
            let [a, b, c, d] = core::array::from_fn(|vector| L::or(L::and(L::load_i32(&scores.0[vector][row]), keep), indices[vector]));
            let (first, second) = (L::load_i32(&best.first[row]), L::load_i32(&best.second[row]));
            let (ab, cd) = (L::max_i32(a, b), L::max_i32(c, d));
            let most = L::max_i32(ab, cd);
            let next = L::max_i32(L::max_i32(L::min_i32(a, b), L::min_i32(c, d)), L::min_i32(ab, cd));
            L::store_i32(L::max_i32(first, most), &mut best.first[row]);
            L::store_i32(L::max_i32(next, L::max_i32(second, L::min_i32(first, most))), &mut best.second[row]);
        }
    }
}

/// The scores of a duo with a panel.
///
/// Nearly all time goes into this loop, and its form is for the compilers (docs/kernels.md): one function, called and not inlined, so that V8
/// neither unrolls it nor spills; no loop within the loop, so that LLVM adds nothing up beforehand; and in V8's fifteen registers the eight
/// sums, the duo's four pairs, two vectors of codewords and a product.
#[inline(never)]
pub fn tile<L: Lanes>(duo: &[i16], panel: &[i16], first: &[i32; PANEL], second: &[i32; PANEL], scores: &mut Scores) {
    let (first, second) = (first.as_chunks::<LANES>().0, second.as_chunks::<LANES>().0);
    let mut a = [L::load_i32(&first[0]), L::load_i32(&second[0])];
    let mut b = [L::load_i32(&first[1]), L::load_i32(&second[1])];
    let mut c = [L::load_i32(&first[2]), L::load_i32(&second[2])];
    let mut d = [L::load_i32(&first[3]), L::load_i32(&second[3])];
    let mut rows = duo.as_chunks::<{ 4 * DUO }>().0;
    for codewords in panel.as_chunks::<{ 4 * PANEL }>().0 {
        let Some((now, rest)) = rows.split_first() else { break };
        rows = rest;
        let rows = now;
        let (rows, codewords) = (rows.as_chunks::<2>().0, codewords.as_chunks::<8>().0);
        let first = [L::splat_pair(&rows[0]), L::splat_pair(&rows[2])];
        let second = [L::splat_pair(&rows[1]), L::splat_pair(&rows[3])];
        a = step::<L>(a, &codewords[0], &codewords[1], first, second);
        b = step::<L>(b, &codewords[2], &codewords[3], first, second);
        c = step::<L>(c, &codewords[4], &codewords[5], first, second);
        d = step::<L>(d, &codewords[6], &codewords[7], first, second);
    }
    L::store_i32(a[0], &mut scores.0[0][0]);
    L::store_i32(a[1], &mut scores.0[0][1]);
    L::store_i32(b[0], &mut scores.0[1][0]);
    L::store_i32(b[1], &mut scores.0[1][1]);
    L::store_i32(c[0], &mut scores.0[2][0]);
    L::store_i32(c[1], &mut scores.0[2][1]);
    L::store_i32(d[0], &mut scores.0[3][0]);
    L::store_i32(d[1], &mut scores.0[3][1]);
}

/// Four values of four codewords, with the first row and then, as `second` is what that has more, with the second.
#[inline(always)]
fn step<L: Lanes>(sums: [L::I32; DUO], x: &[i16; 8], y: &[i16; 8], first: [L::I16; 2], second: [L::I16; 2]) -> [L::I32; DUO] {
    let (x, y) = (L::add_i16(L::load_i16(x), first[0]), L::add_i16(L::load_i16(y), first[1]));
    let sum = L::add_i32(sums[0], L::dot(x, y));
    let (x, y) = (L::add_i16(x, second[0]), L::add_i16(y, second[1]));
    [sum, L::add_i32(sums[1], L::dot(x, y))]
}

/// What the rows' own values add to each of their scores.
#[inline(always)]
pub fn own_products<L: Lanes>(duo: &[i16], width: usize) -> [L::I32; DUO] {
    duo[..width * DUO].as_chunks::<{ 4 * DUO }>().0.iter().fold([L::splat_i32(0); DUO], |sums, rows| {
        let rows = rows.as_chunks::<2>().0;
        let (x, y) = (L::splat_pair(&rows[0]), L::splat_pair(&rows[2]));
        let first = L::add_i32(sums[0], L::dot(x, y));
        let (x, y) = (L::add_i16(x, L::splat_pair(&rows[1])), L::add_i16(y, L::splat_pair(&rows[3])));
        [first, L::add_i32(sums[1], L::dot(x, y))]
    })
}

/// The best of a row's scores, and in which lanes the best and the second best lie within a margin of it.
pub struct Near {
    pub best: i32,
    pub threshold: i32,
    /// Bit i for lane i.
    pub first: u32,
    pub second: u32,
}

#[inline(always)]
pub fn near<L: Lanes>(first: &[i32; LANES], second: &[i32; LANES], margin: i32) -> Near {
    let (first, second) = (L::load_i32(first), L::load_i32(second));
    let best = L::largest_i32(first);
    let threshold = best.saturating_sub(margin);
    let limit = L::splat_i32(threshold);
    Near { best, threshold, first: L::mask_at_least_i32(first, limit), second: L::mask_at_least_i32(second, limit) }
}

/// What scores of a row with this weight start from: `offsets[k] - weight * half_norms[k]`.
#[inline(always)]
pub fn starts<L: Lanes>(offsets: &[i32], half_norms: &[i32], weight: i32, starts: &mut [i32]) {
    let weight = L::splat_i32(weight);
    let codewords = offsets.as_chunks::<LANES>().0.iter().zip(half_norms.as_chunks::<LANES>().0);
    for (start, (offset, half_norm)) in starts.as_chunks_mut::<LANES>().0.iter_mut().zip(codewords) {
        L::store_i32(L::sub_i32(L::load_i32(offset), L::mul_i32(L::load_i32(half_norm), weight)), start);
    }
}

/// Calls `found` with each codeword whose score with row `row` of the duo is at least `threshold`, in ascending order.
pub fn at_least<L: Lanes>(
    duo: &[i16],
    row: usize,
    panels: Panels,
    starts: Starts,
    threshold: i32,
    scores: &mut Scores,
    mut found: impl FnMut(usize),
) {
    for (index, (panel, [first, second])) in panels.each(starts).enumerate() {
        tile::<L>(duo, panel, first, second, scores);
        for (vector, scores) in scores.0.iter().enumerate() {
            for (lane, &score) in scores[row].iter().enumerate() {
                if score >= threshold {
                    found(index * PANEL + vector * LANES + lane);
                }
            }
        }
    }
}
