"""In which encoding is a text written, Japanese ones among them?"""

from __future__ import annotations

import re

import polars as pl

from l2c.words.errors import UnreadableFile

# Signs that part the cells of a row, of which the text of a table is full.
DELIMITERS = (",", "\t", ";", "|")


def utf8(data: bytes, name: str) -> tuple[str, bytes]:
    """The encoding that a file came in, and its content as UTF-8; plain UTF-8 is checked, not copied.

    Raises
    ------
    UnreadableFile
        If the content is no text.
    """
    marked = data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"))
    if not marked and b"\0" not in data and _control(data[:4000]) <= 0.05:
        try:
            # What is ASCII is UTF-8 too, and told at once.
            _ = data.isascii() or pl.Series([data]).cast(pl.String)
            return "utf-8", data
        except pl.exceptions.PolarsError:
            pass
    encoding, text = _decoded(data, name)
    return encoding, text.encode()


def _decoded(data: bytes, name: str) -> tuple[str, str]:
    """The text, and the encoding that makes it one."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return ("utf-8" if encoding == "utf-8-sig" else encoding), data.decode(encoding)
            except UnicodeDecodeError:
                raise UnreadableFile.not_text(name) from None
    head = data[:4000]
    if b"\0" in head:
        # In UTF-16 the signs of ASCII, of which a table is full, have a zero for their other byte.
        encoding = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        text = _strictly(data, encoding)
        if text is not None and any(sign in text for sign in DELIMITERS) and _control(text[:4000].encode()) <= 0.01:
            return encoding, text
    if b"\0" in data or _control(head) > 0.05:
        raise UnreadableFile.not_text(name)
    try:
        return "utf-8", data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    found = [(encoding, text) for encoding in ("cp932", "euc_jp") if (text := _strictly(data, encoding)) is not None]
    if found:
        encoding, text = max(found, key=lambda pair: _japanese(pair[1]))
        if _japanese(text) > 0:
            return encoding, text
    text = data.decode("cp1252", "replace")
    if text.count("\ufffd") > len(text) / 100:
        text = data.decode("latin-1")
    return "cp1252 (Latin-1)", text


def _control(head: bytes) -> float:
    return sum(1 for b in head if b < 9 or 13 < b < 32) / max(len(head), 1)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _japanese(text: str) -> float:
    """How Japanese a decoded text looks: kana and common signs, less what only wrong decodings are full of."""
    sample = text[:200_000]
    kana = len(re.findall(r"[\u3040-\u30ff\u3001\u3002\uff01-\uff5e]", sample))
    kanji = len(re.findall(r"[\u4e00-\u9fff]", sample))
    halfwidth = len(re.findall(r"[\uff61-\uff9f]", sample))
    strange = len(re.findall(r"[\ue000-\uf8ff\u0080-\u009f\u2500-\u257f\u0370-\u04ff]", sample))
    latin = len(re.findall(r"[a-zA-Z](?=[\u4e00-\u9fff\uff61-\uff9f])[\u4e00-\u9fff\uff61-\uff9f](?=[a-zA-Z])", sample))
    return 2 * kana + kanji - 2 * halfwidth - 5 * strange - 5 * latin
