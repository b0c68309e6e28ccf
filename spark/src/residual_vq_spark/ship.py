"""How functions come to the executors: by value, with the core and the codebook in them, so that only wasmtime, pyarrow and numpy need be installed there."""

from __future__ import annotations

import sys


def register() -> None:
    """Makes Spark pickle this package's functions and classes whole, instead of by their names."""
    from pyspark import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__package__])
