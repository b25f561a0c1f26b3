"""How does the template look in Excel?"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from l2c.prepare.template_fields import (
    Cell,
    Field,
    Lang,
    deal_columns,
    deal_rows,
    event_columns,
    event_rows,
    said,
    texts,
)
from l2c.words import vocabulary

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

# A template is the same file whenever it is made.
BORN = datetime(2025, 1, 1)
LAST_ROW = 1_048_576
COLOURS = {"required": "1F4E79", "recommended": "2E75B6", "optional": "7F8C99"}
EXAMPLE_FILL, EXAMPLE_INK = "F2F2F2", "6B6B6B"


def workbook(lang: Lang) -> bytes:
    """Make the workbook: guide, event log, activities, attributes, one row per deal.

    Returns
    -------
    The file's content. Its parts are the same whenever it is made; how they are packed is up to zlib's version.
    """
    return _bytes(_workbook(lang))


def _workbook(lang: Lang) -> Workbook:
    from openpyxl import Workbook

    names = {part: name[lang] for part, name in texts()["sheets"].items()}
    book = Workbook()
    book.remove(book.active)
    sheets = {part: book.create_sheet(name) for part, name in names.items()}
    _guide(sheets["guide"], lang)
    choices = f"'{names['activities']}'!$A$2:$A${len(vocabulary.activities()) + 1}"
    _table(sheets["events"], event_columns(lang), event_rows(lang), lang, choices)
    _table(sheets["deals"], deal_columns(lang), deal_rows(lang), lang, choices)
    _list(sheets["activities"], texts()["activity_table"][lang], _activity_list(lang), lang)
    _list(sheets["attributes"], texts()["attribute_table"][lang], _attribute_list(lang), lang)
    book.active = 0
    book.properties.creator = "l2c"
    book.properties.title = texts()["guide"][lang][0][1]
    book.properties.created = BORN
    return book


def _table(sheet: Worksheet, fields: Sequence[Field], rows: Sequence[Sequence[Cell]], lang: Lang, choices: str) -> None:
    """Lay out a table to fill in: header with notes, typed and checked columns, the examples in grey."""
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    font = texts()["font"][lang]
    for number, field in enumerate(fields, 1):
        letter = get_column_letter(number)
        cell = sheet.cell(1, number, field.header)
        cell.font = Font(name=font, bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=COLOURS[field.level])
        cell.alignment = Alignment(horizontal=_side(field), vertical="center", wrap_text=True)
        cell.comment = Comment(field.note, "l2c", width=320, height=130)
        sheet.column_dimensions[letter].width = _width(field)
        sheet.column_dimensions[letter].number_format = _format(field, lang)
        sheet.column_dimensions[letter].font = Font(name=font)
        sheet.column_dimensions[letter].alignment = aligned = Alignment(
            horizontal=_side(field), indent=field.kind == "money"
        )
        _check(sheet, field, f"{letter}2:{letter}{LAST_ROW}", lang, choices)
        for row_number, row in enumerate(rows, 2):
            example = sheet.cell(row_number, number, row[number - 1])
            example.number_format = _format(field, lang)
            example.alignment = aligned
            example.font = Font(name=font, color=EXAMPLE_INK)
            example.fill = PatternFill("solid", fgColor=EXAMPLE_FILL)
    sheet.sheet_format.defaultRowHeight, sheet.sheet_format.customHeight = 18, True
    sheet.row_dimensions[1].height = 34
    sheet.freeze_panes = "B2"


def _width(field: Field) -> float:
    by_kind = {"text": 16, "time": 20, "money": 14, "fraction": 10, "flag": 12, "days": 14, "number": 12}
    if field.id == "activity":
        return 30
    return 15 if field.is_date or field.id == "due_date" else by_kind[field.kind]


def _side(field: Field) -> str:
    """Where values stand in their column; numbers to the right, dates and the like in the middle."""
    if field.kind == "money":
        return "right"
    return "left" if field.kind == "text" else "center"


def _format(field: Field, lang: Lang) -> str:
    """Excel's number format; text stays text, so that 00123 and 1E5 survive as ids."""
    if field.is_date or field.id == "due_date":
        return "yyyy-mm-dd"
    if field.kind == "money":
        money: str = texts()["money_format"][lang]
        return money
    return {"time": "yyyy-mm-dd hh:mm:ss", "fraction": "0.0%", "days": "0", "number": "General"}.get(field.kind, "@")


def _check(sheet: Worksheet, field: Field, cells: str, lang: Lang, choices: str) -> None:
    """Let Excel help and warn, never refuse: own names of activities and other forms of dates are read too."""
    from openpyxl.worksheet.datavalidation import DataValidation

    hints = texts()["notes"]
    if field.id == "activity":
        check, hint = DataValidation(type="list", formula1=choices), "activity_hint"
    elif field.kind == "flag":
        check, hint = DataValidation(type="list", formula1=f'"{",".join(texts()["flags"][lang])}"'), "flag_hint"
    elif field.kind == "time":
        check, hint = DataValidation(type="date", operator="greaterThanOrEqual", formula1="25569"), "time_hint"
    elif field.kind == "fraction":
        check, hint = DataValidation(type="decimal", operator="between", formula1="0", formula2="1"), "fraction_hint"
    elif field.kind in ("money", "days", "number"):
        check, hint = DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0"), "number_hint"
    else:
        return
    check.allow_blank = True
    check.errorStyle = "information" if field.id == "activity" else "warning"
    check.showErrorMessage = True
    check.errorTitle, check.error = field.header[:32], hints[hint][lang]
    check.add(cells)
    sheet.add_data_validation(check)


def _activity_list(lang: Lang) -> list[list[str]]:
    other: Lang = "en" if lang == "ja" else "ja"
    phases = {phase.id: phase for phase in vocabulary.phases()}
    return [
        [
            said(lang, a),
            said(other, a),
            vocabulary.label(a.level, lang),
            getattr(phases[a.phase], lang),
            said(lang, a, "meaning"),
            said(lang, a, "why"),
            "\n".join(map(str, a.salesforce)),
            ", ".join(a.aliases),
        ]
        for a in vocabulary.activities()
    ]


def _attribute_list(lang: Lang) -> list[list[str]]:
    other: Lang = "en" if lang == "ja" else "ja"
    return [
        [
            said(lang, a),
            said(other, a),
            vocabulary.label(a.level, lang),
            texts()["kinds"][a.kind][lang],
            said(lang, a, "meaning"),
            said(lang, a, "why"),
            "\n".join(map(str, a.salesforce)),
            ", ".join(a.aliases),
            ", ".join(a.examples),
        ]
        for a in vocabulary.attributes()
    ]


def _list(sheet: Worksheet, headers: Sequence[str], rows: Sequence[Sequence[str]], lang: Lang) -> None:
    """Lay out a table to look things up in."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    font = texts()["font"][lang]
    widths = [28, 22, 14, 15, 36, 38, 48, 62] if len(headers) == 8 else [24, 18, 14, 20, 36, 38, 42, 62, 24]
    for number, (header, width) in enumerate(zip(headers, widths, strict=True), 1):
        cell = sheet.cell(1, number, header)
        cell.font = Font(name=font, bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=COLOURS["required"])
        sheet.column_dimensions[get_column_letter(number)].width = width
    for row_number, row in enumerate(rows, 2):
        for number, text in enumerate(row, 1):
            cell = sheet.cell(row_number, number, text)
            cell.font = Font(name=font, bold=number == 1)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            cell.border = Border(bottom=Side("hair", color=COLOURS["optional"]))
        lines = max(_lines(text, width) for text, width in zip(row, widths, strict=True))
        sheet.row_dimensions[row_number].height = 16 * lines + 4
    sheet.freeze_panes = "B2"
    _printed(sheet, pages=0)
    sheet.print_title_rows = "1:1"


def _guide(sheet: Worksheet, lang: Lang) -> None:
    """Write the first sheet: what to do, in two columns."""
    from openpyxl.styles import Alignment, Font, PatternFill

    font = texts()["font"][lang]
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 22, 100
    sheet.sheet_view.showGridLines = False
    for number, (kind, first, *rest) in enumerate(texts()["guide"][lang], 1):
        cell = sheet.cell(number, 1, first)
        cell.alignment = Alignment(vertical="top", wrap_text=kind == "row")
        if kind == "title":
            cell.font = Font(name=font, bold=True, size=18, color=COLOURS["required"])
            sheet.row_dimensions[number].height = 30
        elif kind == "head":
            cell.font = Font(name=font, bold=True, size=13, color=COLOURS["required"])
            sheet.row_dimensions[number].height = 30
            cell.alignment = Alignment(vertical="bottom")
        elif kind in COLOURS:
            cell.value = vocabulary.label(kind, lang)
            cell.font = Font(name=font, bold=True, color="FFFFFF")
            cell.fill = PatternFill("solid", fgColor=COLOURS[kind])
        else:
            text = rest[0] if rest else first
            cell.font = Font(name=font, bold=bool(rest))
            if rest:
                sheet.cell(number, 2, text).alignment = Alignment(vertical="top", wrap_text=True)
                sheet.cell(number, 2).font = Font(name=font)
            else:
                sheet.merge_cells(start_row=number, end_row=number, start_column=1, end_column=2)
                cell.alignment = Alignment(vertical="top", wrap_text=True)
            sheet.row_dimensions[number].height = 16 * _lines(text, 100 if rest else 122) + 4
    _printed(sheet, pages=1)


def _lines(text: str, width: float) -> int:
    """Estimate how many lines a wrapped text takes in a column: a Latin letter is narrower than Excel's unit."""
    import unicodedata

    def long(line: str) -> float:
        return sum(2.1 if unicodedata.east_asian_width(c) in "WF" else 0.85 for c in line)

    return sum(max(1, math.ceil(long(line) / width)) for line in text.split("\n"))


def _printed(sheet: Worksheet, *, pages: int) -> None:
    """Fit a sheet to the width of a page, and to a number of pages unless that is 0."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, pages
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _bytes(book: Workbook) -> bytes:
    """Save a workbook without the time of writing, which openpyxl stamps on it."""
    raw = io.BytesIO()
    book.save(raw)
    fixed = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(fixed, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                stamp = BORN.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            entry = zipfile.ZipInfo(name, date_time=BORN.timetuple()[:6])
            target.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
