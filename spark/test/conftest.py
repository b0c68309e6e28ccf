"""What the tests share: a Spark of two threads on the loopback, the built command to compare with, and rows.

The package is found by the driver alone: executors get it by value, or not at all.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "spark" / "src"))
sys.path.insert(0, str(Path(__file__).parent))

os.environ["PYSPARK_PYTHON"] = sys.executable
os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
os.environ.pop("PYTHONPATH", None)
os.chdir(Path(__file__).parent)  # workers look for modules here


@pytest.fixture(scope="session")
def spark():
    from pyspark.sql import SparkSession

    remote = os.environ.get("RVQ_TEST_REMOTE")  # a Spark Connect server, or "local[2]" to start one
    builder = SparkSession.builder.remote(remote) if remote else SparkSession.builder.master("local[2]")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "700",  # no multiple of a block
        "spark.log.level": "OFF",
        **({"spark.connect.grpc.binding.address": "127.0.0.1"} if remote else {}),
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="session")
def rvq():
    """The built command: rvq("encode", ...), which must end well."""
    cli = ROOT / "dist" / "cli.cjs"
    assert cli.is_file(), "expected dist/cli.cjs: npm run build makes it"

    def run(*arguments):
        done = subprocess.run(["node", cli, *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def sift():
    """5,000 rows of data/sift-train.bvecs, float32: rows x 128."""
    data = np.fromfile(ROOT / "data" / "sift-train.bvecs", np.uint8, 5000 * 132).reshape(5000, 132)
    assert (data[:, :4].copy().view("<u4") == 128).all()
    return data[:, 4:].astype(np.float32)


def table(rows, kind="list<float>", ids=None):
    """Rows as an Arrow table with the columns id and v."""
    rows = np.asarray(rows, np.float32)
    dim = rows.shape[1]
    if kind == "binary":
        vectors = pa.array([row.tobytes() for row in rows.astype("<f4")], pa.binary())
    else:
        value = pa.float64() if kind == "list<double>" else pa.float32()
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(rows.reshape(-1).astype(value.to_pandas_dtype())), dim)
        vectors = vectors if kind == "fixed" else vectors.cast(pa.list_(value))
    return pa.table({"id": pa.array(range(len(rows)) if ids is None else ids, pa.int64()), "v": vectors})


@pytest.fixture
def frame(spark, tmp_path):
    """Makes a DataFrame of rows, read from Parquet: frame(rows, kind=..., files=...)."""

    def make(rows, kind="list<float>", files=1, ids=None):
        whole = rows if isinstance(rows, pa.Table) else table(rows, kind, ids)
        folder = tmp_path / f"rows-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        size = -(-whole.num_rows // files)
        for part in range(files):
            pq.write_table(whole.slice(part * size, size), folder / f"part-{part:03}.parquet")
        return spark.read.parquet(str(folder))

    return make


def column(frame, name):
    """A column in the order of the ids, as a list."""
    return [row[0] for row in frame.orderBy("id").select(name).collect()]
