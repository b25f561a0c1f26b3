"""What data do I need? Templates to fill in, made from the vocabulary."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from l2c.prepare.template_fields import Cell, Field, Lang, deal_columns, deal_rows, event_columns, event_rows, texts


def templates(folder: str | Path, lang: Lang | None = None) -> list[Path]:
    """Write the templates that l2c reads without a question.

    Parameters
    ----------
    folder
        Where to; made if it is missing. Files of the same names are replaced.
    lang
        `en` or `ja`; both unless given.

    Returns
    -------
    The files, for each language: an Excel workbook (guide, event log, activities, attributes, one row per deal),
    the event log as CSV, and the table with one row per deal as CSV (in UTF-8 with the mark that Excel needs).
    """
    from l2c.prepare.workbook import workbook

    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    languages: tuple[Lang, ...] = ("en", "ja") if lang is None else (lang,)
    for each in languages:
        contents = {
            "workbook": workbook(each),
            "events": _csv(event_columns(each), event_rows(each)),
            "deals": _csv(deal_columns(each), deal_rows(each)),
        }
        for part, content in contents.items():
            path = place / texts()["files"][part].format(lang=each)
            path.write_bytes(content)
            written.append(path)
    return written


def _csv(fields: Sequence[Field], rows: Iterable[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(field.header for field in fields)
    for row in rows:
        writer.writerow(_plain(field, value) for field, value in zip(fields, row, strict=True))
    return text.getvalue().encode("utf-8-sig")


def _plain(field: Field, value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if field.id == "due_date" or field.is_date else "%Y-%m-%d %H:%M:%S")
    return f"{value:.0%}" if field.kind == "fraction" else str(value)
