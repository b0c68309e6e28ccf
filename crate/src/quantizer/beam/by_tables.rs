//! Beam search by tables: one product of the row with each stage's codewords, and sums of table rows for what the entries chose before.
//! No residual is kept: what scores do not decide is measured from the row anew.

use super::by_residuals;
use super::definition::Definition;
use super::entries::Entries;
use super::packed::Packed;
use super::paths::{Paths, Row};
use super::scores::{continuations, widest, Scale, Scores};
use super::select::{to_front, Continuation};
use super::sums::Sums;
use super::tables::{StageTables, Tables};
use crate::kernels::distance::inner_product_from;
use crate::kernels::pack::QUAD;
use crate::kernels::{stride, Native};
use crate::quantizer::rows::Tile;
use crate::quantizer::stage::{definition_error, square_error};
use crate::quantizer::Codebook;

/// Rows of a tile, their floats, and bytes of their entries: while they pass through a stage, its tables stay near the processor, so many are better.
const ROWS: usize = 1024;
const ROW_FLOATS: usize = 1 << 17;
const ENTRY_BYTES: usize = 1 << 20;
/// Distances are measured where their error passes so many times what a stage adds to it. To measure an entry costs as much as to tell apart a candidate that
/// scores leave open, and there are about as many of these as entries then.
const MOST_ADDED: f64 = 8.0;
/// A row whose distances pass the range of scores takes coarser steps, by this power of two at most.
const MOST_SHIFT: u32 = 12;

struct Search<'a> {
    codebook: &'a Codebook,
    tables: &'a Tables,
    paths: Paths,
    /// The tile's rows.
    packed: Packed,
    scores: Scores,
    sums: Sums,
    definition: Definition<'a>,
    /// The best of the candidates that scores do not decide, with their distances, and which of the candidates go on.
    ranked: Vec<(f64, usize)>,
    chosen: Vec<bool>,
    /// One row's entries, where scores by tables do not hold them.
    residuals: Entries,
    packed_entries: Packed,
}

/// How a row is scored at a stage.
#[derive(Clone, Copy)]
struct RowScale {
    scale: Scale,
    /// Table values are halved so many times.
    shift: u32,
}

fn tile_rows(codebook: &Codebook, beam: usize) -> usize {
    let most = ROWS.min(ROW_FLOATS / codebook.dim).min(ENTRY_BYTES / Paths::row_bytes(codebook.stages.len(), beam));
    most.max(QUAD) / QUAD * QUAD
}

/// Bytes that the search takes beside the tables.
pub fn memory(codebook: &Codebook, beam: usize) -> f64 {
    let rows = tile_rows(codebook, beam);
    let tile = rows * (4 * stride(codebook.dim) + Paths::row_bytes(codebook.stages.len(), beam));
    let one = Entries::bytes(codebook, 1, beam, continuations(codebook, beam));
    // at worst scores decide nothing; arrays grow by doubling, and what they were is there until it is copied
    let open = 3.0 * (size_of::<(f64, usize)>() + size_of::<bool>()) as f64 * continuations(codebook, beam);
    tile as f64
        + Packed::bytes(codebook, rows)
        + Packed::bytes(codebook, beam)
        + Scores::bytes(codebook, beam)
        + Sums::bytes(widest(codebook), beam)
        + Definition::bytes(codebook)
        + open
        + one
}

/// Calls `found` with the codewords of each row, in their order.
pub fn search(codebook: &Codebook, tables: &Tables, rows: &[f32], beam: usize, found: &mut dyn FnMut(&[u16])) {
    each_stage(codebook, tables, rows, beam, &mut |stage, paths| {
        if stage + 1 == codebook.stages.len() {
            (0..paths.rows()).for_each(|row| found(&paths.path(row, 0)[..=stage]));
        }
    });
}

/// Calls `seen` with the entries of each tile of rows after each stage.
pub fn each_stage(codebook: &Codebook, tables: &Tables, rows: &[f32], beam: usize, seen: &mut dyn FnMut(usize, &Paths)) {
    let (dim, stages) = (codebook.dim, codebook.stages.len());
    let at_once = tile_rows(codebook, beam);
    let mut tile = Tile::of(at_once, dim);
    let mut search = Search {
        codebook,
        tables,
        paths: Paths::new(stages, at_once, beam),
        packed: Packed::new(codebook, at_once),
        scores: Scores::new(codebook, beam),
        sums: Sums::new(widest(codebook), beam),
        definition: Definition::new(codebook),
        ranked: Vec::new(),
        chosen: Vec::new(),
        residuals: Entries::new(codebook, 1, beam),
        packed_entries: Packed::new(codebook, beam),
    };
    for rows in rows.chunks(at_once * dim) {
        let rows = &*tile.load(rows);
        search.start(rows);
        for stage in 0..stages {
            // of the last stage's entries only the best is asked for
            search.advance(rows, stage, if stage + 1 == stages { 1 } else { beam });
            seen(stage, &search.paths);
        }
    }
}

impl Search<'_> {
    fn start(&mut self, rows: &[f32]) {
        let dim = self.codebook.dim;
        let count = rows.len() / stride(dim);
        self.packed.load(&self.codebook.stages[0], rows);
        let packed = &self.packed;
        self.paths.start((0..count).map(|row| packed.facts(row).square).map(|square| (square, square_error(square, dim))));
    }

    /// The entries of all rows go on by one stage: the best `keep` continuations are the next ones.
    fn advance(&mut self, rows: &[f32], stage: usize, keep: usize) {
        let stride = stride(self.codebook.dim);
        let table = self.tables.stage(stage);
        for first in (0..self.paths.rows()).step_by(QUAD) {
            let scales: [Option<RowScale>; QUAD] =
                core::array::from_fn(|i| (first + i < self.paths.rows()).then(|| self.scale(table, stage, first + i)).flatten());
            let steps = scales.map(|row| row.map_or(1.0, |row| row.scale.step));
            self.packed.multiply(&self.codebook.stages[stage], &table.norms, steps, first / QUAD);
            for (i, scale) in scales.into_iter().take(self.paths.rows() - first).enumerate() {
                let row = &rows[(first + i) * stride..][..stride];
                if let Some(scale) = scale {
                    self.score(row, stage, first + i, scale);
                    self.scores.choose(self.paths.row(first + i).count, self.codebook.stages[stage].count, keep, scale.scale.margin);
                    self.decide(row, stage, first + i, keep, scale.scale);
                    self.put_chosen(row, stage, first + i, scale.scale);
                } else {
                    self.go_on_by_residuals(row, stage, first + i, keep);
                }
            }
        }
        self.paths.advance();
    }

    /// None where 16 bits do not hold the row's scores, or floats not its bound.
    #[inline(never)]
    fn scale(&self, table: &StageTables, index: usize, row: usize) -> Option<RowScale> {
        let stage = &self.codebook.stages[index];
        let facts = self.packed.facts(row);
        let Row { farthest, error, .. } = self.paths.row(row);
        let product = 2.0 * facts.norm * stage.centered_codeword_norm();
        let magnitude = table.norm * table.norm + product;
        let center = 2.0 * facts.norm * table.center_norm * (self.codebook.dim as f64 / 8.0 + 12.0) / f64::from(1 << 24);
        let error = error + stage.product_error(facts.scale, facts.norm, facts.rounding) + table.error + center;
        // the residual of the definition has been rounded at every stage, the sum of the tables has not
        let drift = drift(facts.norm + table.norms_before, index);
        let reach = (farthest + error).sqrt() + table.norm;
        let definition = definition_error(reach + drift) + 2.0 * (reach + drift) * drift;
        (0..=MOST_SHIFT).find_map(|shift| {
            let step = f64::from(table.step) * f64::from(1u32 << shift);
            // half a step for base and offset each, a whole one for the shift, and f64 arithmetic
            let roundings = if shift == 0 { 1.001 } else { 2.001 };
            Scale::new(step, magnitude, reach * reach, error, roundings, definition).map(|scale| RowScale { scale, shift })
        })
    }

    /// Scores all continuations of a row, whose base is there.
    fn score(&mut self, values: &[f32], index: usize, row: usize, RowScale { scale, shift }: RowScale) {
        let (stage, table) = (&self.codebook.stages[index], self.tables.stage(index));
        // what all scores of the row have in common, so that they are distances
        let center =
            if index == 0 { 0.0 } else { -2.0 * f64::from(inner_product_from::<Native>(values, &self.codebook.stages[0].center, &stage.center)) };
        let (products, zeros) = (self.packed.products(row % QUAD), self.packed.zeros());
        let count = self.paths.row(row).count;
        // coarser steps are for a whole sum of table values; a first stage has none
        let in_two = shift == 0 && index > 0;
        if in_two {
            for parent in 0..self.paths.parents(row) {
                let path = &self.paths.path(row, self.paths.child(row, parent))[..index - 1];
                self.sums.put(parent, products, zeros, table, path, 0);
            }
        }
        for entry in 0..count {
            let path = &self.paths.path(row, entry)[..index];
            let offset = scale.offset(self.paths.distance(row, entry) + center);
            if in_two {
                let last = table.row(index - 1, path[index - 1]);
                self.scores.score(entry, self.sums.at(self.paths.parent(row, entry)), last, offset, stage.count);
            } else {
                self.sums.put(0, products, zeros, table, path, shift);
                self.scores.score(entry, self.sums.at(0), zeros, offset, stage.count);
            }
        }
    }

    /// Which of the candidates go on: those that scores place among the best `keep`, and of those that they leave open the best by the definition.
    fn decide(&mut self, values: &[f32], stage: usize, row: usize, keep: usize, scale: Scale) {
        let count = self.scores.candidates.count();
        self.chosen.clear();
        self.chosen.resize(count, true);
        if count <= keep {
            return;
        }
        let bound = i32::from(self.scores.candidates.bound(keep));
        // Mostly it is enough to measure what is hardly further from the bound than scores may be wrong by; what lies a margin before it is certain.
        if !self.measure_near(values, stage, row, keep, scale, bound, scale.margin / 2 + scale.margin / 8 + 1) {
            self.measure_near(values, stage, row, keep, scale, bound, scale.margin);
        }
    }

    /// Chooses all candidates with scores further than `near` before the bound, and the best of those that are not further after it. False where the distances of
    /// these do not prove that the others are on the right side.
    #[allow(clippy::too_many_arguments)]
    fn measure_near(&mut self, values: &[f32], stage: usize, row: usize, keep: usize, scale: Scale, bound: i32, near: i32) -> bool {
        let mut open = keep;
        let (mut last_before, mut first_after) = (i16::MIN, i16::MAX);
        self.ranked.clear();
        let mut measured = usize::MAX;
        for (i, (score, continuation)) in self.scores.candidates.iter().enumerate() {
            let from_bound = i32::from(score) - bound;
            self.chosen[i] = from_bound < -near;
            if from_bound < -near {
                open -= 1;
                last_before = last_before.max(score);
            } else if from_bound > near {
                first_after = first_after.min(score);
            } else {
                if continuation.entry() != measured {
                    measured = continuation.entry();
                    self.definition.residual(values, &self.paths.path(row, measured)[..stage]);
                }
                self.ranked.push((self.definition.square(stage, continuation.codeword()), i));
            }
        }
        let (farthest, next) = self.rank(values, stage, row, open);
        for &(_, i) in &self.ranked[..open] {
            self.chosen[i] = true;
        }
        let before = last_before == i16::MIN || scale.distance(last_before) + scale.within < next;
        let after = first_after == i16::MAX || scale.distance(first_after) - scale.within > farthest;
        near >= scale.margin || before && after
    }

    /// Puts the best `first` of what is ranked to the front: by f32 distances where these tell them apart from the others, else by the definition's. Returns at
    /// least the largest of their distances, and at most the smallest of the others'.
    fn rank(&mut self, values: &[f32], stage: usize, row: usize, first: usize) -> (f64, f64) {
        to_front(&mut self.ranked, first, |a, b| a.0.total_cmp(&b.0));
        let error = |distance: f64| square_error(distance, self.codebook.dim);
        let limits = |ranked: &[(f64, usize)]| {
            let (best, others) = ranked.split_at(first);
            (best[first - 1].0, others.iter().fold(f64::INFINITY, |least, &(distance, _)| if distance < least { distance } else { least }))
        };
        let (farthest, next) = limits(&self.ranked);
        let (most, least) = (farthest + error(farthest), next - error(next.min(f64::from(f32::MAX))));
        if most < least {
            return (most, least);
        }
        let continuations = self.scores.candidates.continuations();
        let path = |i: usize| &self.paths.path(row, continuations[i].entry())[..stage];
        for (distance, i) in &mut self.ranked {
            self.definition.residual(values, path(*i));
            *distance = self.definition.distance(stage, continuations[*i].codeword());
        }
        let definition = &mut self.definition;
        to_front(&mut self.ranked, first, |&(a, i), &(b, j)| {
            let order = a.total_cmp(&b).then_with(|| definition.order(values, path(i), path(j)));
            order.then(continuations[i].codeword().cmp(&continuations[j].codeword()))
        });
        limits(&self.ranked)
    }

    fn put_chosen(&mut self, values: &[f32], stage: usize, row: usize, scale: Scale) {
        // Errors add up from stage to stage. Where that has made them many times what a stage adds, the distances are measured.
        let added = scale.error - self.paths.row(row).error;
        let last_stage = stage + 1 == self.codebook.stages.len();
        let measure = !last_stage && (stage == 0 || scale.error > MOST_ADDED * added);
        self.paths.open();
        let mut last = usize::MAX;
        for ((score, continuation), &chosen) in self.scores.candidates.iter().zip(&self.chosen) {
            if !chosen {
                continue;
            }
            let mut distance = scale.distance(score);
            if measure {
                if continuation.entry() != last {
                    last = continuation.entry();
                    self.definition.residual(values, &self.paths.path(row, last)[..stage]);
                }
                distance = self.definition.square(stage, continuation.codeword());
            }
            self.paths.put(stage, continuation, distance);
        }
        let error = if measure { self.measured_error(stage, row) } else { scale.error };
        self.paths.close(error);
    }

    /// As the other way of beam search does it, with residuals made for it.
    fn go_on_by_residuals(&mut self, values: &[f32], stage: usize, row: usize, keep: usize) {
        let path = |entry: usize| &self.paths.path(row, entry)[..stage];
        let mut order: Vec<usize> = Vec::new();
        for entry in 0..self.paths.row(row).count {
            let at = order.iter().position(|&other| self.definition.order(values, path(entry), path(other)).is_lt());
            order.insert(at.unwrap_or(order.len()), entry);
        }
        self.residuals.start_one();
        for &entry in &order {
            self.residuals.put(self.definition.residual(values, path(entry)), path(entry));
        }
        by_residuals::extend(self.codebook, stage, 0, keep, &mut self.residuals, &mut self.packed_entries, &mut self.scores);
        self.residuals.advance();
        self.paths.open();
        for (entry, &distance) in self.residuals.distances(0).iter().enumerate() {
            let last = self.residuals.last(0, entry);
            self.paths.put(stage, Continuation::new(order[last.entry()], last.codeword()), distance);
        }
        let error = self.measured_error(stage, row);
        self.paths.close(error);
    }

    /// By how much the next entries' distances may be wrong where they have been measured: what f32 squares may lose, and how far the definition's residual, which
    /// has been rounded at every stage, may be from the exact one.
    fn measured_error(&self, stage: usize, row: usize) -> f64 {
        let table = self.tables.stage(stage);
        let (farthest, drift) = (self.paths.next_farthest(), drift(self.packed.facts(row).norm + table.norms_before + table.norm, stage + 1));
        square_error(farthest, self.codebook.dim) + 2.0 * (farthest.sqrt() + drift) * drift
    }
}

/// How far the definition's residual after so many stages may be from the exact one, whose norm is `reach` at most: each rounds it by 2^-24 of that, here twice as much.
fn drift(reach: f64, stages: usize) -> f64 {
    reach * stages as f64 / f64::from(1 << 23)
}
