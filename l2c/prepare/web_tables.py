"""Which tables stand in a web page? Salesforce and many others write one, and call it .xls."""

from __future__ import annotations

import email
import re
from email import policy
from html.parser import HTMLParser
from typing import Any

from l2c.prepare import spreadsheet
from l2c.prepare.encoding import utf8
from l2c.prepare.table import Table
from l2c.words.errors import OtherKind

_PAGE = re.compile(
    r"(<\?xml[^>]*\?>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|meta|title|style|script|table|form|div)\b",
    re.I | re.S,
)
_MAIL = re.compile(r"(?:[A-Za-z][\w-]*:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*)+")
_CHARSET = re.compile(rb"""charset\s*=\s*["']?([\w-]+)""", re.I)
_SPACE = re.compile(r"[ \t\r\n\f\v]+")
Rows = list[list[Any]]


def is_page(head: str) -> bool:
    """Whether a text begins as a web page does."""
    return _PAGE.match(head) is not None


def is_mail(head: str) -> bool:
    """Whether a text begins with the lines that head an e-mail or a web archive."""
    found = _MAIL.match(head)
    return (
        found is not None and re.search(r"(?im)^(mime-version|content-type|received|message-id):", found[0]) is not None
    )


def page(data: bytes, name: str) -> list[Table]:
    """Read the tables of a web page.

    Parameters
    ----------
    data
        The file's content.
    name
        What to call it.

    Raises
    ------
    OtherKind
        If there is no table in it, as in a log-in page.
    """
    text = _text(data, name)
    found = _Tables()
    found.feed(text)
    found.close()
    filled = [rows for rows in found.tables if _is_data(rows)]
    if not filled or found.asks_password:
        raise OtherKind.web_page(name, found.title.strip()[:80])
    return _made(filled, name)


def archive(data: bytes, name: str) -> list[Table]:
    """Read the tables of a web archive (MHTML), as Excel and browsers save pages.

    Raises
    ------
    OtherKind
        If it is an e-mail, or there is no table in it.
    """
    message: Any = email.message_from_bytes(data, policy=policy.default)
    filled: list[Rows] = []
    for part in message.walk():
        if part.get_content_type() == "text/html":
            found = _Tables()
            found.feed(_text(part.get_payload(decode=True) or b"", name, part.get_content_charset()))
            filled += [rows for rows in found.tables if _is_data(rows)]
    if not filled:
        raise (
            OtherKind.mail(name, "MIME")
            if message["From"] and message["To"]
            else OtherKind.web_page(name, str(message["Subject"] or ""), "MHTML")
        )
    return _made(filled, name)


def _made(filled: list[Rows], name: str) -> list[Table]:
    return [
        spreadsheet.table(spreadsheet.even(rows), name if len(filled) == 1 else f"{name} › table {n}")
        for n, rows in enumerate(filled, 1)
    ]


def _is_data(rows: Rows) -> bool:
    """Whether a table holds more than the layout of a page: two rows at least, of two filled cells."""
    return sum(sum(1 for cell in row if cell != "") > 1 for row in rows) > 1


def _text(data: bytes, name: str, charset: str | None = None) -> str:
    """The text of a page, in the encoding that it names where that is right."""
    said = _CHARSET.search(data[:4000])
    for encoding in (
        None if data[:2] in (b"\xff\xfe", b"\xfe\xff") else charset,
        "utf-8",
        said and said[1].decode("ascii"),
    ):
        try:
            if encoding:
                # Browsers take Latin-1 for what Windows makes of it.
                return data.decode("cp1252" if re.fullmatch(r"(?i)iso-8859-1|latin-?1", encoding) else encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return utf8(data, name)[1].decode("utf-8")


class _Tables(HTMLParser):
    """The cells of every table of a page; of tables within tables each stands for itself."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Rows] = []
        self.title, self.asks_password = "", False
        self._open: list[_Grid] = []
        self._silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        given = dict(attrs)
        if tag in ("script", "style", "title"):
            self._silent = tag
        elif tag == "input" and (given.get("type") or "").lower() == "password":
            self.asks_password = True
        elif tag == "table":
            self._open.append(_Grid())
            self.tables.append(self._open[-1].rows)
        elif self._open and tag == "tr":
            self._open[-1].begin_row()
        elif self._open and tag in ("td", "th"):
            self._open[-1].begin_cell(_number(given.get("colspan")), _number(given.get("rowspan")))
        elif self._open and tag in ("br", "p", "div", "li"):
            self._open[-1].add(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a table, a row or a cell."""
        if tag == self._silent:
            self._silent = ""
        elif self._open and tag in ("td", "th", "tr"):
            self._open[-1].end_cell()
        elif self._open and tag == "table":
            self._open.pop().end_cell()

    def handle_data(self, data: str) -> None:
        """Add text to the cell that is open."""
        if self._silent == "title":
            self.title += data
        elif not self._silent and self._open:
            self._open[-1].add(data)

    def close(self) -> None:
        """End what the page does not: one that was cut off has its last cell all the same."""
        super().close()
        for grid in self._open:
            grid.end_cell()


def _number(said: str | None) -> int:
    return min(max(int(said), 1), 1000) if said and said.strip().isdigit() else 1


class _Grid:
    """The rows of one table; a cell that reaches down over several stands in each, one that reaches right in the first."""

    def __init__(self) -> None:
        self.rows: Rows = []
        self._text: list[str] | None = None
        self._wide, self._long = 1, 1
        self._below: dict[int, tuple[int, str]] = {}  # rows that a cell still reaches down, and its text, by column

    def begin_row(self) -> None:
        self.end_cell()
        self.rows.append([])
        self._below = {at: (left - 1, text) for at, (left, text) in self._below.items() if left > 1}

    def begin_cell(self, wide: int, long: int) -> None:
        self.end_cell()
        if not self.rows:
            self.rows.append([])
        self._text, self._wide, self._long = [], wide, long

    def add(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end_cell(self) -> None:
        if self._text is None:
            return
        row = self.rows[-1]
        while len(row) in self._below:
            row.append(self._below[len(row)][1])
        text = _SPACE.sub(" ", "".join(self._text).replace("\xa0", " ")).strip()
        if self._long > 1:
            self._below |= {len(row) + n: (self._long, text if not n else "") for n in range(self._wide)}
        row += [text, *[""] * (self._wide - 1)]
        self._text = None
