//! What is left of a row, and what is put together again: elementwise f32.

use super::Lanes;

/// `residual -= codeword`, each difference rounded to f32. Both are padded rows.
#[inline(always)]
pub fn subtract<L: Lanes>(residual: &mut [f32], codeword: &[f32]) {
    debug_assert_eq!(residual.len(), codeword.len());
    for (r, c) in residual.as_chunks_mut::<4>().0.iter_mut().zip(codeword.as_chunks::<4>().0) {
        L::store_f32(L::sub_f32(L::load_f32(r), L::load_f32(c)), r);
    }
}

/// `to = residual - codeword`, each difference rounded to f32. All are padded rows.
#[inline(always)]
pub fn difference<L: Lanes>(to: &mut [f32], residual: &[f32], codeword: &[f32]) {
    debug_assert!(to.len() == residual.len() && residual.len() == codeword.len());
    let rows = to.as_chunks_mut::<4>().0.iter_mut().zip(residual.as_chunks::<4>().0).zip(codeword.as_chunks::<4>().0);
    for ((to, r), c) in rows {
        L::store_f32(L::sub_f32(L::load_f32(r), L::load_f32(c)), to);
    }
}

/// Stages whose codewords are added up at once.
pub const AT_ONCE: usize = 8;

/// Each row's sum of the codewords of the first N tables, in their order, each sum rounded to f32; where there is MORE, added to what the row holds. `tables` are padded
/// codewords, `codes[row]` which of them, rows are padded.
///
/// One vector after the other, so that V8 keeps few registers, and all rows in one call: what comes before the loop is spread over them.
#[inline(never)]
pub fn sums<L: Lanes, const N: usize, const MORE: bool>(rows: &mut [f32], stride: usize, tables: &[&[f32]; AT_ONCE], codes: &[[u16; AT_ONCE]]) {
    for (row, codes) in rows.chunks_exact_mut(stride).zip(codes) {
        let mut codewords: [&[f32]; N] = [&[]; N];
        for k in 0..N {
            let start = usize::from(codes[k]) * stride;
            let Some(codeword) = tables[k].get(start..start + stride) else { return }; // less code than a panic
            codewords[k] = codeword;
        }
        let ((row, last), parts) = (row.as_chunks_mut::<32>(), codewords.map(|codeword| codeword.as_chunks::<32>()));
        for (i, to) in row.iter_mut().enumerate() {
            sum_vectors::<L, N, 8, MORE>(to.as_chunks_mut().0, parts.map(|(wide, _)| wide[i].as_chunks().0));
        }
        for (i, to) in last.as_chunks_mut::<8>().0.iter_mut().enumerate() {
            sum_vectors::<L, N, 2, MORE>(to.as_chunks_mut().0, parts.map(|(_, last)| last.as_chunks::<8>().0[i].as_chunks().0));
        }
    }
}

#[inline(always)]
fn sum_vectors<L: Lanes, const N: usize, const V: usize, const MORE: bool>(to: &mut [[f32; 4]], codewords: [&[[f32; 4]]; N]) {
    for v in 0..V {
        let first = L::load_f32(if MORE { &to[v] } else { &codewords[0][v] });
        let others = codewords.iter().skip(usize::from(!MORE));
        L::store_f32(others.fold(first, |sum, codeword| L::add_f32(sum, L::load_f32(&codeword[v]))), &mut to[v]);
    }
}

/// `to = row - codewords[0] - codewords[1] - ...`, each difference rounded to f32. All are padded rows.
#[inline(always)]
pub fn rest<L: Lanes>(to: &mut [f32], row: &[f32], codewords: &[&[f32]]) {
    let ((to, last), (row, last_of_row)) = (to.as_chunks_mut::<16>(), row.as_chunks::<16>());
    for (i, (to, row)) in to.iter_mut().zip(row).enumerate() {
        rest_at::<L, 4>(to.as_chunks_mut().0, row.as_chunks().0, codewords, 16 * i);
    }
    if !last.is_empty() {
        rest_at::<L, 2>(last.as_chunks_mut().0, last_of_row.as_chunks().0, codewords, 16 * row.len());
    }
}

/// The same for N vectors from `at` on, which stay in registers over all codewords.
#[inline(always)]
fn rest_at<L: Lanes, const N: usize>(to: &mut [[f32; 4]], row: &[[f32; 4]], codewords: &[&[f32]], at: usize) {
    let mut rest: [L::F32; N] = core::array::from_fn(|i| L::load_f32(&row[i]));
    for codeword in codewords {
        let values = codeword[at..at + 4 * N].as_chunks::<4>().0;
        for i in 0..N {
            rest[i] = L::sub_f32(rest[i], L::load_f32(&values[i]));
        }
    }
    for i in 0..N {
        L::store_f32(rest[i], &mut to[i]);
    }
}
