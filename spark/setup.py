"""Puts the core into what is built: out of crate/pkg in a clone of the project, out of the package's own folder in a source distribution."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

FILE = "rvq_core_bg.wasm"
HERE = Path(__file__).parent
FOUND = [path for path in (HERE.parent / "crate" / "pkg" / FILE, HERE / "src" / "residual_vq_spark" / FILE) if path.is_file()]


def put_core(package: Path) -> None:
    if not FOUND:
        raise FileNotFoundError(f"{FILE}: expected in ../crate/pkg, as in a clone of the project, or in src/residual_vq_spark")
    package.mkdir(parents=True, exist_ok=True)
    if FOUND[0].resolve() != (package / FILE).resolve():
        shutil.copyfile(FOUND[0], package / FILE)


class BuildWithCore(build_py):
    def run(self):
        super().run()
        if not self.editable_mode:
            put_core(Path(self.build_lib) / "residual_vq_spark")


class SdistWithCore(sdist):
    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, files)
        put_core(Path(base_dir) / "src" / "residual_vq_spark")


setup(cmdclass={"build_py": BuildWithCore, "sdist": SdistWithCore})
