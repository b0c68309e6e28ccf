"""Evaluate: how much of the rows is lost after each stage, how much use codewords are of, and the figures made of that."""

from __future__ import annotations

import math

import numpy as np

from .codebook import Codebook
from .core import wasm_bytes
from .encode import check_encoding
from .errors import RowError
from .merge import PARTIAL, Partial, merged
from .quantizer import Quantizer, block_rows
from .rows import RowNames, float_blocks, naming_columns, partition_number, regrouped, taken
from .ship import register


def evaluate(df, column: str, codebook: Codebook, *, beam: int = 1) -> dict:
    """What the codebook loses of the rows, as the npm package's `evaluate` tells it.

    Returns rows, dim, stages, codewords, bitsPerRow, mse (the mean over rows of the summed squared difference, not divided by dim), msePerStage,
    relativeError (total squared error over total squared norm; of rows of zeros infinite, unless nothing is lost), relativeErrorPerStage, entropyPerStage
    (1 where all codewords are used alike), deadPerStage.
    Errors are added block by block in a partition, then in the order of the partitions: the same partitions give the same figures, to the last bit.
    """
    check_encoding(df, column, codebook, beam)
    register()
    naming = naming_columns(df, column)
    names = RowNames(column, {f"_{i + 1}": name for i, name in enumerate(naming)})
    task = _measurer(wasm_bytes(), codebook, names, beam)
    measured = merged(taken(df, [column, *naming]).mapInArrow(task, PARTIAL), pieces=len(codebook.codewords))
    if not measured:
        raise RowError(f'column "{column}": expected at least one row, got none')
    use, totals = [], np.zeros(len(codebook.codewords) + 1)
    for stage in range(len(codebook.codewords)):
        use.append(measured.pop(stage).counts)
    for _, partial in sorted(measured.items(), reverse=True):  # partition p is piece -1 - p
        totals += partial.sums
    rows = int(use[0].sum())
    squared_norm, errors = totals[0], totals[1:]
    mse = [float(error / rows) for error in errors]
    with np.errstate(divide="ignore"):  # of rows of zeros everything is lost, where anything is
        relative = [float(error / squared_norm) if error else 0.0 for error in errors]
    return {
        "rows": rows,
        "dim": codebook.dim,
        "stages": len(codebook.codewords),
        "codewords": list(codebook.codewords),
        "bitsPerRow": codebook.bits_per_row,
        "mse": mse[-1],
        "msePerStage": mse,
        "relativeError": relative[-1],
        "relativeErrorPerStage": relative,
        "entropyPerStage": [entropy(counts) for counts in use],
        "deadPerStage": [int((counts == 0).sum()) for counts in use],
    }


def entropy(counts: np.ndarray) -> float:
    """Entropy of the distribution counts / sum(counts), over that of the uniform one: 1 where all are used alike, and for one codeword."""
    if len(counts) < 2:
        return 1.0
    total = int(counts.sum())
    bits = 0.0
    for used in counts.tolist():
        if used:
            bits -= used / total * math.log2(used / total)
    return bits / math.log2(len(counts))


def _measurer(wasm: bytes, codebook: Codebook, names: RowNames, beam: int):
    data, dim, codewords, key = codebook.data, codebook.dim, codebook.codewords, codebook.id

    def measure_batches(batches):
        use = [np.zeros(size, np.int64) for size in codewords]
        sums = np.zeros(len(codewords) + 1)
        rows_seen = False
        with Quantizer(wasm, data, dim, codewords, key, beam) as quantizer:
            for rows in regrouped(float_blocks(batches, "_0", dim, block_rows(dim), names), dim, block_rows(dim)):
                codes = quantizer.encode(rows)
                sums += quantizer.measure(rows, codes)
                for stage, counts in enumerate(use):
                    counts += np.bincount(codes[:, stage], minlength=len(counts))
                rows_seen = True
        if rows_seen:
            for stage, counts in enumerate(use):
                yield Partial(stage, counts=counts).to_arrow()
            yield Partial(-1 - partition_number(), sums=sums).to_arrow()

    return measure_batches
