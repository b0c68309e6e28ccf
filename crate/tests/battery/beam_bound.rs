//! The bound of distances that beam search reads from tables, held against exact arithmetic.

use crate::support::{cases, Case, Rng};
use rvq_core::quantizer::beam::{by_tables, Tables};
use rvq_core::quantizer::Codebook;

/// How far the distance of any entry is from the exact one, at most, as a part of what the search allows for.
fn largest_error(case: &Case, tables: &Tables, codebook: &Codebook, beam: usize) -> f64 {
    let mut largest = 0.0f64;
    by_tables::each_stage(codebook, tables, &case.rows, beam, &mut |stage, paths| {
        for (row, values) in case.rows.chunks_exact(case.dim).enumerate() {
            let facts = paths.row(row);
            for entry in 0..facts.count {
                let mut rest: Vec<f64> = values.iter().map(|&x| f64::from(x)).collect();
                for (m, &k) in paths.path(row, entry)[..=stage].iter().enumerate() {
                    let codeword = &codebook.stages[m].codeword(usize::from(k))[..case.dim];
                    rest.iter_mut().zip(codeword).for_each(|(rest, &c)| *rest -= f64::from(c));
                }
                let exact: f64 = rest.iter().map(|x| x * x).sum();
                if exact < 1e37 {
                    // f64 loses some of it too, where large values leave little
                    let lost = 1e-14 * values.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
                    largest = largest.max(((paths.distance(row, entry) - exact).abs() - lost) / facts.error);
                }
            }
        }
    });
    largest
}

#[test]
fn no_distance_from_tables_is_wrong_by_more_than_the_bound() {
    for dim in [1, 2, 3, 8, 31, 128] {
        for case in cases(dim, &[17, 8, 30, 12, 9], 9, dim as u64) {
            let codebook = Codebook::new(&case.values, dim, &case.codewords).expect("memory");
            let tables = Tables::new(&codebook).expect("memory");
            for beam in [1, 5, 16] {
                let largest = largest_error(&case, &tables, &codebook, beam);
                assert!(largest <= 1.0, "{}, beam {beam}: {largest} of the bound", case.name);
            }
        }
    }
}

#[test]
fn the_bound_is_approached_and_would_not_hold_without_what_tables_round() {
    // in one dimension products of rows and codewords are nearly exact in int16, so that rounded tables are most of the error
    let mut rng = Rng::new(3);
    let (mut tightest, mut without) = (0.0f64, 0.0f64);
    for _ in 0..20 {
        let codewords = vec![60, 60, 60, 60, 60, 60];
        let values = (0..6).flat_map(|m| rng.values(60, 0.5f32.powi(m))).collect();
        let case = Case { name: "one dimension".into(), dim: 1, codewords, values, rows: rng.values(100, 1.5) };
        let codebook = Codebook::new(&case.values, 1, &case.codewords).expect("memory");
        let mut tables = Tables::new(&codebook).expect("memory");
        tightest = tightest.max(largest_error(&case, &tables, &codebook, 16));
        tables.forget_error();
        without = without.max(largest_error(&case, &tables, &codebook, 16));
    }
    assert!(tightest > 0.3 && tightest <= 1.0, "{tightest} of the bound at most");
    assert!(without > 1.0, "without the tables' error {without} of the bound at most: nothing here would notice");
}
