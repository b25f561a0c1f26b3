"""Which rows are behind a result? A table to sort, search, page through and take away as CSV or Excel.

DataTables, as the `itables` package bundles it, works in the page; nothing is loaded from elsewhere. Its own export buttons
are not used: they guess from the text of a cell whether it is a number, so that the text `-2` or `5%` becomes one, and guard
only texts that begin with `=`, `@`, tab or return.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Collection
from datetime import UTC, date, datetime
from functools import cache
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l2c.measures.behind import BEHIND
from l2c.show import numbers, tables
from l2c.show.cells import Link, Said, Share
from l2c.show.markup import FONT, Html, clean, escape
from l2c.system.extras import need
from l2c.words import phrases, vocabulary
from l2c.words.phrases import PHRASES

if TYPE_CHECKING:
    import pandas as pd

# More would make a notebook of some ten megabytes.
ROWS = 5_000
_PAGES = (10, 25, 50, 100)
# Whole numbers beyond this are not exact in a browser, nor in Excel: ids, which stay text.
_EXACT = 2**53 - 1
# Name of DataTables among what the bundle offers.
_OFFERED = re.compile(r"export\s*\{[^}]*?([\w$]+) as default")


def browse(
    df: pd.DataFrame,
    *,
    lang: str = "en",
    currency: str | None = None,
    caption: str = "",
    rows: int = ROWS,
    hidden: Collection[str] = (),
) -> Html:
    """Write a result table that can be sorted, searched, paged and downloaded, without a network.

    Parameters
    ----------
    df
        Any table that a function of the kit returns; a `unit` column says in which unit its row stands.
    lang, currency
        `en` or `ja`; the currency of the log, for sums of money.
    caption
        A line above the table, and the name of the downloaded files; the number of rows unless given.
    rows
        Most rows to put into the page; what is left out is counted below the table.
    hidden
        Columns that are not shown but go along when the table is downloaded.

    Returns
    -------
    HTML with a plain-text twin; where scripts may not run, it shows the first rows. Every text of the data is inert in it.

    Raises
    ------
    MissingExtra
        If itables is not installed; `show.table` draws the same table without it.

    Notes
    -----
    Cells read as in `show.table`. Sorting goes by the numbers and dates behind them, missing ones last. Downloads hold the
    rows that match the search, in the order shown: numbers and dates as such, in the units of the table (days, fractions,
    the log's currency), texts as texts, also where they look like a formula.
    """
    need("notebook", "itables")
    df = df.drop(columns=BEHIND, errors="ignore")
    title = caption or numbers.count(len(df), "row", lang)
    note = _note(len(df), rows, lang)
    still = tables.table(df.drop(columns=list(hidden)), lang=lang, currency=currency, rows=_PAGES[0], caption=title)
    text = "\n".join(filter(None, [still.text, note]))
    if not len(df.columns):
        return Html(still.html, text)
    content = _content(df.head(rows), lang, currency, hidden) | {"caption": clean(title), "note": note, "lang": lang}
    content |= {"language": _language(lang), "words": {k: phrases.say(f"browse.{k}", lang) for k in ("csv", "excel")}}
    return Html(
        f'<div class="l2c-browse" lang="{lang}" style="{FONT}"><style>{_own("browse.css")}</style>'
        f'<div class="l2c-still">{still.html}<p>{escape(note)}</p></div>'
        f'<script type="application/json" class="l2c-content">{_inert(content)}</script>'
        f'<script type="text/plain" class="l2c-bundle">{_bundle()}</script>'
        f'<script type="module">{_own("browse.js")}</script></div>',
        text,
    )


def _note(there: int, rows: int, lang: str) -> str:
    if there <= rows:
        return ""
    shown, every, rest = (numbers.number(n) for n in (rows, there, there - rows))
    return phrases.say("browse.left_out", lang, shown=shown, all=every, n=rest)


def _content(df: pd.DataFrame, lang: str, currency: str | None, hidden: Collection[str]) -> dict[str, Any]:
    """Heads and cells of the table as the page needs them."""
    names = [str(c) for c in df.columns]
    has_units = bool(tables.ROW_UNIT & set(names))
    units = df["unit"].tolist() if "unit" in names else [tables.common_unit(df)] * len(df)
    columns = [
        {
            "title": clean(vocabulary.label(name, lang)),
            "right": tables.is_number(df.iloc[:, n], name),
            "long": name == "reasons",
            # Beside numbers that stand with their unit it says nothing new, but a download of bare numbers needs it.
            "hidden": name in hidden or (name == "unit" and has_units),
        }
        for n, name in enumerate(names)
    ]
    cells = [
        [_cell(value, name, unit, lang, currency) for value, unit in zip(df.iloc[:, n].tolist(), units, strict=True)]
        for n, name in enumerate(names)
    ]
    return {"columns": columns, "rows": list(zip(*cells, strict=True))}


def _cell(value: Any, column: str, unit: Any, lang: str, currency: str | None) -> Any:
    """A cell: None where missing, a text, or how it reads and what it is: `[text, number]`, `[text, date, "date"]`, …"""
    if numbers.is_missing(value):
        return None
    text = clean(tables.cell(value, column, unit, lang=lang, currency=currency))
    if isinstance(value, Share):
        low, high = (None if numbers.is_missing(end) else _stable(float(end)) for end in (value.low, value.high))
        return [
            text,
            _stable(float(value.value)),
            "share",
            {"main": value.main, "sub": value.sub, "low": low, "high": high},
        ]
    if isinstance(value, Said):
        kind, bare = (
            ("", _stable(value.value)) if isinstance(value.value, float) else ("date", value.value.date().isoformat())
        )
        return [text, bare, kind, {"main": value.main, "sub": value.sub}]
    if isinstance(value, Link):
        return [text, text, "link", {"href": value.address}]
    if isinstance(value, (tuple, list)):
        whole = clean(tables.cell(value, column, lang=lang, most=None))
        return text if whole == text else [text, whole]
    if isinstance(value, datetime):
        return [text, _utc(value).isoformat(timespec="seconds"), "time"]
    if isinstance(value, date):
        return [text, value.isoformat(), "date"]
    if type(value).__name__ in ("bool", "bool_", "str"):
        return text
    if isinstance(value, Integral):
        return [text, int(value)] if abs(int(value)) <= _EXACT else [text, str(value)]
    if isinstance(value, Real) or hasattr(value, "__float__"):
        return [text, _stable(float(value))]
    return text


def _stable(value: float) -> float:
    """The number without the digits that differ from one processor to the next: a page of the same log is the same page."""
    return float(f"{value:.10g}") if abs(value) < 1e8 else round(value, 2)


def _utc(when: datetime) -> datetime:
    # Times of a log are naive UTC; one with a zone comes from a table of the user's own.
    return when if when.tzinfo is None else when.astimezone(UTC).replace(tzinfo=None)


def _language(lang: str) -> dict[str, Any]:
    """The texts of DataTables itself."""
    names = [name for name in PHRASES if name.startswith("browse.") and name != "browse.left_out"]
    say = {name.removeprefix("browse."): phrases.say(name, lang) for name in names}
    return {
        "search": say["search"],
        "lengthMenu": say["length"],
        "info": say["info"],
        "infoEmpty": say["info.empty"],
        "infoFiltered": say["info.filtered"],
        "emptyTable": phrases.say("no_rows", lang),
        "zeroRecords": say["none"],
        "pages": say["pages"],
        "aria": {
            "orderable": say["sort"],
            "orderableReverse": say["sort.reverse"],
            "orderableRemove": say["sort.remove"],
            "paginate": {name: say[name] for name in ("first", "last", "next", "previous")},
        },
    }


def _inert(content: dict[str, Any]) -> str:
    """JSON that cannot end the element it stands in."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def _own(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")


@cache
def _bundle() -> str:
    """DataTables as itables bundles it, packed: a third of its size in every notebook.

    The page runs it as an inline module, not from a blob: address as itables does, which the policy of a report forbids;
    such a module cannot be imported from, so it hands itself over.
    """
    from itables import options

    source = Path(options.dt_bundle).read_text("utf-8")
    offered = _OFFERED.search(source)
    assert offered, "itables' bundle offers no DataTables"
    handing = f"\n;window.l2cTables.resolve({offered[1]});"
    return base64.b64encode(gzip.compress((source + handing).encode(), 9, mtime=0)).decode()
