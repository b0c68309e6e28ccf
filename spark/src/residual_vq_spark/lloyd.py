"""What the driver does between two passes over the rows: codewords to the means of their rows, and a place for codewords without rows.

The rules, and the order in which they add up, are those of the npm package (ts/kmeans/lloyd.ts, repair.ts, revive.ts, sampling.ts).
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from .errors import RowError

LARGEST = 2.0**120
"""Larger values would let differences of rows and codewords pass the end of float32."""

_MOST_GRID_STEPS = 2.0**50
_STRIDE = 4
_LEAST_ROWS = 10
_SAME_ROW = 1 / 2
_NUDGE = 1 / 64
_MEANS_AT_ONCE = 2**22 // 8

MOST_REVIVED = 1024
"""Codewords without rows that one iteration moves, at most: rows for them come to the driver. The others wait for the next."""


def stride_of(rows: int, codewords: int) -> int:
    """An iteration but the last goes over one of so many rows, another each time."""
    return max(1, min(_STRIDE, rows // (_LEAST_ROWS * codewords)))


def goes_over_all(iterations: int, entries: int, iteration: int) -> bool:
    """Whether an iteration (from 1) goes over all rows, and all their entries."""
    return iteration > iterations - (2 if entries > 1 else 1)


def weight_of_entries(entries: int) -> float:
    """For how much of a row an entry counts where all of them take part: together they say less than as many rows."""
    return min(1.0, 1 / (_SAME_ROW * entries))


def sum_grid(largest: float, added: int) -> float:
    """The smallest power of two of which `added` values up to `largest` make no more than 2^53: sums of multiples of it are exact in any order."""
    if largest == 0:
        return 1.0
    if not largest <= LARGEST:
        raise RowError(f"values up to {largest:.3g} are too large to train on: scale them below 1e36")
    most = _MOST_GRID_STEPS
    while most * added > 2.0**53:
        most /= 2
    grid = 1.0
    while largest > most * grid:
        grid *= 2
    while largest <= most / 2 * grid:
        grid /= 2
    return grid


def error_grid(largest: float, codewords: np.ndarray, added: int) -> float:
    """A power of two of which `added` squared distances make less than 2^62: int64 adds them exactly, whatever the order."""
    reach = largest + float(np.abs(codewords).max())
    most = codewords.shape[1] * reach * reach * added * 1.001
    if most == 0:
        return 1.0
    return float(2.0 ** (int(np.ceil(np.log2(most))) - 61))


def moved_to_means(codewords: np.ndarray, sums: np.ndarray, counts: np.ndarray, error: float, weight: float) -> np.ndarray:
    """Each codeword at the mean of its rows, moved towards the mean of all as if it had so many rows more that lie there: the squared error within codewords
    over the variance between them (empirical Bayes, as James and Stein). A codeword without rows stays. Float64, rounded to float32 once."""
    dim = codewords.shape[1]
    rows = float(counts.sum())
    used = counts > 0
    n = counts.astype(np.float64)[:, None]
    mean = sums.sum(axis=0) / rows  # exact before it is divided, as sums are multiples of the grid
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = np.where(used[:, None], sums / n - mean, 0.0)
    parts = n * difference * difference
    run = max(1, _MEANS_AT_ONCE // dim)
    between = 0.0
    for first in range(0, len(parts), run):  # one after the other, as JavaScript adds them
        between += float(np.add.accumulate(parts[first : first + run].reshape(-1))[-1])
    more = error / weight / between if between > 0 else 0.0
    moved = codewords.copy()
    moved[used] = ((sums[used] + more * mean) / (n[used] + more)).astype(np.float32)
    return moved


@dataclass(frozen=True)
class Due:
    """Codewords without rows that are to be moved, ascending: `again` are those that were and got no rows, `first` the others."""

    again: list[int]
    first: list[int]

    def __bool__(self) -> bool:
        return bool(self.again or self.first)


class Reviver:
    """Which codewords without rows are to be moved, while a stage iterates."""

    def __init__(self, codewords: int):
        self.used = np.zeros(codewords, np.int64)
        """The last iteration in which each had rows, or was moved."""
        self.moved = np.zeros(codewords, bool)
        """Whether it was moved since it had rows."""

    def due(self, counts: np.ndarray, iteration: int, stride: int) -> Due:
        """After an iteration; `stride`: every how many iterations the same rows take part."""
        filled = counts > 0
        self.used[filled], self.moved[filled] = iteration, False
        due = np.nonzero(~filled & (iteration - self.used >= stride))[0][:MOST_REVIVED]
        again, first = due[self.moved[due]].tolist(), due[~self.moved[due]].tolist()
        self.used[due], self.moved[due] = iteration, True
        return Due(again, first)


class Donors:
    """Which codeword gives rows to one without: that with the most rows for each codeword made of it, among equals the lowest."""

    def __init__(self, counts: np.ndarray):
        self._rows = counts
        self._heap = [(-float(rows), k, 1) for k, rows in enumerate(counts.tolist()) if rows >= 2]
        heapq.heapify(self._heap)

    def first(self) -> int | None:
        """The first, or nothing where every one is down to less than two rows a codeword."""
        return self._heap[0][1] if self._heap and -self._heap[0][0] >= 2 else None

    def split(self) -> None:
        _, k, parts = self._heap[0]
        heapq.heapreplace(self._heap, (-float(self._rows[k]) / (parts + 1), k, parts + 1))

    def drop(self) -> None:
        heapq.heappop(self._heap)


def donors_of(counts: np.ndarray, empty: int) -> dict[int, int]:
    """Codewords that `empty` others may be put beside, each with the number of rows that this takes; some rows more, for those that lie where it does."""
    donors, wanted = Donors(counts), {}
    for _ in range(empty):
        donor = donors.first()
        if donor is None:
            break
        wanted[donor] = wanted.get(donor, 4) + 1
        donors.split()
    return wanted


def put_beside(codewords: np.ndarray, counts: np.ndarray, empty: list[int], rows: dict[int, list[np.ndarray]]) -> int:
    """Puts each empty codeword a little from a donor towards one of the donor's rows, so that the two share the others. `codewords` are changed. How many were
    moved is returned: an empty one stays where no donor has rows that differ from it."""
    donors, next_row, moved = Donors(counts), {}, 0
    for place in empty:
        while (donor := donors.first()) is not None:
            at = next_row.get(donor, 0)
            if at == len(rows.get(donor, ())):
                donors.drop()
                continue
            next_row[donor] = at + 1
            before = codewords[donor]
            beside = (before + (rows[donor][at].astype(np.float64) - before) * _NUDGE).astype(np.float32)
            if (beside == before).all():
                continue
            codewords[place] = beside
            donors.split()
            moved += 1
            break
    return moved


def put_at_worst(codewords: np.ndarray, empty: list[int], worst: list[np.ndarray]) -> int:
    """Puts empty codewords where the rows of largest error are, each at another. `codewords` are changed; how many were moved is returned."""
    for place, row in zip(empty, worst):
        codewords[place] = row
    return min(len(empty), len(worst))
