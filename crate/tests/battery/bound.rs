//! The bound of the screen, held against exact arithmetic: the error that a score has, and the margin that allows for it.

use crate::support::{self, cases, Rng};
use rvq_core::kernels::{distance::square_distance, pack, stride, Native};
use rvq_core::quantizer::stage::Stage;

/// The scores of one row with all codewords, from the packed numbers.
fn scores(stage: &Stage, row: &[f32], scale: f32, weight: i16) -> Vec<i64> {
    let mut quad = vec![0; pack::quad_len(stage.dim)];
    pack::quad::<Native>([row; 4], &stage.center, [scale; 4], [weight; 4], stage.dim, &mut quad);
    (0..stage.count)
        .map(|k| {
            let at = |pair: usize, e: usize| i64::from(stage.panels[((k / 8 * stage.pairs + pair) * 8 + k % 8) * 2 + e]);
            let score: i64 = (0..stage.pairs).map(|pair| (0..2).map(|e| i64::from(quad[pair * 8 + e]) * at(pair, e)).sum::<i64>()).sum();
            // as the screen leaves it: the low bits tell the vector of four codewords
            assert!(i32::try_from(score).is_ok(), "a score leaves int32");
            (score & !((1 << stage.index_bits) - 1)) | (k / 4) as i64
        })
        .collect()
}

/// How far a nearer codeword scores below one that is farther, at most, as a part of the row's margin. None where the row is not screened.
fn shortfall(stage: &Stage, row: &[f32]) -> Option<f64> {
    let mut padded = vec![0.0; stride(stage.dim)];
    padded[..stage.dim].copy_from_slice(row);
    let scaling = stage.scaling(square_distance::<Native>(&padded, &stage.center), &padded)?;
    let scores = scores(stage, &padded, scaling.scale, scaling.weight);
    let distances: Vec<f64> = (0..stage.count).map(|k| support::distance(row, &stage.codeword(k)[..stage.dim])).collect();
    let mut order: Vec<usize> = (0..stage.count).collect();
    order.sort_by(|&k, &l| distances[k].total_cmp(&distances[l]));
    let (mut lowest, mut short) = (i64::MAX, 0);
    // equal distances: neither may score lower by more
    for equal in order.chunk_by(|&k, &l| distances[k] == distances[l]) {
        lowest = equal.iter().fold(lowest, |lowest, &k| lowest.min(scores[k]));
        short = equal.iter().fold(short, |short, &l| short.max(scores[l] - lowest));
    }
    Some(short as f64 / f64::from(scaling.margin))
}

#[test]
fn no_codeword_that_is_nearer_scores_lower_by_more_than_the_margin() {
    let mut tightest = 0.0f64;
    for dim in [1, 2, 3, 8, 31, 128, 700] {
        for case in cases(dim, &[40], 12, 7 + dim as u64) {
            let stage = Stage::new(&case.values, dim).expect("memory");
            for row in case.rows.chunks_exact(dim) {
                let Some(short) = shortfall(&stage, row) else { continue };
                assert!(short <= 1.0, "{}", case.name);
                tightest = tightest.max(short);
            }
        }
    }
    assert!(tightest > 0.1, "the bound is never approached ({tightest}): these cases test nothing");
}

#[test]
fn the_margin_is_no_more_than_a_few_times_what_is_needed_in_one_dimension() {
    // there Cauchy and Schwarz have no slack, so that little of the margin is idle
    let mut rng = Rng::new(5);
    for (count, least) in [(30, 0.4), (4000, 0.4), (60_000, 0.3)] {
        let mut tightest = 0.0f64;
        for _ in 0..(400_000 / count) {
            let stage = Stage::new(&rng.values(count, 1.0), 1).expect("memory");
            for row in rng.values(20, 1.5).chunks_exact(1) {
                let short = shortfall(&stage, row).expect("an ordinary row");
                assert!(short <= 1.0);
                tightest = tightest.max(short);
            }
        }
        assert!(tightest > least, "{count} codewords: {tightest} of the margin at most");
    }
}
