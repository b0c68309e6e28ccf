"""Runs the committed .wasm outside JavaScript: wasmtime encodes rows and must give the codes of the definition.

Its one import, which wasm-bindgen adds for JavaScript objects, is stubbed by a function that does nothing.
"""

import random
import struct
from pathlib import Path

import wasmtime

WASM = Path(__file__).parents[2] / "crate" / "pkg" / "rvq_core_bg.wasm"
DIM, CODEWORDS, ROWS = 11, (20, 9), 70


def f32(x: float) -> float:
    return struct.unpack("<f", struct.pack("<f", x))[0]


def distance(row, codeword):
    """The definition: float32 differences, four float64 sums by j mod 4, added as (s0 + s2) + (s1 + s3)."""
    sums = [0.0] * 4
    for j, (r, c) in enumerate(zip(row, codeword)):
        e = f32(r - c)
        sums[j % 4] += e * e
    return (sums[0] + sums[2]) + (sums[1] + sums[3])


def encode(stages, row):
    codes = []
    for codewords in stages:
        distances = [distance(row, codeword) for codeword in codewords]
        k = distances.index(min(distances))
        codes.append(k)
        row = [f32(r - c) for r, c in zip(row, codewords[k])]
    return codes


def main():
    rng = random.Random(5)
    values = lambda count: [[f32(rng.uniform(-1, 1)) for _ in range(DIM)] for _ in range(count)]
    stages = [values(count) for count in CODEWORDS]
    rows = values(ROWS)

    store = wasmtime.Store()
    module = wasmtime.Module.from_file(store.engine, str(WASM))
    stubs = [wasmtime.Func(store, item.type, lambda *_: None) for item in module.imports]
    core = wasmtime.Instance(store, module, stubs).exports(store)
    memory = core["memory"]

    def place(data: bytes) -> int:
        pointer = core["reserve"](store, len(data))
        memory.write(store, data, pointer)
        return pointer

    flat = lambda rows: struct.pack(f"<{len(rows) * DIM}f", *(x for row in rows for x in row))
    codebook = core["codebook_open"](store, place(b"".join(map(flat, stages))), DIM, place(struct.pack("<2I", *CODEWORDS)), 2)
    codes = core["reserve"](store, 2 * ROWS)
    assert core["encode"](store, codebook, place(flat(rows)), ROWS, codes, 1) == -1
    ours = list(memory.read(store, codes, codes + 2 * ROWS))
    assert ours == [code for row in rows for code in encode(stages, row)], "wasmtime gives other codes than the definition"
    print(f"wasmtime: {ROWS} rows, codes equal to the definition's")


if __name__ == "__main__":
    main()
