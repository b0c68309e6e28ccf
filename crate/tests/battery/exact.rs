//! Codes are those of the definition, whatever rows and codewords look like.

use crate::support::{cases, Case};
use rvq_core::quantizer::{decode, encode, measure, Codebook};

fn check(case: &Case) {
    let codebook = Codebook::new(&case.values, case.dim, &case.codewords).expect("memory");
    let rows = case.rows.len() / case.dim;
    let mut codes = vec![0u16; rows * case.codewords.len()];
    encode::encode(&codebook, &case.rows, &mut codes).expect("finite");
    assert_eq!(codes, crate::support::encode(case), "{}", case.name);
}

#[test]
fn codes_are_those_of_the_definition_for_every_small_dim() {
    for dim in (1..=34).chain([63, 64, 65, 127, 128, 129]) {
        for case in cases(dim, &[17, 8, 9], 9, dim as u64) {
            check(&case);
        }
    }
}

#[test]
fn codes_are_those_of_the_definition_for_any_number_of_codewords() {
    for count in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 31, 33, 63, 64, 65, 127, 255, 256, 257, 1000] {
        for case in cases(12, &[count, 1, count], 6, u64::from(count)) {
            check(&case);
        }
    }
}

#[test]
fn codes_are_those_of_the_definition_for_any_number_of_rows() {
    for rows in [1, 2, 3, 4, 5, 63, 64, 65, 127, 128, 130] {
        for case in cases(5, &[16, 16], rows, rows as u64) {
            check(&case);
        }
    }
}

#[test]
fn codes_are_those_of_the_definition_for_rows_of_all_lengths_side_by_side() {
    // most of a tile share a scale: here what is far longer or shorter comes before, between and after those
    for (dim, rows) in [(1, 70), (7, 131), (32, 300), (128, 259)] {
        for mut case in cases(dim, &[20, 33, 16, 5], rows, 90 + dim as u64) {
            if case.rows.iter().any(|value| value.abs() > 1e30) {
                continue; // times 2^9 they would overflow: huge rows beside near ones have a test of their own, below
            }
            for (i, row) in case.rows.chunks_exact_mut(dim).enumerate() {
                let factor = if i % 7 == 3 { 2f32.powi(i as i32 % 19 - 9) } else { 1.0 };
                row.iter_mut().for_each(|value| *value *= factor);
            }
            check(&case);
        }
    }
}

#[test]
fn codes_are_those_of_the_definition_for_the_longest_rows() {
    for case in cases(4096, &[12], 5, 1) {
        check(&case);
    }
}

#[test]
fn codes_are_those_of_the_definition_for_the_largest_codebook() {
    let mut rng = crate::support::Rng::new(3);
    let case =
        Case { name: "65,536 codewords".into(), dim: 3, codewords: vec![65536], values: rng.values(65536 * 3, 1.0), rows: rng.values(40 * 3, 1.0) };
    check(&case);
}

#[test]
fn refuses_values_that_are_not_finite_with_their_index_and_writes_nothing() {
    let case = &cases(7, &[9, 5], 70, 1)[0];
    let codebook = Codebook::new(&case.values, case.dim, &case.codewords).expect("memory");
    for (at, value) in [(0, f32::NAN), (63, f32::INFINITY), (64, f32::NEG_INFINITY), (200, f32::NAN), (489, f32::NAN)] {
        let mut rows = case.rows.clone();
        rows[at] = value;
        let mut codes = vec![255u8; 140];
        assert!(matches!(encode::encode(&codebook, &rows, &mut codes), Err(index) if index == at));
        assert!(codes.iter().all(|&code| code == 255));
    }
}

#[test]
fn decode_adds_up_any_number_of_stages_of_any_dim_bit_by_bit() {
    let mut rng = crate::support::Rng::new(8);
    for dim in [1, 3, 7, 8, 9, 31, 32, 33, 40, 64, 127, 128, 130] {
        let mut values = rng.values(17 * 5 * dim, 1.0);
        values.iter_mut().step_by(3).for_each(|value| *value = -0.0);
        let codebook = Codebook::new(&values, dim, &[5; 17]).expect("memory");
        let codes: Vec<u8> = rng.values(67 * 17, 1.0).iter().map(|value| (value.to_bits() % 5) as u8).collect();
        for prefix in 1..=17 {
            let mut rows = vec![f32::NAN; 67 * dim];
            decode::decode(&codebook, &codes, prefix, &mut rows);
            for (row, codes) in rows.chunks_exact(dim).zip(codes.chunks_exact(17)) {
                let value = |m: usize, j: usize| values[(m * 5 + usize::from(codes[m])) * dim + j];
                let sum = |j: usize| (1..prefix).fold(value(0, j), |sum, m| sum + value(m, j));
                assert!(row.iter().enumerate().all(|(j, value)| value.to_bits() == sum(j).to_bits()), "dim {dim}, {prefix} stages");
            }
        }
    }
}

#[test]
fn decode_adds_up_the_codewords_and_measure_finds_what_is_left() {
    for case in cases(11, &[9, 300, 5], 70, 4) {
        let codebook = Codebook::new(&case.values, case.dim, &case.codewords).expect("memory");
        let codes = crate::support::encode(&case);
        for prefix in 1..=3 {
            let mut rows = vec![0.0; case.rows.len()];
            decode::decode(&codebook, &codes, prefix, &mut rows);
            for (row, codes) in rows.chunks_exact(11).zip(codes.chunks_exact(3)) {
                let offsets = [0, 9, 309];
                let codeword = |m: usize| &case.values[(offsets[m] + codes[m] as usize) * 11..][..11];
                let sum: Vec<f32> = (0..11).map(|j| (1..prefix).fold(codeword(0)[j], |sum, m| sum + codeword(m)[j])).collect();
                assert_eq!(row, sum, "{}", case.name);
            }
        }
        let mut sums = [0.0; 4];
        measure::measure(&codebook, &case.rows, &codes, &mut sums);
        let mut expected = [0.0; 4];
        for (row, codes) in case.rows.chunks_exact(11).zip(codes.chunks_exact(3)) {
            let mut residual = row.to_vec();
            expected[0] += crate::support::distance(&residual, &[0.0; 11]);
            for (m, offset) in [0, 9, 309].into_iter().enumerate() {
                let codeword = &case.values[(offset + codes[m] as usize) * 11..][..11];
                expected[m + 1] += crate::support::distance(&residual, codeword);
                residual.iter_mut().zip(codeword).for_each(|(r, c)| *r -= c);
            }
        }
        let same = |a: f64, b: f64| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
        assert!(sums.iter().zip(expected).all(|(&a, b)| same(a, b)), "{}: {sums:?} {expected:?}", case.name);
    }
}

#[test]
fn rows_whose_squares_overflow_do_not_share_the_scale_of_near_ones() {
    // the longest codeword holds the scale so low that far rows would pass for rows of its range, if their squares could be trusted
    for (value, near, dim) in [(1e35f32, 2.5e9f32, 16), (1e20, 1e10, 16), (1e19, 1e15, 64)] {
        for before in [16, 256] {
            let row = |value: f32, count: usize| std::iter::repeat_n(value, count * dim);
            let values = row(value, 1).chain(row(-value, 1)).chain(row(0.0, 2)).collect();
            let rows = row(near, before).chain(row(value, 40)).collect();
            check(&Case { name: format!("{value} after {before} of {near}, dim {dim}"), dim, codewords: vec![4], values, rows });
        }
    }
}
