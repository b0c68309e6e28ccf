"""Training's passes over the rows. In each, the core computes anew what the stages so far leave of a row: no residual is stored anywhere.

Which rows take part, and which are drawn, is decided by a seeded hash of their values, so that it is the same however rows are spread over partitions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .core import Core
from .errors import RvqError, count as in_words
from .merge import PARTIAL, PIECE_BYTES, Partial, first_picks, merged, pick_type
from .quantizer import Assigner, Chain
from .rows import RowNames, float_blocks, quoted, taken

_HASH = "_rvq_hash"
_HASHES = 1 << 64
_TOTALS = -1
"""The piece with how many rows there were, and their error on the grid."""
_WORST = -1
"""The group of the rows of largest error among the rows picked; other groups are numbers of codewords."""


@dataclass(frozen=True)
class Before:
    """The stages that are done: rows go through them before anything else."""

    stages: list[np.ndarray]
    entries: list[int]
    """Entries of a row before each stage of the codebook, and after the last."""

    @property
    def count(self) -> int:
        """Entries of a row after these stages."""
        return self.entries[len(self.stages)]


@dataclass(frozen=True)
class Survey:
    """What the stages so far leave of the rows."""

    largest: float
    """The largest value of any entry."""
    error: float
    """Summed squared error of the rows' best entries."""
    use: np.ndarray
    """How many rows chose each codeword of the last stage."""
    sample: np.ndarray
    """Rows drawn, rows x dim, in the order of their hashes."""


@dataclass(frozen=True)
class Turn:
    """The rows that an iteration goes over."""

    iteration: int
    stride: int
    """One of so many rows; 1: all."""
    whole: bool
    """All entries of each row, instead of one of them."""


@dataclass(frozen=True)
class Assigned:
    """Rows at their nearest codewords, and the sums of those of each."""

    rows: int
    error: float
    sums: np.ndarray
    counts: np.ndarray


class Passes:
    """Passes over the rows of a DataFrame's column."""

    def __init__(self, df, column: str, dim: int, *, wasm: bytes, seed: int, naming: list[str]):
        self._df, self._column, self._dim, self._wasm, self._seed, self._naming = df, column, dim, wasm, seed, naming

    def count(self) -> int:
        return self._df.count()

    def fingerprint(self) -> tuple[int, str]:
        """How many rows there are, and 23 digits that tell them from others, in any order."""
        from pyspark.sql import functions as F

        # rows that come twice cancel in the xor: they count in the sum, which 2^35 rows do not overflow
        xor, part = F.expr(f"bit_xor({_HASH})"), F.expr(f"sum(shiftrightunsigned({_HASH}, 36))")
        row = self._hashed("rows").agg(F.count(F.lit(1)).alias("n"), xor.alias("x"), part.alias("s")).first()
        return row["n"], f"{(row['x'] or 0) % _HASHES:016x}{(row['s'] or 0) % (1 << 28):07x}"

    def survey(self, before: Before, rows: int, sample: int, grid: float, wider: int = 1) -> Survey:
        """Goes over all rows, checks them, measures what the stages leave, and draws `sample` of them, or all there are.

        rows: how many there are; grid: a power of two on which errors are added
        """
        wanted = wider * (sample + 6 * int(sample**0.5) + 16) if sample else 0  # six standard deviations more than are taken
        below = min(_HASHES, _HASHES * wanted // max(1, rows))
        naming = [] if before.stages else self._naming  # the first survey sees every row
        names = RowNames(self._column, {f"_{i + 1}": name for i, name in enumerate(naming)})
        task = _surveyor(self._wasm, names, self._dim, before, below, sample, grid)
        frame = self._hashed(f"sample {len(before.stages)}", naming)
        pieces = merged(frame.mapInArrow(task, PARTIAL), pieces=2, dim=self._dim, limits=sample)
        totals = pieces.get(_TOTALS, Partial(_TOTALS, counts=np.zeros(2, np.int64)))
        self._check_rows(rows, int(totals.counts[0]))
        drawn = np.zeros((0, self._dim), np.float32) if totals.picks is None else totals.picks["row"][:sample]
        if below < _HASHES and len(drawn) < sample // 2:
            return self.survey(before, rows, sample, grid, 64 * wider)  # many rows are equal, and so are their hashes
        use = pieces[0].counts if 0 in pieces else np.zeros(0, np.int64)
        return Survey(totals.largest, int(totals.counts[1]) * grid, use, drawn)

    def assign(self, before: Before, codewords: np.ndarray, turn: Turn, grid: float, errors: float, rows: int) -> Assigned:
        """Rows of a turn to their nearest codewords. grid: see lloyd.sum_grid; errors: see lloyd.error_grid; rows: how many there are in all."""
        task = _assigner(self._wasm, RowNames(self._column, {}), self._dim, before, codewords, turn, grid, errors)
        parts = 1 + -(-len(codewords) // _piece_codewords(self._dim))
        pieces = merged(self._turn(before, turn).mapInArrow(task, PARTIAL), pieces=parts)
        totals = pieces.pop(_TOTALS, Partial(_TOTALS, counts=np.zeros(2, np.int64)))
        size, dim = codewords.shape
        sums, counts = np.zeros((size, dim)), np.zeros(size, np.int64)
        for piece in pieces.values():
            first = piece.piece * _piece_codewords(dim)
            counts[first : first + len(piece.counts)] = piece.counts
            sums[first : first + len(piece.counts)] = piece.sums.reshape(-1, dim)
        if turn.stride == 1:
            self._check_rows(rows, int(totals.counts[0]) // (before.count if turn.whole else 1))
        return Assigned(int(totals.counts[0]), int(totals.counts[1]) * errors, sums, counts)

    def candidates(self, before: Before, old: np.ndarray, new: np.ndarray, turn: Turn, donors: dict[int, int], worst: int):
        """Of the rows of a turn, for codewords that have none: by donor some rows that chose it and lie elsewhere, and the `worst` rows of largest error, each
        of another error. `old`: the codewords that they chose among; `new`: those that their distance is measured to."""
        limits = {**donors, _WORST: worst}
        task = _picker(self._wasm, RowNames(self._column, {}), self._dim, before, old, new, turn, limits)
        totals = merged(self._turn(before, turn).mapInArrow(task, PARTIAL), pieces=1, dim=self._dim, limits=limits).get(_TOTALS)
        picks = np.zeros(0, pick_type(self._dim)) if totals is None or totals.picks is None else totals.picks
        of_donors = {donor: list(picks["row"][picks["group"] == donor]) for donor in donors}
        far = picks[picks["group"] == _WORST]
        other = np.concatenate([[True], far["rank"][1:] != far["rank"][:-1]])[: len(far)]
        return of_donors, list(far["row"][other])

    def _hashed(self, purpose: str, naming=()):
        """The vectors as _0, the columns that name rows as _1, _2, ..., and the rows' hashes."""
        from pyspark.sql import functions as F

        hashes = F.xxhash64(F.lit(f"residual-vq {self._seed} {purpose}"), F.col(quoted(self._column)))
        return taken(self._df, [self._column, *naming], hashes.alias(_HASH))

    def _turn(self, before: Before, turn: Turn):
        from pyspark.sql import functions as F

        rows = self._hashed(f"turn {len(before.stages)}")
        if turn.stride == 1:
            return rows
        return rows.filter(F.pmod(F.col(_HASH), F.lit(turn.stride)) == turn.iteration % turn.stride)

    def _check_rows(self, expected: int, got: int) -> None:
        if got != expected:
            raise RvqError(
                f'column "{self._column}": expected the {in_words(expected)} rows that the first pass found, got {in_words(got)}: '
                "write what a random or changing query gives to a table first"
            )


def _piece_codewords(dim: int) -> int:
    """Codewords of a piece of sums."""
    return max(1, PIECE_BYTES // (8 * dim))


def _on_grid(distances: np.ndarray, grid: float) -> int:
    return int(np.rint(distances * (1 / grid)).astype(np.int64).sum())


def _hashes(batch, first: int, rows: int) -> np.ndarray:
    return batch.column(_HASH).slice(first, rows).to_numpy().view(np.uint64)


def _entry_of_each(left: np.ndarray, hashes: np.ndarray, stride: int, iteration: int) -> np.ndarray:
    """One entry of each row, another in every turn: rows x dim."""
    entries = left.shape[1]
    if entries == 1:
        return left[:, 0]
    chosen = (hashes // np.uint64(stride) + np.uint64(iteration)) % np.uint64(entries)
    return left[np.arange(len(left)), chosen.astype(np.int64)]


def _surveyor(wasm: bytes, names: RowNames, dim: int, before: Before, below: int, sample: int, grid: float):
    stages, entries = before.stages, before.entries
    codewords = len(stages[-1]) if stages else 0

    def survey(batches):
        rows_seen, error, largest = 0, 0, 0.0
        use = np.zeros(codewords, np.int64)
        picks = [np.zeros(0, pick_type(dim))]
        core = Core(wasm)
        with core.scope() as scope:
            chain = Chain(core, scope, stages, entries, dim)
            zero = Assigner(core, scope, np.zeros((1, dim), np.float32), 1.0, chain.rows)
            for batch, first, rows in float_blocks(batches, "_0", dim, chain.rows, names):
                left, chosen = chain.residuals(rows)
                rows_seen += len(rows)
                largest = max(largest, float(np.abs(left).max()))
                if chosen is not None:
                    error += _on_grid(zero.distances(left[:, 0], np.zeros(len(rows), np.uint16)), grid)
                    use += np.bincount(chosen, minlength=codewords)
                hashes = _hashes(batch, first, len(rows))
                drawn = np.nonzero(hashes < np.uint64(below) if below < _HASHES else np.ones(len(hashes), bool))[0] if below else []
                if len(drawn):
                    more = np.zeros(len(drawn), pick_type(dim))
                    more["hash"], more["row"] = hashes[drawn], _entry_of_each(left[drawn], hashes[drawn], 1, 0)
                    picks.append(more)
                    if sum(map(len, picks)) > 2 * sample:
                        picks = [first_picks(np.concatenate(picks), sample)]
            zero.close()
            chain.close()
        if rows_seen:
            drawn = first_picks(np.concatenate(picks), sample)
            yield Partial(_TOTALS, largest, np.array([rows_seen, error], np.int64), picks=drawn if len(drawn) else None).to_arrow()
            if codewords:
                yield Partial(0, counts=use).to_arrow()

    return survey


def _assigner(wasm: bytes, names: RowNames, dim: int, before: Before, codewords: np.ndarray, turn: Turn, grid: float, errors: float):
    stages, entries, each = before.stages, before.entries, before.count if turn.whole else 1
    step = _piece_codewords(dim)

    def assign(batches):
        rows_seen = error = 0
        core = Core(wasm)
        with core.scope() as scope:
            chain = Chain(core, scope, stages, entries, dim)
            assigner = Assigner(core, scope, codewords, grid, chain.rows * each)
            for batch, first, rows in float_blocks(batches, "_0", dim, chain.rows, names):
                left, _ = chain.residuals(rows)
                if turn.whole:
                    left = left.reshape(-1, dim)
                else:
                    left = _entry_of_each(left, _hashes(batch, first, len(rows)), turn.stride, turn.iteration)
                error += _on_grid(assigner.distances(left, assigner.assign(left)), errors)
                rows_seen += len(left)
            sums, counts = assigner.sums()
            assigner.close()
            chain.close()
        if rows_seen:
            yield Partial(_TOTALS, counts=np.array([rows_seen, error], np.int64)).to_arrow()
            for at in range(0, len(counts), step):
                part = Partial(at // step, counts=counts[at : at + step].astype(np.int64), sums=sums[at : at + step].reshape(-1))
                yield part.to_arrow()

    return assign


def _picker(wasm: bytes, names: RowNames, dim: int, before: Before, old: np.ndarray, new: np.ndarray, turn: Turn, limits: dict[int, int]):
    stages, entries, each = before.stages, before.entries, before.count if turn.whole else 1
    worst = limits[_WORST]
    is_donor = np.zeros(len(old), bool)
    is_donor[[group for group in limits if group != _WORST]] = True

    def pick(batches):
        picks = np.zeros(0, pick_type(dim))
        core = Core(wasm)
        with core.scope() as scope:
            chain = Chain(core, scope, stages, entries, dim)
            choice = Assigner(core, scope, old, 1.0, chain.rows * each)
            moved = Assigner(core, scope, new, 1.0, chain.rows * each)
            for batch, first, rows in float_blocks(batches, "_0", dim, chain.rows, names):
                left, _ = chain.residuals(rows)
                hashes = _hashes(batch, first, len(rows))
                if turn.whole:
                    left, hashes = left.reshape(-1, dim), np.repeat(hashes, left.shape[1])
                else:
                    left = _entry_of_each(left, hashes, turn.stride, turn.iteration)
                codes = choice.assign(left)
                distances = moved.distances(left, codes)
                given = np.nonzero(is_donor[codes] & (distances > 0))[0]
                far = np.nonzero((distances >= np.sort(distances)[-min(worst, len(distances))]) & (distances > 0))[0] if worst else given[:0]
                more = np.zeros(len(given) + len(far), pick_type(dim))
                taken = np.concatenate([given, far])
                more["group"][: len(given)], more["group"][len(given) :] = codes[given], _WORST
                more["rank"][len(given) :] = -distances[far]
                more["hash"], more["row"] = hashes[taken], left[taken]
                picks = first_picks(np.concatenate([picks, more]), limits)
            moved.close()
            choice.close()
            chain.close()
        if len(picks):
            yield Partial(_TOTALS, counts=np.zeros(0, np.int64), picks=picks).to_arrow()

    return pick
