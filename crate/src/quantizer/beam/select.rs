//! Which continuations could be among the best.

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
}

/// The `count`-th smallest of values, or the largest float where there are fewer: how low a score must at least be if `count`
/// continuations score no more than that. `kept` is a buffer.
pub fn nth_smallest(values: impl Iterator<Item = f32>, count: usize, kept: &mut Vec<f32>) -> f32 {
    kept.clear();
    for value in values {
        if kept.len() < count {
            let at = kept.partition_point(|&k| k <= value);
            kept.insert(at, value);
        } else if value < kept[count - 1] {
            kept.pop();
            let at = kept.partition_point(|&k| k <= value);
            kept.insert(at, value);
        }
    }
    if kept.len() < count {
        f32::MAX
    } else {
        kept[count - 1].min(f32::MAX)
    }
}
