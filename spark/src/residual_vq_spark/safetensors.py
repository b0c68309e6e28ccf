"""Bytes of .safetensors files, as docs/format.md of the project tells them: the same input gives the same bytes as the npm package writes."""

from __future__ import annotations

import json
import struct

import numpy as np

from .errors import FileError, count

_TYPES = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8"), "U8": np.dtype("u1"), "U16": np.dtype("<u2"), "U32": np.dtype("<u4")}
_LONGEST_HEADER = 100_000_000


def serialize(tensors: dict[str, np.ndarray], metadata: dict[str, str]) -> bytes:
    """The file of these tensors, in their order; data begin at a multiple of 8 bytes."""
    header: dict[str, object] = {"__metadata__": metadata}
    at = 0
    pieces = []
    for name, tensor in tensors.items():
        kind = next(key for key, dtype in _TYPES.items() if dtype == tensor.dtype.newbyteorder("<"))
        piece = np.ascontiguousarray(tensor, _TYPES[kind]).tobytes()
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [at, at + len(piece)]}
        at += len(piece)
        pieces.append(piece)
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(pieces)


def parse(data: bytes, name: str) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Tensors by name, and the metadata, of the file `name`. What the format does not allow is refused."""
    if len(data) < 8:
        raise FileError(f"{name}: expected 8 bytes with the length of the header, got a file of {len(data)} bytes")
    (length,) = struct.unpack_from("<Q", data)
    start = 8 + length
    if length > _LONGEST_HEADER or start > len(data):
        raise FileError(f"{name}: byte 0: expected a header within the file's {count(len(data))} bytes, got one of {count(length)}")
    try:
        header = json.loads(data[8:start].decode())
    except ValueError as error:
        raise FileError(f"{name}: byte 8: expected a header of JSON, got {error}") from error
    if not isinstance(header, dict):
        raise FileError(f"{name}: byte 8: expected a JSON object, got {type(header).__name__}")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise FileError(f"{name}: __metadata__: expected an object of strings")
    tensors = {key: _tensor(data, start, key, entry, name) for key, entry in header.items()}
    _check_layout([header[key]["data_offsets"] for key in tensors], len(data) - start, name)
    return tensors, metadata


def _tensor(data: bytes, start: int, key: str, entry, name: str) -> np.ndarray:
    at = f'{name}: tensor "{key}"'
    if not isinstance(entry, dict) or entry.get("dtype") not in _TYPES:
        raise FileError(f"{at}: expected a dtype of {', '.join(_TYPES)}, got {entry.get('dtype') if isinstance(entry, dict) else entry!r}")
    dtype, shape, offsets = _TYPES[entry["dtype"]], entry.get("shape"), entry.get("data_offsets")
    if not _sizes(shape) or not _sizes(offsets) or len(offsets) != 2:
        raise FileError(f"{at}: expected a shape and data_offsets of two integers, got {shape!r} and {offsets!r}")
    elements = 1
    for size in shape:
        elements *= size
    begin, end = offsets
    if end - begin != elements * dtype.itemsize:
        raise FileError(f"{at}: expected {count(elements * dtype.itemsize)} bytes for its shape {shape}, got {count(end - begin)}")
    if start + end > len(data):
        raise FileError(f"{at}: expected data that end within the file's {count(len(data))} bytes, got byte {count(start + end)}")
    try:
        return np.frombuffer(data, dtype, elements, start + begin).reshape(shape)
    except (ValueError, OverflowError) as error:  # no values, and a size beyond NumPy's
        raise FileError(f"{at}: expected a shape that an array can have, got {shape}") from error


def _sizes(value) -> bool:
    return isinstance(value, list) and all(isinstance(size, int) and not isinstance(size, bool) and size >= 0 for size in value)


def _check_layout(offsets: list[list[int]], size: int, name: str) -> None:
    at = 0
    for begin, end in sorted(offsets):
        if begin != at:
            raise FileError(f"{name}: expected data without gap or overlap, got a tensor at byte {begin} of the data after one that ends at {at}")
        at = end
    if at != size:
        raise FileError(f"{name}: expected {count(at)} bytes of data, got {count(size)}")
