"""Rows of float32 out of a column of Arrow batches, checked, in blocks whose size does not depend on that of the batches."""

from __future__ import annotations

import numpy as np

from .errors import ArgumentError, RowError

_NAMED_BY = 4
"""Columns that name a row in an error, at most."""


def vector_column(df, name: str) -> None:
    """Checks that `df` has a column of vectors `name`: array<float>, array<double> or binary."""
    from pyspark.sql.types import ArrayType, BinaryType, DoubleType, FloatType

    kind = column_type(df, name)
    if isinstance(kind, BinaryType) or isinstance(kind, ArrayType) and isinstance(kind.elementType, (FloatType, DoubleType)):
        return
    hint = "; pyspark.ml.functions.vector_to_array makes an array of a vector" if kind.typeName() in ("vector", "vectorudt", "udt") else ""
    raise ArgumentError(f'column "{name}": expected array<float>, array<double> or binary (little-endian float32), got {kind.simpleString()}{hint}')


def column_type(df, name: str):
    for field in df.schema.fields:
        if field.name == name:
            return field.dataType
    raise ArgumentError(f'column "{name}": expected one of {", ".join(df.columns)}')


def naming_columns(df, *others: str) -> list[str]:
    """The columns that name a row in errors: the first that hold one value a row."""
    from pyspark.sql.types import ArrayType, BinaryType, MapType, StructType

    def single(field) -> bool:
        return not isinstance(field.dataType, (ArrayType, BinaryType, MapType, StructType)) and field.dataType.typeName() not in ("variant", "udt")

    return [field.name for field in df.schema.fields if field.name not in others and single(field)][:_NAMED_BY]


def quoted(name: str) -> str:
    """A column's name as Spark's expressions take it: one with dots is no path."""
    return "`" + name.replace("`", "``") + "`"


def partition_number() -> int:
    from pyspark import TaskContext

    context = TaskContext.get()
    return 0 if context is None else context.partitionId()


def taken(df, names: list[str], *more):
    """The columns `names`, as _0, _1, ...: mapInArrow takes no column with a dot in its name. `more`: columns that follow."""
    from pyspark.sql import functions as F

    return df.select(*(F.col(quoted(name)).alias(f"_{i}") for i, name in enumerate(names)), *more)


class RowNames:
    """Tells in errors which row of a column it is: by the columns that name it, else by its place in its partition."""

    def __init__(self, column: str, naming: dict[str, str]):
        """column: the name to be told; naming: columns of the batches that name a row, and what they are called"""
        self._column, self._naming = column, naming
        self._before = 0  # rows of the batches before
        self._batch = None

    def next(self, batch) -> None:
        self._before += 0 if self._batch is None else self._batch.num_rows
        self._batch = batch

    def of(self, row: int) -> str:
        """The name of a row of the present batch."""
        column = f'column "{self._column}", row'
        if not self._naming:
            return f"{column} {self._before + row} of partition {partition_number()} (both count from 0)"

        def short(value) -> str:
            text = " ".join(repr(value).split())  # an error is one line
            return text if len(text) <= 80 else f"{text[:77]}..."

        values = (f"{called}={short(self._batch.column(name)[row].as_py())}" for name, called in self._naming.items())
        return f"{column} {', '.join(values)}"


def float_blocks(batches, column: str, dim: int, size: int, names: RowNames):
    """Yields (batch, first, rows): of each batch in turn `rows`, float32 of at most size x dim, from its row `first` on. Raises RowError."""
    for batch in batches:
        names.next(batch)
        vectors = batch.column(column)
        for first in range(0, batch.num_rows, size):
            yield batch, first, to_floats(vectors.slice(first, size), dim, lambda row, first=first: names.of(first + row))


def to_floats(vectors, dim: int, place) -> np.ndarray:
    """Arrow vectors as float32, rows x dim. `place(row)` names a row in errors."""
    import pyarrow as pa

    kind = vectors.type
    if vectors.null_count:
        row = int(np.nonzero(vectors.is_null().to_numpy(zero_copy_only=False))[0][0])
        raise RowError(f"{place(row)}: expected {dim} finite values, got null")
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        rows = _of_bytes(vectors, dim, place)
    else:
        rows = _of_lists(vectors, dim, place)
    finite = np.isfinite(rows)
    if not finite.all():
        row, element = (int(i) for i in np.argwhere(~finite)[0])
        raise RowError(f"{place(row)}: expected {dim} finite values of float32, got {rows[row, element]} at element {element} (from 0)")
    return rows


def _of_lists(vectors, dim: int, place) -> np.ndarray:
    import pyarrow as pa

    if pa.types.is_fixed_size_list(vectors.type):
        width = vectors.type.list_size
        if width != dim and len(vectors):
            raise RowError(f"{place(0)}: expected {dim} values, got {width}")
        values = vectors.values.slice(vectors.offset * width, len(vectors) * width)
    else:
        offsets = vectors.offsets.to_numpy()
        _check_lengths(np.diff(offsets), dim, 1, place, "values")
        values = vectors.values.slice(int(offsets[0]), int(offsets[-1] - offsets[0]))
    if values.null_count:
        at = int(np.nonzero(values.is_null().to_numpy(zero_copy_only=False))[0][0])
        raise RowError(f"{place(at // dim)}: expected {dim} finite values, got null at element {at % dim} (from 0)")
    with np.errstate(over="ignore"):  # what is beyond float32 becomes infinite, and is refused as that
        return np.ascontiguousarray(values.to_numpy(), np.float32).reshape(len(vectors), dim)


def _of_bytes(vectors, dim: int, place) -> np.ndarray:
    import pyarrow as pa

    if pa.types.is_fixed_size_binary(vectors.type):
        width = vectors.type.byte_width
        if width != 4 * dim and len(vectors):
            raise RowError(f"{place(0)}: expected {4 * dim} bytes, {dim} little-endian float32, got {width}")
        start, data = vectors.offset * width, vectors.buffers()[1]
    else:
        _, at, data = vectors.buffers()
        of = np.int64 if pa.types.is_large_binary(vectors.type) else np.int32
        offsets = np.frombuffer(at, of)[vectors.offset : vectors.offset + len(vectors) + 1]
        _check_lengths(np.diff(offsets), dim, 4, place, f"bytes, {dim} little-endian float32")
        start = int(offsets[0]) if len(offsets) else 0
    if len(vectors) == 0:
        return np.empty((0, dim), np.float32)
    return np.frombuffer(data, "<f4", len(vectors) * dim, start).reshape(len(vectors), dim)


def _check_lengths(lengths: np.ndarray, dim: int, each: int, place, what: str) -> None:
    wrong = np.nonzero(lengths != dim * each)[0]
    if len(wrong):
        raise RowError(f"{place(int(wrong[0]))}: expected {dim * each} {what}, got {lengths[wrong[0]]}")


def first_dim(df, column: str) -> int:
    """The dim of the first row, which all others must have. Raises RowError where there is no row, or nothing in it."""
    from pyspark.sql import functions as F

    vector_column(df, column)
    first = df.select(F.col(quoted(column))).first()
    if first is None:
        raise RowError(f'column "{column}": expected at least one row, got none')
    value = first[0]
    dim = 0 if value is None else len(value) // 4 if isinstance(value, (bytes, bytearray)) else len(value)
    if not 1 <= dim <= 4096:
        raise RowError(f'column "{column}", first row: expected 1 to 4,096 values, got {"null" if value is None else dim}')
    return dim


def regrouped(blocks, dim: int, size: int):
    """The rows of `float_blocks` in blocks of exactly `size`, but for the last one, however batches were cut."""
    room, filled = np.empty((size, dim), np.float32), 0
    for _, _, rows in blocks:
        while len(rows):
            if filled == 0 and len(rows) == size:
                yield rows
                break
            part = rows[: size - filled]
            room[filled : filled + len(part)] = part
            filled, rows = filled + len(part), rows[len(part) :]
            if filled == size:
                yield room
                filled = 0
    if filled:
        yield room[:filled]
