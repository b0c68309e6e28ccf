//! The beams of a tile of rows as the tables know them: the codewords so far of each entry, and about how far it is from the row. Entries are in no
//! order. Mostly those of one parent follow each other, which saves sums; where residuals were made for a stage they are best first, and a parent counts
//! once for each run of its entries.

use super::select::Continuation;

pub struct Paths {
    stride: usize,
    beam: usize,
    now: Generation,
    next: Generation,
}

/// The entries of all rows after one stage: those of row i begin at i * beam.
struct Generation {
    rows: Vec<Row>,
    /// `paths[(row * beam + entry) * stride + stage / 8][stage % 8]`
    paths: Vec<[u16; 8]>,
    distances: Vec<f64>,
    /// Which of the parents of the row's entries an entry has, and one entry of each of them: one parent a run of entries that follow each other.
    parents: Vec<u8>,
    children: Vec<u8>,
}

/// What is known of a row's entries together.
#[derive(Clone, Copy)]
pub struct Row {
    pub count: usize,
    parents: usize,
    /// The entry before that the last entry comes from.
    last: usize,
    /// The largest of the distances.
    pub farthest: f64,
    /// The most by which any of them may be wrong.
    pub error: f64,
}

impl Generation {
    fn new(rows: usize, beam: usize, stride: usize) -> Generation {
        Generation {
            rows: Vec::with_capacity(rows),
            paths: vec![[0; 8]; rows * beam * stride],
            distances: vec![0.0; rows * beam],
            parents: vec![0; rows * beam],
            children: vec![0; rows * beam],
        }
    }
}

impl Paths {
    /// Bytes of a row.
    pub fn row_bytes(stages: usize, beam: usize) -> usize {
        2 * (beam * (16 * stages.div_ceil(8) + 8 + 2) + 40)
    }

    pub fn new(stages: usize, rows: usize, beam: usize) -> Paths {
        let stride = stages.div_ceil(8);
        Paths { stride, beam, now: Generation::new(rows, beam, stride), next: Generation::new(rows, beam, stride) }
    }

    /// One entry a row: the row itself, `square` from nothing, to within `error`.
    pub fn start(&mut self, rows: impl Iterator<Item = (f64, f64)>) {
        self.now.rows.clear();
        for (row, (square, error)) in rows.enumerate() {
            self.now.rows.push(Row { count: 1, parents: 0, last: 0, farthest: square, error });
            self.now.distances[row * self.beam] = square;
        }
    }

    pub fn rows(&self) -> usize {
        self.now.rows.len()
    }

    pub fn row(&self, row: usize) -> Row {
        self.now.rows[row]
    }

    pub fn distance(&self, row: usize, entry: usize) -> f64 {
        self.now.distances[row * self.beam + entry]
    }

    /// How many entries the row's entries come from, counted once for each run of one's.
    pub fn parents(&self, row: usize) -> usize {
        self.now.rows[row].parents
    }

    pub fn parent(&self, row: usize, entry: usize) -> usize {
        usize::from(self.now.parents[row * self.beam + entry])
    }

    /// An entry that comes from a parent.
    pub fn child(&self, row: usize, parent: usize) -> usize {
        usize::from(self.now.children[row * self.beam + parent])
    }

    /// The codewords of an entry, one a stage; those of stages to come mean nothing.
    pub fn path(&self, row: usize, entry: usize) -> &[u16] {
        self.now.paths[(row * self.beam + entry) * self.stride..][..self.stride].as_flattened()
    }

    /// The next entries of a row, which come in their order, are about to be put.
    pub fn open(&mut self) {
        self.next.rows.push(Row { count: 0, parents: 0, last: usize::MAX, farthest: 0.0, error: 0.0 });
    }

    /// The largest of the distances that were put.
    pub fn next_farthest(&self) -> f64 {
        self.next.rows.last().map_or(0.0, |row| row.farthest)
    }

    /// They have been, with distances that may be wrong by so much.
    pub fn close(&mut self, error: f64) {
        if let Some(row) = self.next.rows.last_mut() {
            row.error = error;
        }
    }

    pub fn put(&mut self, stage: usize, continuation: Continuation, distance: f64) {
        let row = self.next.rows.len() - 1;
        let facts = &mut self.next.rows[row];
        let entry = facts.count;
        facts.count += 1;
        facts.parents += usize::from(continuation.entry() != facts.last);
        facts.last = continuation.entry();
        if distance > facts.farthest {
            facts.farthest = distance;
        }
        let to = row * self.beam + entry;
        self.next.distances[to] = distance;
        self.next.parents[to] = (facts.parents - 1) as u8;
        self.next.children[row * self.beam + facts.parents - 1] = entry as u8;
        let parent = (row * self.beam + continuation.entry()) * self.stride;
        let (path, parent) = (&mut self.next.paths[to * self.stride..][..self.stride], &self.now.paths[parent..][..self.stride]);
        // vector by vector: a copy of unknown length is a call of the engine
        for (to, from) in path.iter_mut().zip(parent).take(stage / 8 + 1) {
            *to = *from;
        }
        path[stage / 8][stage % 8] = continuation.codeword() as u16;
    }

    /// The next entries become the present ones.
    pub fn advance(&mut self) {
        core::mem::swap(&mut self.now, &mut self.next);
        self.next.rows.clear();
    }
}
