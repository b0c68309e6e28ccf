"""Partial sums of partitions, merged on the cluster: shuffled by piece, so that no task and not the driver holds those of all partitions.

What is merged does not depend on any order: integers are added as integers; sums of rows are multiples of a power of two that stay below 2^53 of it, so
that float64 adds them without rounding; a largest value is one; rows picked are ordered by what they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .errors import collected

PARTIAL = "piece int, largest double, counts binary, sums binary, picks binary"
"""Schema of partials on their way: numbers little-endian, int64 and float64; picks as `pick_type` has them."""

MOST_REDUCERS = 8
"""Tasks that merge, at most: each takes some tens of milliseconds whatever it does."""

PIECE_BYTES = 1 << 16
"""Sums of one piece, about."""


def _no(dtype):
    return field(default_factory=lambda: np.zeros(0, dtype))


@dataclass
class Partial:
    """A piece of what a partition adds up.

    piece: which piece of the whole; those of a number are merged
    counts, sums: added, element by element
    largest: the larger is kept
    picks: rows, the first of each group kept, see `first_picks`; None: none
    """

    piece: int
    largest: float = 0.0
    counts: np.ndarray = _no(np.int64)
    sums: np.ndarray = _no(np.float64)
    picks: np.ndarray | None = None

    def to_arrow(self):
        import pyarrow as pa

        picks = b"" if self.picks is None else self.picks.tobytes()
        columns = [[self.piece], [self.largest], [self.counts.tobytes()], [self.sums.tobytes()], [picks]]
        kinds = [pa.int32(), pa.float64(), pa.binary(), pa.binary(), pa.binary()]
        return pa.RecordBatch.from_arrays([pa.array(c, k) for c, k in zip(columns, kinds)], ["piece", "largest", "counts", "sums", "picks"])


def pick_type(dim: int) -> np.dtype:
    """A row picked: of each `group` those of the lowest `rank`, then the lowest `hash`, come first."""
    return np.dtype([("group", "<i4"), ("rank", "<f8"), ("hash", "<u8"), ("row", "<f4", (dim,))])


def first_picks(picks: np.ndarray, limits: int | dict[int, int]) -> np.ndarray:
    """The first of each group, in order, as many as `limits` says, of all groups or of each; of rows with the same rank and hash, which are equal, one."""
    picks = picks[np.lexsort((picks["hash"], picks["rank"], picks["group"]))]
    if len(picks) == 0:
        return picks
    group = picks["group"]
    other_group = np.concatenate([[True], group[1:] != group[:-1]])
    other = other_group.copy()
    other[1:] |= (picks["rank"][1:] != picks["rank"][:-1]) | (picks["hash"][1:] != picks["hash"][:-1])
    picks, group, other_group = picks[other], group[other], other_group[other]
    place = np.arange(len(picks)) - np.maximum.accumulate(np.where(other_group, np.arange(len(picks)), 0))
    most = limits if isinstance(limits, int) else np.array([limits.get(int(k), 0) for k in group])
    return picks[place < most]


def merged(partials, *, pieces: int, dim: int = 1, limits: int | dict[int, int] = 0) -> dict[int, Partial]:
    """Merges a DataFrame of partials, and brings the pieces to the driver by their numbers.

    pieces: how many there are, about; dim: of the rows picked; limits: see first_picks
    """
    task = _merger(pick_type(dim), limits)
    reducers = max(1, min(MOST_REDUCERS, pieces // 2))
    rows = collected(partials.repartition(reducers, "piece").mapInArrow(task, PARTIAL))
    return {row["piece"]: _of(*row, pick_type(dim)) for row in rows}


def _of(piece, largest, counts, sums, picks, kind) -> Partial:
    return Partial(piece, largest, np.frombuffer(counts, "<i8"), np.frombuffer(sums, "<f8"), np.frombuffer(picks, kind) if picks else None)


def _merger(kind: np.dtype, limits: int | dict[int, int]):
    def merge(batches):
        whole: dict[int, Partial] = {}
        for batch in batches:
            for at in range(batch.num_rows):
                part = _of(*(batch.column(i)[at].as_py() for i in range(5)), kind)
                before = whole.get(part.piece)
                whole[part.piece] = part if before is None else _add(before, part, limits)
        for part in whole.values():
            yield part.to_arrow()

    return merge


def _add(a: Partial, b: Partial, limits: int | dict[int, int]) -> Partial:
    picks = [part.picks for part in (a, b) if part.picks is not None]
    return Partial(a.piece, max(a.largest, b.largest), a.counts + b.counts, a.sums + b.sums, first_picks(np.concatenate(picks), limits) if picks else None)
