"""Codes as columns: array<int>, or packed into as few bits as they need, in the layout of docs/format.md; and what a column's metadata say of them."""

from __future__ import annotations

import numpy as np

from .codebook import Codebook, bits_per_stage
from .errors import RowError, RvqError

METADATA = "residual-vq"
"""The key in a column's metadata; Spark's writers of Parquet and Delta keep it."""


def metadata_of(codebook: Codebook, packed: bool) -> dict:
    """The metadata of a column of codes: the keys of a file of codes."""
    return {
        METADATA: {
            "format": "residual-vq codes",
            "version": "1",
            "codebook": codebook.id,
            "codewords": ",".join(str(size) for size in codebook.codewords),
            "layout": "packed" if packed else "plain",
        }
    }


def check_metadata(metadata: dict, codebook: Codebook, column: str) -> None:
    """Refuses codes that say they are another codebook's. Those that say nothing are taken for this one's, as in a .npy."""
    said = metadata.get(METADATA)
    if said is not None and said.get("codebook") != codebook.id:
        raise RvqError(f'column "{column}": expected codes of the codebook {codebook.id}, got those of {said.get("codebook")}')


def packed_bytes(codewords) -> int:
    """Bytes of a packed row."""
    return (sum(bits_per_stage(codewords)) + 7) // 8


def pack(codes: np.ndarray, codewords) -> np.ndarray:
    """Codes, rows x stages, as rows x packed_bytes: stage 0 in the lowest bits of the first byte."""
    bits = bits_per_stage(codewords)
    if all(width == 8 for width in bits):
        return codes.astype(np.uint8)
    wide = codes.astype(np.uint32)
    each = [(wide[:, m, None] >> np.arange(width, dtype=np.uint32)) & 1 for m, width in enumerate(bits) if width]
    return np.packbits(np.concatenate(each, axis=1).astype(np.uint8), axis=1, bitorder="little")


def unpack(packed: np.ndarray, codewords) -> np.ndarray:
    """Packed rows, rows x packed_bytes, as codes, rows x stages."""
    bits = bits_per_stage(codewords)
    flat = np.unpackbits(np.ascontiguousarray(packed), axis=1, bitorder="little")
    codes = np.zeros((len(packed), len(bits)), np.uint32)
    at = 0
    for m, width in enumerate(bits):
        codes[:, m] = flat[:, at : at + width].astype(np.uint32) @ (np.uint32(1) << np.arange(width, dtype=np.uint32))
        at += width
    return codes


def to_arrow(codes: np.ndarray, codewords, packed: bool):
    """Codes, rows x stages, as an Arrow array of lists of int32, or of bytes."""
    import pyarrow as pa

    if not packed:
        offsets = np.arange(len(codes) + 1, dtype=np.int32) * codes.shape[1]
        return pa.ListArray.from_arrays(pa.array(offsets), pa.array(codes.astype(np.int32).reshape(-1)))
    rows = np.ascontiguousarray(pack(codes, codewords))
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * rows.shape[1]
    return pa.Array.from_buffers(pa.binary(), len(rows), [None, pa.py_buffer(offsets), pa.py_buffer(rows)])


def from_arrow(column, codewords, place) -> np.ndarray:
    """An Arrow array of lists of integers, or of packed rows, as codes, rows x stages, each below its stage's codewords. `place(row)` names a row in errors."""
    import pyarrow as pa

    stages = len(codewords)
    if column.null_count:
        raise RowError(f"{place(_first(column.is_null()))}: expected {stages} codes, got null")
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        offsets = column.offsets.to_numpy()
        _check(np.diff(offsets), stages, place, "codes")
        values = column.values.slice(int(offsets[0]), int(offsets[-1] - offsets[0]))
        if values.null_count:
            raise RowError(f"{place(_first(values.is_null()) // stages)}: expected {stages} codes, got null among them")
        codes = values.to_numpy().reshape(len(column), stages)
    else:
        width = packed_bytes(codewords)
        _, at, data = column.buffers()
        of = np.int64 if pa.types.is_large_binary(column.type) else np.int32
        offsets = np.frombuffer(at, of)[column.offset : column.offset + len(column) + 1]
        _check(np.diff(offsets), width, place, "bytes of packed codes")
        start = int(offsets[0]) if len(offsets) else 0
        rows = np.frombuffer(data or b"", np.uint8, len(column) * width, start).reshape(len(column), width)
        codes = unpack(rows, codewords)
    wrong = np.argwhere((codes < 0) | (codes >= np.array(codewords)))
    if len(wrong):
        row, stage = (int(i) for i in wrong[0])
        raise RowError(f"{place(row)}: expected codes below {codewords[stage]} in stage {stage} (from 0), got {codes[row, stage]}")
    return codes


def _first(nulls) -> int:
    return int(np.nonzero(nulls.to_numpy(zero_copy_only=False))[0][0])


def _check(lengths: np.ndarray, expected: int, place, what: str) -> None:
    wrong = np.nonzero(lengths != expected)[0]
    if len(wrong):
        raise RowError(f"{place(int(wrong[0]))}: expected {expected} {what}, got {lengths[wrong[0]]}")
