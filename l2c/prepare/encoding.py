"""In which encoding is a text written, and what of it is broken?"""

from __future__ import annotations

import re

import polars as pl

from l2c.prepare import codepages
from l2c.words.errors import UnreadableFile
from l2c.words.notes import Note

# Signs that part the cells of a row, of which the text of a table is full.
DELIMITERS = (",", "\t", ";", "|")
# The longer mark first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"), (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip
_BOM = b"\xef\xbb\xbf"
_BROKEN = "\ufffd"
# A text may hold so many NULs; what holds more is none.
_NULS = 0.05
_LINES = 3


def utf8(data: bytes, name: str) -> tuple[list[Note], bytes]:
    """What to say of the encoding that a file came in, and its content as UTF-8; plain UTF-8 is checked, not copied.

    A few broken bytes are replaced by U+FFFD, and NULs left out; the notes name the lines.

    Raises
    ------
    UnreadableFile
        If the content is no text.
    """
    if data.isascii() and not (b"\0" in data or b"\x1b" in data) and _control(data[:4000]) <= 0.05:
        # Most files are: what is ASCII is UTF-8 too, and told at once.
        return [], data
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    if marked is None and _is_utf8(data) and _control(data[:4000]) <= 0.05:
        notes, plain = list[Note](), data
    else:
        notes, plain = _decoded(data, marked, name)
    if b"\0" in plain:
        notes, plain = (
            [*notes, Note("nuls", n=plain.count(b"\0"), lines=_lines(plain, b"\0"))],
            plain.replace(b"\0", b""),
        )
    # Where files were put one behind the other, their marks stand at the beginning of a line.
    if b"\xef" in plain and _BOM in plain:
        while plain.startswith(_BOM):
            plain = plain.removeprefix(_BOM)
        plain = plain.replace(b"\n" + _BOM, b"\n")
    return notes, plain


def _is_utf8(data: bytes) -> bool:
    if b"\0" in data:
        return False
    try:
        # Polars checks several times as fast as Python.
        pl.Series([data]).cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return b"\x1b" not in data or b"\x1b$" not in data


def _decoded(data: bytes, marked: str | None, name: str) -> tuple[list[Note], bytes]:
    """What to say, and the text as UTF-8, NULs among it."""
    encoding = marked or _wide(data)
    if encoding is None and (data.rstrip(b"\0").count(b"\0") > _NULS * len(data) or _control(data[:4000]) > 0.05):
        raise UnreadableFile.not_text(name)
    notes: list[Note] = []
    if encoding is None:
        bare = data.replace(b"\0", b"")
        if _is_utf8(bare):
            return [], data
        if _is_broken_utf8(bare):
            encoding = "utf-8"
        else:
            encoding, notes = codepages.told(bare)
    text = data.decode(encoding, "replace")
    broken = text.count(_BROKEN) - (data.count(_BROKEN.encode()) if encoding.startswith("utf-8") else 0)
    # In UTF-16 and UTF-32 nearly every NUL is half of a sign.
    if broken > 3 + len(text) / 100 or (encoding[:6] in ("utf-16", "utf-32") and _control(text[:4000].encode()) > 0.05):
        raise UnreadableFile.not_text(name)
    plain = text.encode()
    if encoding not in ("utf-8", "utf-8-sig"):
        notes = [Note("encoding", encoding=codepages.NAMES.get(encoding, encoding)), *notes]
    if broken:
        notes.append(Note("broken_bytes", n=broken, lines=_lines(plain, _BROKEN.encode())))
    return notes, plain


def _wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 that no mark tells of: there the signs of ASCII, of which a table is full, have zeros beside them."""
    head = data[:4000]
    if b"\0" not in head:
        return None
    if head.count(0) > 0.6 * len(head):
        encoding = "utf-32-be" if head.startswith(b"\0") else "utf-32-le"
    else:
        encoding = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    text = head.decode(encoding, "replace")
    is_table = any(sign in text for sign in DELIMITERS) and 2 * text.count("\n") >= head.count(b"\n")
    return encoding if is_table and "\0" not in text else None


def _is_broken_utf8(data: bytes) -> bool:
    """Whether a text is UTF-8 but for a few bytes: hardly anything else has signs of several bytes of that form."""
    text = data.decode("utf-8", "replace")
    broken = text.count(_BROKEN) - data.count(_BROKEN.encode())
    whole = "".join(re.findall(r"[^\x00-\x7f]+", text)).replace(_BROKEN, "")
    # Two bytes of another script may look like one sign by chance, but then like one of any script.
    enough = broken if re.fullmatch("[\xa0-\u024f\u2010-\u203a\u20ac]+", whole) else 3 * broken
    return broken > 0 and enough <= len(whole)


def _lines(plain: bytes, what: bytes) -> str:
    """The first lines in which something stands."""
    found: list[int] = []
    at = plain.find(what)
    while at >= 0 and len(found) <= _LINES:
        found.append(plain.count(b"\n", 0, at) + 1)
        end = plain.find(b"\n", at)
        at = plain.find(what, end) if end >= 0 else -1
    return ", ".join(str(line) for line in found[:_LINES]) + (", …" if len(found) > _LINES else "")


def _control(head: bytes) -> float:
    return sum(1 for b in head if 0 < b < 9 or 13 < b < 32) / max(len(head), 1)
