//! Beam search gives the codes of the definition by either method.

use crate::support::{self, cases, Case};
use rvq_core::quantizer::beam::{self, Tables};
use rvq_core::quantizer::{encode, Codebook};

fn check(case: &Case, beams: &[usize]) {
    let codebook = Codebook::new(&case.values, case.dim, &case.codewords).expect("memory");
    let tables = Tables::new(&codebook).expect("memory");
    for &width in beams {
        let expected = support::beam_encode(case, width);
        for tables in [Some(&tables), None] {
            let mut codes = vec![0u16; expected.len()];
            beam::encode(&codebook, tables, &case.rows, width, &mut codes).expect("finite");
            assert_eq!(codes, expected, "{}, beam {width}, tables {}", case.name, tables.is_some());
        }
    }
}

#[test]
fn codes_are_those_of_the_definition_for_every_small_dim() {
    for dim in (1..=18).chain([31, 64, 65, 128, 129]) {
        for case in cases(dim, &[17, 8, 9, 12], 9, dim as u64) {
            check(&case, &[1, 2, 5, 16]);
        }
    }
}

#[test]
fn codes_are_those_of_the_definition_for_any_number_of_codewords() {
    for count in [1, 2, 7, 8, 9, 16, 33, 64, 100, 257] {
        for case in cases(7, &[count, 1, count, 5], 6, u64::from(count)) {
            check(&case, &[1, 3, 7, 64]);
        }
    }
}

#[test]
fn codes_are_those_of_the_definition_for_any_number_of_rows() {
    for rows in [1, 2, 3, 4, 5, 63, 64, 65, 130] {
        for case in cases(5, &[16, 16, 3], rows, rows as u64) {
            check(&case, &[4, 9]);
        }
    }
}

#[test]
fn codes_are_those_of_the_definition_for_the_longest_rows_and_the_widest_beam() {
    for case in cases(4096, &[70, 6], 5, 1) {
        check(&case, &[64]);
    }
}

#[test]
fn a_beam_of_one_is_greedy() {
    for case in cases(12, &[40, 30], 20, 2) {
        let codebook = Codebook::new(&case.values, case.dim, &case.codewords).expect("memory");
        let (mut greedy, mut beam) = (vec![0u16; 40], vec![0u16; 40]);
        encode::encode(&codebook, &case.rows, &mut greedy).expect("finite");
        beam::encode(&codebook, None, &case.rows, 1, &mut beam).expect("finite");
        assert_eq!(greedy, beam, "{}", case.name);
    }
}

#[test]
fn products_of_codewords_that_overflow_are_not_taken_for_none() {
    let case = Case {
        name: "inf - inf".into(),
        dim: 2,
        codewords: vec![2, 2],
        values: vec![1e21, 1e21, -1e21, -1e21, 0.6e18, -0.4e18, 1.2e18, -2.6e18],
        rows: vec![0.0, 0.0],
    };
    check(&case, &[1, 2]);
}

#[test]
fn codes_are_those_of_the_definition_with_many_stages() {
    let mut rng = support::Rng::new(11);
    let (dim, stages) = (6, 40);
    // every stage halves what is left, so that table sums are long and the last stages decide by little
    let values = (0..stages).flat_map(|m| rng.values(7 * dim, 0.75f32.powi(m))).collect();
    let case = Case { name: "40 stages".into(), dim, codewords: vec![7; stages as usize], values, rows: rng.values(60 * dim, 2.0) };
    check(&case, &[1, 2, 5]);
}
