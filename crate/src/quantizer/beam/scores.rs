//! Scores of all continuations of a row, by one of two paths, with the margin within which they may be wrong; and from them the candidates.

use super::entries::Entries;
use super::select::{bound_of_nth, Continuation};
use super::tables::{columns, Tables};
use crate::kernels::continuations::{any_at_most, at_most, entry_scores, products, GROUPS, MOST_STEPS};
use crate::kernels::distance::square_distance;
use crate::kernels::pack::{self, QUAD};
use crate::kernels::{stride, Native};
use crate::quantizer::stage::{definition_error, square_error, Stage};
use crate::quantizer::Codebook;

#[derive(Clone, Copy)]
pub enum Path<'a> {
    Tables(&'a Tables),
    Residuals,
}

/// Buffers for the scores of a row, and the continuations that they selected.
pub struct Scores {
    /// Products of four rows, or of four entries, with the stage's codewords.
    base: Vec<i32>,
    sums: Vec<i16>,
    /// `scores[entry * columns + k]`
    scores: Vec<i32>,
    /// `minima[entry * segments + segment]`
    minima: Vec<[i32; GROUPS]>,
    offsets: Vec<i32>,
    groups: Vec<i32>,
    /// Each with its score, offset included.
    candidates: Vec<(i32, Continuation)>,
    /// For tables: the rows of the tile as quads, with their scales, norms and the norms of their rounding, all less the first stage's center. For residuals: the
    /// entries of one row, less the stage's center.
    quads: Vec<i16>,
    scales: Vec<f32>,
    /// Raised a little, where the squares are as they came out.
    norms: Vec<f64>,
    squares: Vec<f64>,
    roundings: Vec<f64>,
}

/// f32 arithmetic on scores: a few operations, each rounding by 2^-24 of what went into it.
const SCORE_ROUNDING: f64 = 1.0 / (1 << 21) as f64;
/// Beyond this sum of magnitudes f32 scores could overflow.
const LARGEST_SCORE: f64 = 1e37;
/// What scores and factors below the normal floats may lose.
const SMALLEST_SCORE: f64 = 1e-35;

/// Norms beyond this are not squared.
const LARGEST_NORM: f64 = 1e18;
/// The largest offset, in steps: with it, a score stays below those past the last codeword.
const MOST_OFFSET: f64 = (1 << 28) as f64;
/// Less than what the scores past the last codeword come to: infinity is rounded to 0x34400000. In sound rows they are no NaN.
const PAST_THE_LAST: i32 = 1 << 29;
/// Tables whose rows are gathered without allocating.
const STAGES_AT_ONCE: usize = 16;
/// Columns whose scores are looked at or passed over together.
const SEGMENT: usize = 64;

/// The most continuations that a row can have.
pub fn continuations(codebook: &Codebook, beam: usize) -> f64 {
    beam as f64 * widest(codebook) as f64
}

/// Places of the widest row of scores.
fn widest(codebook: &Codebook) -> usize {
    codebook.stages.iter().map(|stage| columns(stage.count)).max().unwrap_or(0)
}

impl Scores {
    pub fn bytes(codebook: &Codebook, rows: usize, beam: usize) -> f64 {
        let (columns, quads) = (widest(codebook), rows.max(beam).div_ceil(QUAD));
        // a score each, and at worst a candidate (whose array grows by doubling) and its score once more
        let each = 4.0 + 3.0 * 8.0 + 4.0;
        let fixed = columns * (QUAD * 4 + 2) + quads * (2 * pack::quad_len(codebook.dim) + 28 * QUAD) + 68 * beam * columns.div_ceil(SEGMENT);
        fixed as f64 + each * continuations(codebook, beam)
    }

    pub fn new(codebook: &Codebook, rows: usize, beam: usize) -> Scores {
        let (columns, quads) = (widest(codebook), rows.max(beam).div_ceil(QUAD));
        Scores {
            base: vec![0; QUAD * columns],
            sums: vec![0; columns],
            scores: vec![0; beam * columns],
            minima: vec![[0; GROUPS]; beam * columns.div_ceil(SEGMENT)],
            offsets: Vec::new(),
            groups: Vec::new(),
            candidates: Vec::new(),
            quads: vec![0; quads * pack::quad_len(codebook.dim)],
            scales: vec![0.0; quads * QUAD],
            norms: vec![0.0; quads * QUAD],
            squares: vec![0.0; quads * QUAD],
            roundings: vec![0.0; quads * QUAD],
        }
    }

    /// What the table path needs of a tile's rows (padded) before the first stage.
    pub fn start(&mut self, codebook: &Codebook, path: Path, rows: &[f32]) {
        if let Path::Tables(_) = path {
            let stride = stride(codebook.dim);
            self.pack(&codebook.stages[0], rows.len() / stride, |i| &rows[i * stride..][..stride]);
        }
    }

    /// Packs rows less the stage's center, with weights 0: products alone, the norms are added in f32.
    fn pack<'a>(&mut self, stage: &Stage, count: usize, row: impl Fn(usize) -> &'a [f32]) {
        for (q, quad) in self.quads.chunks_exact_mut(pack::quad_len(stage.dim)).take(count.div_ceil(QUAD)).enumerate() {
            // a ragged last quad repeats the last row
            let rows: [&[f32]; QUAD] = core::array::from_fn(|i| row((q * QUAD + i).min(count - 1)));
            for (i, row) in rows.into_iter().enumerate() {
                let square = square_distance::<Native>(row, &stage.center);
                let norm = stage.centered_norm(square, row);
                self.squares[q * QUAD + i] = f64::from(square);
                let largest = pack::largest::<Native>(row, &stage.center);
                let scale = Stage::plain_scale(norm, largest);
                self.norms[q * QUAD + i] = norm;
                self.scales[q * QUAD + i] = scale;
                self.roundings[q * QUAD + i] = pack::rounding_square::<Native>(row, &stage.center, scale).sqrt();
            }
            let scales = core::array::from_fn(|i| self.scales[q * QUAD + i]);
            pack::quad::<Native>(rows, &stage.center, scales, stage.dim, quad);
        }
    }

    /// Products of the four rows of a quad with a stage's codewords, and the norms of those: `base[row][k]`.
    fn multiply(&mut self, stage: &Stage, norms: &[f32], step: f64, quad: usize) {
        let quad_len = pack::quad_len(stage.dim);
        // a factor that would be infinite belongs to products that are all zero
        let factors = core::array::from_fn(|i| (stage.product_factor(self.scales[quad * QUAD + i]) / step).max(f64::from(f32::MIN)) as f32);
        let mut base = self.base.chunks_exact_mut(norms.len());
        let base = core::array::from_fn(|_| base.next().unwrap_or_default());
        products::<Native>(&self.quads[quad * quad_len..][..quad_len], stage.panels(), norms, (1.0 / step) as f32, factors, base);
    }

    /// The continuations of a row that could be among the best `keep`, in their order; None where scores prove nothing. Rows come in their order.
    pub fn select(
        &mut self,
        codebook: &Codebook,
        path: Path,
        stage: usize,
        entries: &Entries,
        row: usize,
        keep: usize,
    ) -> Option<&[(i32, Continuation)]> {
        let columns = columns(codebook.stages[stage].count);
        let margin = match path {
            Path::Tables(tables) => self.score_by_tables(codebook, tables, stage, entries, row)?,
            Path::Residuals => self.score_by_residuals(&codebook.stages[stage], entries, row)?,
        };
        Some(self.choose(columns, keep, margin))
    }

    /// Of the entries' rows of scores, what lies within the margin of the `keep`-th best. The offsets, in steps, are part of all scores of an entry.
    fn choose(&mut self, columns: usize, keep: usize, margin: i32) -> &[(i32, Continuation)] {
        let segments = columns.div_ceil(SEGMENT);
        // As many groups as give a bound of the keep-th best: each group's smallest is a continuation of its own.
        let coarse = self.offsets.len() * GROUPS >= 2 * keep;
        self.groups.clear();
        for (&offset, minima) in self.offsets.iter().zip(self.minima.chunks_exact(segments)) {
            if coarse {
                let least = minima[1..].iter().fold(minima[0], |a, b| core::array::from_fn(|i| a[i].min(b[i])));
                self.groups.extend(least.map(|least| least + offset));
            } else {
                self.groups.extend(minima.iter().flatten().map(|least| least + offset));
            }
        }
        let slack = margin / 8;
        let threshold = bound_of_nth(&self.groups, keep, slack).saturating_add(margin);
        let candidates = &mut self.candidates;
        candidates.clear();
        let rows = self.scores.chunks_exact(columns).zip(self.minima.chunks_exact(segments));
        for (entry, (&offset, (scores, minima))) in self.offsets.iter().zip(rows).enumerate() {
            // those past the last codeword lie above any threshold
            let threshold = threshold.saturating_sub(offset).min(PAST_THE_LAST - 1);
            for (s, (scores, minima)) in scores.chunks(SEGMENT).zip(minima).enumerate() {
                if any_at_most::<Native>(minima, threshold) {
                    at_most::<Native>(scores, threshold, |k| candidates.push((scores[k] + offset, Continuation::new(entry, s * SEGMENT + k))));
                }
            }
        }
        // the groups' bound is a loose one where some groups hold several of the best
        if candidates.len() > keep {
            self.groups.clear();
            self.groups.extend(candidates.iter().map(|candidate| candidate.0));
            self.groups.resize(candidates.len().next_multiple_of(4), i32::MAX);
            let threshold = bound_of_nth(&self.groups, keep, slack).saturating_add(margin);
            candidates.retain(|candidate| candidate.0 <= threshold);
        }
        candidates
    }

    fn set_offsets(&mut self, step: f64, offsets: impl Iterator<Item = f64>) {
        let per_step = 1.0 / step;
        self.offsets.clear();
        self.offsets.extend(offsets.map(|offset| (offset * per_step + 0.5).floor() as i32));
    }

    fn score_by_tables(&mut self, codebook: &Codebook, tables: &Tables, index: usize, entries: &Entries, row: usize) -> Option<i32> {
        let (stage, table) = (&codebook.stages[index], tables.stage(index));
        let step = f64::from(table.step);
        if row.is_multiple_of(QUAD) {
            self.multiply(stage, &table.norms, step, row / QUAD); // of this row and the three after it
        }
        let distances = entries.distances(row);
        let (norm, scale) = (self.norms[row], self.scales[row]);
        let spread = distances[distances.len() - 1] - distances[0];
        let product = 2.0 * norm * stage.centered_codeword_norm();
        let magnitude = table.norm * table.norm + product;
        // the residual of the definition has been rounded at every stage, the sum of the tables has not
        let reach = norm + table.norms_before;
        let drift = 2.0 * table.norm * reach * index as f64 / f64::from(1 << 23);
        let offsets = square_error(distances[distances.len() - 1], codebook.dim);
        let rounding = offsets + magnitude * SCORE_ROUNDING + table.error + drift + definition_error(reach + table.norm);
        let margin = margin(step, magnitude, spread, stage.product_error(scale, norm, self.roundings[row]) + rounding)?;
        self.set_offsets(step, distances.iter().map(|distance| distance - distances[0]));
        let columns = table.norms.len();
        let segments = columns.div_ceil(SEGMENT);
        let mut rows = [&[] as &[i16]; STAGES_AT_ONCE];
        let mut many = Vec::new();
        for entry in 0..distances.len() {
            let path = entries.path(row, entry);
            let rows = if index <= STAGES_AT_ONCE {
                rows.iter_mut().zip(table.rows(path)).for_each(|(to, from)| *to = from);
                &rows[..index]
            } else {
                many.clear();
                many.extend(table.rows(path));
                &many
            };
            let base = &self.base[row % QUAD * columns..][..columns];
            let scores = &mut self.scores[entry * columns..][..columns];
            let minima = &mut self.minima[entry * segments..][..segments];
            entry_scores::<Native>(base, rows, &mut self.sums[..columns], SEGMENT, scores, minima);
        }
        Some(margin)
    }

    fn score_by_residuals(&mut self, stage: &Stage, entries: &Entries, row: usize) -> Option<i32> {
        let count = entries.count(row);
        self.pack(stage, count, |entry| entries.residual(row, entry));
        let longest = stage.centered_codeword_norm();
        let reference = self.squares[0];
        let (mut error, mut magnitude, mut spread) = (0.0f64, 0.0f64, 0.0f64);
        for entry in 0..count {
            let (norm, square, scale) = (self.norms[entry], self.squares[entry], self.scales[entry]);
            if norm.is_nan() || norm > LARGEST_NORM {
                return None;
            }
            magnitude = magnitude.max(longest * longest + 2.0 * norm * longest);
            spread = spread.max((square - reference).abs());
            let rounding = definition_error(norm + longest) + square_error(square, stage.dim);
            error = error.max(stage.product_error(scale, norm, self.roundings[entry]) + rounding);
        }
        let step = (magnitude / f64::from(1 << 20)).max(spread / f64::from(1 << 26)).max(1e-30);
        let margin = margin(step, magnitude, spread, error + magnitude * SCORE_ROUNDING)?;
        let squares = core::mem::take(&mut self.squares);
        self.set_offsets(step, squares[..count].iter().map(|square| square - reference));
        self.squares = squares;
        let columns = columns(stage.count);
        let segments = columns.div_ceil(SEGMENT);
        for entry in 0..count {
            if entry.is_multiple_of(QUAD) {
                self.multiply(stage, &stage.centered_norms, step, entry / QUAD);
            }
            let base = &self.base[entry % QUAD * columns..][..columns];
            let scores = &mut self.scores[entry * columns..][..columns];
            let minima = &mut self.minima[entry * segments..][..segments];
            entry_scores::<Native>(base, &[], &mut self.sums[..columns], SEGMENT, scores, minima);
        }
        Some(margin)
    }
}

/// The margin in steps for scores that are wrong by `error`, before they are rounded: a step for the rounding of product and offset. None
/// where they leave what integers or floats hold.
fn margin(step: f64, magnitude: f64, spread: f64, error: f64) -> Option<i32> {
    let sound = magnitude / step <= MOST_STEPS && spread / step <= MOST_OFFSET && magnitude <= LARGEST_SCORE && error.is_finite();
    let margin = (2.0 * (error + SMALLEST_SCORE) / step + 2.0).ceil().min(1e9) as i32;
    sound.then_some(margin)
}
