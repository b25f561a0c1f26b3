"""What is in a data frame, whatever its cells are made of?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

import narwhals as nw
import polars as pl

from l2c.prepare import meant, nested
from l2c.prepare.header_rows import unique
from l2c.prepare.sources import Source
from l2c.prepare.table import Table, unnested
from l2c.words.errors import NothingToRead, UnreadableColumn

# Whole numbers beyond this are not exact as decimals.
EXACT = 2**53
# Columns of these kinds stay as they are.
_PLAIN = (pl.Boolean, pl.Date, pl.Datetime, pl.String)
# Libraries of types raise whatever they like, polars even what is no Exception.
_ANYTHING = (Exception, pl.exceptions.PanicException)
_PLACE = re.compile(r" at 0x[0-9a-fA-F]+>")


def table(name: str, source: Source) -> Table:
    """Make a table of a data frame, or of records.

    Parameters
    ----------
    name
        What the user calls it.
    source
        A frame of pandas, polars, Narwhals or anything that hands out Arrow; a list of records (`[{"Id": …}, …]`), or columns
        by name (`{"Id": [...], …}`). The named levels of an index are columns too.

    Returns
    -------
    Its cells: numbers, dates, times and yes or no where a column holds nothing else, text for everything that has one. Columns
    without a name of their own get one.

    Raises
    ------
    NothingToRead
        If it is nothing of that kind.
    UnreadableColumn
        If a cell has no text that means something.
    """
    columns = _columns(source)
    headers = unique(_headers([header for header, _ in columns]))
    made = [_plain(cells, f"{name}, column {h}").alias(h) for h, (_, cells) in zip(headers, columns, strict=True)]
    return meant.typed(name, pl.DataFrame(made))


def is_records(source: Source) -> bool:
    """Tell whether a source is a list of records, each with its fields by name."""
    return isinstance(source, (list, tuple)) and bool(source) and all(isinstance(each, Mapping) for each in source)


def is_answer(source: Source) -> bool:
    """Tell whether a source is the answer of a query, its records among what is said of them."""
    return isinstance(source, Mapping) and is_records(source.get("records", ()))


def is_columns(source: Source) -> bool:
    """Tell whether a source is columns by name, rather than tables by name."""
    return isinstance(source, Mapping) and all(
        isinstance(cells, (list, tuple, range)) and not is_records(cells) for cells in source.values()
    )


def _columns(source: Any) -> list[tuple[Any, Any]]:
    """Headers and cells, in order."""
    import pandas as pd

    source = nw.to_native(source, pass_through=True)
    source = source["records"] if is_answer(source) else source
    if isinstance(source, pl.LazyFrame):
        source = source.collect()
    if isinstance(source, pl.DataFrame):
        return [(cells.name, cells) for cells in unnested(source).get_columns()]
    if isinstance(source, pd.DataFrame):
        levels = [n for n, level in enumerate(source.index.names) if level is not None and level not in source.columns]
        index = [(source.index.names[n], source.index.get_level_values(n).to_series()) for n in levels]
        columns = [(header, source.iloc[:, at]) for at, header in enumerate(source.columns)]
        return [*index, *(part for header, cells in columns for part in _looked_up(header, cells))]
    if isinstance(source, (list, tuple)) and not source:
        return []
    if is_records(source):
        rows = (
            nested.flattened(source)
            if any(isinstance(cell, Mapping) for row in source for cell in row.values())
            else source
        )
        headers = dict.fromkeys(header for record in rows for header in record)
        return [(header, [record.get(header) for record in rows]) for header in headers]
    if is_columns(source) and source and len({len(cells) for cells in source.values()}) == 1:
        return list(source.items())
    if not isinstance(source, type) and hasattr(source, "__arrow_c_stream__") and not isinstance(source, pd.Series):
        import pyarrow as pa

        found = pa.table(source)
        return list(zip(found.column_names, found.columns, strict=True))
    raise NothingToRead.not_a_source(type(source).__name__)


def _looked_up(header: Any, cells: Any) -> list[tuple[Any, Any]]:
    """A column of looked-up records, as Salesforce hands them out, as a column per field; any other as it is."""
    known = [c for c in cells if not _is_missing(c)] if cells.dtype == object and cells.notna().any() else []
    if not known or not all(isinstance(c, Mapping) and nested.is_of_salesforce(c) for c in known):
        return [(header, cells)]
    rows = nested.flattened([{header: c if isinstance(c, Mapping) else None} for c in cells])
    names = dict.fromkeys(name for row in rows for name in row)
    return [(name, [row.get(name) for row in rows]) for name in names if name != header]


def _headers(said: Sequence[Any]) -> list[str]:
    """Headers as text; of several levels only those that tell columns apart."""
    if said and all(isinstance(header, tuple) for header in said):
        levels = list(zip(*said, strict=False))
        told = [level for level in levels if len(set(level)) > 1] or levels[-1:]
        said = list(zip(*told, strict=True))
    return [" ".join(filter(None, map(_header, h))) if isinstance(h, tuple) else _header(h) for h in said]


def _header(said: Any) -> str:
    if _is_missing(said) or (isinstance(said, str) and re.match(r"Unnamed: \d+(_level_\d+)?$", said)):
        return ""
    return _text(_bare(said)).strip()


def _plain(cells: Any, where: str) -> pl.Series:
    """One column as text, numbers, dates, times, or yes and no."""
    if isinstance(cells, (list, tuple, range)):
        return _mixed(cells, where)
    if not isinstance(cells, pl.Series):
        found = _from_pandas(cells) if hasattr(cells, "iloc") else _from_arrow(cells)
        return _mixed(found, where) if isinstance(found, list) else _plain(found, where)
    kind = cells.dtype
    if kind.is_float():
        return cells.cast(pl.Float64).fill_nan(None)
    if kind in (pl.Int128, pl.UInt128):
        return _mixed(cells.to_list(), where)
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        return cells.dt.convert_time_zone("UTC")
    if kind.is_integer() or isinstance(kind, _PLAIN):
        return cells
    if isinstance(kind, (pl.Categorical, pl.Enum, pl.Null)):
        return cells.cast(pl.String)
    return _mixed(cells.to_list(), where)


def _from_pandas(cells: Any) -> pl.Series | list[Any]:
    """A column of pandas as one of polars or, where only its cells tell what it holds, as a list."""
    import pandas as pd

    kind = cells.dtype
    if isinstance(kind, pd.SparseDtype):
        return list(cells)
    if isinstance(kind, pd.DatetimeTZDtype):
        cells = cells.dt.tz_convert("UTC")
    own = (pd.CategoricalDtype, pd.PeriodDtype, pd.IntervalDtype)
    named = cells.cat.categories if isinstance(kind, pd.CategoricalDtype) else cells
    texts = pd.api.types.infer_dtype(named, skipna=True) == "string"
    if texts or not (named.dtype == object or isinstance(kind, own) or kind.kind in "cmV"):
        try:
            return pl.Series(pl.from_pandas(cells))
        except _ANYTHING:  # then the cells themselves are looked at
            pass
    return list(cells.astype(object))


def _from_arrow(cells: Any) -> pl.Series | list[Any]:
    """A column of Arrow as one of polars or, where polars has no such type, as a list."""
    try:
        return pl.Series(pl.from_arrow(cells))
    except _ANYTHING:
        return list(cells.to_pylist())


def _mixed(cells: Iterable[Any], where: str) -> pl.Series:
    """A column told by its cells: of one kind where all are, else text."""
    known = [None if _is_missing(cell) else _bare(cell) for cell in cells]
    there = [cell for cell in known if cell is not None]
    if not there:
        return pl.Series(known, dtype=pl.String)
    if all(isinstance(cell, bool) for cell in there):
        return pl.Series(known, dtype=pl.Boolean)
    if (numbers := _numbers(known, there)) is not None:
        return numbers
    if all(isinstance(cell, datetime) for cell in there) and len({cell.tzinfo is None for cell in there}) == 1:
        zone = None if there[0].tzinfo is None else "UTC"
        wall = [cell if cell is None or zone is None else cell.astimezone(UTC).replace(tzinfo=None) for cell in known]
        made = pl.Series(wall, dtype=pl.Datetime("us"))
        return made.dt.replace_time_zone("UTC") if zone else made
    if all(type(cell) is date for cell in there):
        return pl.Series(known, dtype=pl.Date)
    # Where nobody wrote an hour, midnight is only how a library writes a date.
    dated = all(cell.time() == time() for cell in there if isinstance(cell, datetime) and cell.tzinfo is None)
    texts: list[str | None] = []
    for row, cell in enumerate(known, 1):
        try:
            texts.append(None if cell is None else _text(cell, dated=dated))
        except Exception as error:  # str() of a foreign object may do anything
            raise UnreadableColumn.cell(where, row, type(cell).__name__) from error
    return pl.Series(texts, dtype=pl.String)


def _numbers(known: list[Any], there: list[Any]) -> pl.Series | None:
    """Numbers as they are, as long as none loses a digit."""
    if not all(isinstance(cell, (int, float, Decimal, Fraction)) and not isinstance(cell, bool) for cell in there):
        return None
    if all(isinstance(cell, int) for cell in there):
        return pl.Series(known, dtype=pl.Int64) if max(map(abs, there)) < 2**63 else None
    for cell in there:
        if isinstance(cell, int) and abs(cell) > EXACT:
            return None
        if isinstance(cell, Decimal) and cell.is_finite() and Decimal(repr(float(cell))) != cell:
            return None
    return pl.Series([None if cell is None else float(cell) for cell in known], dtype=pl.Float64)


def _is_missing(cell: Any) -> bool:
    import pandas as pd

    if cell is None or cell is pd.NA or cell is pd.NaT:
        return True
    try:
        return bool(cell != cell)  # of all that is no array, only what is missing differs from itself
    except Exception:
        return False


def _bare(cell: Any) -> Any:
    """What a cell holds, without what a library wraps around it."""
    import numpy as np
    import pandas as pd

    if isinstance(cell, Enum):
        return _bare(cell.value)
    if isinstance(cell, np.datetime64):
        cell = pd.Timestamp(cell)
    elif isinstance(cell, np.timedelta64):
        cell = pd.Timedelta(cell)
    elif isinstance(cell, np.generic) or (isinstance(cell, np.ndarray) and cell.ndim == 0):
        cell = cell.item()
    if isinstance(cell, pd.Timestamp):
        return cell.to_pydatetime(warn=False) if 1 <= cell.year <= 9999 else str(cell)
    return cell


def _text(cell: Any, *, dated: bool = False) -> str:
    """One cell as text that means the same to a reader."""
    if isinstance(cell, str):
        # Half of a sign, which no file could hold.
        return str(cell).encode("utf-8", "replace").decode("utf-8")
    if isinstance(cell, (bytes, bytearray, memoryview)):
        return bytes(cell).decode("utf-8")
    if isinstance(cell, datetime):
        if dated and cell.tzinfo is None:
            return cell.date().isoformat()
        return (cell.astimezone(UTC) if cell.tzinfo else cell).isoformat(" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        rest = timedelta(seconds=cell.seconds, microseconds=cell.microseconds)
        return f"{cell.days} days" + (f" {rest}" if rest else "")
    if isinstance(cell, (float, Decimal)):
        whole = cell == cell and -(10**18) < cell < 10**18 and cell == int(cell)
        text = str(int(cell)) if whole else str(cell)
        # Beside texts such as "2,5" the number 1.234 would pass for a thousand and more, but 1.2340 does not.
        return text + "0" if re.fullmatch(r"-?\d{1,3}\.\d{3}", text) else text
    if _holds_others(cell):
        return json.dumps(_nested(cell, frozenset()), ensure_ascii=False)
    text = str(cell)
    if _PLACE.search(text):
        raise ValueError("only its place in memory tells it from others")
    return _text(text)


def _holds_others(cell: Any) -> bool:
    return isinstance(cell, (Mapping, list, tuple, set, frozenset)) or type(cell).__name__ == "ndarray"


def _nested(cell: Any, above: frozenset[int]) -> Any:
    """A list or a record made of what JSON knows; everything else in it becomes text."""
    cell = None if _is_missing(cell) else _bare(cell)
    if not _holds_others(cell):
        return cell if cell is None or isinstance(cell, (bool, int, float)) else _text(cell)
    if id(cell) in above:
        raise ValueError("it holds itself")
    inside = above | {id(cell)}
    if isinstance(cell, Mapping):
        return {str(name): _nested(value, inside) for name, value in cell.items()}
    found = [_nested(each, inside) for each in cell]
    return sorted(found, key=str) if isinstance(cell, (set, frozenset)) else found
