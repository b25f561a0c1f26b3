"""Is the source a file that can be read, whatever it is called and whatever stands behind its name?"""

from __future__ import annotations

import errno
import os
import re
import select
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from l2c.prepare.containers import LARGEST_UNPACKED
from l2c.words.errors import EngineTrouble, L2CError, NothingToRead, UnreadableFile

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame
    from pyspark.sql import SparkSession

# Files whose names end so are read where a folder holds others too.
READABLE = {
    ".csv", ".tsv", ".tab", ".psv", ".txt", ".dat", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".parquet", ".parq", ".xes", ".xml",
    ".json", ".jsonl", ".ndjson", ".jsonocel", ".xmlocel", ".htm", ".html", ".mht", ".mhtml",
    ".sqlite", ".sqlite3", ".db", ".db3", ".duckdb", ".ddb", ".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst",
}  # fmt: skip
# What a pipe may give: no more than a packed file may unpack to.
LARGEST = 4 * 1024**3
# A pipe that nobody opens for writing within so many seconds never gives anything.
PATIENCE = 10.0
# Signs of a name that a message shows.
LONGEST_NAME = 300
Source: TypeAlias = "str | Path | Sequence[Any] | Mapping[str, Any] | IntoFrame | SparkSession"
"""Where data come from: a path or an address, a frame, records, columns by name, several of these, or a Spark session."""
STDIN = {"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"}
_PIPES = {"/dev/fd", "/proc/self/fd"}
NONBLOCK: int = getattr(os, "O_NONBLOCK", 0)


# Addresses from which nothing is read: web, clouds, clusters, and files that are written as an address.
_ELSEWHERE = re.compile(
    r"\s*((https?|ftps?|sftp|s3[an]?|gs|gcs|abfss?|wasbs?|adl|az|azure|hdfs|dbfs|viewfs|webdavs?|sharepoint|file|smb):/)",
    re.I,
)


def refuse_elsewhere(source: object) -> None:
    """Say that what lies on the web or in a cloud is to be downloaded; nothing but the kind of the address is shown.

    Raises
    ------
    NothingToRead
        If the source is such an address, or an empty text.
    """
    # Nothing would be the folder that one stands in.
    if isinstance(source, str) and not source.strip():
        raise NothingToRead.nothing()
    if isinstance(source, str) and (found := _ELSEWHERE.match(source)) and not is_there(Path(source)):
        raise NothingToRead.elsewhere(f"{found[2].lower()}://")


def printable(path: object) -> str:
    """A name as it can be printed and stored: signs that are none in UTF-8 are replaced."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "\ufffd")


def called(path: Path) -> str:
    """What to call a file in tables, notes and messages."""
    if str(path) in STDIN:
        return "stdin"
    return f"pipe {path.name}" if str(path.parent) in _PIPES else printable(path.name)


def is_there(path: Path) -> bool:
    """Whether something has this name; never an error, however strange the name."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Whether a folder has this name; never an error, however strange the name."""
    return is_there(path) and path.is_dir()


@contextmanager
def told(path: Path, name: str) -> Iterator[None]:
    """Say in a sentence why a file cannot be opened or read.

    Raises
    ------
    NothingToRead, UnreadableFile, EngineTrouble
        Instead of what the system raises.
    """
    try:
        yield
    except PermissionError:
        raise UnreadableFile.forbidden(name) from None
    except L2CError:
        raise
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(path, name) from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENAMETOOLONG, errno.EBADF):
            raise _missing(path, name) from None
        if error.errno == errno.ENOSPC:
            raise EngineTrouble.disk(tempfile.gettempdir()) from None
        raise UnreadableFile.failed(name, error.strerror or type(error).__name__) from None


@contextmanager
def regular(path: Path) -> Iterator[Path]:
    """Lend a regular file with the content of the source, under a name that every library takes.

    A pipe can be read only once, while a file is looked into several times; so what it gives is kept in a file.

    Raises
    ------
    NothingToRead, UnreadableFile
        If nothing is there, or it is no file: a folder, a socket, a device, a link that leads nowhere.
    """
    name = called(path)
    is_stdin = str(path) in STDIN
    # Where standard input was closed, its number has gone to some file of our own.
    if "\0" in str(path) or (is_stdin and sys.__stdin__ is None):
        raise NothingToRead.not_there(printable(path)[-LONGEST_NAME:])
    with told(path, name):
        mode = os.fstat(0).st_mode if is_stdin else path.stat().st_mode
    if stat.S_ISREG(mode) and not is_stdin and printable(path) == str(path):
        yield path
        return
    kinds = {stat.S_ISDIR: "a folder", stat.S_ISSOCK: "a socket", stat.S_ISBLK: "a device", stat.S_ISCHR: "a device"}
    kind = next((word for test, word in kinds.items() if test(mode)), None)
    if is_stdin and (kind == "a socket" or os.isatty(0)):
        kind = None
    if kind and _is_void(path, is_stdin):
        raise UnreadableFile.empty(name)
    if kind:
        raise UnreadableFile.not_a_file(name, kind)
    with tempfile.TemporaryDirectory(prefix="l2c-") as folder:
        target = Path(folder) / "source"
        with told(path, name):
            if stat.S_ISREG(mode) and not is_stdin and os.name == "posix":
                target.symlink_to(path.absolute())
            else:
                _copied(path, is_stdin, target, name)
        yield target


def _missing(path: Path, name: str) -> L2CError:
    try:
        return UnreadableFile.broken_link(name, printable(os.readlink(path)))
    except (OSError, ValueError, AttributeError):
        return NothingToRead.not_there(printable(path)[-LONGEST_NAME:])


def _is_void(path: Path, is_stdin: bool) -> bool:
    """Whether it is the device that is always empty."""
    void, here = os.stat(os.devnull), os.fstat(0) if is_stdin else path.stat()
    return stat.S_ISCHR(here.st_mode) and here.st_rdev == void.st_rdev


def _copied(path: Path, is_stdin: bool, target: Path, name: str) -> None:
    """Keep in a file what a pipe, or standard input, gives."""
    stream = os.dup(0) if is_stdin else os.open(path, os.O_RDONLY | NONBLOCK)
    with os.fdopen(stream, "rb", buffering=0) as source, target.open("wb") as out:
        size = 0 if is_stdin or not NONBLOCK else out.write(_begun(stream, name))
        while part := source.read(1 << 20):
            size += len(part)
            # A pipe may give no more than a packed file may unpack to.
            if size > LARGEST_UNPACKED:
                raise UnreadableFile.endless(name)
            out.write(part)


def _begun(stream: int, name: str) -> bytes:
    """Wait until somebody writes into a pipe: without a writer, reading would wait for ever, or find nothing at once."""
    first = b""
    if not select.select([stream], [], [], PATIENCE)[0]:
        try:
            first = os.read(stream, 1 << 16)
        except BlockingIOError:
            # Somebody holds the other end, and is not ready yet.
            os.set_blocking(stream, True)
            return b""
        if not first:
            raise UnreadableFile.silent(name, PATIENCE)
    os.set_blocking(stream, True)
    return first
