"""What does the user say about the columns of a source?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from l2c.log.columns import DERIVED
from l2c.prepare import closing, mapping_file, options, values
from l2c.prepare.mapping_file import Document, Given
from l2c.words import matching, vocabulary
from l2c.words.actors import KINDS, kind_said
from l2c.words.errors import BadMapping, BadOption, BadTimeZone

KEYS = (
    "version", "columns", "dates", "activities", "actors", "date_format", "time_zone", "fiscal_year_starts", "currency",
    "payment_terms", "rows", "decimal", "system", "tables",
)  # fmt: skip
# What several rows of one deal may be said to be: lines whose amounts add up, or states, of which the last or the first counts.
ROWS_ARE = ("lines", "last", "first")

DECIMALS = {",": ",", ".": ".", "comma": ",", "point": "."}


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
    actors
        Kind (`person`, `automation`, `agent`) by the name of the performer.
    date_format, time_zone, currency
        How times without a zone and amounts are to be read; days, months and quarters are cut in this zone.
    decimal
        Sign before decimals, `.` or `,`, of numbers that do not show it.
    payment_terms
        What was agreed on all invoices of a source that says nothing of it itself, such as `2/10 net 30`.
    fiscal_year_starts
        Month in which the fiscal year begins.
    rows
        What several rows of one deal are: one of `ROWS_ARE`, or None where the rows must tell.
    places
        Where each header is named, for messages.
    """

    columns: dict[str, str] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)
    activities: dict[str, str] = field(default_factory=dict)
    actors: dict[str, str] = field(default_factory=dict)
    date_format: str | None = None
    time_zone: str = "UTC"
    fiscal_year_starts: int = 1
    currency: str | None = None
    payment_terms: str | None = None
    decimal: str | None = None
    rows: str | None = None
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
    parts["columns"], parts["dates"] = _dates_apart(document, parts["columns"], parts["dates"])
    parts["actors"] = performers(document)
    for name in DERIVED & set(parts["columns"]):
        raise BadMapping.reserved(document.place("columns", name), name)
    rows = parts["columns"].pop("rows", None) or document.texts.get("rows")
    if rows is not None and rows not in ROWS_ARE:
        raise BadMapping.form(document.place("rows"), "rows", rows, "one of " + ", ".join(ROWS_ARE))
    rest: dict[str, str | int] = {
        key: str(document.texts[key]) for key in ("date_format", "time_zone", "currency") if document.content.get(key)
    }
    for key in rest:
        try:
            options.checked(**{key: str(rest[key])})
        except (BadOption, BadTimeZone) as error:
            raise type(error)(f"The mapping {document.place(key)}: {error}") from None
    if (agreed := document.texts.get("payment_terms")) is not None:
        if not isinstance(agreed, str | int) or values.days(pl.Series([str(agreed)])).unread[0]:
            raise BadMapping.form(document.place("payment_terms"), "payment_terms", agreed, "terms such as 2/10 net 30")
        rest["payment_terms"] = str(agreed)
    if (decimal := document.texts.get("decimal")) is not None:
        rest["decimal"] = DECIMALS.get(str(decimal).strip().lower(), "")
        if not rest["decimal"]:
            raise BadMapping.form(document.place("decimal"), "decimal", decimal, "a comma or a point, in quotes")
    if document.content.get("fiscal_year_starts") is not None:
        try:
            rest["fiscal_year_starts"] = options.month(document.content["fiscal_year_starts"])
        except BadOption as error:
            raise BadOption(f"The mapping {document.place('fiscal_year_starts')}: {error}") from None
    if rows is not None:
        rest["rows"] = str(rows)
    if "currency" in rest:
        rest["currency"] = str(rest["currency"]).upper()
    places = {
        header: document.place(part, name) for part in ("columns", "dates") for name, header in parts[part].items()
    }
    return Instructions(**parts, **rest, places=places if document.lines else {})  # type: ignore[arg-type]


def _dates_apart(
    document: Document, columns: dict[str, str], dates: dict[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Columns by attribute and dates of deals by activity, of names that may be those of either: `Close Date=Ended`."""
    known = {attribute.id for attribute in vocabulary.attributes()} | {"rows", "as_of", "close_date"}
    kept: dict[str, str] = {}
    for name, header in columns.items():
        meant = None if name in known else _activity(name)
        strong = next((a for a in matching.match_attribute(name) if a in known and matching.is_strong(name, a)), None)
        if meant and meant not in dates:
            dates = {**dates, meant: header}
        else:
            kept[strong if name not in known and strong and strong not in columns else name] = header
    if dates and "activity" in kept:
        raise BadMapping.two_shapes(document.place("columns", "activity"), kept["activity"], list(dates))
    return kept, dates


def _activity(name: str) -> str | None:
    """The activity whose day a user names, in the words of the vocabulary."""
    found = matching.match_date_column(name)
    return found if found == matching.CLOSE else matching.match_activity(name) or found


def performers(document: Document) -> dict[str, str]:
    """The kinds of performers that a mapping names.

    Raises
    ------
    BadMapping
        If it says something else than `person`, `automation` or `agent`; the message names the line.
    """
    found = {}
    for name, said in _texts(document, "actors").items():
        kind = kind_said(said)
        if kind is None:
            raise BadMapping.form(document.place("actors", name), name, said, "one of " + ", ".join(KINDS))
        found[name] = kind
    return found


def ends(document: Document) -> dict[str, str]:
    """The stages that a mapping of an org's objects names: `Closed Won`, `Closed Lost` or `Open` by label.

    Raises
    ------
    BadMapping
        If it says something else of them; the message names the line.
    """
    found = _texts(document, "activities")
    for name, said in found.items():
        if closing.meant(said) is None:
            raise BadMapping.form(document.place("activities", name), name, said, "Closed Won, Closed Lost or Open")
    return found


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
