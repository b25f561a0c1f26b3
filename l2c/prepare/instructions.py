"""What does the user say about the columns of a source?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from l2c.log.columns import DERIVED
from l2c.prepare import mapping_file, options, values
from l2c.prepare.mapping_file import Document, Given
from l2c.words.errors import BadMapping, BadOption, BadTimeZone

KEYS = ("version", "columns", "dates", "activities", "date_format", "time_zone", "currency", "payment_terms")


@dataclass(frozen=True)
class Instructions:
    """What the user says about a source; it overrides everything found by evidence.

    Attributes
    ----------
    columns
        Header by attribute id.
    dates
        Header by activity, for a source with a row per deal.
    activities
        Activity of the vocabulary (or any name) by the name in the source.
    date_format, time_zone, currency
        How times without a zone and amounts are to be read.
    payment_terms
        What was agreed on all invoices of a source that says nothing of it itself, such as `2/10 net 30`.
    places
        Where each header is named, for messages.
    """

    columns: dict[str, str] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)
    activities: dict[str, str] = field(default_factory=dict)
    date_format: str | None = None
    time_zone: str = "UTC"
    currency: str | None = None
    payment_terms: str | None = None
    places: dict[str, str] = field(default_factory=dict)


def instructions(said: Given | Document | None) -> Instructions:
    """Read what the user says about the columns.

    Parameters
    ----------
    said
        A YAML file, its content, short text such as `"case_id=Deal No, time=When"`, or a document of `mapping_file.opened`.

    Raises
    ------
    BadMapping, BadOption
        If the file cannot be read or says something that is not understood; the message names the line.
    """
    document = mapping_file.opened(said)
    if document is None:
        return Instructions()
    if document.is_objects:
        raise BadMapping.of_objects(document.place())
    if unknown := [str(key) for key in document.content if key not in KEYS]:
        raise BadMapping.unknown(document.place(unknown[0]), unknown, KEYS)
    parts = {part: _texts(document, part) for part in ("columns", "dates", "activities")}
    for name in DERIVED & set(parts["columns"]):
        raise BadMapping.reserved(document.place("columns", name), name)
    rest = {
        key: str(document.texts[key]) for key in ("date_format", "time_zone", "currency") if document.content.get(key)
    }
    for key in rest:
        try:
            options.checked(**{key: rest[key]})
        except (BadOption, BadTimeZone) as error:
            raise type(error)(f"The mapping {document.place(key)}: {error}") from None
    if (agreed := document.texts.get("payment_terms")) is not None:
        if not isinstance(agreed, str | int) or values.days(pl.Series([str(agreed)])).unread[0]:
            raise BadMapping.form(document.place("payment_terms"), "payment_terms", agreed, "terms such as 2/10 net 30")
        rest["payment_terms"] = str(agreed)
    if "currency" in rest:
        rest["currency"] = rest["currency"].upper()
    places = {
        header: document.place(part, name) for part in ("columns", "dates") for name, header in parts[part].items()
    }
    return Instructions(**parts, **rest, places=places if document.lines else {})  # type: ignore[arg-type]


def _texts(document: Document, part: str) -> dict[str, str]:
    """A section of texts by name, as they stand in the file."""
    said = document.content.get(part)
    if said is None and document.texts.get(part) in (None, ""):
        return {}
    if not isinstance(said, Mapping):
        raise BadMapping.form(document.place(part), part, said, "names with values")
    for name, value in document.texts[part].items():
        if isinstance(value, (Mapping, list, tuple, set, bool)) or value is None or not str(value).strip():
            raise BadMapping.form(document.place(part, str(name)), str(name), value, "a text")
    return {str(name): str(value) for name, value in document.texts[part].items()}
