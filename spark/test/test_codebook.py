"""Codebook files: the same bytes as Node writes, and every damage found."""

import json
import struct
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import residual_vq_spark as rvq_spark
from residual_vq_spark import files, safetensors


@pytest.fixture(scope="module")
def book():
    values = np.random.default_rng(2).normal(size=(12, 5)).astype(np.float32)
    return rvq_spark.Codebook.of([values[:7], values[7:]])


def test_node_reads_it_and_writes_the_same_bytes(rvq, book, tmp_path):
    book.save(tmp_path / "ours.safetensors")
    np.save(tmp_path / "rows.npy", book.data)
    # no iterations: the start is the codebook, which Node has read, checked by its id, and written
    same = ("--stages", 2, "--codewords", "7,5", "--iterations", 0, "--start", tmp_path / "ours.safetensors")
    rvq("train", tmp_path / "rows.npy", "-o", tmp_path / "node.safetensors", *same)
    assert json.loads(rvq("info", tmp_path / "ours.safetensors", "--json"))["id"] == book.id
    assert (tmp_path / "node.safetensors").read_bytes() == (tmp_path / "ours.safetensors").read_bytes()


def test_loaded_it_is_the_same(book, tmp_path):
    book.save(str(tmp_path / "book.safetensors"))
    loaded = rvq_spark.Codebook.load(f"file://{tmp_path}/book.safetensors")
    assert loaded == book and (loaded.data == book.data).all() and loaded.codewords == (7, 5)
    assert [path.name for path in tmp_path.iterdir()] == ["book.safetensors"]


def test_a_codebook_cannot_be_written_to(book):
    with pytest.raises(ValueError):
        book.data[0, 0] = 1


def test_a_file_cut_at_any_byte_is_refused(book, tmp_path):
    book.save(tmp_path / "book.safetensors")
    data = (tmp_path / "book.safetensors").read_bytes()
    cut = tmp_path / "cut.safetensors"
    for length in range(len(data)):
        cut.write_bytes(data[:length])
        with pytest.raises(rvq_spark.FileError, match="cut.safetensors"):
            rvq_spark.Codebook.load(cut)


def test_a_bit_changed_in_the_values_is_found_by_the_id(book, tmp_path):
    book.save(tmp_path / "book.safetensors")
    data = bytearray((tmp_path / "book.safetensors").read_bytes())
    data[-3] ^= 1
    (tmp_path / "book.safetensors").write_bytes(data)
    with pytest.raises(rvq_spark.FileError, match="corrupted: expected the id"):
        rvq_spark.Codebook.load(tmp_path / "book.safetensors")


def file_of(header, data=b""):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


META = {"__metadata__": {"format": "residual-vq codebook", "version": "1", "id": "0"}}
ENTRY = {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}
DAMAGED = {
    "no JSON": (struct.pack("<Q", 2) + b"{]", "expected a header of JSON"),
    "another format": (file_of({"__metadata__": {"format": "x"}}), 'expected format "residual-vq codebook"'),
    "another version": (file_of({"__metadata__": {"format": "residual-vq codebook", "version": "2"}}), "expected version 1"),
    "no tensors": (file_of(META), "expected tensors stage.0"),
    "other names": (file_of({**META, "stage.1": ENTRY}, bytes(8)), "expected tensors stage.0"),
    "an unknown dtype": (file_of({**META, "stage.0": {**ENTRY, "dtype": "I8"}}, bytes(8)), "expected a dtype of"),
    "doubles": (file_of({**META, "stage.0": {**ENTRY, "dtype": "F64", "data_offsets": [0, 16]}}, bytes(16)), "expected F32"),
    "a size that is not the shape's": (file_of({**META, "stage.0": {**ENTRY, "shape": [2, 2]}}, bytes(8)), "expected 16 bytes for its shape"),
    "a gap": (file_of({**META, "stage.0": {**ENTRY, "data_offsets": [8, 16]}}, bytes(16)), "without gap or overlap"),
    "bytes that follow": (file_of({**META, "stage.0": ENTRY}, bytes(9)), "expected 8 bytes of data, got 9"),
    "NaN": (file_of({**META, "stage.0": ENTRY}, np.full(2, np.nan, "<f4").tobytes()), "codeword 0: expected finite values"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_what_the_format_does_not_allow_is_refused(tmp_path, case):
    data, message = DAMAGED[case]
    (tmp_path / "bad.safetensors").write_bytes(data)
    with pytest.raises(rvq_spark.FileError, match=message):
        rvq_spark.Codebook.load(tmp_path / "bad.safetensors")


def test_empty_tensors_pass_through_the_container():
    tensors, metadata = safetensors.parse(safetensors.serialize({"a": np.zeros((0, 3), np.float32)}, {"k": "v"}), "x")
    assert tensors["a"].shape == (0, 3) and metadata == {"k": "v"}


@pytest.mark.parametrize("shape", [[], [4], [0, 10**30]])
def test_a_tensor_of_no_matrix_is_refused_as_a_file_error(tmp_path, shape):
    size = 0 if 0 in shape else 4 * int(np.prod(shape))
    header = {"__metadata__": {"format": "residual-vq codebook", "version": "1"}, "stage.0": {"dtype": "F32", "shape": shape, "data_offsets": [0, size]}}
    text = json.dumps(header).encode()
    path = tmp_path / "book.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + bytes(size))
    with pytest.raises(rvq_spark.FileError, match="stage.*expected"):
        rvq_spark.Codebook.load(path)


def test_threads_that_write_one_file_leave_one_of_theirs_whole(tmp_path):
    path, contents = str(tmp_path / "kept"), [bytes([i]) * 200_000 for i in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda data: [files.write(path, data) for _ in range(8)], contents))
    assert files.read(path) in contents and [each.name for each in tmp_path.iterdir()] == ["kept"]
