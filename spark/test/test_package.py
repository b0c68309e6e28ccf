"""What is published: a wheel and a source distribution with the core in them; and the core's distances, by the definition."""

import subprocess
import sys
import zipfile

import numpy as np
from conftest import ROOT

from residual_vq_spark.core import Core, wasm_bytes
from residual_vq_spark.quantizer import Assigner

CORE = (ROOT / "crate" / "pkg" / "rvq_core_bg.wasm").read_bytes()


def test_wheel_and_source_distribution_bring_the_core(tmp_path):
    """The wheel is built of the source distribution, outside of the clone."""
    copy = tmp_path / "clone"
    files = subprocess.run(["git", "ls-files", "spark", "crate/pkg"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for name in files:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes((ROOT / name).read_bytes())
    run = lambda *arguments, cwd: subprocess.run([sys.executable, *arguments], cwd=cwd, check=True, capture_output=True)  # noqa: E731
    run("setup.py", "-q", "sdist", "-d", tmp_path / "sdist", cwd=copy / "spark")
    (source,) = (tmp_path / "sdist").glob("residual*spark-*.tar.gz")
    pip = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    run(*pip, "-w", tmp_path / "wheel", source, cwd=tmp_path)
    (wheel,) = (tmp_path / "wheel").glob("*-py3-none-any.whl")
    assert zipfile.ZipFile(wheel).read("residual_vq_spark/rvq_core_bg.wasm") == CORE
    program = "import sys; sys.path.insert(0, sys.argv[1]); from residual_vq_spark.core import wasm_bytes; sys.stdout.buffer.write(wasm_bytes())"
    assert subprocess.run([sys.executable, "-c", program, wheel], cwd=tmp_path, check=True, capture_output=True).stdout == CORE


def test_distances_are_those_of_the_definition_to_the_last_bit():
    random = np.random.default_rng(7)
    for rows, count, dim in [(1, 1, 1), (255, 3, 5), (256, 4, 8), (257, 300, 13), (700, 9, 128)]:
        values, codewords = random.normal(size=(rows, dim)).astype(np.float32), random.normal(size=(count, dim)).astype(np.float32)
        core = Core(wasm_bytes())
        with core.scope() as scope:
            assigner = Assigner(core, scope, codewords, 2.0**-40, rows)
            codes = assigner.assign(values)
            distances = assigner.distances(values, codes)
            sums, counts = assigner.sums()
            assigner.close()
        error = (values - codewords[codes]).astype(np.float64)
        parts = np.zeros((rows, 4))
        for j in range(dim):
            parts[:, j % 4] += error[:, j] * error[:, j]
        assert (distances == (parts[:, 0] + parts[:, 2]) + (parts[:, 1] + parts[:, 3])).all()
        assert (counts == np.bincount(codes, minlength=count)).all()
        exact = np.zeros((count, dim))
        np.add.at(exact, codes, np.rint(values.astype(np.float64) * 2.0**40) * 2.0**-40)
        assert (sums == exact).all()
