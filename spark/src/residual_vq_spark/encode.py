"""Encode: rows to codes, and decode: codes to rows, partition by partition, by mapInArrow."""

from __future__ import annotations

from .codebook import Codebook
from .codes import check_metadata, from_arrow, metadata_of, to_arrow
from .core import wasm_bytes
from .errors import ArgumentError, RowError, integer
from .quantizer import Quantizer, block_rows
from .rows import RowNames, column_type, float_blocks, naming_columns, taken, vector_column
from .ship import register

MAX_BEAM = 64
_MADE = "_made"


def check_encoding(df, column: str, codebook: Codebook, beam) -> None:
    """Checks what encode and evaluate are given, but for the rows."""
    vector_column(df, column)
    integer("beam", beam, 1, MAX_BEAM)
    if beam > codebook.codewords[0]:
        raise ArgumentError(f"beam: expected at most {codebook.codewords[0]}, the codewords of the first stage, got {beam}")


def encode(df, column: str, codebook: Codebook, *, beam: int = 1, packed: bool = False, output: str = "codes"):
    """The rows' codes, each the one that the definition gives: equal, bit for bit, to those of the npm package.

    df: a DataFrame; it is read when the result is
    column: vectors: array<float>, array<double> or binary (little-endian float32), of the codebook's dim
    beam: partial encodings kept of each row, 1 to 64: more take longer and leave less error
    packed: codes as binary, as few bits as they need, instead of array<int>
    output: name of the column of codes

    Returns a DataFrame of the other columns and the codes, whose metadata tell the codebook's id. A row that is null, of another length, or not finite
    fails the job with an error that names it, and what is being written is not committed.
    """
    check_encoding(df, column, codebook, beam)
    if packed and codebook.bits_per_row == 0:
        raise ArgumentError("packed: codes of a codebook with one codeword a stage take no bits: write them plain")
    made = _Made(df, column, output)
    task = _encoder(wasm_bytes(), codebook, made.rows(), made.kept(), beam, packed)
    return made.by(task, "binary" if packed else "array<int>", metadata_of(codebook, packed))


def decode(df, column: str, codebook: Codebook, *, stages: int | None = None, output: str = "vectors"):
    """The rows that codes stand for, as array<float>: with all stages, or coarser with the first few.

    column: codes as `encode` makes them: an array of integers, or packed
    stages: how many of the stages are added up; default all
    output: name of the column of rows

    Returns a DataFrame of the other columns and the rows. Codes that say they are another codebook's are refused.
    """
    from pyspark.sql.types import ArrayType, BinaryType, ByteType, IntegerType, LongType, ShortType

    kind = column_type(df, column)
    integers = (ByteType, ShortType, IntegerType, LongType)
    if not (isinstance(kind, BinaryType) or isinstance(kind, ArrayType) and isinstance(kind.elementType, integers)):
        raise ArgumentError(f'column "{column}": expected codes, an array of integers or packed as binary, got {kind.simpleString()}')
    check_metadata(df.schema[column].metadata, codebook, column)
    prefix = len(codebook.codewords) if stages is None else integer("stages", stages, 1, len(codebook.codewords))
    made = _Made(df, column, output)
    return made.by(_decoder(wasm_bytes(), codebook, made.rows(), made.kept(), prefix), "array<float>", {})


class _Made:
    """A DataFrame with a column made of another, which it replaces."""

    def __init__(self, df, column: str, output: str):
        self._df, self._column, self._output = df, column, output
        self._others = [field for field in df.schema.fields if field.name != column]
        if output in [field.name for field in self._others]:
            raise ArgumentError(f'output: expected a name that no other column has, got "{output}"')
        self._names = [column, *(field.name for field in self._others)]

    def rows(self) -> RowNames:
        naming = naming_columns(self._df, self._column)
        return RowNames(self._column, {f"_{i}": name for i, name in enumerate(self._names) if name in naming})

    def kept(self) -> list[str]:
        """The other columns, as the batches call them."""
        return [f"_{i + 1}" for i in range(len(self._others))]

    def by(self, task, kind: str, metadata: dict):
        """The DataFrame: `task` takes batches of _0, the column, and the others, and gives batches of the others and what it made, of the type `kind`."""
        from pyspark.sql import functions as F
        from pyspark.sql.types import ArrayType, BinaryType, FloatType, IntegerType, StructField, StructType

        register()
        types = {"binary": BinaryType(), "array<int>": ArrayType(IntegerType(), False), "array<float>": ArrayType(FloatType(), False)}
        fields = [StructField(name, field.dataType, field.nullable) for name, field in zip(self.kept(), self._others)]
        mapped = taken(self._df, self._names).mapInArrow(task, StructType([*fields, StructField(_MADE, types[kind], False)]))
        last = F.col(_MADE).alias(self._output, metadata=metadata) if metadata else F.col(_MADE).alias(self._output)
        others = (F.col(name).alias(field.name, metadata=field.metadata) for name, field in zip(self.kept(), self._others))
        return mapped.select(*others, last)


def _encoder(wasm: bytes, codebook: Codebook, names: RowNames, kept: list[str], beam: int, packed: bool):
    data, dim, codewords, key = codebook.data, codebook.dim, codebook.codewords, codebook.id

    def encode_batches(batches):
        with Quantizer(wasm, data, dim, codewords, key, beam) as quantizer:
            for batch, first, rows in float_blocks(batches, "_0", dim, block_rows(dim), names):
                yield _with(batch, first, kept, to_arrow(quantizer.encode(rows), codewords, packed))

    return encode_batches


def _decoder(wasm: bytes, codebook: Codebook, names: RowNames, kept: list[str], stages: int):
    data, dim, codewords, key = codebook.data, codebook.dim, codebook.codewords, codebook.id

    def decode_batches(batches):
        import numpy as np
        import pyarrow as pa

        size = block_rows(dim)
        with Quantizer(wasm, data, dim, codewords, key) as quantizer:
            for batch in batches:
                names.next(batch)
                for first in range(0, batch.num_rows, size):
                    codes = from_arrow(batch.column("_0").slice(first, size), codewords, lambda row, first=first: names.of(first + row))
                    rows = quantizer.decode(codes, stages)
                    finite = np.isfinite(rows)
                    if not finite.all():
                        row, element = (int(i) for i in np.argwhere(~finite)[0])
                        raise RowError(f"{names.of(first + row)}: the sum of its codewords is too large for float32 at element {element}")
                    offsets = np.arange(len(rows) + 1, dtype=np.int32) * dim
                    yield _with(batch, first, kept, pa.ListArray.from_arrays(pa.array(offsets), pa.array(rows.reshape(-1))))

    return decode_batches


def _with(batch, first: int, kept: list[str], made):
    """The rows of a batch from `first` on, as many as were made, with what was made of them."""
    import pyarrow as pa

    columns = [batch.column(name).slice(first, len(made)) for name in kept]
    return pa.RecordBatch.from_arrays([*columns, made], [*kept, _MADE])
