"""Whole files, read and replaced at once: at a path of this machine (mounted storage too), or at a URI that pyarrow has a file system for: s3://, gs://,
abfs://, abfss://, hdfs://."""

from __future__ import annotations

import os
import re
import threading
from contextlib import suppress

from .errors import FileError


def read(path: str) -> bytes:
    """The bytes of the file at `path`. Raises FileNotFoundError where there is none."""
    path = os.fspath(path)
    if not _is_uri(path):
        with open(_local(path), "rb") as file:
            return file.read()
    system, inner = _file_system(path)
    with system.open_input_stream(inner) as stream:
        return stream.read()


def exists(path: str) -> bool:
    path = os.fspath(path)
    if not _is_uri(path):
        return os.path.exists(_local(path))
    from pyarrow.fs import FileType

    system, inner = _file_system(path)
    return system.get_file_info(inner).type != FileType.NotFound


def write(path: str, data: bytes) -> None:
    """Replaces the file at `path`, so that a reader finds the old bytes or the new ones whenever this process ends: written beside it and renamed on this
    machine and HDFS; object stores show an object once it is complete."""
    path = os.fspath(path)
    if not _is_uri(path):
        _write_local(_local(path), data)
        return
    system, inner = _file_system(path)
    renames = path.startswith(("hdfs:", "viewfs:"))
    target = f"{inner}.part" if renames else inner
    with system.open_output_stream(target) as stream:
        stream.write(data)
    if renames:
        if system.get_file_info(inner).is_file:
            system.delete_file(inner)
        system.move(target, inner)


def _write_local(path: str, data: bytes) -> None:
    part = f"{path}.{os.getpid()}-{threading.get_ident()}.part"  # two trainings may be given one checkpoint, also in one process
    try:
        with open(part, "wb") as file:
            file.write(data)
            file.flush()
            with suppress(OSError):  # some mounted stores know no fsync
                os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        if os.path.exists(part):
            os.unlink(part)
        raise


def _local(path: str) -> str:
    return re.sub(r"^file:(//)?(?=/)", "", path)


def _is_uri(path: str) -> bool:
    return re.match(r"^[a-z][a-z0-9+.-]+://", path) is not None and not path.startswith("file:")


def _file_system(uri: str):
    from pyarrow.fs import FileSystem

    try:
        return FileSystem.from_uri(uri)
    except (ValueError, OSError, NotImplementedError) as error:
        raise FileError(f"{uri}: expected a path of this machine, or a URI that pyarrow has a file system for: {error}") from error
