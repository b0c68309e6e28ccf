"""The project's .wasm under wasmtime: compiled once a process, one instance a thread. Whatever says WebAssembly is here.

Memory is used in one order: reserve, copy in, call, copy out, release. No view of it outlives a call, for it may move when it grows.
"""

from __future__ import annotations

import hashlib
import os
import pkgutil
import sys
import threading
import types
from collections import OrderedDict
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from .errors import RvqError, count
from .version import __version__

_FILE = "rvq_core_bg.wasm"
_CLONE = Path(__file__).parents[3] / "crate" / "pkg" / _FILE

RESIDENT_CODEBOOKS = 2
"""Codebooks that stay in an instance from task to task, so that a worker packs them, and builds the tables of beam search, once."""

BEAM_MEMORY = 2**28
"""Bytes that beam search may hold beside a codebook, as in the npm package: with less it takes a slower way to the same codes."""

BEAM_ROWS = 1e6
"""How many rows the choice between tables and residuals counts on: a worker takes many tasks."""


def wasm_bytes() -> bytes:
    """The core: the file that RVQ_CORE_WASM names, or that of the package, or in a clone of the project that of the crate."""
    named = os.environ.get("RVQ_CORE_WASM")
    if named:
        return Path(named).read_bytes()
    try:
        packaged = pkgutil.get_data(__package__, _FILE)
    except OSError:
        packaged = None
    if packaged is not None:
        return packaged
    if _CLONE.is_file():
        return _CLONE.read_bytes()
    raise RvqError(f"{_FILE}: expected in the package, or in crate/pkg of a clone, or named by RVQ_CORE_WASM; found none")


def _process():
    """What this process keeps from task to task. Functions come by value, so that a variable of this module would be another one in every task."""
    name = f"_residual_vq_spark_process {__version__}"
    kept = sys.modules.get(name)
    if kept is None:
        kept = types.ModuleType(name)
        kept.lock = threading.Lock()
        kept.compiled = {}
        kept.thread = threading.local()
        kept = sys.modules.setdefault(name, kept)
    return kept


def _compiled(wasm: bytes, key: str):
    try:
        import wasmtime
    except ImportError as error:
        raise RuntimeError(
            "residual-vq-spark: expected the Python package wasmtime on every executor (pip install wasmtime pyarrow numpy, or an environment shipped "
            f"with the job): {error}"
        ) from error
    kept = _process()
    with kept.lock:
        if key not in kept.compiled:
            engine = wasmtime.Engine()
            kept.compiled[key] = (engine, wasmtime.Module(engine, wasm))
        return kept.compiled[key]


class Core:
    """The instance of this thread, with its exports as methods: `core.encode(...)`. Pointers are byte offsets into its memory."""

    def __init__(self, wasm: bytes):
        key = hashlib.sha256(wasm).hexdigest()
        engine, module = _compiled(wasm, key)
        instances = _process().thread.__dict__.setdefault("instances", {})
        if key not in instances:
            instances[key] = _instantiate(engine, module)
        self._instances, self._key, self._kept = instances, key, instances[key]

    def call(self, name: str, *arguments):
        try:
            return self._kept.exports[name](self._kept.store, *arguments)
        except Exception as error:
            self._instances.pop(self._key, None)  # one that trapped is not to be trusted any more: the next gets another
            raise RuntimeError(f"WebAssembly core: {name} stopped: its memory could not grow, or this is a bug to report: {error}") from error

    @contextmanager
    def scope(self):
        """Reservations that live as long as the with-block."""
        scope = _Scope(self)
        try:
            yield scope
        finally:
            scope.release()

    def view(self, pointer: int, size: int) -> np.ndarray:
        """Bytes of the memory, valid until the next call."""
        kept = self._kept
        return np.frombuffer(kept.memory.get_buffer_ptr(kept.store, size, pointer), np.uint8)

    def codebook(self, data: np.ndarray, dim: int, codewords, key: str) -> int:
        """The handle of a codebook, which stays open for the next that asks for it by this key."""
        resident = self._kept.resident
        if key in resident:
            resident.move_to_end(key)
            return resident[key]
        while len(resident) >= RESIDENT_CODEBOOKS:
            self.call("codebook_close", resident.popitem(last=False)[1])
        resident[key] = self.open_codebook(data, dim, codewords)
        return resident[key]

    def open_codebook(self, data: np.ndarray, dim: int, codewords) -> int:
        """The handle of a codebook that the caller closes."""
        with self.scope() as scope:
            values, sizes = scope.place(np.ascontiguousarray(data, "<f4")), scope.place(np.array(codewords, "<u4"))
            return self._opened(self.call("codebook_open", values, dim, sizes, len(codewords)), data.nbytes)

    def open_assigner(self, codewords: np.ndarray, grid: float) -> int:
        """`codewords`: count x dim; `grid`: a power of two, to whose multiples values are rounded before they are added."""
        with self.scope() as scope:
            values = scope.place(np.ascontiguousarray(codewords, "<f4"))
            return self._opened(self.call("assigner_open", values, *codewords.shape, grid), codewords.nbytes)

    def _opened(self, handle: int, size: int) -> int:
        if handle == 0:
            raise RuntimeError(f"WebAssembly memory: cannot grow for a codebook of {count(size)} bytes")
        return handle & 0xFFFF_FFFF


class _Scope:
    def __init__(self, core: Core):
        self._core = core
        self._reserved: list[tuple[int, int]] = []

    def reserve(self, size: int) -> int:
        pointer = self._core.call("reserve", size) & 0xFFFF_FFFF
        if pointer == 0:
            raise RuntimeError(f"WebAssembly memory: cannot grow by {count(size)} bytes")
        self._reserved.append((pointer, size))
        return pointer

    def place(self, values: np.ndarray) -> int:
        """Reserves and copies in."""
        pointer = self.reserve(values.nbytes)
        self.copy_in(values, pointer)
        return pointer

    def copy_in(self, values: np.ndarray, pointer: int) -> None:
        if values.nbytes:
            self._core.view(pointer, values.nbytes)[:] = np.ascontiguousarray(values).reshape(-1).view(np.uint8)

    def copy_out(self, pointer: int, shape, dtype) -> np.ndarray:
        values = np.empty(shape, dtype)
        if values.nbytes:
            values.reshape(-1).view(np.uint8)[:] = self._core.view(pointer, values.nbytes)
        return values

    def release(self) -> None:
        core = self._core
        if core._instances.get(core._key) is not core._kept:
            return  # it trapped
        for pointer, size in self._reserved:
            core.call("release", pointer, size)
        self._reserved.clear()


def _instantiate(engine, module):
    import wasmtime

    store = wasmtime.Store(engine)
    # what wasm-bindgen imports serves JavaScript objects, of which this module passes none
    stubs = [wasmtime.Func(store, item.type, lambda *_: None) for item in module.imports]
    exports = wasmtime.Instance(store, module, stubs).exports(store)
    return types.SimpleNamespace(store=store, exports={name: exports[name] for name in _EXPORTS}, memory=exports["memory"], resident=OrderedDict())


_EXPORTS = (
    "reserve",
    "release",
    "codebook_open",
    "codebook_close",
    "encode",
    "beam_method",
    "beam_memory",
    "tables_build",
    "beam_encode",
    "beam_extend",
    "decode",
    "measure",
    "assigner_open",
    "assigner_close",
    "assigner_assign",
    "assigner_distances",
    "assigner_read",
)
