"""Codes on Spark are those of Node, and come back as its rows."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from conftest import column

import residual_vq_spark as rvq_spark


@pytest.fixture(scope="module")
def book(rvq, sift, tmp_path_factory):
    """A codebook that Node has trained: 3, 200 and 300 codewords, so that codes take two bytes and packed ones cross bytes."""
    folder = tmp_path_factory.mktemp("book")
    np.save(folder / "rows.npy", sift)
    rvq("train", folder / "rows.npy", "-o", folder / "book.safetensors", "--stages", 3, "--codewords", "9,200,300", "--iterations", 2)
    return folder / "book.safetensors"


@pytest.fixture(scope="module")
def node_codes(rvq, book):
    """Codes by Node: node_codes(beam)."""
    made = {}

    def codes(beam):
        if beam not in made:
            out = book.parent / f"codes-{beam}.npy"
            rvq("encode", book, book.parent / "rows.npy", "-o", out, "--beam", beam)
            made[beam] = np.load(out)
        return made[beam]

    return codes


@pytest.mark.parametrize("beam", [1, 5])
def test_codes_equal_those_of_node(frame, sift, book, node_codes, beam):
    made = rvq_spark.encode(frame(sift, files=3), "v", rvq_spark.Codebook.load(book), beam=beam)
    assert made.columns == ["id", "codes"]
    assert (np.array(column(made, "codes")) == node_codes(beam)).all()


@pytest.mark.parametrize("kind", ["list<double>", "binary", "fixed"])
def test_every_kind_of_column_gives_the_same_codes(frame, sift, book, node_codes, kind):
    made = rvq_spark.encode(frame(sift[:1500], kind), "v", rvq_spark.Codebook.load(book))
    assert (np.array(column(made, "codes")) == node_codes(1)[:1500]).all()


def test_packed_codes_equal_those_of_node(rvq, frame, sift, book):
    out = book.parent / "packed.safetensors"
    rvq("encode", book, book.parent / "rows.npy", "-o", out, "--packed")
    data = out.read_bytes()
    node = data[8 + int.from_bytes(data[:8], "little") :]
    made = rvq_spark.encode(frame(sift), "v", rvq_spark.Codebook.load(book), packed=True)
    assert dict(made.dtypes) == {"id": "bigint", "codes": "binary"}
    assert b"".join(bytes(code) for code in column(made, "codes")) == node


def test_parquet_tells_the_codebook_and_keeps_every_row_once(spark, frame, sift, book, tmp_path):
    codebook = rvq_spark.Codebook.load(book)
    out = str(tmp_path / "codes.parquet")
    rvq_spark.encode(frame(sift, files=4), "v", codebook).write.parquet(out)
    read = spark.read.parquet(out)
    assert column(read, "id") == list(range(len(sift)))
    said = read.schema["codes"].metadata["residual-vq"]
    assert said == {"format": "residual-vq codes", "version": "1", "codebook": codebook.id, "codewords": "9,200,300", "layout": "plain"}
    (first, *_) = (tmp_path / "codes.parquet").glob("*.parquet")
    in_file = json.loads(pq.read_metadata(first).metadata[b"org.apache.spark.sql.parquet.row.metadata"])
    assert in_file["fields"][1]["metadata"]["residual-vq"]["codebook"] == codebook.id


@pytest.mark.parametrize("stages", [None, 2])
@pytest.mark.parametrize("packed", [False, True])
def test_decoded_rows_equal_those_of_node(spark, rvq, frame, sift, book, node_codes, tmp_path, packed, stages):
    codebook = rvq_spark.Codebook.load(book)
    codes = tmp_path / "codes.npy"
    np.save(codes, node_codes(1)[:1200])
    rvq("decode", book, codes, "-o", tmp_path / "rows.npy", *([] if stages is None else ["--stages", stages]))
    made = rvq_spark.encode(frame(sift[:1200]), "v", codebook, packed=packed)
    made.write.parquet(str(tmp_path / "codes.parquet"))
    decoded = rvq_spark.decode(spark.read.parquet(str(tmp_path / "codes.parquet")), "codes", codebook, stages=stages)
    assert dict(decoded.dtypes) == {"id": "bigint", "vectors": "array<float>"}
    assert (np.array(column(decoded, "vectors"), np.float32) == np.load(tmp_path / "rows.npy")).all()


@pytest.mark.parametrize("beam", [1, 5])
def test_evaluation_equals_that_of_node(rvq, frame, sift, book, beam):
    node = json.loads(rvq("eval", book, book.parent / "rows.npy", "--beam", beam, "--json"))
    codebook = rvq_spark.Codebook.load(book)
    whole = rvq_spark.evaluate(frame(sift), "v", codebook, beam=beam)
    node.pop("seconds")
    assert set(whole) == set(node)
    for key in set(node) - {"entropyPerStage"}:  # whose logarithms are another library's
        assert whole[key] == node[key], key
    assert whole["entropyPerStage"] == pytest.approx(node["entropyPerStage"], rel=1e-14)
    parts = rvq_spark.evaluate(frame(sift, files=2).repartition(3), "v", codebook, beam=beam)
    assert parts["deadPerStage"] == node["deadPerStage"]
    assert parts["msePerStage"] == pytest.approx(node["msePerStage"], rel=1e-13)


def test_other_columns_and_their_metadata_stay(spark, frame, sift, book):
    from pyspark.sql import functions as F

    rows = frame(sift[:70]).select(F.col("id").alias("the.id", metadata={"kept": "yes"}), F.lit("text").alias("b"), "v", F.array(F.col("id")).alias("a"))
    made = rvq_spark.encode(rows, "v", rvq_spark.Codebook.load(book), output="the.codes")
    assert made.columns == ["the.id", "b", "a", "the.codes"]
    assert made.schema["the.id"].metadata == {"kept": "yes"}
    first = made.orderBy("`the.id`").first()
    assert (first[0], first[1], first[2]) == (0, "text", [0])


def test_codes_of_no_rows_are_no_rows(frame, sift, book):
    made = rvq_spark.encode(frame(sift[:5]).filter("id < 0"), "v", rvq_spark.Codebook.load(book))
    assert made.collect() == []


def test_wide_rows_pass_in_bounded_blocks(frame):
    rows = np.random.default_rng(3).normal(size=(300, 4096)).astype(np.float32)
    codebook = rvq_spark.Codebook.of([rows[:7]])
    made = rvq_spark.encode(frame(rows), "v", codebook)
    distances = ((rows[:, None, :].astype(np.float64) - rows[None, :7]) ** 2).sum(axis=2)
    assert column(made, "codes") == distances.argmin(axis=1)[:, None].tolist()
