//! Rows and codewords as int16, in the order in which the screen reads them.
//!
//! A vector of the screen is `pairs` pairs of int16: the values of a row or codeword two by two, then one pair for the
//! codeword's norm: (weight, 0) in a row, (-half norm, 0) in a codeword.
//!
//! - a *panel* holds eight codewords: `panel[pair][codeword][2]`
//! - a *quad* holds four rows: `quad[pair][row][2]`

use super::Lanes;

/// Codewords of a panel.
pub const PANEL: usize = 16;
/// Rows of a quad.
pub const QUAD: usize = 4;

/// Pairs of a vector of the screen: of the values, and one for the norm.
pub const fn pairs(dim: usize) -> usize {
    dim.div_ceil(4) * 2 + 1
}

/// int16 numbers of a quad's buffer: rows are written eight values at a time, so it may be longer than `pairs` say.
pub const fn quad_len(dim: usize) -> usize {
    (dim.div_ceil(8) * 4 + 1) * 2 * QUAD
}

/// Writes value `at` of codeword `index` into the panels.
pub fn put(panels: &mut [i16], pairs: usize, index: usize, at: usize, value: i16) {
    let (panel, codeword) = (index / PANEL, index % PANEL);
    let pair = at / 2;
    let start = (panel * pairs + pair) * PANEL * 2;
    if pair == pairs - 1 {
        panels[start + codeword * 2 + at % 2] = value;
    } else {
        let start = (panel * pairs + pair / 2 * 2) * PANEL * 2;
        panels[start + codeword / 4 * 16 + (1 - pair % 2) * 8 + codeword % 4 * 2 + at % 2] = value;
    }
}

/// Writes four padded rows, `(row - center) * scale` rounded to int16, and their weights as a quad.
#[inline(always)]
pub fn quad<L: Lanes>(rows: [&[f32]; QUAD], center: &[f32], scales: [f32; QUAD], weights: [i16; QUAD], dim: usize, quad: &mut [i16]) -> i32 {
    let scales = scales.map(L::splat_f32);
    let rows = rows.map(|row| row.as_chunks::<8>().0);
    let centers = center.as_chunks::<8>().0;
    let count = centers.len();
    let (mut least, mut most) = (L::splat_pair(&[0; 2]), L::splat_pair(&[0; 2]));
    let [a, b, c, d] = rows.map(|row| &row[..count]);
    for (i, out) in quad.as_chunks_mut::<32>().0.iter_mut().take(count).enumerate() {
        let (low, high) = halves::<L>(&centers[i]);
        let packed = |row: &[f32; 8], scale: L::F32| {
            let (x, y) = halves::<L>(row);
            L::round_to_i16(L::mul_f32(L::sub_f32(x, low), scale), L::mul_f32(L::sub_f32(y, high), scale))
        };
        let [a, b, c, d] = [packed(&a[i], scales[0]), packed(&b[i], scales[1]), packed(&c[i], scales[2]), packed(&d[i], scales[3])];
        least = L::min_i16(least, L::min_i16(L::min_i16(a, b), L::min_i16(c, d)));
        most = L::max_i16(most, L::max_i16(L::max_i16(a, b), L::max_i16(c, d)));
        let packed = [a, L::sub_i16(b, a), c, L::sub_i16(d, c)];
        for (pair, out) in L::transpose_pairs(packed).into_iter().zip(out.as_chunks_mut::<8>().0) {
            L::store_i16(pair, out);
        }
    }
    let norm = (pairs(dim) - 1) * 2 * QUAD;
    for (row, weight) in weights.into_iter().enumerate() {
        quad[norm + 2 * row] = weight;
        quad[norm + 2 * row + 1] = 0;
    }
    let mut lanes = [[0; 8]; 2];
    L::store_i16(least, &mut lanes[0]);
    L::store_i16(most, &mut lanes[1]);
    lanes.as_flattened().iter().fold(0, |most, &value| most.max(i32::from(value).abs()))
}

/// The squared norm of what rounding changes of a row, in int16 steps.
pub fn rounding_square<L: Lanes>(row: &[f32], center: &[f32], scale: f32) -> f64 {
    let (scale, mut sum) = (L::splat_f32(scale), L::splat_f32(0.0));
    for (row, center) in row.as_chunks::<4>().0.iter().zip(center.as_chunks::<4>().0) {
        // the same product as the quad's, so that what rounding takes off is at most a half
        let value = L::mul_f32(L::sub_f32(L::load_f32(row), L::load_f32(center)), scale);
        let change = L::sub_f32(value, L::to_f32(L::round_to_i32(value)));
        sum = L::add_f32(sum, L::mul_f32(change, change));
    }
    // up to 1,024 additions a lane, each rounded by 2^-24 of the sum
    f64::from(L::sum_f32(sum)) * (1.0 + 1e-3)
}

/// The largest magnitude of `row - center`.
pub fn largest<L: Lanes>(row: &[f32], center: &[f32]) -> f32 {
    let mut most = L::splat_f32(0.0);
    for (row, center) in row.as_chunks::<4>().0.iter().zip(center.as_chunks::<4>().0) {
        most = L::max_magnitude(most, L::sub_f32(L::load_f32(row), L::load_f32(center)));
    }
    let mut lanes = [0.0; 4];
    L::store_f32(most, &mut lanes);
    lanes.into_iter().fold(0.0, f32::max)
}

#[inline(always)]
fn halves<L: Lanes>(of: &[f32; 8]) -> (L::F32, L::F32) {
    let halves = of.as_chunks::<4>().0;
    (L::load_f32(&halves[0]), L::load_f32(&halves[1]))
}
