"""The driver program: train, encode, decode and eval on Parquet, in the manner of the command rvq.

Results on stdout, what happens on stderr; with --json both as JSON, an object a line: what happens has a `type`, the result has none. (spark-submit brings
both to its stdout.) Exit codes: 0 done, 1 failed, 2 wrong usage, 3 bad input.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time

from .codebook import Codebook
from .encode import decode, encode
from .errors import ArgumentError, RvqError, count, integer, row_error
from .evaluate import evaluate
from .train import train

DONE, FAILED, USAGE, BAD_INPUT, INTERRUPTED = 0, 1, 2, 3, 130


class _Speaker:
    """Says what happens, to people or to programs."""

    def __init__(self, as_json: bool):
        self._json = as_json
        self._told = 0.0

    def say(self, kind: str, message: str, **fields) -> None:
        if self._json:
            self._line({"type": kind, "message": message, **fields})
        else:
            print(f"rvq: {'warning: ' if kind == 'warning' else ''}{message}", file=sys.stderr, flush=True)

    def progress(self, done: dict) -> None:
        if self._json:
            self._line({"type": "progress", "task": "training", **done})
            return
        now = time.monotonic()
        if now - self._told < 1 and done["fraction"] < 1:
            return
        self._told = now
        place = f"stage {done['stage'] + 1}/{done['stages']}, iteration {done['iteration']}/{done['iterations']}"
        self.say("note", f"{place}, mse {done['mse']:.6g} ({100 * done['fraction']:.0f} % done, {done['secondsLeft']:.0f} s left)")

    def result(self, summary: dict, text: str) -> None:
        print(_json_of(summary) if self._json else text, flush=True)

    def _line(self, fields: dict) -> None:
        print(_json_of(fields), file=sys.stderr, flush=True)


def _json_of(value) -> str:
    """As JSON.stringify has it: what is not finite becomes null."""

    def finite(value):
        if isinstance(value, dict):
            return {key: finite(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [finite(each) for each in value]
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return json.dumps(finite(value))


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        options = _parser().parse_args(given)
    except SystemExit as ended:  # argparse has said why, on one line after the usage
        return int(ended.code or 0)
    speaker = _Speaker(options.json)
    try:
        _COMMANDS[options.command](options, speaker)
        return DONE
    except KeyboardInterrupt:
        speaker.say("error", "interrupted", exitCode=INTERRUPTED)
        return INTERRUPTED
    except Exception as error:
        code, message = _explained(error)
        speaker.say("error", message, exitCode=code)
        return code


def _explained(error: Exception) -> tuple[int, str]:
    found = row_error(error) if not isinstance(error, RvqError) else error
    if isinstance(found, ArgumentError):
        return USAGE, str(found)
    if found is not None:
        return BAD_INPUT, str(found)
    if isinstance(error, FileNotFoundError):
        return BAD_INPUT, f"{error.filename}: there is no such file"
    text = str(error)
    if "PATH_NOT_FOUND" in text or "UNABLE_TO_INFER_SCHEMA" in text or "CANNOT_READ_FILE_FOOTER" in text or "is not a Parquet file" in text:
        return BAD_INPUT, text.splitlines()[0]
    return FAILED, text or type(error).__name__


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="residual_vq_spark", description="Residual vector quantization on Spark: Parquet to codebooks and codes.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="train|encode|decode|eval")

    def command(name: str, summary: str, column: str, *, codebook: bool, output: bool):
        sub = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
        if codebook:
            sub.add_argument(
                "paths", nargs="+", metavar="[CODEBOOK] INPUT", help="the codebook's file, unless --codebook names it, and Parquet that Spark reads"
            )
            sub.add_argument("--codebook", help="the codebook's .safetensors file")
        else:
            sub.add_argument("paths", nargs=1, metavar="INPUT", help="Parquet that Spark reads")
        sub.add_argument("-o", "--output", required=output, help="what is written")
        sub.add_argument("--column", default=column, help=f"the column to read (default: {column})")
        sub.add_argument("--json", action="store_true", help="the result as JSON on stdout, what happens as an object a line on stderr")
        sub.add_argument("--master", help="Spark's master, where spark-submit has not said it")
        return sub

    def with_beam(sub, summary: str) -> None:
        sub.add_argument("--beam", type=int, default=1, help=f"{summary}, 1 to 64 (default: 1)")

    sub = command("train", "make a codebook", "vectors", codebook=False, output=True)
    sub.add_argument("--stages", type=int, required=True)
    sub.add_argument("--codewords", type=_numbers, required=True, help="codewords a stage, or a list of one number a stage")
    sub.add_argument("--iterations", type=int, default=12, help="k-means iterations a stage (default: 12)")
    with_beam(sub, "entries of each row that beam search keeps while training")
    sub.add_argument("--seed", type=int, default=1, help="of all choices (default: 1)")
    sub.add_argument("--start", help="a codebook's file to go on from")
    sub.add_argument("--checkpoint", help="keep what is done in this file, after every iteration, and go on from it where it is there")

    sub = command("encode", "turn vectors into codes", "vectors", codebook=True, output=True)
    with_beam(sub, "encodings kept of each row")
    sub.add_argument("--packed", action="store_true", help="codes as binary, as few bits as they need")
    _writing(sub, "codes")

    sub = command("decode", "turn codes into vectors", "codes", codebook=True, output=True)
    sub.add_argument("--stages", type=int, help="add up the first so many stages (default: all)")
    _writing(sub, "vectors")

    sub = command("eval", "measure how well a codebook codes vectors", "vectors", codebook=True, output=False)
    with_beam(sub, "encodings kept of each row")
    return parser


def _writing(sub: argparse.ArgumentParser, name: str) -> None:
    sub.add_argument("--output-column", default=name, help=f"the column that is written (default: {name})")
    sub.add_argument("--overwrite", action="store_true", help="replace the output where it is there")


def _numbers(text: str):
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected an integer, or some with commas between, got {text!r}") from error
    return numbers[0] if len(numbers) == 1 else numbers


def _frame(options, path: str):
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName(f"residual-vq {options.command}")
    if options.master:
        builder = builder.master(options.master)
    return builder.getOrCreate().read.parquet(path)


def _given(options) -> tuple[str, Codebook]:
    """The input's path, and the codebook."""
    expected = 1 if options.codebook else 2
    if len(options.paths) != expected:
        raise ArgumentError(f"expected {'INPUT, as --codebook is given' if expected == 1 else 'CODEBOOK INPUT'}, got {' '.join(options.paths)}")
    return options.paths[-1], Codebook.load(options.codebook or options.paths[0])


def _train(options, speaker: _Speaker) -> None:
    if not options.output.endswith(".safetensors"):
        raise ArgumentError(f"--output: expected a name that ends in .safetensors, got {options.output}")
    integer("--stages", options.stages, 1, 1000)
    start = Codebook.load(options.start) if options.start else None
    began = time.monotonic()
    frame = _frame(options, options.paths[0])
    codebook = train(
        frame,
        options.column,
        stages=options.stages,
        codewords=options.codewords,
        iterations=options.iterations,
        beam=options.beam,
        seed=options.seed,
        start=start,
        checkpoint=options.checkpoint,
        on_progress=speaker.progress,
    )
    codebook.save(options.output)
    report, seconds = codebook.report, time.monotonic() - began
    for warning in report["warnings"]:
        speaker.say("warning", warning)
    shape = {"dim": codebook.dim, "codewords": list(codebook.codewords), "bitsPerRow": codebook.bits_per_row, "id": codebook.id}
    text = f"wrote {options.output}: {len(codebook.codewords)} stages of dim {codebook.dim}, {count(report['rows'])} rows, mse {report['mse']:.6g}"
    speaker.result({"output": options.output, **shape, **report, "seconds": seconds}, text)


def _encode(options, speaker: _Speaker) -> None:
    path, codebook = _given(options)
    began = time.monotonic()
    frame = _frame(options, path)
    made = encode(frame, options.column, codebook, beam=options.beam, packed=options.packed, output=options.output_column)
    rows = _written(made, options)
    summary = _summary(options, codebook, rows, began)
    bits = codebook.bits_per_row
    speaker.result({**summary, "packed": options.packed}, f"wrote {options.output}: {count(rows)} rows, {bits} bits a row, {_rate(rows, began)}")


def _decode(options, speaker: _Speaker) -> None:
    path, codebook = _given(options)
    began = time.monotonic()
    frame = _frame(options, path)
    rows = _written(decode(frame, options.column, codebook, stages=options.stages, output=options.output_column), options)
    speaker.result(_summary(options, codebook, rows, began), f"wrote {options.output}: {count(rows)} rows of dim {codebook.dim}, {_rate(rows, began)}")


def _eval(options, speaker: _Speaker) -> None:
    path, codebook = _given(options)
    began = time.monotonic()
    found = evaluate(_frame(options, path), options.column, codebook, beam=options.beam)
    summary = {**found, "seconds": time.monotonic() - began}
    if options.output:
        from . import files

        files.write(options.output, (_json_of(summary) + "\n").encode())
    mse = ", ".join(f"{value:.6g}" for value in found["msePerStage"])
    lost = f"{100 * found['relativeError']:.2f} % of the squared norm lost"
    speaker.result(summary, f"{count(found['rows'])} rows of dim {found['dim']}, {found['bitsPerRow']} bits a row: {lost}; mse after each stage {mse}")


def _written(made, options) -> int:
    """Writes Parquet through Spark's own commit; the rows that are there then."""
    from pyspark.sql import SparkSession

    made.write.mode("overwrite" if options.overwrite else "errorifexists").parquet(options.output)
    return SparkSession.builder.getOrCreate().read.parquet(options.output).count()


def _summary(options, codebook: Codebook, rows: int, began: float) -> dict:
    shape = {"dim": codebook.dim, "stages": len(codebook.codewords), "codewords": list(codebook.codewords), "bitsPerRow": codebook.bits_per_row}
    return {"output": options.output, "rows": rows, **shape, "codebookId": codebook.id, "seconds": time.monotonic() - began}


def _rate(rows: int, began: float) -> str:
    return f"{count(int(rows / max(1e-9, time.monotonic() - began)))} rows/s"


_COMMANDS = {"train": _train, "encode": _encode, "decode": _decode, "eval": _eval}
