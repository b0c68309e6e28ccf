//! Rows and codewords as int16, in the order in which the screen reads them.
//!
//! Values stand two by two, in *pairs*, and their number is filled up to four with zeros: their *width*.
//!
//! - a *panel* holds sixteen codewords: `panel[pair / 2][codeword / 4][1 - pair % 2][codeword % 4][2]`
//! - a *duo* holds two rows: `duo[pair][row][2]`, where in place of the second row stands what it has more than the first
//! - a *quad* holds two duos

use super::Lanes;

/// Codewords of a panel.
pub const PANEL: usize = 16;
/// Rows of a duo.
pub const DUO: usize = 2;
/// Rows of a quad.
pub const QUAD: usize = 2 * DUO;

/// The largest magnitude of a value of a row or codeword: the sum of two is an int16.
pub const LARGEST: i16 = 16_383;

/// Values of a codeword.
pub const fn width(dim: usize) -> usize {
    dim.next_multiple_of(4)
}

/// int16 numbers of a duo's buffer: rows are written eight values at a time, so it may hold more than their width.
pub const fn duo_len(dim: usize) -> usize {
    dim.next_multiple_of(8) * DUO
}

/// int16 numbers of a quad's buffer.
pub const fn quad_len(dim: usize) -> usize {
    2 * duo_len(dim)
}

/// Writes value `at` of codeword `index` into the panels.
pub fn put(panels: &mut [i16], width: usize, index: usize, at: usize, value: i16) {
    let (panel, codeword, pair) = (index / PANEL, index % PANEL, at / 2);
    let place = ((pair / 2 * 4 + codeword / 4) * 2 + 1 - pair % 2) * 4 + codeword % 4;
    panels[panel * width * PANEL + place * 2 + at % 2] = value;
}

/// Writes two padded rows, `(row - center) * scale` rounded to int16, as a duo. Returns the largest magnitude of a
/// rounded value: where it passes [`LARGEST`], the duo is of no use.
#[inline(always)]
pub fn duo<L: Lanes>(rows: [&[f32]; DUO], center: &[f32], scales: [f32; DUO], duo: &mut [i16]) -> i32 {
    let scales = scales.map(L::splat_f32);
    let centers = center.as_chunks::<8>().0;
    let [a, b] = rows.map(|row| &row.as_chunks::<8>().0[..centers.len()]);
    let mut range = Range::<L>::new();
    for (((center, a), b), out) in centers.iter().zip(a).zip(b).zip(duo.as_chunks_mut::<16>().0) {
        let (low, high) = halves::<L>(center);
        let packed = |row: &[f32; 8], scale: L::F32| {
            let (x, y) = halves::<L>(row);
            L::round_to_i16(L::mul_f32(L::sub_f32(x, low), scale), L::mul_f32(L::sub_f32(y, high), scale))
        };
        put_pairs::<L>(out, packed(a, scales[0]), packed(b, scales[1]), &mut range);
    }
    range.largest()
}

/// What is left of two padded rows when a codeword is taken off each, `row -= codeword`, each difference rounded to f32, and that as a duo at one
/// scale, as [`duo`] writes it. Returns the largest magnitude of a rounded value, and `|row - center|^2` of what is left, in f32, in some order.
#[inline(always)]
pub fn next_duo<L: Lanes>(rows: [&mut [f32]; DUO], codewords: [&[f32]; DUO], center: &[f32], scale: f32, duo: &mut [i16]) -> (i32, [f32; DUO]) {
    let scale = L::splat_f32(scale);
    let centers = center.as_chunks::<8>().0;
    let [a, b] = rows.map(|row| &mut row.as_chunks_mut::<8>().0[..centers.len()]);
    let [c, d] = codewords.map(|codeword| &codeword.as_chunks::<8>().0[..centers.len()]);
    let mut range = Range::<L>::new();
    let mut squares = [L::splat_f32(0.0); DUO];
    for (((((center, a), b), c), d), out) in centers.iter().zip(a).zip(b).zip(c).zip(d).zip(duo.as_chunks_mut::<16>().0) {
        let center = center.as_chunks::<4>().0;
        let next = |row: &mut [f32; 8], codeword: &[f32; 8], square: &mut L::F32| {
            let (row, codeword) = (row.as_chunks_mut::<4>().0, codeword.as_chunks::<4>().0);
            let mut half = |half: usize| {
                let left = L::sub_f32(L::load_f32(&row[half]), L::load_f32(&codeword[half]));
                L::store_f32(left, &mut row[half]);
                let centered = L::sub_f32(left, L::load_f32(&center[half]));
                *square = L::add_f32(*square, L::mul_f32(centered, centered));
                L::mul_f32(centered, scale)
            };
            let low = half(0);
            L::round_to_i16(low, half(1))
        };
        let first = next(a, c, &mut squares[0]);
        let second = next(b, d, &mut squares[1]);
        put_pairs::<L>(out, first, second, &mut range);
    }
    (range.largest(), squares.map(L::sum_f32))
}

/// Eight values of each row of a duo.
#[inline(always)]
fn put_pairs<L: Lanes>(out: &mut [i16; 16], a: L::I16, b: L::I16, range: &mut Range<L>) {
    range.least = L::min_i16(range.least, L::min_i16(a, b));
    range.most = L::max_i16(range.most, L::max_i16(a, b));
    for (pairs, out) in L::interleave_pairs(a, L::sub_i16(b, a)).into_iter().zip(out.as_chunks_mut::<8>().0) {
        L::store_i16(pairs, out);
    }
}

/// The least and the largest value in each lane, and zero.
struct Range<L: Lanes> {
    least: L::I16,
    most: L::I16,
}

impl<L: Lanes> Range<L> {
    #[inline(always)]
    fn new() -> Range<L> {
        Range { least: L::splat_i16(0), most: L::splat_i16(0) }
    }

    #[inline(always)]
    fn largest(&self) -> i32 {
        let mut ends = [[0; 8]; 2];
        L::store_i16(self.least, &mut ends[0]);
        L::store_i16(self.most, &mut ends[1]);
        ends.as_flattened().iter().fold(0, |most, &value| most.max(i32::from(value).abs()))
    }
}

/// Writes four padded rows as a quad. No rounded value may pass [`LARGEST`], but of a row so
/// long that its scale is zero, whose products are of no use.
#[inline(always)]
pub fn quad<L: Lanes>(rows: [&[f32]; QUAD], center: &[f32], scales: [f32; QUAD], dim: usize, quad: &mut [i16]) {
    let (rows, scales) = (rows.as_chunks::<DUO>().0, scales.as_chunks::<DUO>().0);
    for ((rows, scales), out) in rows.iter().zip(scales).zip(quad.chunks_exact_mut(duo_len(dim))) {
        let most = duo::<L>(*rows, center, *scales, out);
        debug_assert!(most <= i32::from(LARGEST) || scales.contains(&0.0));
    }
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
