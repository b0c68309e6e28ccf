"""Blocks of rows through the core: codes, rows, errors, and what training asks for. Every array is row-major."""

from __future__ import annotations

import numpy as np

from .core import BEAM_MEMORY, BEAM_ROWS, Core
from .errors import ArgumentError, count

_BY_TABLES, _BY_RESIDUALS = 1, 2


def block_rows(dim: int) -> int:
    """Rows of one block: about half a megabyte of float32. The same as in the npm package, so that sums over blocks come out alike."""
    return max(64, (1 << 17) // dim)


def code_type(codewords) -> np.dtype:
    """uint8 where no stage has more than 256 codewords, else uint16."""
    return np.dtype("u1" if max(codewords) <= 256 else "<u2")


class Quantizer:
    """A codebook in the core. `with Quantizer(...) as quantizer`: what it reserves is given back at the end."""

    def __init__(self, wasm: bytes, data: np.ndarray, dim: int, codewords, key: str, beam: int = 1):
        self._core = Core(wasm)
        self._dim, self._codewords, self._beam = dim, codewords, beam
        self._handle = self._core.codebook(data, dim, codewords, key)
        self._type = code_type(codewords)
        self._method = 0 if beam == 1 else self._beam_method()

    def __enter__(self):
        self._scoped = self._core.scope()
        self._scope = self._scoped.__enter__()
        rows = block_rows(self._dim)
        self._rows_at = self._scope.reserve(rows * self._dim * 4)
        self._codes_at = self._scope.reserve(rows * len(self._codewords) * self._type.itemsize)
        self._sums_at = self._scope.reserve((len(self._codewords) + 1) * 8)
        return self

    def __exit__(self, *reason):
        return self._scoped.__exit__(*reason)

    def encode(self, rows: np.ndarray) -> np.ndarray:
        """Codes, rows x stages, of at most block_rows rows, which are finite."""
        self._scope.copy_in(rows, self._rows_at)
        place = (self._handle, self._rows_at, len(rows), self._codes_at, self._type.itemsize)
        bad = self._core.call("encode", *place) if self._method == 0 else self._core.call("beam_encode", *place, self._beam, self._method)
        if bad != -1:
            raise RuntimeError(f"value {bad} is not finite")  # rows.py has checked
        return self._scope.copy_out(self._codes_at, (len(rows), len(self._codewords)), self._type)

    def measure(self, rows: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """The rows' summed squared norm, and their summed squared error after each stage: stages + 1 doubles."""
        self._scope.copy_in(rows, self._rows_at)
        self._scope.copy_in(codes, self._codes_at)
        self._core.call("measure", self._handle, self._rows_at, len(rows), self._codes_at, self._type.itemsize, self._sums_at)
        return self._scope.copy_out(self._sums_at, len(self._codewords) + 1, np.float64)

    def decode(self, codes: np.ndarray, stages: int) -> np.ndarray:
        """Rows of codes, each below its stage's codewords, with the first `stages` stages."""
        self._scope.copy_in(codes.astype(self._type), self._codes_at)
        self._core.call("decode", self._handle, self._codes_at, self._type.itemsize, len(codes), stages, self._rows_at)
        return self._scope.copy_out(self._rows_at, (len(codes), self._dim), np.float32)

    def _beam_method(self) -> int:
        method = self._core.call("beam_method", self._handle, self._beam, BEAM_ROWS, float(BEAM_MEMORY))
        if method == 0:
            needed = int(self._core.call("beam_memory", self._handle, self._beam, _BY_RESIDUALS))
            raise ArgumentError(f"beam: a beam of {self._beam} with this codebook takes {count(needed)} bytes, more than the {count(BEAM_MEMORY)} allowed")
        if method == _BY_TABLES and self._core.call("tables_build", self._handle) == 0:
            return _BY_RESIDUALS
        return method


class Chain:
    """Rows through the first stages of a training, one after the other: what beam search leaves of them."""

    def __init__(self, core: Core, scope, stages: list[np.ndarray], entries: list[int], dim: int):
        self._core, self._scope, self._dim = core, scope, dim
        self._entries = entries[: len(stages) + 1]
        self._handles = [core.open_codebook(stage, dim, [len(stage)]) for stage in stages]
        most = max(self._entries)
        rows = block_rows(dim * most)
        self.rows = rows
        self._places = [scope.reserve(rows * most * dim * 4) for _ in range(2)]
        self._chosen_at = scope.reserve(rows * most * 4)

    def residuals(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """What is left of at most `self.rows` rows, rows x entries x dim, and the codeword of each row's best entry in the last stage, if there is one."""
        if not self._handles:
            return rows.reshape(len(rows), 1, self._dim), None
        here, there = self._places
        self._scope.copy_in(rows, here)
        for handle, before, keep in zip(self._handles, self._entries, self._entries[1:]):
            self._core.call("beam_extend", handle, here, len(rows), before, keep, there, self._chosen_at)
            here, there = there, here
        keep = self._entries[-1]
        chosen = self._scope.copy_out(self._chosen_at, (len(rows), keep), np.uint32)
        return self._scope.copy_out(here, (len(rows), keep, self._dim), np.float32), chosen[:, 0] & 0xFFFF

    def close(self) -> None:
        for handle in self._handles:
            self._core.call("codebook_close", handle)


class Assigner:
    """Nearest codewords of a stage, with the exact sums of the rows that chose each."""

    def __init__(self, core: Core, scope, codewords: np.ndarray, grid: float, rows: int):
        self._core, self._scope, self._shape = core, scope, codewords.shape
        self._handle = core.open_assigner(codewords, grid)
        self._rows_at = scope.reserve(rows * codewords.shape[1] * 4)
        self._codes_at = scope.reserve(rows * 2)
        self._distances_at = scope.reserve(rows * 8)

    def assign(self, rows: np.ndarray) -> np.ndarray:
        """The nearest codeword of each row, which are added to the sums."""
        self._scope.copy_in(rows, self._rows_at)
        self._core.call("assigner_assign", self._handle, self._rows_at, len(rows), self._shape[1], self._codes_at)
        return self._scope.copy_out(self._codes_at, len(rows), np.uint16)

    def distances(self, rows: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """The squared distance of each row to the codeword of its code."""
        self._scope.copy_in(rows, self._rows_at)
        self._scope.copy_in(codes, self._codes_at)
        self._core.call("assigner_distances", self._handle, self._rows_at, len(rows), self._shape[1], self._codes_at, self._distances_at)
        return self._scope.copy_out(self._distances_at, len(rows), np.float64)

    def sums(self) -> tuple[np.ndarray, np.ndarray]:
        """Sums of the rows that chose each codeword, codewords x dim, and how many these were."""
        codewords, dim = self._shape
        with self._core.scope() as scope:
            sums_at, counts_at = scope.reserve(codewords * dim * 8), scope.reserve(codewords * 8)
            self._core.call("assigner_read", self._handle, codewords, dim, sums_at, counts_at)
            return scope.copy_out(sums_at, (codewords, dim), np.float64), scope.copy_out(counts_at, codewords, np.float64)

    def close(self) -> None:
        self._core.call("assigner_close", self._handle)
