"""What does an XES file tell of its events?"""

from __future__ import annotations

import codecs
import re
from typing import Any

import polars as pl

from l2c.prepare import containers
from l2c.prepare.headers import XES_KEYS
from l2c.prepare.table import Table, no_rejected, numbered
from l2c.words import matching
from l2c.words.errors import OtherKind, UnreadableFile
from l2c.words.notes import Note

_KINDS = {"string", "date", "int", "float", "boolean", "id"}
_CASE = "case:"
_PART = 1 << 20
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"), (b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"),
)  # fmt: skip
_XML = re.compile(r"<(\?xml\b|!--|!DOCTYPE\s+([\w.-]+:)?log\b|([\w.-]+:)?log\b)")


def beginning(data: bytes) -> str:
    """The first signs of a file that may be XML, JSON or a web page, in whatever encoding, without what is blank."""
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "latin-1")
    return data[:20_000].decode(encoding, "ignore").lstrip("\ufeffï»¿ \r\n\t")


def is_xml(head: str) -> bool:
    """Whether a file begins as XML does."""
    return _XML.match(head) is not None


def events(data: bytes, name: str) -> Table:
    """Read a log in the XES standard (IEEE 1849): an event a row, attributes of the trace under `case:…`.

    Parameters
    ----------
    data
        The file's content.
    name
        What to call it.

    Raises
    ------
    UnreadableFile
        If the file is not well-formed, is no log, or declares entities: those are never resolved.
    """
    from lxml import etree

    found = _Events(name)
    parser = etree.XMLParser(target=found, resolve_entities=False, no_network=True, huge_tree=False)
    try:
        for at in range(0, len(data), _PART):
            parser.feed(data[at : at + _PART])
        parser.close()
    except (etree.XMLSyntaxError, ValueError) as error:
        if isinstance(error, UnreadableFile):
            raise
        # Without a tree there is no place for an entity, so the parser stops where one is declared, in any encoding.
        raise (UnreadableFile.entities(name) if found.has_doctype else UnreadableFile.damaged(name, "XES")) from error
    if not found.count:
        raise OtherKind.no_events(name)
    cells = found.columns.items()
    frame = pl.DataFrame([_series(key, column + [None] * (found.count - len(column))) for key, column in cells])
    if XES_KEYS[0] in frame.columns or any(matching.is_strong(header, "case_id") for header in frame.columns):
        return Table(name, frame, numbered(frame), no_rejected())
    frame = frame.with_columns(pl.Series(XES_KEYS[0], found.traces, dtype=pl.String))
    return Table(name, frame, numbered(frame), no_rejected(), (Note("traces_numbered"),))


class _Events:
    """The events of a log, told element by element, so that no tree is held."""

    def __init__(self, name: str) -> None:
        self.name, self.has_doctype = name, False
        self.columns: dict[str, list[Any]] = {}
        self.count = self._held = self._depth = self._traces = 0
        self.traces: list[str | None] = []  # the number of each event's trace
        self._trace: dict[str, str] | None = None
        self._event: dict[str, str] | None = None
        self._events: list[dict[str, str]] = []
        self._trace_at = self._event_at = 0

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        """Refuse what is declared elsewhere: it could not be resolved, and would be lost."""
        self.has_doctype = True
        if public or system:
            raise UnreadableFile.entities(self.name)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin a trace or an event, or add an attribute to it."""
        self._depth += 1
        element = tag.rpartition("}")[2]
        if self._event is not None:
            if self._depth == self._event_at + 1:
                self._add(self._event, "", element, attributes)
        elif self._trace is not None and self._depth == self._trace_at + 1 and element != "event":
            self._add(self._trace, _CASE, element, attributes)
        elif element == "event" and self._depth == (2 if self._trace is None else self._trace_at + 1):
            self._event, self._event_at = {}, self._depth
        elif element == "trace" and self._trace is None:
            self._trace, self._trace_at = {}, self._depth
            self._traces += 1

    def end(self, tag: str) -> None:
        """End a trace or an event."""
        if self._event is not None and self._depth == self._event_at:
            self._events.append(self._event)
            self._event = None
            if self._trace is None:
                # An event of no trace is a row without a case.
                self._laid_out({})
        elif self._trace is not None and self._depth == self._trace_at:
            self._laid_out(self._trace)
            self._trace = None
        self._depth -= 1

    def close(self) -> None:
        """Nothing is left to do."""

    def _add(self, row: dict[str, str], prefix: str, element: str, attributes: dict[str, str]) -> None:
        key, value = attributes.get("key"), attributes.get("value")
        if element in _KINDS and key is not None and value:
            row[prefix + key] = value
            self._held += 1

    def _laid_out(self, shared: dict[str, str]) -> None:
        for event in self._events:
            for key, value in (shared | event).items():
                column = self.columns.setdefault(key, [])
                if len(column) < self.count:
                    column.extend([None] * (self.count - len(column)))
                column.append(value)
            self.count += 1
            self.traces.append(f"{self._traces}" if self._trace is not None else None)
            containers.checked_room(self.count, len(self.columns), self._held, self.name)
        self._events = []


def _series(key: str, cells: list[Any]) -> pl.Series:
    # Values stay as written; the columns' meaning decides later how they are read.
    return pl.Series(key, cells, dtype=pl.String)
