//! The bound of the screen, held against exact arithmetic: the error that a score has, and the margin that allows for it.

use crate::support::cases;
use rvq_core::kernels::{distance::centered_square, pack, stride, Native};
use rvq_core::quantizer::stage::Stage;

/// The scores of one row with all codewords, from the packed numbers.
fn scores(stage: &Stage, row: &[f32], scale: f32, weight: i16) -> Vec<i64> {
    let mut quad = vec![0; pack::quad_len(stage.dim)];
    pack::quad::<Native>([row; 4], &stage.center, [scale; 4], [weight; 4], stage.dim, &mut quad);
    (0..stage.count)
        .map(|k| {
            let at = |pair: usize, e: usize| i64::from(stage.panels[((k / 8 * stage.pairs + pair) * 8 + k % 8) * 2 + e]);
            (0..stage.pairs).map(|pair| (0..2).map(|e| i64::from(quad[pair * 8 + e]) * at(pair, e)).sum::<i64>()).sum()
        })
        .collect()
}

#[test]
fn no_codeword_that_is_nearer_scores_lower_by_more_than_the_margin() {
    let mut tightest = 0.0f64;
    for dim in [1, 2, 3, 8, 31, 128, 700] {
        for case in cases(dim, &[40], 12, 7 + dim as u64) {
            let stage = Stage::new(&case.values, dim).expect("memory");
            for row in case.rows.chunks_exact(dim) {
                let mut padded = vec![0.0; stride(dim)];
                padded[..dim].copy_from_slice(row);
                let Some(scaling) = stage.scaling(centered_square::<Native>(&padded, &stage.center), &padded) else { continue };
                let scores = scores(&stage, &padded, scaling.scale, scaling.weight);
                assert!(scores.iter().all(|&s| i32::try_from(s).is_ok()), "{}: a score leaves int32", case.name);
                let distances: Vec<f64> = case.values.chunks_exact(dim).map(|codeword| crate::support::distance(row, codeword)).collect();
                for (k, &near) in distances.iter().enumerate() {
                    for (l, &far) in distances.iter().enumerate() {
                        if near <= far {
                            let short = (scores[l] - scores[k]) as f64;
                            assert!(short <= f64::from(scaling.margin), "{}: codewords {k} and {l}", case.name);
                            tightest = tightest.max(short / f64::from(scaling.margin));
                        }
                    }
                }
            }
        }
    }
    assert!(tightest > 0.1, "the bound is never approached ({tightest}): these cases test nothing");
}
