"""Training on Spark: the codebook is that of Node from the same start, and the same run for run, however rows are spread."""

import numpy as np
import pytest

import residual_vq_spark as rvq_spark


def node_train(rvq, folder, rows, start, *, stages, codewords, iterations, beam=1):
    """The codebook that Node trains from `start` on all rows, each iteration on all of them."""
    np.save(folder / "rows.npy", rows)
    start.save(folder / "start.safetensors")
    shape = ("--stages", stages, "--codewords", codewords, "--iterations", iterations, "--beam", beam)
    all_rows = ("--held-back", 0, "--max-rows-per-codeword", 1_000_000)
    rvq("train", folder / "rows.npy", "-o", folder / "node.safetensors", *shape, *all_rows, "--start", folder / "start.safetensors")
    return rvq_spark.Codebook.load(folder / "node.safetensors")


def start_of(rows, codewords, seed):
    """Codewords near rows, so that every one has some."""
    random = np.random.default_rng(seed)
    stages, left = [], rows.copy()
    for size in codewords:
        stage = left[random.choice(len(left), size, replace=False)] / 2
        left = left - stage[((left[:, None] - stage[None]) ** 2).sum(axis=2).argmin(axis=1)]
        stages.append(stage)
    return rvq_spark.Codebook.of(stages)


def test_plain_lloyd_from_the_same_start_is_that_of_node_bit_for_bit(rvq, frame, sift, tmp_path):
    """With fewer than 20 rows a codeword every iteration of both goes over all rows."""
    rows, codewords = sift[:700, :24].copy(), [48, 40]
    start = start_of(rows, codewords, 5)
    node = node_train(rvq, tmp_path, rows, start, stages=2, codewords="48,40", iterations=4)
    ours = rvq_spark.train(frame(rows, files=2).repartition(3), "v", stages=2, codewords=codewords, iterations=4, start=start)
    assert [stage["repaired"] for stage in ours.report["stages"]] == [0, 0]  # which rows these are put beside is chosen otherwise than in Node
    assert np.abs(ours.data - node.data).max() <= 1e-6 * np.abs(node.data).max()
    assert ours.id == node.id


def test_with_a_beam_from_the_same_start_it_is_that_of_node_bit_for_bit(rvq, frame, sift, tmp_path):
    """The last two iterations of both go over all entries of all rows."""
    rows, codewords = sift[:600, :16].copy(), [40, 32]
    start = start_of(rows, codewords, 6)
    node = node_train(rvq, tmp_path, rows, start, stages=2, codewords="40,32", iterations=2, beam=4)
    ours = rvq_spark.train(frame(rows).repartition(3), "v", stages=2, codewords=codewords, iterations=2, beam=4, start=start)
    assert [stage["repaired"] for stage in ours.report["stages"]] == [0, 0]
    assert ours.id == node.id


@pytest.mark.parametrize("beam", [1, 3])
def test_the_codebook_is_the_same_run_for_run_and_however_rows_are_spread(frame, sift, beam):
    rows = sift[:2500, :32].copy()
    options = {"stages": 2, "codewords": [16, 12], "iterations": 3, "beam": beam, "seed": 9}
    spread = [frame(rows), frame(rows[::-1].copy(), files=3), frame(rows).repartition(5)]
    books = [rvq_spark.train(each, "v", **options) for each in spread]
    assert len({book.id for book in books}) == 1
    assert books[0].report == books[1].report
    assert rvq_spark.train(spread[0], "v", **{**options, "seed": 10}).id != books[0].id


def test_it_fits_as_well_as_node_does(rvq, frame, sift, tmp_path):
    """From its own start, with the iterations in turns that many rows bring: within 3 % of Node's mse."""
    rows = sift[:4000]
    np.save(tmp_path / "rows.npy", rows)
    rvq("train", tmp_path / "rows.npy", "-o", tmp_path / "node.safetensors", "--stages", 3, "--codewords", 64, "--held-back", 0)
    df = frame(rows, files=2)
    node = rvq_spark.evaluate(df, "v", rvq_spark.Codebook.load(tmp_path / "node.safetensors"))
    ours = rvq_spark.train(df, "v", stages=3, codewords=64)
    measured = rvq_spark.evaluate(df, "v", ours)
    assert measured["mse"] < 1.03 * node["mse"]
    report = ours.report
    assert report["mse"] == pytest.approx(measured["mse"], rel=1e-9)
    assert [stage["mse"] for stage in report["stages"]] == pytest.approx(measured["msePerStage"], rel=1e-9)
    assert [stage["entropy"] for stage in report["stages"]] == pytest.approx(measured["entropyPerStage"], rel=1e-9)
    assert [stage["dead"] for stage in report["stages"]] == measured["deadPerStage"]
    assert report["rows"] == 4000 and report["warnings"] == []


def test_codewords_without_rows_get_some_whichever_partition_has_them(frame, sift):
    """All start at one place, so that all rows choose the first; then far away, where none chooses them."""
    rows = sift[:400, :8].copy()
    place = np.vstack([rows[:1], np.repeat(rows[:1] + 1e4, 9, axis=0)])
    start = rvq_spark.Codebook.of([place])
    options = {"stages": 1, "codewords": 10, "iterations": 6, "start": start}
    books = [rvq_spark.train(each, "v", **options) for each in (frame(rows), frame(rows).repartition(4))]
    (report,) = books[0].report["stages"]
    assert report["repaired"] >= 9 and report["dead"] == 0
    assert books[0].id == books[1].id


def test_equal_rows_leave_codewords_without_use_and_say_so(frame):
    rows = np.repeat(np.array([[1.0, 2.0], [3.0, -4.0]], np.float32), 60, axis=0)
    book = rvq_spark.train(frame(rows), "v", stages=1, codewords=4, iterations=4)
    (report,) = book.report["stages"]
    assert report["mse"] == 0 and report["dead"] == 2
    assert any("No training row chose 2 of the 4 codewords" in warning for warning in book.report["warnings"])


def test_rows_in_any_column_type_train(frame, sift):
    rows = sift[:300, :8].copy()
    books = [rvq_spark.train(frame(rows, kind), "v", stages=1, codewords=4, iterations=2) for kind in ("list<double>", "binary")]
    assert all(book.dim == 8 and np.isfinite(book.data).all() for book in books)


def test_progress_ends_at_one(frame, sift):
    told = []
    rvq_spark.train(frame(sift[:300, :8].copy()), "v", stages=2, codewords=8, iterations=2, on_progress=told.append)
    assert [(t["stage"], t["iteration"]) for t in told] == [(0, 1), (0, 2), (1, 1), (1, 2)]
    assert told[-1]["fraction"] == 1 and told[-1]["secondsLeft"] == 0


def test_a_checkpoint_of_other_rows_is_refused_where_every_row_comes_twice(frame, sift, tmp_path):
    options = {"stages": 1, "codewords": 2, "iterations": 1, "checkpoint": str(tmp_path / "kept.safetensors")}
    rvq_spark.train(frame(np.repeat(sift[:20, :8], 2, axis=0)), "v", **options)
    with pytest.raises(rvq_spark.RvqError, match="expected fingerprint"):
        rvq_spark.train(frame(np.repeat(sift[20:40, :8], 2, axis=0)), "v", **options)
