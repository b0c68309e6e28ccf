//! Which continuations could be among the best.

use crate::kernels::continuations::{any_below, below, count_below, range, GROUPS, SEGMENT};
use crate::kernels::Native;
use core::cmp::Ordering;

/// An entry of the beam and the codeword that it goes on with; ordered as ties are: the earlier entry, then the lower codeword.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Continuation(u32);

impl Continuation {
    pub fn new(entry: usize, codeword: usize) -> Continuation {
        Continuation((entry as u32) << 16 | codeword as u32)
    }
    pub fn entry(self) -> usize {
        (self.0 >> 16) as usize
    }
    pub fn codeword(self) -> usize {
        (self.0 & 0xffff) as usize
    }
    /// The entry x 65,536 + the codeword.
    pub fn number(self) -> u32 {
        self.0
    }
}

/// The rows of scores of a row's entries, as they are searched.
#[derive(Clone, Copy)]
pub struct ScoreRows<'a> {
    pub columns: usize,
    /// `scores[entry * columns + k]`
    pub scores: &'a [i16],
    /// The smallest of each segment's groups: `minima[entry * segments + segment]`
    pub minima: &'a [[i16; GROUPS]],
    /// The smallest of an entry's groups, all segments together.
    pub groups: &'a [[i16; GROUPS]],
}

/// So many scores are counted for each of them sooner than bisection ends.
const FEW: usize = 48;

/// The candidates of a row: continuations of which those that are missing are not among the best.
#[derive(Default)]
pub struct Candidates {
    count: usize,
    /// Of each its score, filled up by the largest one.
    scores: Vec<[i16; 8]>,
    continuations: Vec<Continuation>,
    /// The segments that hold candidates: entry x 65,536 + segment.
    hits: Vec<u32>,
}

impl Candidates {
    pub fn bytes(columns: usize, beam: usize) -> f64 {
        // at worst all are candidates; arrays grow by doubling
        3.0 * 6.0 * (beam * columns) as f64 + 4.0 * (beam * columns.div_ceil(SEGMENT)) as f64
    }

    pub fn count(&self) -> usize {
        self.count
    }

    /// Each with its score.
    pub fn iter(&self) -> impl Iterator<Item = (i16, Continuation)> + '_ {
        self.scores.as_flattened().iter().copied().zip(self.continuations.iter().copied())
    }

    pub fn continuations(&self) -> &[Continuation] {
        &self.continuations
    }

    /// Takes what lies within the margin of the `keep`-th best. Candidates are in the order of the scores.
    pub fn choose(&mut self, rows: ScoreRows, keep: usize, margin: i32) {
        let ScoreRows { columns, scores, minima, groups } = rows;
        let segments = columns.div_ceil(SEGMENT);
        // As many groups as give a bound of the keep-th best: each group's smallest is a continuation of its own.
        let groups = if groups.len() * GROUPS >= 2 * keep { groups } else { minima };
        let limit = limit_of(bound_of_nth(groups, keep, margin / 8), margin);
        let count = self.find_hits(minima, segments, limit);
        self.continuations.clear();
        let mut found = 0;
        for &hit in &self.hits[..count] {
            let (entry, segment) = ((hit >> 16) as usize, (hit & 0xffff) as usize);
            let first = segment * SEGMENT;
            let row = &scores[entry * columns..][..columns];
            let mut mask = below::<Native>(&row[first..columns.min(first + SEGMENT)], limit);
            if self.scores.len() * 8 < found + SEGMENT {
                self.scores.resize(2 * self.scores.len() + SEGMENT / 8, [0; 8]);
            }
            while mask != 0 {
                let k = first + mask.trailing_zeros() as usize;
                mask &= mask - 1;
                self.scores.as_flattened_mut()[found] = row[k];
                self.continuations.push(Continuation::new(entry, k));
                found += 1;
            }
        }
        self.count = found;
        // the groups' bound is a loose one where some groups hold several of the best
        if found > keep {
            let limit = limit_of(self.bound(keep), margin);
            self.retain_below(limit);
        }
    }

    /// The `count`-th smallest score.
    pub fn bound(&mut self, count: usize) -> i16 {
        let vectors = self.count.div_ceil(8);
        self.scores[..vectors].as_flattened_mut()[self.count..].fill(i16::MAX);
        let scores = &self.scores[..vectors];
        if self.count > FEW {
            return bound_of_nth(scores, count, 0);
        }
        // the largest of those that fewer than `count` lie below: here no step waits for the one before
        scores
            .as_flattened()
            .iter()
            .fold(i16::MIN, |bound, &score| if count_below::<Native>(scores, score) < count { bound.max(score) } else { bound })
    }

    fn find_hits(&mut self, minima: &[[i16; GROUPS]], segments: usize, limit: i16) -> usize {
        if self.hits.len() < minima.len() {
            self.hits.resize(minima.len(), 0);
        }
        let mut count = 0;
        for (entry, minima) in minima.chunks_exact(segments).enumerate() {
            for (segment, minima) in minima.iter().enumerate() {
                self.hits[count] = (entry << 16 | segment) as u32; // overwritten by the next where this is none: no branch
                count += usize::from(any_below::<Native>(minima, limit));
            }
        }
        count
    }

    fn retain_below(&mut self, limit: i16) {
        let scores = self.scores.as_flattened_mut();
        let mut kept = 0;
        for i in 0..self.continuations.len() {
            let score = scores[i];
            (scores[kept], self.continuations[kept]) = (score, self.continuations[i]);
            kept += usize::from(score < limit);
        }
        self.continuations.truncate(kept);
        self.count = kept;
    }
}

/// What lies below it is within the margin. Places past the last codeword never do.
fn limit_of(bound: i16, margin: i32) -> i16 {
    i32::from(bound).saturating_add(margin).saturating_add(1).min(i32::from(i16::MAX)) as i16
}

/// A value that at least `count` of the values do not exceed, nearly the least that there is: at most `slack` above the `count`-th smallest.
/// Found by bisection, because sorting takes a mispredicted branch for nearly every value that it keeps.
fn bound_of_nth(values: &[[i16; 8]], count: usize, slack: i32) -> i16 {
    if values.len() * 8 < count {
        return i16::MAX;
    }
    let [least, most] = range::<Native>(values);
    // fewer than `count` values are at most `low`, at least `count` at most `high`
    let (mut low, mut high) = (i32::from(least) - 1, i32::from(most));
    while high - low > slack.max(1) {
        let middle = (low + high) >> 1;
        // all ones where the bound lies above the middle: a branch would be mispredicted half of the time
        let above = -i32::from(count_below::<Native>(values, (middle + 1) as i16) < count);
        low = low & !above | middle & above;
        high = high & above | middle & !above;
    }
    high as i16
}

/// Puts the least `first` of the values to the front, in order. Cheaper than sorting where most of the others are larger, as most are.
pub fn to_front<T: Copy>(values: &mut [T], first: usize, mut order: impl FnMut(&T, &T) -> Ordering) {
    for next in 0..values.len() {
        let value = values[next];
        let mut at = next.min(first);
        if at == first {
            // only what comes before the last of the first moves on
            if !order(&value, &values[first - 1]).is_lt() {
                continue;
            }
            values[next] = values[first - 1];
            at -= 1;
        }
        while at > 0 && order(&value, &values[at - 1]).is_lt() {
            values[at] = values[at - 1];
            at -= 1;
        }
        values[at] = value;
    }
}
