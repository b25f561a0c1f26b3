"""Which files does an archive hold, and what lies in them?"""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from l2c.prepare import containers, kinds, sources
from l2c.words.errors import L2CError, UnreadableFile

SUFFIXES = {".zip", ".tar", ".tgz", ".tbz2", ".txz"}


class Member(NamedTuple):
    """A file of an archive: its name in there, and how to copy it elsewhere."""

    name: str
    size: int
    copy: Callable[[Path], None]


def may_be(path: Path) -> bool:
    """Whether a file is called like an archive."""
    return path.suffix.lower() in SUFFIXES or path.name.lower().endswith((".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst"))


@contextmanager
def opened(path: Path, name: str, kind: str) -> Iterator[list[Member]]:
    """Open an archive for as long as its files are copied.

    Parameters
    ----------
    path
        A regular file.
    name
        What to call it.
    kind
        `zip` or `tar`, as `kinds.of` tells it.

    Raises
    ------
    UnreadableFile
        If it is damaged, protected by a password, or would grow beyond all measure.
    """
    if kind == kinds.ZIP:
        with containers.archive(path, name) as packed:
            yield [_of_zip(packed, member, name) for member in packed.infolist() if not member.is_dir()]
        return
    try:
        with tarfile.open(path, "r:") as packed_:
            members = [member for member in packed_.getmembers() if member.isfile()]
            if len(members) > containers.MEMBERS:
                raise UnreadableFile.too_large(name)
            yield [_of_tar(packed_, member) for member in members]
    except L2CError:
        raise
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise UnreadableFile.damaged(name, kind) from error


def _of_zip(packed: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> Member:
    shown = sources.printable(_name(member).replace("\\", "/"))
    return Member(shown, member.file_size, lambda target: containers.unzipped(packed, member, target, name))


def _name(member: zipfile.ZipInfo) -> str:
    """The name of a member; without the flag of UTF-8 it is in the code page of whoever packed it."""
    if member.flag_bits & 0x800:
        return member.filename
    raw = member.filename.encode("cp437", "replace")
    for encoding in ("ascii", "utf-8", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def _of_tar(packed: tarfile.TarFile, member: tarfile.TarInfo) -> Member:
    def copy(target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        source = packed.extractfile(member)
        with target.open("wb") as out:
            while source is not None and (part := source.read(containers.PART)):
                out.write(part)

    return Member(sources.printable(member.name), member.size, copy)


def names(path: Path) -> list[str]:
    """The names of the files in an archive; none where it is none that can be opened: whoever reads it will say so."""
    # A pipe may be read only once, so it is not looked into here.
    if not path.is_file():
        return []
    name = sources.called(path)
    try:
        if zipfile.is_zipfile(path):
            with opened(path, name, kinds.ZIP) as members:
                return [member.name for member in members]
        with path.open("rb") as file:
            kind = kinds.of(file.read(kinds.FIRST))
        whole = io.BytesIO(containers.unpacked(path, name, kind) if kind in kinds.STREAMS else path.read_bytes())
        with tarfile.open(fileobj=whole) as packed:
            return packed.getnames()
    except (UnreadableFile, tarfile.TarError, EOFError):
        return []
