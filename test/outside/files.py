"""Files between this package, faiss and NumPy: what one writes the other reads, and the programs of docs/format.md read what they describe.

Needs the built package: npm run build.
"""

import re
import subprocess
import tempfile
from pathlib import Path

import faiss
import numpy as np

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
faiss.cvar.distance_compute_blas_threshold = 20  # its default, said so that rows are compared in one way
rng = np.random.default_rng(1)
ROWS = rng.standard_normal((3000, 8)).astype("f4")


def write_indexes(folder: Path) -> dict:
    """Indexes of every kind, and what faiss makes of the codes in them."""
    made = {}
    for search in range(faiss.AdditiveQuantizer.ST_count):
        made[f"search{search}"] = faiss.IndexResidualQuantizer(8, 3, 4, faiss.METRIC_L2, search)
        made[f"product{search}"] = faiss.IndexProductResidualQuantizer(8, 2, 2, 4, faiss.METRIC_L2, search)
    made["inner"] = faiss.IndexResidualQuantizer(8, 3, 5, faiss.METRIC_INNER_PRODUCT)
    bits = faiss.UInt64Vector()
    for b in (3, 5, 6):
        bits.push_back(b)
    made["bits"] = faiss.IndexResidualQuantizer(8, bits)
    rows = {}
    for name, index in made.items():
        quantizer = index.prq if "product" in name else index.rq
        if "product" not in name:
            quantizer.train_type = faiss.ResidualQuantizer.Train_default  # quick
        index.train(ROWS)
        index.add(ROWS[:50])
        faiss.write_index(index, str(folder / f"{name}.faissindex"))
        rows[name] = index.reconstruct_n(0, 50)
    return rows


def write_arrays(folder: Path) -> dict:
    """Arrays of every type, byte order, memory order and number of dimensions, with extremes in them."""
    expected = {}
    for type in ("f2", "f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"):
        kind = np.dtype(type)
        if kind.kind == "f":
            values = (rng.standard_normal(24) * 100).astype(kind)
        else:
            limits = np.iinfo(kind)
            values = rng.integers(limits.min, limits.max, 24, dtype=kind, endpoint=True)
            values[:2] = limits.min, limits.max
        for order in "<>":
            for layout in "CF":
                for shape in ((24,), (6, 4), (2, 3, 4)):
                    array = np.array(values.reshape(shape), dtype=kind.newbyteorder(order), order=layout)
                    name = f"{type}{'le' if order == '<' else 'be'}{layout}{len(shape)}"
                    np.save(folder / f"{name}.npy", array)
                    expected[f"{name}.npy"] = values.astype("f4").reshape(-1, shape[-1])
    for version in ((1, 0), (2, 0), (3, 0)):
        with open(folder / f"v{version[0]}.npy", "wb") as file:
            np.lib.format.write_array(file, ROWS[:5], version=version)
        expected[f"v{version[0]}.npy"] = ROWS[:5]
    for save in (np.savez, np.savez_compressed):
        save(folder / f"{save.__name__}.npz", x=np.asfortranarray(ROWS[:9]), y=np.arange(3))
        expected[f"{save.__name__}.npz"] = ROWS[:9]
    return expected


def check_ours(out: Path, name: str) -> None:
    """faiss opens an index that we wrote, rebuilds the same rows, finds the same neighbours, and encodes to the same bytes."""
    index = faiss.read_index(str(out / f"ours.{name}.faissindex"))
    vectors, rows = np.load(out / f"ours.{name}.vectors.npy"), np.load(out / f"ours.{name}.rows.npy")
    packed = np.fromfile(out / f"ours.{name}.packed", "u1").reshape(len(vectors), -1)
    assert isinstance(index, faiss.IndexResidualQuantizer) and index.ntotal == len(vectors) and index.code_size == packed.shape[1]
    assert np.array_equal(faiss.vector_to_array(index.codes).reshape(packed.shape), packed), name
    assert np.array_equal(index.reconstruct_n(0, index.ntotal), rows), name
    distances, labels = index.search(vectors[:40], 5)
    exact = ((vectors[:40, None] - rows[None]) ** 2).sum(-1)
    assert np.allclose(distances, np.sort(exact, 1)[:, :5], rtol=1e-4, atol=1e-4), name
    assert np.allclose(np.take_along_axis(exact, labels, 1), distances, rtol=1e-4, atol=1e-4), name
    index.rq.max_beam_size = 1
    assert (index.rq.compute_codes(vectors) == packed).all(1).mean() > 0.99, name  # all but ties within float32's rounding
    index.add(vectors)
    assert index.ntotal == 2 * len(vectors)


def check_documented(out: Path) -> int:
    """Runs the Python of docs/format.md in the folder of the files, block after block, with plain codes and with packed ones."""
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs/format.md").read_text(), re.M | re.S)
    expected = np.load(out / "codes.npy")
    for name in ("codes", "packed"):
        scope = {}
        for block in blocks:
            exec(block.replace("'", '"').replace('"book.', f'"{out}/book.').replace('"codes.safetensors"', f'"{out}/{name}.safetensors"'), scope)
        assert np.array_equal(np.array(scope["codes"]), expected), name
    return len(blocks)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder, "in"), Path(folder, "out")
        given.mkdir()
        out.mkdir()
        indexes, arrays = write_indexes(given), write_arrays(given)
        subprocess.run(["node", HERE / "files.mjs", folder], check=True)
        for name, rows in indexes.items():
            assert np.array_equal(np.load(out / f"{name}.faissindex.rows.npy"), rows), name
            again = faiss.read_index(str(out / f"again.{name}.faissindex"))
            assert np.array_equal(again.reconstruct_n(0, 50), rows), name
        for name, expected in arrays.items():
            read = np.load(out / f"{name}.npy")
            assert read.dtype == "<f4" and np.array_equal(read, expected), name
        for name in ("bits", "single", "bytes"):
            check_ours(out, name)
        blocks = check_documented(out)
    print(f"faiss: {len(indexes)} indexes read, 3 opened and searched; NumPy: {len(arrays)} arrays read; {blocks} programs of docs/format.md run")


if __name__ == "__main__":
    main()
