"""Data frames as people hand them in, of every kind of cell and column, for tests that read them all."""

import datetime as dt
import decimal
import enum
import fractions
import ipaddress
import pathlib
import uuid

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

STEPS = ["Opportunity Created", "Quote Sent", "Closed Won", "Opportunity Created"]
TIMES = ["2025-01-01 09:00:00", "2025-01-03 10:30:00", "2025-01-09 12:00:00", "2025-02-01 08:15:00"]
IDS = ["D1", "D1", "D1", "D2"]
STAMPS = [pd.Timestamp(text) for text in TIMES]
TOKYO, BERLIN = dt.timezone(dt.timedelta(hours=9)), "Europe/Berlin"


class Colour(enum.Enum):
    RED, BLUE, GREEN = "red", 2, 3.5


class Text(enum.StrEnum):
    ONE, TWO = "one", "two"


class Silent:
    """What only its place in memory tells from another."""


class Rude:
    def __str__(self):
        raise RuntimeError("no")


ENDLESS: list = []
ENDLESS.append(ENDLESS)
FOUR = {
    "texts": ["x", " y ", "", "z"],
    "texts and none": ["x", None, np.nan, pd.NA],
    "whole": [1, 2, 3, 4],
    "huge": [2**70, 1, 2, 3],
    "mixed": [1, "two", 3.0, None],
    "mixed times": [STAMPS[0], "2025-01-03", dt.date(2025, 1, 9), 45000.5],
    "decimals": [decimal.Decimal(text) for text in ("1200.50", "7", "-3.25", "0")],
    "long decimals": [decimal.Decimal("1.12345678901234567890123"), decimal.Decimal(2), None, decimal.Decimal("NaN")],
    "fractions": [fractions.Fraction(1, 3), 2, 3.5, None],
    "infinite": [np.inf, -np.inf, 1.0, 2.0],
    "booleans": [True, False, None, True],
    "booleans of numpy": [np.True_, np.False_, None, np.True_],
    "yes": ["yes", "no", "Yes", "no"],
    "mixed truth": [True, "no", 1, None],
    "uuids": [uuid.UUID(int=n) for n in (1, 1, 1, 2)],
    "paths": [pathlib.Path("a/b"), pathlib.PurePosixPath("c"), None, pathlib.Path("d")],
    "periods": [pd.Period(text, "D") for text in TIMES],
    "months": [pd.Period(text, "M") for text in TIMES],
    "intervals": [pd.Interval(n, n + 1) for n in range(4)],
    "bytes": [b"a", b"b", bytearray(b"c"), None],
    "broken bytes": [b"\xff\xfe", b"b", b"c", b"d"],
    "lists": [[1, 2], [], ["x"], None],
    "endless": [ENDLESS, 1, 2, 3],
    "dicts": [{"a": 1}, {"a": {"b": STAMPS[0]}}, {}, None],
    "sets": [{1, 2}, {"b", "a"}, frozenset(), None],
    "tuples": [(1, 2), (3,), (), (None,)],
    "arrays": [np.arange(3), np.array([1.5]), np.array([]), None],
    "dates": [dt.date(2025, 1, n) for n in (1, 2, 3, 4)],
    "clock": [dt.time(9, n) for n in (1, 2, 3, 4)],
    "durations": [dt.timedelta(days=n, hours=n) for n in range(4)],
    "aware": [pd.Timestamp(text, tz=BERLIN) for text in TIMES],
    "aware of several zones": [
        dt.datetime(2025, 1, 1, 9, tzinfo=TOKYO),
        dt.datetime(2025, 1, 2, 9, tzinfo=dt.UTC),
        pd.Timestamp(TIMES[2], tz=BERLIN),
        None,
    ],
    "aware and not": [pd.Timestamp(TIMES[0], tz=BERLIN), STAMPS[1], STAMPS[2], STAMPS[3]],
    "early and late": [dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31), STAMPS[2], STAMPS[3]],
    "times of numpy": [np.datetime64(text) for text in ("2025-01-01T09:00", "2025-01-03", "NaT", "2025-02-01")],
    "nanoseconds": [pd.Timestamp("2025-01-01 09:00:00.123456789"), *STAMPS[1:]],
    "not a time": [pd.NaT, STAMPS[1], None, STAMPS[3]],
    "complex": [1 + 2j, 3, 4, 5],
    "numbers of numpy": [np.int8(1), np.float32(2.5), np.uint64(2**63), np.float16(1)],
    "enums": [Colour.RED, Colour.BLUE, Colour.GREEN, None],
    "text enums": [Text.ONE, Text.TWO, Text.ONE, Text.TWO],
    "addresses": [ipaddress.ip_address("10.0.0.1"), ipaddress.ip_network("10.0.0.0/8"), None, "x"],
    "half a sign": ["a\ud800b", "ok", "ok", "ok"],
    "zero bytes": ["a\0b", "c", "d", "e"],
    "silent": [Silent(), 1, 2, 3],
    "rude": [Rude(), 1, 2, 3],
    "functions": [len, print, sorted, None],
    "lambdas": [lambda: 1, 2, 3, 4],
    "types": [int, str, None, float],
    "frames": [pd.DataFrame({"a": [1]}), pd.Series([1, 2]), None, None],
    "empty": [None, None, None, None],
    "not numbers": [np.nan, np.nan, np.nan, np.nan],
    "long text": ["x" * 100_000, "a", "b", "c"],
    "formulas": ["=1+1", "+1", "-1", "@x"],
}
KINDS = {
    "category": lambda cells: pd.Series(pd.Categorical(pd.Series(cells, dtype=object))),
    "sparse": lambda cells: pd.Series(pd.arrays.SparseArray(cells)),
    "Int64": lambda cells: pd.Series(cells, dtype="Int64"),
    "UInt8": lambda cells: pd.Series(cells, dtype="UInt8"),
    "Float32": lambda cells: pd.Series(cells, dtype="Float32"),
    "float16": lambda cells: pd.Series(cells, dtype="float16"),
    "boolean": lambda cells: pd.Series(cells, dtype="boolean"),
    "string": lambda cells: pd.Series(cells, dtype="string"),
    "complex": lambda cells: pd.Series(cells, dtype="complex128"),
    "period": lambda cells: pd.Series(pd.PeriodIndex(cells)),
    "interval": lambda cells: pd.Series(pd.IntervalIndex(cells)),
    "zoned": lambda cells: pd.Series(pd.DatetimeIndex(cells)),
    "shifted": lambda cells: pd.Series(pd.DatetimeIndex(cells).tz_localize("UTC").tz_convert(TOKYO)),
    "delta": lambda cells: pd.Series(pd.TimedeltaIndex(cells)),
    "arrow": lambda cells: pd.Series(cells, dtype=pd.ArrowDtype(pa.infer_type(cells))),
    "arrow dictionary": lambda cells: pd.Series(pd.arrays.ArrowExtensionArray(pa.array(cells).dictionary_encode())),
    "polars": pl.Series,
    "polars category": lambda cells: pl.Series(cells, dtype=pl.Categorical),
    "polars object": lambda cells: pl.Series(cells, dtype=pl.Object),
    "polars decimal": lambda cells: pl.Series(cells, dtype=pl.Decimal(20, 4)),
    "polars wide": lambda cells: pl.Series(cells, dtype=pl.Int128),
}
PLACES = ("case_id", "activity", "time", "amount", "is_won", "discount", "payment_terms_days", "region", "note")
BASE = {"case_id": IDS, "activity": STEPS, "time": TIMES}


def with_column(place, cells):
    """A small log with one odd column."""
    return pd.DataFrame(
        {name: pd.Series(values, dtype=object) for name, values in BASE.items()}
        | {place: cells if isinstance(cells, pd.Series) else pd.Series(cells, dtype=object)}
    )


def columns():
    """Every odd column that can be made, by name: of plain Python values and of each library's own types."""
    for name, cells in FOUR.items():
        yield name, cells
        if name in ("endless", "rude"):
            continue  # pandas and polars themselves fall over them
        for kind, make in KINDS.items():
            try:
                yield f"{name} as {kind}", make(cells)
            except (Exception, pl.exceptions.PanicException):
                continue  # not every library holds everything


def odd_columns(every=1):
    """Frames with one odd column, in every place and of every kind or, to be done in time, in some of them in turn."""
    for number, (name, cells) in enumerate(columns()):
        if " as " in name and number % every:
            continue
        for place in PLACES if every == 1 else dict.fromkeys((PLACES[number % len(PLACES)], PLACES[(number // 2) % 3])):
            if isinstance(cells, pl.Series):
                yield f"{place}: {name}", pl.DataFrame(BASE | {place: cells})
            else:
                yield f"{place}: {name}", with_column(place, cells)


def odd_shapes():
    """Frames that are odd as a whole, and what is none."""
    plain = pd.DataFrame(BASE)
    twice = pd.concat([plain, plain[["activity"]].rename(columns={"activity": "note"}), plain[["case_id"]]], axis=1)
    yield "names twice", twice
    yield "the same twice", pd.concat([plain, plain], axis=1)
    yield "numbered", pd.DataFrame([[*row] for row in zip(IDS, STEPS, TIMES, strict=True)])
    for header in (
        None,
        np.nan,
        1.5,
        dt.date(2025, 1, 1),
        STAMPS[0],
        b"note",
        ("a", "b"),
        "",
        " ",
        "a\ud800",
        uuid.UUID(int=1),
    ):
        frame = plain.assign(x=1)
        frame.columns = pd.Index([*plain.columns, header], dtype=object, tupleize_cols=False)
        yield f"header {header!r}", frame
    levels = plain.copy()
    levels.columns = pd.MultiIndex.from_tuples([("deal", "case_id"), ("deal", "activity"), ("deal", "time")])
    yield "two levels", levels
    yield "a pivot", plain.assign(n=1).pivot_table(index="case_id", columns=["activity"], values=["n"], aggfunc="sum")
    yield "an index", plain.set_index("case_id")
    yield "two indexes", plain.set_index(["case_id", "time"])
    yield "a stray index", plain.set_index(pd.Index([3, 3, None, 1]))
    yield "no rows", plain.head(0)
    yield "no columns", pd.DataFrame(index=range(3))
    yield "nothing", pd.DataFrame()
    yield "no rows of polars", pl.DataFrame(BASE).clear()
    yield "lazy", pl.DataFrame(BASE).lazy()
    yield "arrow", pa.table(BASE)
    yield "a batch", pa.RecordBatch.from_pydict(BASE)
    yield (
        "arrow, names twice",
        pa.table(
            [pa.array(IDS), pa.array(IDS), pa.array(STEPS), pa.array(TIMES)],
            names=["case_id", "case_id", "activity", "time"],
        ),
    )
    months = pa.array([pa.MonthDayNano([1, 2, 3])] * 4)
    yield "arrow, intervals", pa.table(BASE | {"note": months})
    records = plain.to_dict("records")
    yield "records", records
    yield "records of different keys", [*records, {"case_id": "D3"}, {}, {"other": 1}]
    yield "named records", {"Opportunity": records}
    yield "columns", BASE
    yield "uneven columns", BASE | {"time": TIMES[:2]}
    yield (
        "an org",
        {"Opportunity": [{"Id": "006A", "CreatedDate": "2025-01-01T08:00:00Z", "StageName": "Won"}], "Account": []},
    )
    yield "frames", [plain, plain.assign(case_id="E1")]
    yield "empty list", []
    yield "empty dict", {}
    for thing in (
        None,
        7,
        1.5,
        object(),
        plain["time"],
        np.array([[1, 2]]),
        {1, 2},
        b"bytes",
        iter([plain]),
        [None],
        [plain, 3],
        len,
    ):
        yield f"a {type(thing).__name__}", thing
