"""What faiss's residual quantizer makes of the same rows: for each request, a line of JSON on stdin, a line of JSON on stdout."""
import json
import resource
import sys

import faiss
import numpy as np

faiss.omp_set_num_threads(1)


def matrix(path, dim):
    return np.fromfile(path, np.float32).reshape(-1, dim)


def answer(train, test, dim, stages, bits, progressive, beam):
    quantizer = faiss.ResidualQuantizer(dim, stages, bits)
    kinds = faiss.ResidualQuantizer
    quantizer.train_type = kinds.Train_progressive_dim if progressive else kinds.Train_default
    quantizer.max_beam_size = beam
    rows, others = matrix(train, dim), matrix(test, dim)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    quantizer.train(rows)
    seconds = resource.getrusage(resource.RUSAGE_SELF).ru_utime - before
    left = others - quantizer.decode(quantizer.compute_codes(others))
    return {"seconds": seconds, "mse": float((left.astype(np.float64) ** 2).sum(1).mean())}


for line in sys.stdin:
    print(json.dumps(answer(**json.loads(line))), flush=True)
