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

/// `sum += codeword`, each sum rounded to f32. Any length.
#[inline(always)]
pub fn add<L: Lanes>(sum: &mut [f32], codeword: &[f32]) {
    debug_assert_eq!(sum.len(), codeword.len());
    let (sums, tail) = sum.as_chunks_mut::<4>();
    let (codewords, codeword_tail) = codeword.as_chunks::<4>();
    for (s, c) in sums.iter_mut().zip(codewords) {
        L::store_f32(L::add_f32(L::load_f32(s), L::load_f32(c)), s);
    }
    for (s, c) in tail.iter_mut().zip(codeword_tail) {
        *s += c;
    }
}
