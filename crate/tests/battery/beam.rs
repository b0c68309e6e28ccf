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
