"""Encode: rows to codes, and decode: codes to rows, partition by partition, by mapInArrow."""

from __future__ import annotations

from .codebook import Codebook
from .codes import check_metadata, from_arrow, metadata_of, to_arrow
from .core import wasm_bytes
from .errors import ArgumentError, integer
from .quantizer import Quantizer, block_rows
from .rows import RowNames, column_type, float_blocks, naming_columns, quoted, vector_column
from .ship import register

MAX_BEAM = 64


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
    kept = _kept(df, column, output)
    task = _encoder(wasm_bytes(), codebook, column, [field.name for field in kept], output, naming_columns(df, column), beam, packed)
    kind = "binary" if packed else "array<int>"
    return _mapped(df, kept, task, output, kind, metadata_of(codebook, packed))


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
    kept = _kept(df, column, output)
    task = _decoder(wasm_bytes(), codebook, column, [field.name for field in kept], output, naming_columns(df, column), prefix)
    return _mapped(df, kept, task, output, "array<float>", {})


def _kept(df, column: str, output: str) -> list:
    kept = [field for field in df.schema.fields if field.name != column]
    if output in [field.name for field in kept]:
        raise ArgumentError(f'output: expected a name that no other column has, got "{output}"')
    return kept


def _mapped(df, kept: list, task, output: str, kind: str, metadata: dict):
    from pyspark.sql import functions as F
    from pyspark.sql.types import ArrayType, BinaryType, FloatType, IntegerType, StructField, StructType

    register()
    types = {"binary": BinaryType(), "array<int>": ArrayType(IntegerType(), False), "array<float>": ArrayType(FloatType(), False)}
    made = df.mapInArrow(task, StructType([*kept, StructField(output, types[kind], False)]))


    def with_metadata(name: str, metadata: dict):
        column = F.col(quoted(name))
        return column.alias(name, metadata=metadata) if metadata else column

    return made.select(*(with_metadata(field.name, field.metadata) for field in kept), with_metadata(output, metadata))


def _encoder(wasm: bytes, codebook: Codebook, column: str, kept: list[str], output: str, naming: list[str], beam: int, packed: bool):
    data, dim, codewords, key = codebook.data, codebook.dim, codebook.codewords, codebook.id

    def encode_batches(batches):
        with Quantizer(wasm, data, dim, codewords, key, beam) as quantizer:
            for batch, first, rows in float_blocks(batches, column, dim, block_rows(dim), RowNames(naming)):
                codes = to_arrow(quantizer.encode(rows), codewords, packed)
                yield _with(batch, first, kept, output, codes)

    return encode_batches


def _decoder(wasm: bytes, codebook: Codebook, column: str, kept: list[str], output: str, naming: list[str], stages: int):
    data, dim, codewords, key = codebook.data, codebook.dim, codebook.codewords, codebook.id

    def decode_batches(batches):
        import numpy as np
        import pyarrow as pa

        names = RowNames(naming)
        size = block_rows(dim)
        with Quantizer(wasm, data, dim, codewords, key) as quantizer:
            for batch in batches:
                names.next(batch)
                for first in range(0, batch.num_rows, size):
                    part = batch.column(column).slice(first, size)
                    place = lambda row, first=first: f'column "{column}", {names.of(first + row)}'  # noqa: E731
                    rows = quantizer.decode(from_arrow(part, codewords, place), stages)
                    offsets = np.arange(len(rows) + 1, dtype=np.int32) * dim
                    yield _with(batch, first, kept, output, pa.ListArray.from_arrays(pa.array(offsets), pa.array(rows.reshape(-1))))

    return decode_batches


def _with(batch, first: int, kept: list[str], output: str, made):
    """The rows of a batch from `first` on, as many as were made, with what was made of them."""
    import pyarrow as pa

    columns = [batch.column(name).slice(first, len(made)) for name in kept]
    return pa.RecordBatch.from_arrays([*columns, made], [*kept, output])
