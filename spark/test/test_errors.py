"""Bad rows and bad arguments: what is said of them, and that nothing is committed."""

import numpy as np
import pyarrow as pa
import pytest
from conftest import table

import residual_vq_spark as rvq_spark
from residual_vq_spark.errors import row_error

ROWS = np.random.default_rng(8).normal(size=(2000, 4)).astype(np.float32)
BOOK = rvq_spark.Codebook.of([ROWS[:5], ROWS[5:9] / 2])


def with_bad(row, value, kind="list<float>"):
    """ROWS with ids from 1000, of which row `row` has another value."""
    whole = table(ROWS, kind, ids=range(1000, 3000))
    values = whole["v"].to_pylist()
    values[row] = value
    return whole.set_column(1, "v", pa.array(values, pa.binary() if kind == "binary" else pa.list_(pa.float64() if "double" in kind else pa.float32())))


BAD = {
    "null": ("list<float>", None, "row id=2234: expected 4 finite values, got null"),
    "short": ("list<float>", [1.0, 2.0], "row id=2234: expected 4 values, got 2"),
    "empty": ("list<float>", [], "row id=2234: expected 4 values, got 0"),
    "long": ("list<double>", [1.0] * 5, "row id=2234: expected 4 values, got 5"),
    "NaN": ("list<float>", [1.0, 2.0, float("nan"), 3.0], "row id=2234: expected 4 finite values of float32, got nan at element 2 (from 0)"),
    "infinite": ("list<double>", [1.0, float("-inf"), 0.0, 3.0], "row id=2234: expected 4 finite values of float32, got -inf at element 1 (from 0)"),
    "beyond float32": ("list<double>", [1e39, 0.0, 0.0, 3.0], "row id=2234: expected 4 finite values of float32, got inf at element 0 (from 0)"),
    "null within": ("list<float>", [1.0, None, 0.0, 3.0], "row id=2234: expected 4 finite values, got null at element 1 (from 0)"),
    "bytes": ("binary", b"12345", "row id=2234: expected 16 bytes, 4 little-endian float32, got 5"),
    "null bytes": ("binary", None, "row id=2234: expected 4 finite values, got null"),
    "bytes of NaN": ("binary", np.full(4, np.nan, "<f4").tobytes(), "row id=2234: expected 4 finite values of float32, got nan at element 0 (from 0)"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_fails_the_job_by_its_id_and_nothing_is_committed(frame, tmp_path, case):
    kind, value, message = BAD[case]
    out = tmp_path / "codes"
    with pytest.raises(Exception) as failed:
        rvq_spark.encode(frame(with_bad(1234, value, kind), files=3), "v", BOOK).write.parquet(str(out))
    assert str(row_error(failed.value)) == f'column "v", {message}'
    assert not list(out.rglob("*.parquet")) and not (out / "_SUCCESS").exists()


@pytest.mark.parametrize("case", ["null", "NaN", "short"])
def test_training_and_evaluating_refuse_it_as_a_row_error(frame, case):
    kind, value, message = BAD[case]
    rows = frame(with_bad(1234, value, kind), files=2)
    for work in (lambda: rvq_spark.train(rows, "v", stages=1, codewords=2), lambda: rvq_spark.evaluate(rows, "v", BOOK)):
        with pytest.raises(rvq_spark.RowError) as failed:
            work()
        assert str(failed.value) == f'column "v", {message}'


def test_without_columns_that_name_it_a_row_is_told_by_its_place(frame):
    rows = frame(with_bad(1234, None)).select("v")
    with pytest.raises(rvq_spark.RowError, match=r'^column "v", row 1234 of partition 0 \(both count from 0\): expected 4 finite values, got null$'):
        rvq_spark.evaluate(rows, "v", BOOK)


def test_an_overwritten_table_stays_as_it_was_where_a_row_is_bad(spark, frame, tmp_path):
    out = str(tmp_path / "codes")
    rvq_spark.encode(frame(table(ROWS, ids=range(2000))), "v", BOOK).write.parquet(out)
    with pytest.raises(Exception, match="RowError: .*id=1003: expected 4 finite values, got null"):
        rvq_spark.encode(frame(with_bad(3, None), files=2), "v", BOOK).write.mode("append").parquet(out)
    assert spark.read.parquet(out).count() == 2000


BAD_CODES = {
    "another length": ([1], "row id=1: expected 2 codes, got 1"),
    "beyond the stage": ([1, 4], "row id=1: expected codes below 4 in stage 1 (from 0), got 4"),
    "negative": ([-1, 0], "row id=1: expected codes below 5 in stage 0 (from 0), got -1"),
    "null": (None, "row id=1: expected 2 codes, got null"),
}


@pytest.mark.parametrize("case", BAD_CODES)
def test_bad_codes_fail_the_job_by_their_id(frame, case):
    value, message = BAD_CODES[case]
    codes = pa.table({"id": [0, 1, 2], "v": pa.array([[0, 0], value, [1, 1]], pa.list_(pa.int32()))})
    with pytest.raises(Exception) as failed:
        rvq_spark.decode(frame(codes), "v", BOOK).collect()
    assert str(row_error(failed.value)) == f'column "v", {message}'


def test_packed_codes_of_another_length_fail_the_job(frame):
    codes = pa.table({"id": [0, 1], "v": pa.array([b"\x01", b"\x01\x02"], pa.binary())})
    with pytest.raises(Exception) as failed:
        rvq_spark.decode(frame(codes), "v", BOOK).collect()
    assert str(row_error(failed.value)) == 'column "v", row id=1: expected 1 bytes of packed codes, got 2'


def test_codes_of_another_codebook_are_refused_before_a_job_runs(frame):
    codes = rvq_spark.encode(frame(ROWS), "v", BOOK)
    other = rvq_spark.Codebook.of([ROWS[:5], ROWS[5:9]])
    with pytest.raises(rvq_spark.RvqError, match=f"expected codes of the codebook {other.id}, got those of {BOOK.id}"):
        rvq_spark.decode(codes, "codes", other)


def test_sums_of_codewords_beyond_float32_are_refused_by_their_row(frame):
    large = rvq_spark.Codebook.of([np.full((1, 2), 3e38, np.float32), np.array([[0, 0], [0, 3e38]], np.float32)])
    codes = pa.table({"id": [5, 6], "v": pa.array([[0, 0], [0, 1]], pa.list_(pa.int32()))})
    with pytest.raises(Exception) as failed:
        rvq_spark.decode(frame(codes), "v", large).collect()
    assert str(row_error(failed.value)) == 'column "v", row id=6: the sum of its codewords is too large for float32 at element 1'


@pytest.mark.parametrize(("codeword", "expected"), [(0.0, 0.0), (1.0, float("inf"))])
def test_of_rows_of_zeros_all_is_lost_or_nothing(frame, codeword, expected):
    found = rvq_spark.evaluate(frame(np.zeros((3, 4))), "v", rvq_spark.Codebook.of([np.full((1, 4), codeword)]))
    assert (found["relativeError"], found["mse"]) == (expected, 4 * codeword)


ARGUMENTS = {
    "no such column": (lambda df: rvq_spark.encode(df, "w", BOOK), 'column "w": expected one of id, v'),
    "a column of numbers": (lambda df: rvq_spark.evaluate(df, "id", BOOK), 'column "id": expected array<float>, array<double> or binary'),
    "a beam of none": (lambda df: rvq_spark.encode(df, "v", BOOK, beam=0), "beam: expected an integer from 1 to 64, got 0"),
    "a beam wider than the first stage": (lambda df: rvq_spark.encode(df, "v", BOOK, beam=6), "beam: expected at most 5"),
    "a name that is taken": (lambda df: rvq_spark.encode(df, "v", BOOK, output="id"), "output: expected a name that no other column has"),
    "too many stages": (lambda df: rvq_spark.decode(rvq_spark.encode(df, "v", BOOK), "codes", BOOK, stages=3), "stages: expected an integer from 1 to 2"),
    "codewords for other stages": (lambda df: rvq_spark.train(df, "v", stages=2, codewords=[4]), "codewords: expected a number, or one for each of the 2"),
    "a seed beyond": (lambda df: rvq_spark.train(df, "v", stages=1, codewords=4, seed=2**32), "seed: expected an integer from 0 to 4,294,967,295"),
    "a start of another shape": (lambda df: rvq_spark.train(df, "v", stages=1, codewords=4, start=BOOK), "start: expected stages of [4] codewords"),
    "no rows": (lambda df: rvq_spark.train(df.filter("id < 0"), "v", stages=1, codewords=4), "expected at least one row, got none"),
    "fewer rows than codewords": (lambda df: rvq_spark.train(df.limit(3), "v", stages=1, codewords=4), "3 rows cannot train 4 codewords"),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_an_argument_is_refused_with_what_was_expected(frame, case):
    work, message = ARGUMENTS[case]
    with pytest.raises(rvq_spark.RvqError) as failed:
        work(frame(ROWS))
    assert message in str(failed.value)


def test_rows_that_change_between_passes_are_refused(frame):
    def some(batches):
        import random

        for batch in batches:
            yield batch.slice(random.randrange(batch.num_rows))

    rows = frame(ROWS, files=2)
    changing = rows.mapInArrow(some, rows.schema)
    with pytest.raises(rvq_spark.RvqError, match="write what a random or changing query gives to a table first"):
        rvq_spark.train(changing, "v", stages=1, codewords=4, iterations=2)
