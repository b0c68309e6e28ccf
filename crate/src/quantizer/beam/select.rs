//! Which continuations could be among the best.

use crate::kernels::continuations::count_at_most;
use crate::kernels::Native;

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

/// A value that at least `count` of the values do not exceed, nearly the least that there is: at most `slack` above the `count`-th smallest.
/// Found by bisection, because sorting takes a mispredicted branch for nearly every value that it keeps. The number of values is a multiple of four.
pub fn bound_of_nth(values: &[i32], count: usize, slack: i32) -> i32 {
    if values.len() < count {
        return i32::MAX;
    }
    let (least, most) = values.iter().fold((i32::MAX, i32::MIN), |(least, most), &v| (least.min(v), most.max(v)));
    // fewer than `count` values are at most `low`, at least `count` at most `high`
    let (mut low, mut high) = (i64::from(least) - 1, i64::from(most));
    while high - low > i64::from(slack).max(1) {
        let middle = low + (high - low) / 2;
        let found = count_at_most::<Native>(values, middle as i32);
        if found < count {
            low = middle;
        } else {
            high = middle;
            if found == count {
                break;
            }
        }
    }
    high as i32
}
