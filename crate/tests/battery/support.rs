//! Seeded rows and codewords that stand on edges, and the definition in plain loops to hold the crate to.

/// xorshift64*: the tests need variety, not quality.
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Rng {
        Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() >> 33) as usize % n
    }
    /// -1 to 1.
    pub fn signed(&mut self) -> f32 {
        ((self.next() >> 40) as f32 / (1u64 << 23) as f32) - 1.0
    }
    pub fn values(&mut self, len: usize, scale: f32) -> Vec<f32> {
        (0..len).map(|_| self.signed() * scale).collect()
    }
}

pub struct Case {
    pub name: String,
    pub dim: usize,
    pub codewords: Vec<u32>,
    pub values: Vec<f32>,
    pub rows: Vec<f32>,
}

fn nudge(value: f32, steps: i32) -> f32 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    f32::from_bits((value.to_bits() as i32 + steps) as u32)
}

/// Every kind of trouble, for one shape.
pub fn cases(dim: usize, codewords: &[u32], rows: usize, seed: u64) -> Vec<Case> {
    let total: usize = codewords.iter().map(|&k| k as usize).sum();
    let mut cases = Vec::new();
    let mut add = |name: &str, values: Vec<f32>, rows: Vec<f32>| {
        let name = format!("{name}: dim {dim}, codewords {codewords:?}, seed {seed}");
        cases.push(Case { name, dim, codewords: codewords.to_vec(), values, rows });
    };
    let mut rng = Rng::new(seed);

    let values = rng.values(total * dim, 1.0);
    add("uniform", values.clone(), rng.values(rows * dim, 2.0));

    // rows that are codewords, or halfway between two, give or take a last bit
    let mut between = Vec::new();
    for _ in 0..rows {
        let (a, b) = (rng.below(total), rng.below(total));
        let steps = rng.below(3) as i32 - 1;
        for j in 0..dim {
            let middle = (values[a * dim + j] + values[b * dim + j]) / 2.0;
            between.push(nudge(middle, steps));
        }
    }
    add("halfway between codewords", values.clone(), between);
    add(
        "rows are codewords",
        values.clone(),
        (0..rows)
            .flat_map(|_| {
                let k = rng.below(total);
                values[k * dim..][..dim].to_vec()
            })
            .collect(),
    );

    // codewords that differ in the last bit of one value
    let first = rng.values(dim, 1.0);
    let mut close = Vec::new();
    for _ in 0..total {
        let at = rng.below(dim);
        let steps = rng.below(3) as i32 - 1;
        close.extend(first.iter().enumerate().map(|(j, &x)| if j == at { nudge(x, steps) } else { x }));
    }
    add(
        "codewords a bit apart",
        close,
        (0..rows)
            .flat_map(|_| {
                let at = rng.below(dim);
                let steps = rng.below(9) as i32 - 4;
                first.iter().enumerate().map(|(j, &x)| if j == at { nudge(x, steps) } else { x }).collect::<Vec<_>>()
            })
            .collect(),
    );

    add("all codewords equal", first.repeat(total), rng.values(rows * dim, 1.0));
    add("all zero", vec![0.0; total * dim], vec![0.0; rows * dim]);
    add("zero rows", values.clone(), vec![0.0; rows * dim]);
    add("zero codewords", vec![0.0; total * dim], rng.values(rows * dim, 1.0));
    for scale in [1e-44, 1e-38, 1e-20, 1e20, 1e37, 3e38] {
        add(&format!("scale {scale:e}"), rng.values(total * dim, scale), rng.values(rows * dim, scale));
        add(&format!("rows of scale {scale:e}"), values.clone(), rng.values(rows * dim, scale));
        add(&format!("codewords of scale {scale:e}"), rng.values(total * dim, scale), rng.values(rows * dim, 1.0));
    }
    // stages of different scale, so that products of their codewords leave float32, or next to nothing is left to sum
    for (first, others) in [(1e21, 1e18), (1e-6, 1e6), (1e6, 1e-6), (1e30, 1e-30)] {
        let mut values = rng.values(total * dim, others);
        let head = codewords[0] as usize * dim;
        values[..head].iter_mut().for_each(|value| *value = *value / others * first);
        add(&format!("stages of scale {first:e} and {others:e}"), values.clone(), rng.values(rows * dim, first));
        add(&format!("small rows, stages of scale {first:e} and {others:e}"), values, rng.values(rows * dim, others));
    }
    for mean in [100.0, 1e6, 1e8, -1e30] {
        let shift = |x: Vec<f32>| x.into_iter().map(|x| x + mean).collect::<Vec<f32>>();
        add(&format!("common mean {mean:e}"), shift(rng.values(total * dim, 1.0)), shift(rng.values(rows * dim, 1.0)));
    }
    // norms that differ by orders of magnitude
    let mixed = |rng: &mut Rng, count: usize| {
        (0..count)
            .flat_map(|_| {
                let scale = 10f32.powi(rng.below(13) as i32 - 6);
                rng.values(dim, scale)
            })
            .collect::<Vec<f32>>()
    };
    let (some, others) = (mixed(&mut rng, total), mixed(&mut rng, rows));
    add("mixed norms", some, others);
    // one value that is nearly all of the norm
    let spiky = |rng: &mut Rng, count: usize| {
        (0..count)
            .flat_map(|_| {
                let mut row = rng.values(dim, 1e-3);
                let at = rng.below(dim);
                row[at] = rng.signed() * 100.0;
                row
            })
            .collect::<Vec<f32>>()
    };
    let (some, others) = (spiky(&mut rng, total), spiky(&mut rng, rows));
    add("one large value", some, others);
    // whole numbers: exact ties abound
    let whole = |rng: &mut Rng, count: usize| (0..count * dim).map(|_| rng.below(3) as f32 - 1.0).collect::<Vec<f32>>();
    let (some, others) = (whole(&mut rng, total), whole(&mut rng, rows));
    add("exact ties", some, others);
    cases
}

/// The distance of the definition.
pub fn distance(row: &[f32], codeword: &[f32]) -> f64 {
    let mut sums = [0.0f64; 4];
    for (j, (r, c)) in row.iter().zip(codeword).enumerate() {
        let e = f64::from(r - c);
        sums[j % 4] += e * e;
    }
    (sums[0] + sums[2]) + (sums[1] + sums[3])
}

/// The codes of the definition, greedy.
pub fn encode(case: &Case) -> Vec<u16> {
    let mut codes = Vec::new();
    for row in case.rows.chunks_exact(case.dim) {
        let mut residual = row.to_vec();
        let mut rest = &case.values[..];
        for &count in &case.codewords {
            let (stage, after) = rest.split_at(count as usize * case.dim);
            rest = after;
            let mut best = (f64::INFINITY, 0);
            for (k, codeword) in stage.chunks_exact(case.dim).enumerate() {
                let d = distance(&residual, codeword);
                if d < best.0 {
                    best = (d, k);
                }
            }
            codes.push(best.1 as u16);
            residual.iter_mut().zip(&stage[best.1 * case.dim..]).for_each(|(r, c)| *r -= c);
        }
    }
    codes
}

/// The codes of the definition with a beam: all continuations ranked by distance, ties to the earlier entry and then the lower codeword.
pub fn beam_encode(case: &Case, beam: usize) -> Vec<u16> {
    let mut codes = Vec::new();
    for row in case.rows.chunks_exact(case.dim) {
        let mut entries: Vec<(Vec<f32>, Vec<u16>)> = vec![(row.to_vec(), Vec::new())];
        let mut rest = &case.values[..];
        for &count in &case.codewords {
            let (stage, after) = rest.split_at(count as usize * case.dim);
            rest = after;
            let mut ranked = Vec::new();
            for (b, (residual, _)) in entries.iter().enumerate() {
                for (k, codeword) in stage.chunks_exact(case.dim).enumerate() {
                    let d = distance(residual, codeword);
                    ranked.push((if d < f64::INFINITY { d } else { f64::INFINITY }, b, k));
                }
            }
            ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
            ranked.truncate(beam);
            let next = ranked.iter().map(|&(_, b, k)| {
                let (residual, path) = &entries[b];
                let codeword = &stage[k * case.dim..][..case.dim];
                let mut path = path.clone();
                path.push(k as u16);
                (residual.iter().zip(codeword).map(|(r, c)| r - c).collect(), path)
            });
            entries = next.collect();
        }
        codes.extend(&entries[0].1);
    }
    codes
}
