"""Arrow streams of pyarrow through the command, and the programs of docs/engines.md.

Needs the built package: npm run build.
"""

import io
import os
import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RVQ = ["node", str(ROOT / "dist/cli.cjs")]
DIM, ROWS = 8, 3000
END = b"\xff\xff\xff\xff\0\0\0\0"
rng = np.random.default_rng(1)
rows = rng.standard_normal((ROWS, DIM)).astype("f4")
numbers = range(ROWS)


def rvq(*args: str, input: bytes = b"") -> subprocess.CompletedProcess:
    return subprocess.run([*RVQ, *args], input=input, capture_output=True)


def stream(batches: list, schema: pa.Schema, compression: str | None) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return sink.getvalue()


def vector_columns() -> dict:
    values = pa.array(rows.ravel())
    offsets = pa.array(np.arange(ROWS + 1, dtype="i4") * DIM)
    raw = [row.tobytes() for row in rows]
    return {
        "list": pa.ListArray.from_arrays(offsets, values),
        "large": pa.LargeListArray.from_arrays(offsets.cast("int64"), values),
        "fixed": pa.FixedSizeListArray.from_arrays(values, DIM),
        "doubles": pa.ListArray.from_arrays(offsets, values.cast("float64")),
        "binary": pa.array(raw, pa.binary()),
        "large_binary": pa.array(raw, pa.large_binary()),
        "fixed_binary": pa.array(raw, pa.binary(4 * DIM)),
    }


def other_columns() -> dict:
    """Columns of every kind, also of those that the command reads nothing of."""
    return {
        "id": pa.array(numbers),
        "text": pa.array([None if i % 7 == 0 else f"t{i}" for i in numbers]),
        "view": pa.array([f"text that is too long to lie in its view, {i}" for i in numbers], pa.string_view()),
        "dictionary": pa.array([f"k{i % 5}" for i in numbers]).dictionary_encode(),
        "null": pa.nulls(ROWS),
        "bool": pa.array([i % 3 == 0 for i in numbers]),
        "struct": pa.array([{"a": i, "b": [str(i)] * (i % 3)} for i in numbers]),
        "map": pa.array([[("k", i)] for i in numbers], pa.map_(pa.string(), pa.int32())),
        "decimal": pa.array(numbers).cast(pa.decimal256(40, 2)),
        "time": pa.array(np.arange(ROWS).astype("datetime64[us]")),
        "runs": pa.RunEndEncodedArray.from_arrays(pa.array([1000, ROWS], pa.int32()), pa.array(["x", "y"])),
        "sparse": pa.UnionArray.from_sparse(pa.array([i % 2 for i in numbers], pa.int8()), [pa.array(numbers), pa.array([str(i) for i in numbers])]),
        "dense": pa.UnionArray.from_dense(pa.array([0] * ROWS, pa.int8()), pa.array(numbers, pa.int32()), [pa.array(numbers)]),
        "list_view": pa.array([[i, i + 1] for i in numbers], pa.list_view(pa.int16())),
    }


def check_encode(folder: Path) -> int:
    """Codes as of a file, and every other column as it was, whatever the types, the batches and the compression."""
    np.save(folder / "rows.npy", rows)
    train = rvq("train", str(folder / "rows.npy"), "-o", str(folder / "book.safetensors"), "--stages", "3", "--codewords", "16,40,8", "--iterations", "3")
    assert train.returncode == 0, train.stderr
    book = str(folder / "book.safetensors")
    plain = rvq("encode", book, str(folder / "rows.npy"), "-o", "-")
    codes = np.frombuffer(plain.stdout, "u1").reshape(ROWS, 3)
    others, checked = other_columns(), 0
    for name, column in vector_columns().items():
        table = pa.table({**others, name: column}).replace_schema_metadata({"kept": "yes"})
        cuts = [0, 1, 1, 18, 1000, ROWS]
        batches = [batch for start, end in zip(cuts, cuts[1:]) for batch in table.slice(start, end - start).to_batches()]
        batches.insert(2, table.to_batches()[0].slice(0, 0))
        for compression in (None, "lz4", "zstd"):
            done = rvq("encode", book, "--arrow", "--column", name, input=stream(batches, table.schema, compression))
            if compression == "zstd" and b"Node 22.15" in done.stderr:
                continue
            assert done.returncode == 0 and done.stdout.endswith(END), (name, compression, done.stderr)
            result = pa.ipc.open_stream(done.stdout).read_all()
            result.validate(full=True)
            assert result.schema.names == [*others, "codes"] and result.schema.metadata == table.schema.metadata
            assert [len(batch) for batch in result.to_batches()] == [len(batch) for batch in batches]
            assert np.array_equal(np.array(result["codes"].to_pylist()), codes), name
            for other in others:
                assert result.schema.field(other).equals(table.schema.field(other), check_metadata=True)
                assert result[other].to_pylist() == table[other].to_pylist(), other
            checked += 1
    return checked


def check_failures(folder: Path) -> None:
    """A reader never takes what failed for whole."""
    book = str(folder / "book.safetensors")
    fixed = pa.table({"v": vector_columns()["fixed"]})
    data = stream(fixed.to_batches(max_chunksize=500), fixed.schema, None)
    for cut in (0, 3, 100, len(data) // 2, len(data) - 8, len(data) - 4):
        done = rvq("encode", book, "--arrow", input=data[:cut])
        assert done.returncode == 3 and b"cut off" in done.stderr, (cut, done)
        try:
            pa.ipc.open_stream(done.stdout).read_all()
        except (OSError, pa.ArrowInvalid):
            continue
        raise AssertionError(f"cut at {cut}: the result reads as whole")
    bad = pa.table({"v": pa.array([*rows[:3].tolist(), None], pa.list_(pa.float32()))})
    done = rvq("encode", book, "--arrow", input=stream(bad.to_batches(), bad.schema, None))
    assert done.returncode == 3 and b'column "v", row 3: expected a list of numbers, got null' in done.stderr, done


def check_stats(folder: Path) -> None:
    """Sums as NumPy has them; those of parts, whichever, add up to the same bits."""
    book = str(folder / "book.safetensors")

    def stats(part: np.ndarray) -> pa.Table:
        table = pa.table({"v": pa.FixedSizeListArray.from_arrays(pa.array(part.ravel()), DIM)})
        done = rvq("stats", book, "--arrow", input=stream(table.to_batches(max_chunksize=700), table.schema, None))
        assert done.returncode == 0, done.stderr
        return pa.ipc.open_stream(done.stdout).read_all()

    def totals(table: pa.Table) -> tuple:
        return np.array(table["count"]), np.array(table["sum"].to_pylist())

    from safetensors.numpy import load_file

    whole, codewords = stats(rows), load_file(book)
    parts = [totals(stats(part)) for part in np.array_split(rows[rng.permutation(ROWS)], 3)]
    for total, added in zip(totals(whole), (sum(part[i] for part in parts) for i in (0, 1))):
        assert np.array_equal(total, added)
    left = rows.copy()
    for m in range(3):
        stage = codewords[f"stage.{m}"]
        nearest = ((left[:, None, :] - stage) ** 2).sum(-1).argmin(1)
        of_stage = whole.filter(pc.equal(whole["stage"], m))
        counts, sums = totals(of_stage)
        expected = np.zeros(stage.shape)
        np.add.at(expected, nearest, left.astype("f8"))
        assert np.array_equal(counts, np.bincount(nearest, minlength=len(stage))) and np.abs(sums - expected).max() < 1e-5
        left -= stage[nearest]
        errors = np.bincount(nearest, (left.astype("f8") ** 2).sum(1), len(stage))
        assert np.allclose(np.array(of_stage["error"]), errors, rtol=1e-12)


def check_documented(folder: Path) -> int:
    """Runs the Python of docs/engines.md, block after block, with `rvq` as the built command. The errors of its iterations fall."""
    tools = folder / "tools"
    tools.mkdir()
    (tools / "rvq").write_text(f"#!/bin/sh\nexec node '{ROOT / 'dist/cli.cjs'}' \"$@\"\n")
    (tools / "rvq").chmod(0o755)
    os.environ["PATH"] = f"{tools}{os.pathsep}{os.environ['PATH']}"
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs/engines.md").read_text(), re.M | re.S)
    printed: list = []
    here = os.getcwd()
    os.chdir(folder)
    try:
        scope = {"print": lambda *values: printed.append(values)}
        for block in blocks:
            exec(block, scope)  # noqa: S102
    finally:
        os.chdir(here)
    errors = [values[1] for values in printed if values[0] == "mse"]
    assert printed[0][0] == ["id", "codes"] and len(errors) == 5 and errors == sorted(errors, reverse=True) and errors[-1] < 0.9 * errors[0], printed
    return len(blocks)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checked = check_encode(folder)
        check_failures(folder)
        check_stats(folder)
        blocks = check_documented(folder)
    print(f"pyarrow: {checked} streams encoded, sums added to the last bit; {blocks} programs of docs/engines.md run")


if __name__ == "__main__":
    main()
