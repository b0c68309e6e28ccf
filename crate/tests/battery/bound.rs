//! The bound of the screen, held against exact arithmetic: the error that a score has, and the margin that allows for it.

use crate::support::{self, cases, Rng};
use rvq_core::kernels::pack::{self, PANEL};
use rvq_core::kernels::screen::Panels;
use rvq_core::kernels::{distance::square_distance, stride, Native};
use rvq_core::quantizer::stage::{Scaling, Shared, Stage};

/// The scores of one row with all codewords, from the packed numbers: exact, as the screen leaves them, and the row's margin. None where the
/// row is not screened, or does not share the scale that there is.
fn scores(stage: &Stage, row: &[f32], shared: Option<&Shared>) -> Option<(Vec<i64>, i32)> {
    let mut duo = vec![0; pack::duo_len(stage.dim)];
    let (mut rows, zero) = ([row.to_vec(), row.to_vec()], vec![0.0; row.len()]);
    let [first, second] = &mut rows;
    let packed = stage.pack_next([first, second], [&zero; 2], shared, &mut duo);
    if shared.is_some() && !packed.shares {
        return None;
    }
    let Scaling { weight, margin, .. } = packed.scalings[0]?;
    let Panels { values, width } = stage.panels();
    let mut starts = vec![0; stage.offsets().len()];
    stage.starts(weight, 0, &mut starts);
    let sum = |x: i16, y: i16| i64::from(x.checked_add(y).expect("the sum of two values leaves int16"));
    let score = |k: usize| {
        let panel = &values[k / PANEL * width * PANEL..][..width * PANEL];
        let products = panel.as_chunks::<{ 4 * PANEL }>().0.iter().zip(duo.as_chunks::<8>().0).map(|(codewords, rows)| {
            // of the row pairs 0 and 2, as 1 and 3 are what the second row has more
            let place = k % PANEL / 4 * 16 + k % 4 * 2;
            let product = |e: usize| sum(rows[e], codewords[place + e]) * sum(rows[4 + e], codewords[place + 8 + e]);
            assert!(rows[2..4] == [0; 2] && rows[6..] == [0; 2], "the second row is the first");
            product(0) + product(1)
        });
        let score = i64::from(starts[k]) + products.sum::<i64>();
        assert!(i32::try_from(score).is_ok(), "a score leaves int32");
        // the low bits tell the vector of four codewords
        (score & !((1 << stage.index_bits) - 1)) | (k / 4) as i64
    };
    Some(((0..stage.count).map(score).collect(), margin))
}

fn padded(row: &[f32]) -> Vec<f32> {
    let mut padded = vec![0.0; stride(row.len())];
    padded[..row.len()].copy_from_slice(row);
    padded
}

/// How far a nearer codeword scores below one that is farther, at most, as a part of the row's margin. None where the row is not screened.
fn shortfall(stage: &Stage, row: &[f32], shared: Option<&Shared>) -> Option<f64> {
    let (scores, margin) = scores(stage, &padded(row), shared)?;
    let distances: Vec<f64> = (0..stage.count).map(|k| support::distance(row, &stage.codeword(k)[..stage.dim])).collect();
    let mut order: Vec<usize> = (0..stage.count).collect();
    order.sort_by(|&k, &l| distances[k].total_cmp(&distances[l]));
    let (mut lowest, mut short) = (i64::MAX, 0);
    // equal distances: neither may score lower by more
    for equal in order.chunk_by(|&k, &l| distances[k] == distances[l]) {
        lowest = equal.iter().fold(lowest, |lowest, &k| lowest.min(scores[k]));
        short = equal.iter().fold(short, |short, &l| short.max(scores[l] - lowest));
    }
    Some(short as f64 / f64::from(margin))
}

#[test]
fn no_codeword_that_is_nearer_scores_lower_by_more_than_the_margin() {
    let mut tightest = 0.0f64;
    for dim in [1, 2, 3, 8, 31, 128, 700] {
        for case in cases(dim, &[40], 12, 7 + dim as u64) {
            let stage = Stage::new(&case.values, dim).expect("memory");
            for row in case.rows.chunks_exact(dim) {
                let Some(short) = shortfall(&stage, row, None) else { continue };
                assert!(short <= 1.0, "{}", case.name);
                tightest = tightest.max(short);
            }
        }
    }
    assert!(tightest > 0.1, "the bound is never approached ({tightest}): these cases test nothing");
}

#[test]
fn nor_where_rows_share_a_scale() {
    let (mut tightest, mut sharing) = (0.0f64, 0);
    for dim in [1, 2, 3, 8, 31, 128, 700] {
        for case in cases(dim, &[40], 12, 70 + dim as u64) {
            let stage = Stage::new(&case.values, dim).expect("memory");
            // one after the other is the longest: some of the others are longer than the scale can serve, and some too short
            for longest in case.rows.chunks_exact(dim) {
                let Some(shared) = stage.shared(square_distance::<Native>(&padded(longest), &stage.center)) else { continue };
                for row in case.rows.chunks_exact(dim) {
                    let Some(short) = shortfall(&stage, row, Some(&shared)) else { continue };
                    assert!(short <= 1.0, "{}", case.name);
                    tightest = tightest.max(short);
                    sharing += 1;
                }
            }
        }
    }
    assert!(sharing > 2000, "{sharing} rows that share a scale");
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
                let short = shortfall(&stage, row, None).expect("an ordinary row");
                assert!(short <= 1.0);
                tightest = tightest.max(short);
            }
        }
        assert!(tightest > least, "{count} codewords: {tightest} of the margin at most");
    }
}
