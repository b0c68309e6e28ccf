"""The codebook: the codewords of all stages, and its file, the same .safetensors that the npm package reads and writes."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field

import numpy as np

from . import files, safetensors
from .errors import FileError, RvqError, integer

MAX_DIM = 4096
MAX_CODEWORDS = 65_536
MAX_STAGES = 1000


@dataclass(frozen=True)
class Codebook:
    """The codewords of every stage.

    data: float32, stage after stage, row-major: (sum of codewords) x dim; not to be written to
    codewords: how many each stage has, 1 to 65,536
    report: what `train` did, as the npm package's report tells it; None for a codebook from elsewhere
    """

    data: np.ndarray = field(repr=False, compare=False)
    dim: int
    codewords: tuple[int, ...]
    id: str
    report: dict | None = field(default=None, repr=False, compare=False)

    @staticmethod
    def of(stages, report: dict | None = None) -> Codebook:
        """A codebook of arrays, one a stage, each codewords x dim."""
        arrays = [np.asarray(stage, "<f4") for stage in stages]
        if not 1 <= len(arrays) <= MAX_STAGES:
            raise RvqError(f"stages: expected 1 to {MAX_STAGES}, got {len(arrays)}")
        for stage, array in enumerate(arrays):
            if array.ndim != 2 or array.shape[1] != arrays[0].shape[1]:
                dim = arrays[0].shape[1] if stage else "dim"
                raise RvqError(f"stage {stage}: expected codewords x {dim} values, got shape {list(array.shape)}")
            integer(f"stage {stage}: codewords", array.shape[0], 1, MAX_CODEWORDS)
        dim = integer("dim", arrays[0].shape[1], 1, MAX_DIM)
        data = np.concatenate(arrays)
        if not np.isfinite(data).all():
            raise RvqError(f"codeword {int(np.nonzero(~np.isfinite(data))[0][0])}: expected finite values")
        data.flags.writeable = False
        codewords = tuple(len(array) for array in arrays)
        return Codebook(data, dim, codewords, _identity(data, dim, codewords), report)

    @property
    def stages(self) -> list[np.ndarray]:
        """The codewords of each stage, codewords x dim: views of `data`."""
        return np.split(self.data, np.cumsum(self.codewords)[:-1])

    @property
    def bits_per_row(self) -> int:
        return sum(bits_per_stage(self.codewords))

    @staticmethod
    def load(path) -> Codebook:
        """Reads a codebook's .safetensors file: a path, or a URI such as s3://bucket/book.safetensors. Its id is computed again and compared."""
        name = str(path)
        tensors, metadata = safetensors.parse(files.read(path), name)
        if metadata.get("format") != "residual-vq codebook":
            raise FileError(f'{name}: expected format "residual-vq codebook" in the metadata, got {metadata.get("format")!r}')
        if metadata.get("version") != "1":
            raise FileError(f"{name}: expected version 1, which this reader knows, got {metadata.get('version')!r}")
        codebook = stages_of(tensors, name)
        if codebook.id != metadata.get("id"):
            raise FileError(f"{name}: corrupted: expected the id {metadata.get('id')}, the data have {codebook.id}")
        return codebook

    def save(self, path) -> None:
        """Writes the codebook's .safetensors file, or replaces it at once."""
        if not str(path).endswith(".safetensors"):
            raise RvqError(f"path: expected a name that ends in .safetensors, got {path}")
        files.write(path, safetensors.serialize(stage_tensors(self), {"format": "residual-vq codebook", "version": "1", "id": self.id}))


def stage_tensors(codebook: Codebook) -> dict[str, np.ndarray]:
    return {f"stage.{m}": stage for m, stage in enumerate(codebook.stages)}


def stages_of(tensors: dict[str, np.ndarray], name: str) -> Codebook:
    """The codebook of tensors stage.0, stage.1, ..., no others."""
    expected = [f"stage.{m}" for m in range(len(tensors))]
    if not tensors or sorted(tensors) != sorted(expected):
        raise FileError(f"{name}: expected tensors stage.0, stage.1, ..., got {', '.join(sorted(tensors)) or 'none'}")
    for key in expected:
        if tensors[key].dtype != np.dtype("<f4"):
            raise FileError(f'{name}: tensor "{key}": expected F32, got {tensors[key].dtype}')
    try:
        return Codebook.of([tensors[key] for key in expected])
    except FileError:
        raise
    except RvqError as error:
        raise FileError(f"{name}: {error}") from error


def bits_per_stage(codewords) -> list[int]:
    """Bits that a code of each stage needs: ceil(log2(codewords))."""
    return [(size - 1).bit_length() for size in codewords]


def _identity(data: np.ndarray, dim: int, codewords: tuple[int, ...]) -> str:
    digest = hashlib.sha256(b"residual-vq codebook\0")
    digest.update(struct.pack(f"<{2 + len(codewords)}I", dim, len(codewords), *codewords))
    digest.update(np.ascontiguousarray(data, "<f4").tobytes())
    return digest.hexdigest()[:32]
