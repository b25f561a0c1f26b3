"""Which text do a link, a formula or markup show?"""

from __future__ import annotations

import html
import re
from dataclasses import replace

import polars as pl

from l2c.prepare import texts
from l2c.prepare.table import Table
from l2c.words.notes import Note

# What any of them has in it; whatever has none of these is plain.
_SIGNS = "<|&|^=|_HL_|_IM1_|_BR_E"
# How formula fields of Salesforce write HYPERLINK, IMAGE and BR: address, what is shown, and where or how large.
_LINK = re.compile(r"_HL_ENCODED_(?P<address>.*?)_HL_(?P<shown>.*?)_HL_.*?_HL_", re.DOTALL)
_IMAGE = re.compile(r"_IM1_.*?_IM2_(?P<shown>.*?)_IM3_\d*(?:_IM4_\d*)?(?:_IM5_)?", re.DOTALL)
# How spreadsheets write a link, and a text that must not be taken for a number.
_CELL = r'"(?P<{}>(?:[^"]|"")*)"'
_HYPERLINK = re.compile(
    rf"^=HYPERLINK\(\s*{_CELL.format('address')}\s*(?:[,;]\s*(?:{_CELL.format('shown')}|(?P<bare>[^\"()]*))\s*)?\)$",
    re.IGNORECASE,
)
_TEXT = re.compile(rf"^={_CELL.format('shown')}$")
_TAGS = (
    "a|abbr|address|b|big|blockquote|body|br|center|code|div|em|font|h[1-6]|head|hr|html|i|img|li|meta|ol|p|pre|s|small|span|"
    "strike|strong|style|sub|sup|table|tbody|td|th|thead|tr|u|ul"
)
_UNSEEN = re.compile(r"<!--.*?-->|<(style|head)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_PICTURE = re.compile(r"<img\b[^<>]*?\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)')[^<>]*>", re.IGNORECASE)
_TAG = re.compile(rf"</?(?P<tag>{_TAGS})(?=[\s/>])(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*>", re.IGNORECASE)
# Tags within a line; any other one begins a line of its own.
_INLINE = frozenset(
    ["a", "abbr", "b", "big", "code", "em", "font", "i", "s", "small", "span", "strike", "strong", "sub", "sup", "u"]
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)


def may_be_in(data: bytes) -> bool:
    """Whether the content of a file may hold any of them; most files do not."""
    if any(sign in data for sign in (b"<", b"&", b"=")):
        return True
    # One byte is sought several times as fast as several.
    below = data.find(b"\n") + 1
    return data.find(b"_", below) >= 0 and any(data.find(sign, below) >= 0 for sign in (b"_ENCODED_", b"_IM1_"))


def shown(text: str) -> str:
    """The text that a cell shows: the label of a link, the words of an image, a text without its tags.

    Parameters
    ----------
    text
        A cell, such as `_HL_ENCODED_/001…_HL_EMEA_HL__blank_HL_`, `=HYPERLINK("https://…","EMEA")`, `<p>R&amp;D</p>` or
        `="0012"`.
    """
    if text.startswith("="):
        found = _HYPERLINK.match(text) or _TEXT.match(text)
        if found is None:
            return text
        parts = found.groupdict()
        label = (parts["shown"] or parts.get("bare") or parts.get("address") or "").strip()
        return label.replace('""', '"')
    if "_IM1_" in text:
        text = _IMAGE.sub(lambda m: m["shown"], text)
    if "_HL_" in text:
        text = _LINK.sub(lambda m: m["shown"].strip() or m["address"], text)
    text = text.replace("_BR_ENCODED_", " ")
    if _TAG.search(text):
        text = _PICTURE.sub(lambda m: m[1] or m[2] or "", _UNSEEN.sub("", text))
        text = _TAG.sub(lambda m: "" if m["tag"].lower() in _INLINE else " ", text)
        text = " ".join(_ENTITY.sub(lambda m: html.unescape(m.group()), text).split())
    elif "&" in text:
        text = _ENTITY.sub(lambda m: html.unescape(m.group()), text)
    return text.replace("\xa0", " ").strip() if "\xa0" in text else text.strip()


def plain(table: Table) -> Table:
    """Read the cells of a table as the text that they show, with a note on each column in which any changed."""
    columns, notes = [], [*table.notes]
    for column in table.frame.get_columns():
        if column.dtype != pl.String and not isinstance(column.dtype, pl.Categorical):
            continue
        known = texts.every(column) if isinstance(column.dtype, pl.Categorical) else column
        marked = known.str.contains(_SIGNS).fill_null(False)
        if not marked.any():
            continue
        changed = {text: shown(text) for text in known.filter(marked).unique().to_list()}
        changed = {text: meant for text, meant in changed.items() if text != meant}
        if not changed:
            continue
        n = int(column.cast(pl.String).is_in(list(changed)).sum())
        others = texts.stripped(known.replace(changed))
        columns.append(texts.replaced(column, known, others) if known is not column else others)
        notes += [Note("markup", column=column.name, n=n)] if n else []
    return replace(table, frame=table.frame.with_columns(columns), notes=tuple(notes)) if columns else table
