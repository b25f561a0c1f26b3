"""Is a word in what was handed out? Every file is looked into: tables, pages, pictures inside pages, archives."""

import base64
import binascii
import gzip
import html
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow.parquet

EMBEDDED = re.compile(r"data:[\w/+.-]+;(?:charset=[\w-]+;)?base64,([A-Za-z0-9+/=\s]+)")


def found(folder: Path, words: Iterable[str]) -> list[tuple[str, str]]:
    """Which words stand in which file of a folder, or in its name; places relative to the folder."""
    hits = []
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).as_posix()
        text = place + "\n" + ("\n".join(texts(path.read_bytes(), path.suffix)) if path.is_file() else "")
        folded = text.casefold()
        hits += [(place, word) for word in words if word.casefold() in folded and _stands(word.casefold(), folded)]
    return hits


def _stands(word: str, text: str) -> bool:
    """Whether a word stands in a text: a short one by itself, since chance makes any four letters in a packed picture."""
    return len(word) > 6 or re.search(rf"(?<![a-z0-9+/]){re.escape(word)}(?![a-z0-9+/=])", text) is not None


def texts(data: bytes, suffix: str) -> Iterator[str]:
    """Everything that can be read in a file, however it is packed or written."""
    if data[:4] == b"PAR1":
        table = pyarrow.parquet.read_table(io.BytesIO(data))
        yield "\n".join(map(str, table.schema.metadata or {}))
        yield from ("\n".join(map(str, column.to_pylist())) for column in table.columns)
        # What a reader does not see may still lie in the file: names in a dictionary, smallest and largest values.
        yield data.decode("latin-1") + data.decode("utf-8", "ignore")
        return
    if data[:2] == b"\x1f\x8b":
        yield from texts(gzip.decompress(data), suffix)
        return
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name
                yield from texts(archive.read(name), Path(name).suffix)
        return
    text = data.decode("utf-8-sig", "replace")
    for form in {text, html.unescape(text), _unescaped(text)}:
        yield form
        for packed in EMBEDDED.findall(form):
            try:
                yield from texts(base64.b64decode("".join(packed.split())), "")
            except (binascii.Error, ValueError):
                continue


def _unescaped(text: str) -> str:
    r"""JSON's \u7530 as the sign it stands for."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m.group(1), 16)), text)
