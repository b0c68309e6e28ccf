"""faiss in a process of its own: one command a line on stdin (JSON), one answer a line on stdout (JSON).

What takes time is timed here, around the faiss call alone, and told as "seconds". Arrays pass as files: float32, uint8 or int64,
row-major, little-endian. Threads: one (the caller sets OMP_NUM_THREADS and OPENBLAS_NUM_THREADS as well).
"""

import ctypes
import json
import pathlib
import platform
import sys
import time

import faiss
import numpy as np

faiss.omp_set_num_threads(1)

rows = {}
quantizers = {}


def timed(work):
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


def blas_kernels():
    """Which kernels the OpenBLAS of faiss's wheel has chosen for this CPU; None where it brings none, or one that does not tell."""
    for path in (pathlib.Path(faiss.__file__).parent.parent / "faiss_cpu.libs").glob("libopenblas*"):
        try:
            name = ctypes.CDLL(str(path)).openblas_get_corename
        except (OSError, AttributeError):
            continue
        name.restype = ctypes.c_char_p
        return name().decode()
    return None


def about():
    return {
        "faiss": faiss.__version__,
        "options": faiss.get_compile_options().strip(),
        "kernels": blas_kernels(),
        "numpy": np.__version__,
        "python": platform.python_version(),
        "threads": faiss.omp_get_max_threads(),
    }


def put_rows(name, path, dim):
    rows[name] = np.fromfile(path, dtype="<f4").reshape(-1, dim)
    return {"rows": len(rows[name])}


def put_quantizer(name, path, dim, stages, bits):
    """A ResidualQuantizer with the codebook of the file: stage after stage, row-major."""
    quantizer = faiss.ResidualQuantizer(dim, stages, bits)
    values = np.fromfile(path, dtype="<f4")
    assert values.size == stages * 2**bits * dim, f"{path}: expected {stages} x {2**bits} x {dim} values, got {values.size}"
    faiss.copy_array_to_vector(values, quantizer.codebooks)
    quantizer.is_trained = True
    quantizers[name] = quantizer
    return {}


def encode(quantizer, vectors, beam, tables, block, out):
    """Packed codes, all rows in one call or in calls of `block` rows: faiss makes its distances for all rows of a call at once, and where
    they leave the caches that costs it up to half of its speed. The tables of a beam search depend on the codebook alone, so making
    them is not part of the work."""
    chosen = quantizers[quantizer]
    chosen.max_beam_size = beam
    chosen.use_beam_LUT = int(tables)
    if tables:
        chosen.compute_codebook_tables()
    values = rows[vectors]
    step = block or len(values)
    starts = range(0, len(values), step)
    codes, seconds = timed(lambda: np.concatenate([chosen.compute_codes(values[start : start + step]) for start in starts]))
    return save(codes, out) | {"seconds": seconds}


def decode(quantizer, codes, out):
    chosen = quantizers[quantizer]
    packed = np.fromfile(codes, dtype=np.uint8).reshape(-1, chosen.code_size)
    decoded, seconds = timed(lambda: chosen.decode(packed))
    return save(decoded, out) | {"seconds": seconds}


def train(vectors, stages, bits, beam, out):
    """Its default training: k-means a stage, 10 iterations, as cp.niter says."""
    quantizer = faiss.ResidualQuantizer(rows[vectors].shape[1], stages, bits)
    quantizer.train_type = faiss.ResidualQuantizer.Train_default
    quantizer.max_beam_size = beam
    _, seconds = timed(lambda: quantizer.train(rows[vectors]))
    save(faiss.vector_to_array(quantizer.codebooks), out)
    return {"seconds": seconds, "iterations": quantizer.cp.niter}


def nearest(vectors, codewords, out):
    index = faiss.IndexFlatL2(rows[codewords].shape[1])
    index.add(rows[codewords])
    (_, ids), seconds = timed(lambda: index.search(rows[vectors], 1))
    return save(ids, out) | {"seconds": seconds}


def kmeans(vectors, codewords, iterations, out):
    values = rows[vectors]
    clusters = faiss.Kmeans(values.shape[1], codewords, niter=iterations, seed=1, min_points_per_centroid=1)
    _, seconds = timed(lambda: clusters.train(values))
    return save(clusters.centroids, out) | {"seconds": seconds}


def save(values, path):
    if path is not None:
        np.ascontiguousarray(values).tofile(path)
    return {}


COMMANDS = {
    "about": about,
    "rows": put_rows,
    "quantizer": put_quantizer,
    "encode": encode,
    "decode": decode,
    "train": train,
    "nearest": nearest,
    "kmeans": kmeans,
}

for line in sys.stdin:
    command = json.loads(line)
    try:
        answer = COMMANDS[command.pop("command")](**command)
    except Exception as error:  # told to the caller, who stops
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
