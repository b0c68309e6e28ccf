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
pub fn screen<L: Lanes>(quad: &[i16], half: usize, panels: &[i16], offsets: &[i32], pairs: usize, first_panel: usize, index_bits: u32, scores: &mut Scores, best: &mut Best) {
    let (rows, weights) = rows_of(quad, half, pairs);
    let keep = L::splat_i32(!((1 << index_bits) - 1));
    let one = L::splat_i32(1);
    let mut index = L::splat_i32((first_panel * (PANEL / LANES)) as i32);
    for (panel, offsets) in panels.chunks_exact(pairs * 2 * PANEL).zip(offsets.as_chunks::<PANEL>().0) {
        tile::<L>(rows, weights, panel, offsets, scores);
        let mut numbers = [index; 4];
        for column in 1..4 {
            numbers[column] = L::add_i32(numbers[column - 1], one);
        }
        index = L::add_i32(numbers[3], one);
        for row in 0..2 {
            let [a, b, c, d] = core::array::from_fn(|column| L::or(L::and(L::load_i32(&scores[column][row]), keep), numbers[column]));
            let (first, second) = (L::load_i32(&best.first[2 * half + row]), L::load_i32(&best.second[2 * half + row]));
            let (ab, cd) = (L::max_i32(a, b), L::max_i32(c, d));
            let most = L::max_i32(ab, cd);
            let next = L::max_i32(L::max_i32(L::min_i32(a, b), L::min_i32(c, d)), L::min_i32(ab, cd));
            let next = L::max_i32(next, L::max_i32(second, L::min_i32(first, most)));
            L::store_i32(L::max_i32(first, most), &mut best.first[2 * half + row]);
            L::store_i32(next, &mut best.second[2 * half + row]);
        }
    }
}

pub type Scores = [[[i32; LANES]; 2]; PANEL / LANES];
pub const NO_SCORES: Scores = [[[0; LANES]; 2]; PANEL / LANES];

/// Half a quad: two of its rows, from whose pairs the other two's follow at the same distance.
#[inline(always)]
pub fn rows_of(quad: &[i16], half: usize, pairs: usize) -> (&[[i16; 4 * QUAD]], &[[i16; 2]; 2]) {
    let end = (pairs - 1) * 2 * QUAD;
    (quad[half * 4..][..end].as_chunks::<{ 4 * QUAD }>().0, &quad[end + half * 4..].as_chunks::<2>().0.as_chunks::<2>().0[0])
}

#[inline(never)]
pub fn tile<L: Lanes>(rows: &[[i16; 4 * QUAD]], weights: &[[i16; 2]; 2], panel: &[i16], offsets: &[i32; PANEL], scores: &mut Scores) {
    let (panel, norms) = panel.as_chunks::<{ 4 * PANEL }>();
    let (norms, offsets) = (norms.as_chunks::<8>().0, offsets.as_chunks::<4>().0);
    let weights = [L::splat_pair(&weights[0]), L::splat_pair(&weights[1])];
    let start = |offset: &[i32; 4], norms: &[i16; 8]| {
        let (norms, offset) = (L::load_i16(norms), L::load_i32(offset));
        [L::add_i32(offset, L::dot(weights[0], norms)), L::add_i32(offset, L::dot(weights[1], norms))]
    };
    let mut a = start(&offsets[0], &norms[0]);
    let mut b = start(&offsets[1], &norms[1]);
    let mut c = start(&offsets[2], &norms[2]);
    let mut d = start(&offsets[3], &norms[3]);
    let mut panel = panel.iter();
    for rows in rows {
        let Some(codewords) = panel.next() else { break };
        let codewords = codewords.as_chunks::<8>().0;
        let pairs = rows.as_chunks::<2>().0;
        let x = [L::splat_pair(&pairs[0]), L::splat_pair(&pairs[QUAD])];
        let change = [L::splat_pair(&pairs[1]), L::splat_pair(&pairs[QUAD + 1])];
        a = step::<L>(a, L::load_i16(&codewords[0]), L::load_i16(&codewords[1]), x, change);
        b = step::<L>(b, L::load_i16(&codewords[2]), L::load_i16(&codewords[3]), x, change);
        c = step::<L>(c, L::load_i16(&codewords[4]), L::load_i16(&codewords[5]), x, change);
        d = step::<L>(d, L::load_i16(&codewords[6]), L::load_i16(&codewords[7]), x, change);
    }
    L::store_i32(a[0], &mut scores[0][0]);
    L::store_i32(a[1], &mut scores[0][1]);
    L::store_i32(b[0], &mut scores[1][0]);
    L::store_i32(b[1], &mut scores[1][1]);
    L::store_i32(c[0], &mut scores[2][0]);
    L::store_i32(c[1], &mut scores[2][1]);
    L::store_i32(d[0], &mut scores[3][0]);
    L::store_i32(d[1], &mut scores[3][1]);
}

#[inline(always)]
fn step<L: Lanes>([first, second]: [L::I32; 2], a: L::I16, b: L::I16, x: [L::I16; 2], change: [L::I16; 2]) -> [L::I32; 2] {
    let (a, b) = (L::add_i16(a, x[0]), L::add_i16(b, x[1]));
    let first = L::add_i32(first, L::dot(a, b));
    let (a, b) = (L::add_i16(a, change[0]), L::add_i16(b, change[1]));
    [first, L::add_i32(second, L::dot(a, b))]
}

/// Calls `found` with each codeword whose score with row `row` of the quad is at least `threshold`, in ascending order.
pub fn at_least<L: Lanes>(quad: &[i16], row: usize, panels: &[i16], offsets: &[i32], pairs: usize, threshold: i32, mut found: impl FnMut(usize)) {
    let (rows, weights) = rows_of(quad, row / 2, pairs);
    let mut scores = NO_SCORES;
    for (index, (panel, offsets)) in panels.chunks_exact(pairs * 2 * PANEL).zip(offsets.as_chunks::<PANEL>().0).enumerate() {
        tile::<L>(rows, weights, panel, offsets, &mut scores);
        for (column, scores) in scores.iter().enumerate() {
            for (lane, &score) in scores[row % 2].iter().enumerate() {
                if score >= threshold {
                    found(index * PANEL + column * LANES + lane);
                }
            }
        }
    }
}

/// What a row's own values add to each of its scores.
#[inline(always)]
pub fn own_products<L: Lanes>(rows: &[[i16; 4 * QUAD]]) -> [L::I32; 2] {
    rows.iter().fold([L::splat_i32(0); 2], |sums, rows| {
        let pairs = rows.as_chunks::<2>().0;
        let (x, y) = (L::splat_pair(&pairs[0]), L::splat_pair(&pairs[QUAD]));
        let first = L::add_i32(sums[0], L::dot(x, y));
        let (x, y) = (L::add_i16(x, L::splat_pair(&pairs[1])), L::add_i16(y, L::splat_pair(&pairs[QUAD + 1])));
        [first, L::add_i32(sums[1], L::dot(x, y))]
    })
}
