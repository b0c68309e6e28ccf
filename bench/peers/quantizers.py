"""What faiss's quantizers make of the same rows: for each request, a line of JSON on stdin, a line of JSON on stdout."""
import json
import resource
import statistics
import sys

import faiss
import numpy as np

faiss.omp_set_num_threads(1)

BLOCK = 1024
SCALAR = {4: faiss.ScalarQuantizer.QT_4bit, 6: faiss.ScalarQuantizer.QT_6bit, 8: faiss.ScalarQuantizer.QT_8bit}


def unwarned(quantizer):
    """Few rows are what some of the data are."""
    quantizer.cp.min_points_per_centroid = 1
    return quantizer


def product(rows, parts, bits):
    quantizer = unwarned(faiss.ProductQuantizer(rows.shape[1], parts, bits))
    quantizer.train(rows)
    return quantizer.compute_codes, quantizer.decode, parts * bits


def rotated(rows, parts, bits):
    """OPQ: a rotation before the product quantizer, learned with it."""
    turn = faiss.OPQMatrix(rows.shape[1], parts)
    inner = unwarned(faiss.ProductQuantizer(rows.shape[1], parts, bits))
    turn.pq = inner
    turn.train(rows)
    encode, decode, size = product(turn.apply(rows), parts, bits)
    return lambda values: encode(turn.apply(values)), lambda codes: turn.reverse_transform(decode(codes)), size


def residual(rows, parts, bits):
    quantizer = unwarned(faiss.ResidualQuantizer(rows.shape[1], parts, bits))
    quantizer.train(rows)
    return quantizer.compute_codes, quantizer.decode, parts * bits


def scalar(rows, bits):
    quantizer = faiss.ScalarQuantizer(rows.shape[1], SCALAR[bits])
    quantizer.train(rows)
    return quantizer.compute_codes, quantizer.decode, rows.shape[1] * bits


KINDS = {"product": product, "rotated": rotated, "residual": residual, "scalar": scalar}


def in_blocks(encode, values):
    return np.concatenate([encode(values[start : start + BLOCK]) for start in range(0, len(values), BLOCK)])


def seconds_of(work):
    """User CPU time, the median of five: other programs on the machine do not count."""
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        work()
        times.append(resource.getrusage(resource.RUSAGE_SELF).ru_utime - before)
    return statistics.median(times)


def answer(train, test, dim, kind, **shape):
    rows, others = (np.fromfile(path, np.float32).reshape(-1, dim) for path in (train, test))
    encode, decode, bits = KINDS[kind](rows, **shape)
    error = ((others - decode(encode(others))).astype(np.float64) ** 2).sum(1).mean()
    # all rows in one call or block by block: what is faster depends on the quantizer and on the caches
    seconds = min(seconds_of(lambda: encode(others)), seconds_of(lambda: in_blocks(encode, others)))
    return {"bits": bits, "mse": float(error), "seconds": seconds, "version": faiss.__version__}


for line in sys.stdin:
    print(json.dumps(answer(**json.loads(line))), flush=True)
