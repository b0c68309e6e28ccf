"""The checkpoint of a training: the codewords of the stages so far, the one in work among them, and all that the next iteration needs to go on bit for bit."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field

import numpy as np

from . import files, safetensors
from .codebook import stages_of
from .errors import FileError, RvqError

_FORMAT = "residual-vq spark checkpoint"


@dataclass
class StageState:
    """A stage in work, after `iteration` iterations."""

    iteration: int
    largest: float
    """Of what the stages before left of the rows."""
    stride: int
    errors: dict[str, float]
    """mse of the last iteration over the rows of each turn."""
    used: list[int]
    moved: list[bool]
    """See lloyd.Reviver."""
    repaired: int = 0
    mses: list[float] = field(default_factory=list)
    """mse of each iteration."""
    done: bool = False


@dataclass
class Progress:
    """How far a training is."""

    settings: dict
    """What decides the codebook, and by which another training refuses it."""
    stages: list[np.ndarray]
    """Codewords of the stages that are done, and of the one in work."""
    reports: list[dict]
    """Of the stages that were measured after they were done."""
    work: StageState | None = None
    """None between two stages."""


def write(path: str, progress: Progress) -> None:
    """Replaces the checkpoint at `path`; see files.write for what may be a path."""
    state = {"settings": progress.settings, "reports": progress.reports, "work": asdict(progress.work) if progress.work else None}
    text = json.dumps(state, separators=(",", ":"))
    tensors = {f"stage.{m}": stage for m, stage in enumerate(progress.stages)}
    metadata = {"format": _FORMAT, "version": "1", "state": text, "digest": _digest(text, progress.stages)}
    files.write(path, safetensors.serialize(tensors, metadata))


def read(path: str, settings: dict) -> Progress | None:
    """The training that the file at `path` has kept, or None where there is no file. One of other settings, or of other rows, is refused."""
    if not files.exists(path):
        return None
    tensors, metadata = safetensors.parse(files.read(path), str(path))
    if metadata.get("format") != _FORMAT or metadata.get("version") != "1":
        raise FileError(f'{path}: expected format "{_FORMAT}", version 1, got {metadata.get("format")!r}, {metadata.get("version")!r}: name another file')
    try:
        state = json.loads(metadata["state"])
        stages = [np.array(stage) for stage in stages_of(tensors, str(path)).stages] if tensors else []
        work = None if state["work"] is None else StageState(**state["work"])
        progress = Progress(state["settings"], stages, state["reports"], work)
    except (KeyError, TypeError, ValueError) as error:
        raise FileError(f"{path}: expected what a training has kept: {error}") from error
    if _digest(metadata["state"], stages) != metadata.get("digest"):
        raise FileError(f"{path}: corrupted: the digest is not that of the data")
    for option in sorted({*settings, *progress.settings}):
        kept, asked = progress.settings.get(option), settings.get(option)
        if kept != asked:
            raise RvqError(f"checkpoint {path}: expected {option} {kept}, as it was made with, got {asked}: name another file, or delete it to begin anew")
    return progress


def _digest(text: str, stages: list[np.ndarray]) -> str:
    digest = hashlib.sha256(f"{_FORMAT}\n{text}\0".encode())
    for stage in stages:
        digest.update(np.ascontiguousarray(stage, "<f4").tobytes())
    return digest.hexdigest()[:32]
