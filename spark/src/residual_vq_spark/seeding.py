"""The codewords with which a stage begins, chosen in the driver among a sample of its rows: k-means++, then moved towards the mean where that fits better.

The rules are those of the npm package (ts/kmeans/seeding.ts, contraction.ts); nearest codewords and distances are the core's.
"""

from __future__ import annotations

import numpy as np

from .core import Core
from .draws import Random
from .quantizer import Assigner, block_rows

SAMPLE_PER_CODEWORD = 16
"""Rows a codeword among which k-means++ chooses."""

_FIRST_STREAM = 2
"""The random stream of the first stage, as in the npm package."""

_FITTED_PART = 4
"""One of so many rows of the sample, the last, decides by how much codewords are moved towards the mean."""

_FACTORS = (1 / 2, 1 / 4)
"""Parts of their distance from the mean that codewords may keep, besides all of it: rows are bad codewords in many dims."""

_MEASURED_BEFORE = 2
_MOST_REFUSED = 4
"""For so many codewords that distances know of one more is drawn before they are brought up to date, and so many rows are refused."""


def first_codewords(wasm: bytes, sample: np.ndarray, count: int, seed: int, stage: int) -> np.ndarray:
    """`count` codewords, float32, for rows of which `sample`, rows x dim, was drawn."""
    chosen = _spread(wasm, sample, count, Random(seed, _FIRST_STREAM + stage))
    fitted = sample[-max(1, -(-len(sample) // _FITTED_PART)) :]
    return _contracted(wasm, chosen, fitted)


def _spread(wasm: bytes, sample: np.ndarray, count: int, random: Random) -> np.ndarray:
    """k-means++ (Arthur and Vassilvitskii, 2007): each codeword is a row drawn in proportion to its squared distance from the nearest so far. Distances are
    brought up to date for several codewords at a time; between, a row is taken with the probability by which its distance has fallen since."""
    codewords = np.empty((count, sample.shape[1]), np.float32)
    nearest = np.full(len(sample), np.inf)
    k = measured = refused = 0
    while k < count:
        row = random.below(len(sample)) if k == 0 else _drawn(random, nearest)
        since = codewords[measured:k].astype(np.float64) - sample[row]
        distance = min([nearest[row], *(since * since).sum(axis=1)])
        if k == 0 or random.uniform() * nearest[row] <= distance:
            codewords[k] = sample[row]
            k += 1
        else:
            refused += 1
        if k - measured < max(1, measured / _MEASURED_BEFORE) and refused < _MOST_REFUSED:
            continue
        if k > measured:
            nearest = np.minimum(nearest, _distances(wasm, sample, codewords[measured:k]))
        measured, refused = k, 0
    return codewords


def _drawn(random: Random, weights: np.ndarray) -> int:
    """A row drawn in proportion to its weight. Where all weights are 0, every row equals a codeword, and the first is as good as any."""
    below = np.cumsum(weights)
    target = random.uniform() * below[-1]
    if below[-1] == 0:
        return 0
    return int(min(np.searchsorted(below, target, side="right"), np.nonzero(weights)[0][-1]))


def _contracted(wasm: bytes, codewords: np.ndarray, rows: np.ndarray) -> np.ndarray:
    mean = rows.mean(axis=0, dtype=np.float64)
    best, least = codewords, _distances(wasm, rows, codewords).sum()
    for factor in _FACTORS:
        candidate = (mean + factor * (codewords - mean)).astype(np.float32)
        error = _distances(wasm, rows, candidate).sum()
        if error >= least:
            break  # the error falls and then grows
        best, least = candidate, error
    return best


def _distances(wasm: bytes, rows: np.ndarray, codewords: np.ndarray) -> np.ndarray:
    """The squared distance of each row to its nearest codeword."""
    core = Core(wasm)
    size = block_rows(rows.shape[1])
    with core.scope() as scope:
        assigner = Assigner(core, scope, codewords, 1.0, size)
        try:
            blocks = (rows[first : first + size] for first in range(0, len(rows), size))
            return np.concatenate([assigner.distances(block, assigner.assign(block)) for block in blocks])
        finally:
            assigner.close()
