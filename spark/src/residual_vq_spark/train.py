"""Train: k-means, stage after stage, on what the stages before have left: a loop of passes over the rows on the cluster, and of small steps in the driver."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Callable


from . import checkpoint as checkpoints
from .checkpoint import Progress, StageState
from .codebook import MAX_CODEWORDS, MAX_STAGES, Codebook
from .core import wasm_bytes
from .encode import MAX_BEAM
from .errors import ArgumentError, RowError, count, integer
from .evaluate import entropy
from .lloyd import (
    Reviver,
    donors_of,
    error_grid,
    goes_over_all,
    moved_to_means,
    put_at_worst,
    put_beside,
    stride_of,
    sum_grid,
    weight_of_entries,
)
from .passes import Before, Passes, Survey, Turn
from .rows import first_dim, naming_columns
from .seeding import SAMPLE_PER_CODEWORD, first_codewords
from .ship import register

_ROWS_PER_CODEWORD = 39
"""Where faiss, too, begins to warn."""


@dataclass(frozen=True)
class _Plan:
    codewords: list[int]
    iterations: int
    seed: int
    entries: list[int]
    """Entries of a row before each stage, and after the last."""
    start: Codebook | None
    rows: int
    dim: int
    checkpoint: str | None
    on_progress: Callable[[dict], None] | None


def train(
    df,
    column: str,
    *,
    stages: int,
    codewords,
    iterations: int = 12,
    beam: int = 1,
    seed: int = 1,
    start: Codebook | None = None,
    checkpoint: str | None = None,
    on_progress: Callable[[dict], None] | None = None,
) -> Codebook:
    """Makes a codebook for the rows of a column of vectors: array<float>, array<double> or binary (little-endian float32).

    stages, codewords: how many stages, and codewords a stage, 1 to 65,536: one number, or a list with one a stage
    iterations: k-means iterations a stage; the last goes over all rows, those before over a fourth of them in turns where there are 40 rows a codeword or more,
        over half from 20 on
    beam: entries of each row that beam search keeps from stage to stage, 1 to 64; each stage is trained on what all of them leave of their rows
    seed: of all choices, 0 to 2^32 - 1
    start: a codebook of the same shape to go on from
    checkpoint: a file that is replaced after every iteration, and gone on from where it is there: a path of the driver's machine, or a URI that pyarrow has a
        file system for. The codebook is then the one that would have been, bit for bit
    on_progress: called after every iteration with stage, stages, iteration, iterations, mse, fraction and secondsLeft

    The same rows, options and seed give the same codebook, bit for bit, run for run and however rows are spread over partitions. All rows train: to take
    fewer, give `df.sample(...)` of them, cached or written. Its `report` tells what was done, in the words of the npm package.
    """
    sizes = _sizes(stages, codewords)
    integer("iterations", iterations, 0, 10_000)
    integer("beam", beam, 1, MAX_BEAM)
    integer("seed", seed, 0, 2**32 - 1)
    dim = first_dim(df, column)
    if start is not None and (start.dim != dim or list(start.codewords) != sizes):
        raise ArgumentError(f"start: expected stages of {sizes} codewords of dim {dim}, got {list(start.codewords)} of dim {start.dim}")
    register()
    passes = Passes(df, column, dim, wasm=wasm_bytes(), seed=seed, naming=naming_columns(df, column))
    rows, fingerprint = passes.fingerprint() if checkpoint is not None else (passes.count(), "")
    if rows < max(sizes):
        raise RowError(f"{count(rows)} rows cannot train {count(max(sizes))} codewords: give {count(max(sizes))} rows at least, or ask for fewer codewords")
    entries = [1]
    for size in sizes:
        entries.append(min(beam, entries[-1] * size))
    entries[-1] = 1
    plan = _Plan(sizes, iterations, seed, entries, start, rows, dim, checkpoint, on_progress)
    settings = {
        "codewords": sizes,
        "dim": dim,
        "iterations": iterations,
        "beam": beam,
        "seed": seed,
        "start": start.id if start else None,
        "rows": rows,
        "fingerprint": fingerprint,
    }
    return _Training(plan, passes, settings).run()


def _sizes(stages, codewords) -> list[int]:
    integer("stages", stages, 1, MAX_STAGES)
    if not isinstance(codewords, (list, tuple)):
        return [integer("codewords", codewords, 1, MAX_CODEWORDS)] * stages
    if len(codewords) != stages:
        raise ArgumentError(f"codewords: expected a number, or one for each of the {stages} stages, got {len(codewords)}")
    return [integer(f"codewords[{m}]", size, 1, MAX_CODEWORDS) for m, size in enumerate(codewords)]


class _Training:
    def __init__(self, plan: _Plan, passes: Passes, settings: dict):
        self._plan, self._passes, self._wasm = plan, passes, wasm_bytes()
        kept = None if plan.checkpoint is None else checkpoints.read(plan.checkpoint, settings)
        self._progress = kept or Progress(settings, [], [])
        self._began, self._began_with = time.monotonic(), self._iterations_done()

    def run(self) -> Codebook:
        progress = self._progress
        if not progress.stages:
            self._begin(0, self._survey(0))
        while progress.work is not None:
            stage = len(progress.reports)
            self._iterate(stage, progress.work)
            survey = self._survey(stage + 1)  # measures this stage, and draws rows for the next
            progress.reports.append(self._stage_report(stage, progress.work, survey))
            self._begin(stage + 1, survey)
        return Codebook.of(progress.stages, self._report())

    def _before(self, stages: int) -> Before:
        return Before(self._progress.stages[:stages], self._plan.entries)

    def _survey(self, stage: int) -> Survey:
        """What the stages before `stage` leave of the rows, with a sample of it."""
        plan, work = self._plan, self._progress.work
        drawn = stage < len(plan.codewords) and plan.start is None
        sample = min(SAMPLE_PER_CODEWORD * plan.codewords[stage], plan.rows) if drawn else 0
        grid = 1.0 if work is None else error_grid(work.largest, self._progress.stages[stage - 1], plan.rows)
        return self._passes.survey(self._before(stage), plan.rows, sample, grid)

    def _begin(self, stage: int, survey: Survey) -> None:
        """The first codewords of a stage; after the last, the end."""
        plan, progress = self._plan, self._progress
        if stage == len(plan.codewords):
            progress.work = None
        else:
            size = plan.codewords[stage]
            if plan.start is not None:
                progress.stages.append(plan.start.stages[stage].copy())
            else:
                progress.stages.append(first_codewords(self._wasm, survey.sample, size, plan.seed, stage))
            progress.work = StageState(0, survey.largest, stride_of(plan.rows, size), {}, [0] * size, [False] * size)
        self._keep()

    def _iterate(self, stage: int, work: StageState) -> None:
        """Iterates until the plan's number is reached, or nothing is gained any more."""
        plan = self._plan
        before = self._before(stage)
        reviver = Reviver(plan.codewords[stage])
        reviver.used[:], reviver.moved[:] = work.used, work.moved
        while work.iteration < plan.iterations and not work.done:
            iteration = work.iteration + 1
            whole = goes_over_all(plan.iterations, before.count, iteration)
            work.stride = 1 if whole else work.stride
            mse, moved = self._iteration(stage, before, Turn(iteration, work.stride, whole), reviver)
            turn = str(iteration % work.stride)
            earlier, work.errors[turn] = work.errors.get(turn), mse
            if before.count == 1 and moved == 0 and earlier is not None and earlier <= mse:
                work.done = work.stride == 1
                work.stride, work.errors = 1, {}  # a part of the rows has no more to tell: on with all
            work.iteration, work.repaired = iteration, work.repaired + moved
            work.used, work.moved = reviver.used.tolist(), reviver.moved.tolist()
            work.mses.append(mse)
            self._keep()
            self._tell(stage, iteration, mse)

    def _iteration(self, stage: int, before: Before, turn: Turn, reviver: Reviver) -> tuple[float, int]:
        """Moves the codewords of `stage` once. Returns the mse of those before, and how many stood empty and were moved."""
        plan, progress = self._plan, self._progress
        old, added = progress.stages[stage], plan.rows * before.count
        largest = progress.work.largest
        found = self._passes.assign(before, old, turn, sum_grid(largest, added), error_grid(largest, old, added), plan.rows)
        if found.rows == 0:
            return 0.0, 0  # a turn that no row falls to
        weight = weight_of_entries(before.count) if turn.whole else 1.0
        new = moved_to_means(old, found.sums, found.counts, found.error, weight)
        moved = 0
        due = reviver.due(found.counts, turn.iteration, turn.stride)
        if due:
            donors = donors_of(found.counts, len(due.first))
            given, worst = self._passes.candidates(before, old, new, turn, donors, len(due.again))
            moved = put_at_worst(new, due.again, worst) + put_beside(new, found.counts, due.first, given)
        progress.stages[stage] = new
        return found.error / found.rows, moved

    def _keep(self) -> None:
        if self._plan.checkpoint is not None:
            checkpoints.write(self._plan.checkpoint, self._progress)

    def _iterations_done(self) -> int:
        """Iterations that are done, or will not be needed."""
        work = self._progress.work
        return len(self._progress.reports) * self._plan.iterations + (0 if work is None else work.iteration)

    def _tell(self, stage: int, iteration: int, mse: float) -> None:
        plan = self._plan
        if plan.on_progress is None:
            return
        all_of_them, done = len(plan.codewords) * plan.iterations, self._iterations_done()
        seconds = time.monotonic() - self._began
        plan.on_progress(
            {
                "stage": stage,
                "stages": len(plan.codewords),
                "iteration": iteration,
                "iterations": plan.iterations,
                "mse": mse,
                "fraction": done / all_of_them,
                "secondsLeft": seconds * (all_of_them - done) / max(1, done - self._began_with),
            }
        )

    def _stage_report(self, stage: int, work: StageState, survey: Survey) -> dict:
        use, rows = survey.use, self._plan.rows
        return {
            "codewords": self._plan.codewords[stage],
            "rows": rows,
            "mse": survey.error / rows,
            "iterations": work.iteration,
            "msePerIteration": work.mses,
            "repaired": work.repaired,
            "use": use.tolist(),
            "dead": int((use == 0).sum()),
            "nearDead": int(((use > 0) & (10 * len(use) * use < rows)).sum()),
            "entropy": entropy(use),
        }

    def _report(self) -> dict:
        plan, stages = self._plan, self._progress.reports
        most, warnings = max(plan.codewords), []
        if plan.rows < _ROWS_PER_CODEWORD * most:
            warnings.append(
                f"{count(plan.rows)} rows trained {count(most)} codewords, fewer than {_ROWS_PER_CODEWORD} a codeword: new rows will fit worse than these. "
                f"Give {count(_ROWS_PER_CODEWORD * most)} rows or more, or ask for fewer codewords."
            )
        for stage, report in enumerate(stages):
            if report["dead"]:
                warnings.append(
                    f"No training row chose {count(report['dead'])} of the {count(report['codewords'])} codewords of stage {stage} (stages count from 0): "
                    "ask for fewer codewords, or give rows that differ more."
                )
        rows = {"rows": plan.rows, "rowsUsed": plan.rows, "rowsHeldBack": 0}
        return {**rows, "seed": plan.seed, "mse": stages[-1]["mse"], "refinements": [], "stages": stages, "warnings": warnings}
