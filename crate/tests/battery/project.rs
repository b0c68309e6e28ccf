//! Projections are those of the definition, bit by bit.

use crate::support::Rng;
use rvq_core::quantizer::project::project;

/// Products in f64, four partial sums by j mod 4, added as (s0 + s2) + (s1 + s3), then the bias.
fn slow(row: &[f32], weight: &[f32], bias: f32) -> f32 {
    let mut sums = [0.0f64; 4];
    for (j, (x, w)) in row.iter().zip(weight).enumerate() {
        sums[j % 4] += f64::from(*x) * f64::from(*w);
    }
    ((sums[0] + sums[2]) + (sums[1] + sums[3]) + f64::from(bias)) as f32
}

#[test]
fn projections_are_those_of_the_definition_for_any_shape_and_number_of_rows() {
    let mut rng = Rng::new(1);
    for from in (1..=13).chain([31, 32, 33, 64, 129]) {
        for (to, rows) in [(1, 1), (2, 3), (5, 4), (7, 5), (16, 9)] {
            for scale in [1.0, 1e-30, 1e25] {
                let values = rng.values(rows * from, scale);
                let weight = rng.values(to * from, 1.0);
                for bias in [Vec::new(), rng.values(to, scale)] {
                    let mut projected = vec![f32::NAN; rows * to];
                    project(&values, from, &weight, &bias, &mut projected).expect("memory");
                    for (row, projected) in values.chunks(from).zip(projected.chunks(to)) {
                        for (i, value) in projected.iter().enumerate() {
                            let expected = slow(row, &weight[i * from..][..from], bias.get(i).copied().unwrap_or(0.0));
                            assert_eq!(value.to_bits(), expected.to_bits(), "{from} to {to}, {rows} rows");
                        }
                    }
                }
            }
        }
    }
}
