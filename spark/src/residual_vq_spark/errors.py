"""What can go wrong, in sentences that say what was expected and what came; and how an error of an executor is found again in the driver."""

from __future__ import annotations

import re


class RvqError(ValueError):
    """An argument, a file or a row is not what it must be."""


class ArgumentError(RvqError):
    """Asked for in a way that cannot be done: an option, or the name of a column."""


class FileError(RvqError):
    """A file is not what it should be."""


class RowError(RvqError):
    """A row cannot be worked on: it is null, too long or short, or holds a value that is not finite. The message names it."""


def count(number: int) -> str:
    """1234567 as "1,234,567"."""
    return f"{number:,}"


def integer(name: str, value, least: int, most: int) -> int:
    """`value`, checked to be an integer from `least` to `most`."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole and hasattr(value, "__index__") and not isinstance(value, bool):
        value, whole = value.__index__(), True  # one of NumPy's
    if not whole or not least <= value <= most:
        raise ArgumentError(f"{name}: expected an integer from {count(least)} to {count(most)}, got {value!r}")
    return value


def row_error(error: BaseException) -> RowError | None:
    """The RowError of an executor, which Spark brings to the driver as the text of a traceback inside an error of its own."""
    found = re.search(r"\bRowError: (.+)", str(error))
    return RowError(found.group(1).strip()) if found else None


def collected(frame):
    """`frame.collect()`, where an executor's RowError is raised as one."""
    try:
        return frame.collect()
    except RvqError:
        raise
    except Exception as error:
        found = row_error(error)
        if found is None:
            raise
        raise found from error
