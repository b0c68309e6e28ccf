"""The figures of docs/scale.md: what an iteration costs whatever the rows, rows a second on one and on two executors, and a billion rows worked out of them.

Of everything two times are kept: seconds that passed, and seconds of processor of Spark's processes, in which a busy machine shows less.

`spark/.venv/bin/python spark/bench.py` prints them as JSON and as a table; --rows, --dim, --stages, --codewords change what is measured, --plan alone
works a plan out of a kept result: --plan result.json --executors 100 --cores 4 --all-rows 1e9.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "spark" / "src"))


def rows_of(count, dim, seed=1):
    """Rows that quantize like descriptors: clusters of clusters, float32."""
    import numpy as np

    random = np.random.default_rng(seed)
    coarse, fine = random.normal(size=(300, dim)) * 2, random.normal(size=(300, dim))
    rows = coarse[random.integers(0, 300, count)] + fine[random.integers(0, 300, count)] + random.normal(size=(count, dim))
    return rows.astype(np.float32)


def write_rows(folder, options):
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = 8
    for part in range(files):
        rows = rows_of(options.rows // files, options.dim, part)
        vectors = {
            "array<float>": pa.FixedSizeListArray.from_arrays(pa.array(rows.reshape(-1)), options.dim).cast(pa.list_(pa.float32())),
            "binary": pa.array([row.tobytes() for row in rows], pa.binary()),
        }
        for name, column in vectors.items():
            at = folder / name / f"part-{part}.parquet"
            at.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.table({"id": range(part * len(rows), (part + 1) * len(rows)), "v": column}), at, use_dictionary=False)


def alone(options):
    """Rows that the core encodes in a second of processor, in one process without Spark."""
    from residual_vq_spark.core import wasm_bytes
    from residual_vq_spark.quantizer import Quantizer, block_rows

    book, rows = codebook(options), rows_of(20_000, options.dim)
    found = {}
    for beam in (1, options.beam):
        with Quantizer(wasm_bytes(), book.data, book.dim, book.codewords, book.id, beam) as quantizer:
            size = block_rows(options.dim)
            quantizer.encode(rows[:size])
            began = time.process_time()
            for first in range(0, len(rows), size):
                quantizer.encode(rows[first : first + size])
            found[f"beam {beam}"] = len(rows) / (time.process_time() - began)
    return found


def processor_seconds():
    """Of all processes below this one, so far."""
    ticks, below = {}, {os.getpid()}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            ticks[int(entry.name)] = (int(fields[1]), sum(map(int, fields[11:15])))
    grown = True
    while grown:
        more = {process for process, (parent, _) in ticks.items() if parent in below} - below
        grown, below = bool(more), below | more
    return sum(ticks[process][1] for process in below if process in ticks) / os.sysconf("SC_CLK_TCK")


def codebook(options):
    """A codebook of the shape, of rows and what is left of others."""
    from residual_vq_spark import Codebook

    rows = rows_of(options.codewords * options.stages, options.dim, 99)
    return Codebook.of([rows[m * options.codewords : (m + 1) * options.codewords] / 1.5**m for m in range(options.stages)])


def on_executors(options):
    """Seconds of each kind of pass in this process' Spark, which has `options.executors` executors of one core."""
    from pyspark.sql import SparkSession
    from residual_vq_spark import encode
    from residual_vq_spark.core import wasm_bytes
    from residual_vq_spark.lloyd import error_grid, sum_grid
    from residual_vq_spark.passes import Before, Passes, Turn
    from residual_vq_spark.ship import register

    builder = SparkSession.builder.master(f"local-cluster[{options.executors},1,1024]")
    for setting in ("ui.enabled=false", "ui.showConsoleProgress=false", "driver.bindAddress=127.0.0.1", "driver.host=127.0.0.1", "log.level=OFF"):
        builder = builder.config(*f"spark.{setting}".split("="))
    spark = builder.config("spark.sql.files.maxPartitionBytes", "16m").getOrCreate()
    register()
    book = codebook(options)
    frames = {name: spark.read.parquet(f"{options.folder}/{name}") for name in ("array<float>", "binary")}
    df = frames["array<float>"]

    def timed(work, times=options.times):
        work()
        both = []
        for _ in range(times):
            began, processor = time.perf_counter(), processor_seconds()
            work()
            both.append((time.perf_counter() - began, processor_seconds() - processor))
        return [sorted(column)[len(both) // 2] for column in zip(*both)]

    def passing(batches):
        yield from batches

    def nothing(frame):
        frame.write.format("noop").mode("overwrite").save()

    found = {"scan": timed(lambda: df.selectExpr("sum(v[0])").collect())}
    for name, frame in frames.items():
        found[f"to Python and back, {name}"] = timed(lambda frame=frame: nothing(frame.mapInArrow(passing, frame.schema)))
    for name, frame in frames.items():
        found[f"encode, {name}"] = timed(lambda frame=frame: nothing(encode(frame, "v", book)))
    found[f"encode, beam {options.beam}"] = timed(lambda: nothing(encode(df, "v", book, beam=options.beam)), 1)

    def passes_of(frame):
        return Passes(frame, "v", options.dim, wasm=wasm_bytes(), seed=1, naming=["id"])

    def iteration(frame, rows, stage, stride=1):
        stages, codewords = book.stages[:stage], book.stages[stage]
        grids = sum_grid(40.0, rows), error_grid(40.0, codewords, rows)
        passes_of(frame).assign(Before(stages, [1] * (options.stages + 1)), codewords, Turn(1, stride, True), *grids, rows)

    few = df.limit(64).repartition(2).localCheckpoint()
    found["an iteration over 64 rows"] = timed(lambda: iteration(few, 64, 0), 5)
    last = options.stages - 1
    for stage in (0, last):
        found[f"iteration, stage {stage + 1}"] = timed(lambda stage=stage: iteration(df, options.rows, stage))
        found[f"iteration over a fourth, stage {stage + 1}"] = timed(lambda stage=stage: iteration(df, options.rows, stage, 4))
    before = Before(book.stages, [1] * (options.stages + 1))
    found["survey after the last stage"] = timed(lambda: passes_of(df).survey(before, options.rows, 0, 1.0))
    spark.stop()
    return found


def measure(options):
    with tempfile.TemporaryDirectory() as folder:
        options.folder = folder
        write_rows(Path(folder), options)
        result = {
            "rows": options.rows,
            "dim": options.dim,
            "stages": options.stages,
            "codewords": options.codewords,
            "beam": options.beam,
            "load": os.getloadavg()[0],
            "cpu": next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?"),
            "alone": alone(options),
        }
        for executors in (1, 2):  # each in a process of its own: a Spark cannot be started twice as another
            command = [sys.executable, __file__, *sys.argv[1:], "--executors", str(executors), "--folder", folder]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
            result[f"{executors} executors"] = json.loads(done.stdout.splitlines()[-1])
    return result


def table(result):
    lines = [f"{result['rows']:,} rows of dim {result['dim']}, {result['stages']} x {result['codewords']}; {result['cpu']}; load {result['load']:.1f}"]
    lines += [f"the core alone, {name}: {rate:,.0f} rows a second of processor" for name, rate in result["alone"].items()]
    lines.append(f"{'':42}{'1 executor':>26}{'2 executors':>26}   processor, of a row")
    for name, (one, processor) in result["1 executors"].items():
        few = "64 rows" in name
        show = lambda seconds: f"{seconds:7.2f} s" + ("" if few else f" {result['rows'] / seconds:11,.0f}/s")  # noqa: E731
        of_row = f"{processor:10.2f} s in all" if few else f"{processor / result['rows'] * 1e6:10.2f} us"
        lines.append(f"{name:42}{show(one):>26}{show(result['2 executors'][name][0]):>26}   {of_row}")
    return "\n".join(lines)


def plan(result, rows, executors, cores, iterations=12):
    """A training and an encoding of `rows`, on executors of `cores` cores, out of the seconds of processor with one executor, and those that an iteration takes
    whatever the rows."""
    one = result["1 executors"]
    stages, codewords, dim = result["stages"], result["codewords"], result["dim"]
    fixed, fixed_processor = one["an iteration over 64 rows"]
    partitions = rows * dim * 4 / 2**27
    partial = codewords * dim * 8 + codewords * 8

    def seconds(name):
        """Of a pass over all rows, with all cores."""
        return max(0.0, one[name][1] - fixed_processor) / result["rows"] * rows / (executors * cores)

    def at(name, stage):
        """A pass of a stage: what one stage more costs is the same for each."""
        first, last = seconds(f"{name}, stage 1"), seconds(f"{name}, stage {stages}")
        return first + (last - first) * stage / (stages - 1) + fixed

    training = sum((iterations - 1) * at("iteration over a fourth", m) + at("iteration", m) for m in range(stages))
    training += sum(at("iteration", m) for m in range(stages + 1))  # surveys, which assign to no codewords, but go through a stage more
    jobs, encoding = stages * (iterations + 1) + 1, seconds("encode, array<float>")
    return {
        "partitions of 128 MB": round(partitions),
        "passes of training": jobs,
        "TB read by training": round(jobs * rows * dim * 4 / 1e12, 1),
        "GB shuffled by an iteration": round(partitions * partial / 1e9, 2),
        "GB shuffled by training": round(jobs * partitions * partial / 1e9),
        "minutes of training": round(training / 60, 1),
        "minutes of encoding": round(encoding / 60, 1),
        f"minutes of encoding, beam {result['beam']}": round(seconds(f"encode, beam {result['beam']}") / 60, 1),
        "core hours of training": round(training / 3600 * executors * cores),
        "core hours of encoding": round(encoding / 3600 * executors * cores, 1),
        "GB of packed codes": round(rows * stages * (codewords - 1).bit_length() / 8 / 1e9, 1),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("rows", 400_000), ("dim", 128), ("stages", 8), ("codewords", 256), ("beam", 5), ("times", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--executors", type=int)
    parser.add_argument("--cores", type=int, default=4)
    parser.add_argument("--all-rows", type=float, default=1e9)
    parser.add_argument("--folder")
    parser.add_argument("--plan")
    options = parser.parse_args()
    os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1", SPARK_PUBLIC_DNS="127.0.0.1")
    if options.folder:
        print(json.dumps(on_executors(options)))
        return
    result = json.loads(Path(options.plan).read_text()) if options.plan else measure(options)
    if not options.plan:
        print(json.dumps(result))
        print(table(result), file=sys.stderr)
    print(json.dumps(plan(result, options.all_rows, options.executors or 100, options.cores), indent=1), file=sys.stderr)


if __name__ == "__main__":
    main()
