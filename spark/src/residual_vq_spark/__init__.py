"""Residual vector quantization on Apache Spark: the core of the npm package residual-vq, run in the executors.

Codes, residuals and errors come from the same WebAssembly, codebooks are the same .safetensors files, codes are equal bit for bit.
"""

from .codebook import Codebook
from .encode import decode, encode
from .errors import ArgumentError, FileError, RowError, RvqError
from .evaluate import evaluate
from .train import train
from .version import __version__

__all__ = ["ArgumentError", "Codebook", "FileError", "RowError", "RvqError", "__version__", "decode", "encode", "evaluate", "train"]
