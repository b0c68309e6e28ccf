"""The driver program as it is run: by python -m, by spark-submit, killed and gone on with."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from conftest import ROOT, table

import residual_vq_spark as rvq_spark

SOURCE = ROOT / "spark" / "src"
PROGRAM = SOURCE / "residual_vq_spark" / "__main__.py"
QUIET = ("spark.ui.enabled=false", "spark.driver.bindAddress=127.0.0.1", "spark.driver.host=127.0.0.1", "spark.log.level=OFF")


def command(*arguments, by="script"):
    """The program's command line, as a script of spark-submit, or a module of Python."""
    if by == "module":
        return [sys.executable, "-m", "residual_vq_spark", *map(str, arguments), "--master", "local[2]"]
    import pyspark

    submit = Path(pyspark.__file__).parent / "bin" / "spark-submit"
    conf = [part for setting in QUIET for part in ("--conf", setting)]
    return [str(submit), "--master", "local[2]", *conf, str(PROGRAM), *map(str, arguments)]


def environment(by="script"):
    return {**os.environ, **({"PYTHONPATH": str(SOURCE)} if by == "module" else {}), "PYSPARK_DRIVER_PYTHON": sys.executable}


def run(*arguments, by="script"):
    return subprocess.run(command(*arguments, by=by), capture_output=True, text=True, env=environment(by))


def said(done):
    """The result, and the objects with a type that tell what happens: spark-submit brings stderr to stdout. The other lines are Spark's own."""
    objects = [json.loads(line) for line in (done.stdout + done.stderr).splitlines() if line.startswith("{")]
    return next((line for line in objects if "type" not in line), None), [line for line in objects if "type" in line]


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(4).normal(size=(900, 12)).astype(np.float32)


@pytest.fixture(scope="module")
def parquet(rows, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    pq.write_table(table(rows), folder / "rows.parquet")
    return folder


def test_train_encode_and_eval_by_spark_submit(rvq, parquet, rows):
    book, codes = parquet / "book.safetensors", parquet / "codes"
    shape = ("--stages", 2, "--codewords", "8,4", "--iterations", 2)
    done = run("train", parquet / "rows.parquet", "-o", book, "--column", "v", *shape, "--json")
    assert done.returncode == 0, done.stdout
    summary, told = said(done)
    codebook = rvq_spark.Codebook.load(book)
    assert (summary["id"], summary["rows"], summary["codewords"]) == (codebook.id, 900, [8, 4])
    assert {line["type"] for line in told} == {"progress"}
    assert [(line["stage"], line["iteration"]) for line in told] == [(0, 1), (0, 2), (1, 1), (1, 2)] and told[-1]["fraction"] == 1

    done = run("encode", book, parquet / "rows.parquet", "-o", codes, "--column", "v", "--beam", 3, "--json")
    assert done.returncode == 0, done.stdout
    summary, _ = said(done)
    assert (summary["rows"], summary["bitsPerRow"], summary["codebookId"]) == (900, 5, codebook.id)
    np.save(parquet / "rows.npy", rows)
    rvq("encode", book, parquet / "rows.npy", "-o", parquet / "codes.npy", "--beam", 3)
    written = pq.read_table(codes).sort_by("id")
    assert (np.array(written["codes"].to_pylist()) == np.load(parquet / "codes.npy")).all()

    done = run("eval", parquet / "rows.parquet", "--codebook", book, "--column", "v", "--beam", 3, "--json", "-o", parquet / "eval.json")
    assert done.returncode == 0, done.stdout
    node = json.loads(rvq("eval", book, parquet / "rows.npy", "--beam", 3, "--json"))
    assert said(done)[0]["msePerStage"] == node["msePerStage"]
    assert json.loads((parquet / "eval.json").read_text())["mse"] == node["mse"]


def test_exit_codes_tell_what_was_wrong(parquet, rows, tmp_path):
    """One Spark for all of them: main in a process of its own."""
    bad = table(rows)
    pq.write_table(bad.slice(0, 3).set_column(1, "v", [[[1.0] * 12, None, [2.0] * 12]]), tmp_path / "bad.parquet")
    rvq_spark.Codebook.of([rows[:4]]).save(tmp_path / "book.safetensors")
    (tmp_path / "no.safetensors").write_bytes(b"12345678")
    (tmp_path / "there").mkdir()
    book, good = tmp_path / "book.safetensors", parquet / "rows.parquet"
    cases = [
        (2, ["encode"], "required"),
        (2, ["train", good, "-o", tmp_path / "x", "--stages", 1, "--codewords", 4], "ends in .safetensors"),
        (2, ["train", good, "-o", tmp_path / "x.safetensors", "--stages", 1, "--codewords", "a"], "expected an integer"),
        (2, ["encode", book, "-o", tmp_path / "x"], "expected CODEBOOK INPUT"),
        (2, ["encode", book, good, "-o", tmp_path / "x", "--column", "w"], 'column "w": expected one of id, v'),
        (2, ["encode", book, good, "-o", tmp_path / "x", "--column", "v", "--beam", 70], "beam: expected an integer from 1 to 64"),
        (3, ["encode", tmp_path / "absent.safetensors", good, "-o", tmp_path / "x", "--column", "v"], "there is no such file"),
        (3, ["encode", tmp_path / "no.safetensors", good, "-o", tmp_path / "x", "--column", "v"], "no.safetensors: byte 0"),
        (3, ["encode", book, tmp_path / "absent", "-o", tmp_path / "x", "--column", "v"], "PATH_NOT_FOUND"),
        (3, ["encode", book, tmp_path / "bad.parquet", "-o", tmp_path / "x", "--column", "v"], 'column "v", row id=1: expected 12 finite values, got null'),
        (1, ["encode", book, good, "-o", tmp_path / "there", "--column", "v"], "PATH_ALREADY_EXISTS"),
        (0, ["encode", book, good, "-o", tmp_path / "there", "--column", "v", "--overwrite"], ""),
        (0, ["decode", book, tmp_path / "there", "-o", tmp_path / "rows"], ""),
    ]
    arguments = json.dumps([[str(part) for part in case[1]] + ["--json"] for case in cases])
    program = "import json, sys\nfrom residual_vq_spark.cli import main\nfor one in json.loads(sys.argv[1]): print('@', main(one), flush=True)\n"
    conf = {"PYSPARK_SUBMIT_ARGS": " ".join(f"--conf {setting}" for setting in QUIET) + " --master local[2] pyspark-shell"}
    done = subprocess.run(
        [sys.executable, "-c", program, arguments],
        text=True,
        capture_output=True,
        env={**environment("module"), **conf},
    )
    codes = [int(code) for code in re.findall(r"^@ (\d)$", done.stdout, re.MULTILINE)]
    assert codes == [case[0] for case in cases], done.stdout + done.stderr
    for _, _, message in cases:
        assert message in done.stderr or json.dumps(message)[1:-1] in done.stderr, message
    assert not list((tmp_path / "x").rglob("*.parquet"))
    assert len(pq.read_table(tmp_path / "rows")["vectors"][0]) == 12


def test_a_killed_driver_goes_on_from_its_checkpoint_to_the_same_codebook(frame, parquet, rows, tmp_path):
    """kill -9 in the second stage, then once more to the end; and the codebook of a training that nobody disturbed."""
    kept = tmp_path / "kept.safetensors"
    arguments = ("train", parquet / "rows.parquet", "-o", tmp_path / "book.safetensors", "--column", "v", "--stages", 3, "--codewords", "16,8,8")
    arguments = (*arguments, "--iterations", 3, "--beam", 2, "--checkpoint", kept, "--json")
    driver = subprocess.Popen(command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(), start_new_session=True)
    for line in driver.stdout:
        if '"stage": 1, "stages": 3, "iteration": 2' in line:
            os.killpg(driver.pid, signal.SIGKILL)
            break
    assert driver.wait() == -signal.SIGKILL
    driver.stdout.close()
    time.sleep(0.5)
    assert kept.is_file() and not (tmp_path / "book.safetensors").exists()
    before = kept.read_bytes()

    other = [part if part != "16,8,8" else "16,8,4" for part in arguments]
    done = run(*other)
    (error,) = said(done)[1]
    assert done.returncode == 3 and (error["type"], error["exitCode"]) == ("error", 3)
    assert "expected codewords [16, 8, 8], as it was made with, got [16, 8, 4]" in error["message"]
    assert kept.read_bytes() == before

    done = run(*arguments)
    assert done.returncode == 0, done.stdout
    told = [(line["stage"], line["iteration"]) for line in said(done)[1]]
    assert told[0] == (1, 3) and told[-1] == (2, 3)
    whole = rvq_spark.train(frame(rows, files=2), "v", stages=3, codewords=[16, 8, 8], iterations=3, beam=2)
    assert rvq_spark.Codebook.load(tmp_path / "book.safetensors").id == whole.id


def test_a_checkpoint_of_other_rows_and_a_damaged_one_are_refused(frame, rows, tmp_path):
    kept = tmp_path / "kept.safetensors"
    options = {"stages": 2, "codewords": 4, "iterations": 1, "checkpoint": str(kept)}
    first = rvq_spark.train(frame(rows), "v", **options)
    told = []
    again = rvq_spark.train(frame(rows).repartition(3), "v", **options, on_progress=told.append)
    assert (again.id, again.report, told) == (first.id, first.report, [])  # all was done
    with pytest.raises(rvq_spark.RvqError, match="expected fingerprint"):
        rvq_spark.train(frame(-rows), "v", **options)
    data = kept.read_bytes()
    kept.write_bytes(data[:-2] + bytes([data[-2] ^ 1, data[-1]]))
    with pytest.raises(rvq_spark.FileError, match="corrupted"):
        rvq_spark.train(frame(rows), "v", **options)
