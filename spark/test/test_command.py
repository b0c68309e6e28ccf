"""The command `rvq spark` of the npm package with a real Spark: the same codes as `rvq encode`, the exit codes of the driver, and what Ctrl-C leaves."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow.parquet as pq
import pytest
from conftest import ROOT, table

QUIET = ("spark.ui.enabled=false", "spark.driver.bindAddress=127.0.0.1", "spark.driver.host=127.0.0.1")
OPTIONS = ["--master", "local[2]", "--python", sys.executable, *(part for setting in QUIET for part in ("--conf", setting))]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "spark" / "src"), "SPARK_HOME": ""}
STOP_SECONDS = 30


def command(*arguments):
    return ["node", str(ROOT / "dist" / "cli.cjs"), "spark", *map(str, arguments), *OPTIONS]


def run(*arguments):
    return subprocess.run(command(*arguments), capture_output=True, text=True, env=ENVIRONMENT)


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(5).normal(size=(1200, 12)).astype(np.float32)


@pytest.fixture(scope="module")
def folder(rows, tmp_path_factory):
    folder = tmp_path_factory.mktemp("command")
    np.save(folder / "rows.npy", rows)
    (folder / "rows").mkdir()
    for part in range(3):
        pq.write_table(table(rows[part * 400 : part * 400 + 400], ids=range(part * 400, part * 400 + 400)), folder / "rows" / f"part-{part}.parquet")
    return folder


@pytest.fixture(scope="module")
def book(folder):
    path = folder / "book.safetensors"
    done = run("train", folder / "rows", "-o", path, "--column", "v", "--stages", "2", "--codewords", "16,8", "--iterations", "3")
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert lines[0].startswith("rvq: stage 1/2, iteration 1/3, mse ") and lines[-1].startswith(f"rvq: wrote {path}: 1,200 rows, 7 bits a row, mse "), lines
    assert not done.stdout and all(line.startswith("rvq: ") for line in lines), "Spark's log is shown where it is asked for alone"
    return path


def test_encode_gives_the_codes_of_the_command_on_one_machine(rvq, folder, book):
    done = run("encode", book, folder / "rows", "-o", folder / "codes", "--column", "v", "--beam", "4", "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["rows"] == 1200 and summary["codewords"] == [16, 8] and summary["packed"] is False
    rvq("encode", book, folder / "rows.npy", "-o", folder / "codes.npy", "--beam", "4")
    made = pq.read_table(folder / "codes").sort_by("id")
    assert np.array_equal(np.array(made["codes"].to_pylist()), np.load(folder / "codes.npy"))
    again = run("encode", book, folder / "rows", "-o", folder / "codes", "--column", "v")
    assert again.returncode != 0 and "already exists" in again.stderr


def test_eval_finds_what_the_command_finds_on_one_machine(rvq, folder, book):
    done = run("eval", book, folder / "rows", "--column", "v", "--json")
    assert done.returncode == 0, done.stderr
    ours, theirs = json.loads(done.stdout), json.loads(rvq("eval", book, folder / "rows.npy", "--json"))
    assert ours["rows"] == theirs["rows"] and ours["deadPerStage"] == theirs["deadPerStage"]
    assert np.allclose(ours["msePerStage"], theirs["msePerStage"], rtol=1e-9)


def test_a_bad_row_ends_it_with_its_id_and_exit_code_3(folder, book, rows):
    bad = rows[:50].copy()
    bad[17, 3] = np.nan
    (folder / "bad").mkdir()
    pq.write_table(table(bad), folder / "bad" / "rows.parquet")
    done = run("encode", book, folder / "bad", "-o", folder / "bad-codes", "--column", "v")
    assert done.returncode == 3 and "17" in done.stderr and not list((folder / "bad-codes").glob("*.parquet")), done.stderr


def test_ctrl_c_stops_the_whole_job_and_leaves_no_codebook(folder):
    path = folder / "stopped.safetensors"
    arguments = command("train", folder / "rows", "-o", path, "--column", "v", "--stages", "100", "--codewords", "16", "--iterations", "50")
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    assert "iteration 1/50" in child.stderr.readline()
    child.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, stderr = child.communicate(timeout=STOP_SECONDS)
    assert child.returncode == 130 and stderr.endswith("rvq: interrupted, the job was stopped\n"), stderr
    assert time.monotonic() - began < STOP_SECONDS and not path.exists()
    for process in os.listdir("/proc"):  # none of its processes is left
        if process.isdigit() and int(process) != os.getpid():
            try:
                with open(f"/proc/{process}/cmdline", "rb") as file:
                    assert str(path).encode() not in file.read()
            except OSError:
                continue
