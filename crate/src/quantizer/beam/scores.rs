//! Scores of all continuations of a row, by one of two paths, with the margin within which they may be wrong; and from them the candidates.

use super::entries::Entries;
use super::select::{nth_smallest, Continuation};
use super::tables::{columns, Tables};
use crate::kernels::continuations::{add_table_row, at_most, combine, products, GROUPS};
use crate::kernels::distance::centered_square;
use crate::kernels::pack::{self, QUAD};
use crate::kernels::{stride, Native};
use crate::quantizer::stage::{definition_error, square_error, Stage};
use crate::quantizer::Codebook;

#[derive(Clone, Copy)]
pub enum Path<'a> {
    Tables(&'a Tables),
    Residuals,
}

/// Buffers for the scores of four rows.
pub struct Scores {
    quad: Vec<i16>,
    /// Products of four rows with the stage's codewords.
    base: Vec<f32>,
    sums: Vec<i16>,
    /// `scores[entry * columns + k]` of one row.
    scores: Vec<f32>,
    minima: Vec<[f32; GROUPS]>,
    kept: Vec<f32>,
    candidates: Vec<Continuation>,
    /// For tables: the rows of the tile as quads, their scales and norms, less the first stage's center.
    quads: Vec<i16>,
    scales: Vec<f32>,
    norms: Vec<f64>,
}

/// f32 arithmetic on scores: a few operations, each rounding by 2^-24 of what went into it.
const SCORE_ROUNDING: f64 = 1.0 / (1 << 21) as f64;
/// Beyond this sum of magnitudes f32 scores could overflow.
const LARGEST_SCORE: f64 = 1e37;
/// What scores and factors below the normal floats may lose.
const SMALLEST_SCORE: f64 = 1e-35;

/// Columns of a segment: as few as give about four groups for each entry to be kept, so that the groups' minima find a sharp threshold.
fn segment_columns(columns: usize, entries: usize, keep: usize) -> usize {
    let segments = (4 * keep).div_ceil(GROUPS * entries).clamp(1, columns / GROUPS);
    (columns / GROUPS).div_ceil(segments) * GROUPS
}

impl Scores {
    pub fn bytes(codebook: &Codebook, rows: usize, beam: usize) -> usize {
        let columns = codebook.stages.iter().map(|stage| columns(stage.count)).max().unwrap_or(0);
        let quad = 2 * pack::quad_len(codebook.dim);
        // scores, with their groups' minima and at worst a candidate each
        columns * beam * (4 + 4 + 16) + columns * (QUAD * 4 + 2) + quad + rows * (quad / QUAD + 12)
    }

    pub fn new(codebook: &Codebook, rows: usize, beam: usize) -> Scores {
        let columns = codebook.stages.iter().map(|stage| columns(stage.count)).max().unwrap_or(0);
        let quad = pack::quad_len(codebook.dim);
        Scores {
            quad: vec![0; quad],
            base: vec![0.0; QUAD * columns],
            sums: vec![0; columns],
            scores: vec![0.0; beam * columns],
            minima: Vec::new(),
            kept: Vec::new(),
            candidates: Vec::new(),
            quads: vec![0; rows.div_ceil(QUAD) * quad],
            scales: vec![0.0; rows.next_multiple_of(QUAD)],
            norms: vec![0.0; rows.next_multiple_of(QUAD)],
        }
    }

    /// What the table path needs of a tile's rows (padded) before the first stage.
    pub fn start(&mut self, codebook: &Codebook, path: Path, rows: &[f32]) {
        if let Path::Residuals = path {
            return;
        }
        let (stage, stride) = (&codebook.stages[0], stride(codebook.dim));
        let count = rows.len() / stride;
        for (q, quad) in self.quads.chunks_exact_mut(pack::quad_len(codebook.dim)).take(count.div_ceil(QUAD)).enumerate() {
            let rows: [&[f32]; QUAD] = core::array::from_fn(|i| &rows[(q * QUAD + i).min(count - 1) * stride..][..stride]);
            for (i, row) in rows.into_iter().enumerate() {
                let norm = stage.centered_norm(centered_square::<Native>(row, &stage.center), row);
                self.norms[q * QUAD + i] = norm;
                self.scales[q * QUAD + i] = Stage::plain_scale(norm);
            }
            let scales = core::array::from_fn(|i| self.scales[q * QUAD + i]);
            pack::quad::<Native>(rows, &stage.center, scales, [0; QUAD], codebook.dim, quad);
        }
    }

    /// The continuations of a row that could be among the best `keep`, in their order. Rows come in their order.
    pub fn candidates(&mut self, codebook: &Codebook, path: Path, stage: usize, entries: &Entries, row: usize, keep: usize) -> &[Continuation] {
        let count = codebook.stages[stage].count;
        let columns = columns(count);
        let entry_count = entries.count(row);
        let segment = segment_columns(columns, entry_count, keep);
        let segments = columns.div_ceil(segment);
        self.minima.clear();
        self.minima.resize(entry_count * segments, [f32::INFINITY; GROUPS]);
        let margin = match path {
            Path::Tables(tables) => self.by_tables(codebook, tables, stage, entries, row, segment),
            Path::Residuals => self.by_residuals(&codebook.stages[stage], entries, row, segment),
        };
        self.candidates.clear();
        let Some(margin) = margin else {
            let all = (0..entry_count).flat_map(|entry| (0..count).map(move |k| Continuation::new(entry, k)));
            self.candidates.extend(all);
            return &self.candidates;
        };
        let nth = nth_smallest(self.minima.iter().flatten().copied(), keep, &mut self.kept);
        // rounded up: a threshold may only let more through
        let threshold = ((f64::from(nth) + margin) as f32).next_up().min(f32::MAX);
        let scores = self.scores.chunks_exact(columns).take(entry_count);
        for ((entry, scores), minima) in scores.enumerate().zip(self.minima.chunks_exact(segments)) {
            for ((s, scores), minima) in scores.chunks(segment).enumerate().zip(minima) {
                if minima.iter().any(|&least| least <= threshold) {
                    let candidates = &mut self.candidates;
                    at_most::<Native>(scores, threshold, |k| candidates.push(Continuation::new(entry, s * segment + k)));
                }
            }
        }
        &self.candidates
    }

    /// The margin, or None where scores prove nothing.
    fn by_tables(&mut self, codebook: &Codebook, tables: &Tables, index: usize, entries: &Entries, row: usize, segment: usize) -> Option<f64> {
        let (stage, table) = (&codebook.stages[index], tables.stage(index));
        let columns = table.norms.len();
        if row.is_multiple_of(QUAD) {
            // the products of this row and the three after it
            let quad_len = pack::quad_len(codebook.dim);
            let quad = &self.quads[row / QUAD * quad_len..][..quad_len];
            let factors = core::array::from_fn(|i| stage.product_factor(self.scales[row + i]));
            let mut base = self.base.chunks_exact_mut(columns);
            let base = core::array::from_fn(|_| base.next().unwrap_or_default());
            products::<Native>(quad, &stage.panels, stage.pairs, &table.norms, factors, base);
        }
        let base = &self.base[row % QUAD * columns..][..columns];
        let distances = entries.distances(row);
        let segments = columns.div_ceil(segment);
        for (entry, scores) in self.scores.chunks_exact_mut(columns).take(distances.len()).enumerate() {
            let sums = &mut self.sums[..columns];
            let mut rows = table.rows(entries.path(row, entry));
            match rows.next() {
                Some(first) => sums.copy_from_slice(first),
                None => sums.fill(0),
            }
            rows.for_each(|table_row| add_table_row::<Native>(sums, table_row));
            let offset = (distances[entry] - distances[0]) as f32;
            let minima = &mut self.minima[entry * segments..][..segments];
            combine::<Native>(base, sums, table.step, offset, segment, scores, minima);
        }
        let (norm, scale) = (self.norms[row], self.scales[row]);
        let spread = distances[distances.len() - 1] - distances[0];
        let product = 2.0 * norm * stage.centered_codeword_norm();
        let magnitude = table.norm * table.norm + product + spread + 2.0 * table.norm * table.norms_before;
        if magnitude.is_nan() || magnitude > LARGEST_SCORE {
            return None;
        }
        // the residual of the definition has been rounded at every stage, the sum of the tables has not
        let reach = norm + table.norms_before;
        let drift = 2.0 * table.norm * reach * index as f64 / f64::from(1 << 23);
        let error = stage.product_error(scale, norm)
            + table.error
            + drift
            + magnitude * SCORE_ROUNDING
            + definition_error(reach + table.norm)
            + SMALLEST_SCORE;
        Some(2.0 * error)
    }

    fn by_residuals(&mut self, stage: &Stage, entries: &Entries, row: usize, segment: usize) -> Option<f64> {
        let columns = columns(stage.count);
        let count = entries.count(row);
        let segments = columns.div_ceil(segment);
        let (mut error, mut magnitude) = (0.0f64, 0.0f64);
        let mut reference = f64::NAN;
        self.sums[..columns].fill(0);
        for start in (0..count).step_by(QUAD) {
            let entry = |i: usize| (start + i).min(count - 1);
            let rows = core::array::from_fn(|i| entries.residual(row, entry(i)));
            let squares = rows.map(|r| centered_square::<Native>(r, &stage.center));
            let norms: [f64; QUAD] = core::array::from_fn(|i| stage.centered_norm(squares[i], rows[i]));
            let scales = norms.map(Stage::plain_scale);
            pack::quad::<Native>(rows, &stage.center, scales, [0; QUAD], stage.dim, &mut self.quad);
            let mut base = self.base.chunks_exact_mut(columns);
            let base = core::array::from_fn(|_| base.next().unwrap_or_default());
            products::<Native>(&self.quad, &stage.panels, stage.pairs, &stage.centered_norms, scales.map(|s| stage.product_factor(s)), base);
            for i in 0..QUAD.min(count - start) {
                let square = f64::from(squares[i]);
                if start + i == 0 {
                    reference = square;
                }
                let scores = &mut self.scores[(start + i) * columns..][..columns];
                let minima = &mut self.minima[(start + i) * segments..][..segments];
                let base = &self.base[i * columns..][..columns];
                combine::<Native>(base, &self.sums[..columns], 0.0, (square - reference) as f32, segment, scores, minima);
                let longest = stage.centered_codeword_norm();
                let size = square + reference + longest * longest + 2.0 * norms[i] * longest;
                if size.is_nan() || size > LARGEST_SCORE {
                    return None;
                }
                magnitude = magnitude.max(size);
                let product = stage.product_error(scales[i], norms[i]);
                error = error.max(product + definition_error(norms[i] + longest) + square_error(square, stage.dim));
            }
        }
        Some(2.0 * (error + magnitude * SCORE_ROUNDING + SMALLEST_SCORE))
    }
}
