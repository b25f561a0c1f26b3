"""The same numbers, whichever engine holds the log."""

import os
from datetime import datetime, timedelta

import narwhals as nw
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings

import l2c
from l2c import engine
from l2c.errors import L2CError, NothingToRead, UntypedColumn
from l2c.prepare import columns, in_place, read
from tests import cluster
from tests.data import sample
from tests.logs import event_rows
from tests.metrics import METRICS, by, same

LIMIT = datetime(2027, 1, 1)
SAID = columns.instructions(None)


def company(cases=700):
    """A clean log of the demo company with a few faults: rows twice, without a time, from the future, without a case."""
    from l2c.demo import company

    rows = company(cases).clean.drop("precision")
    broken = [
        rows[40:60],
        rows[3:5].with_columns(time=pl.lit(None, pl.Datetime("us"))),
        rows[7:8].with_columns(time=pl.lit(datetime(2061, 1, 1), pl.Datetime("us"))),
        rows[9:10].with_columns(case_id=pl.lit("")),
        rows[11:12].with_columns(activity=pl.lit(None, pl.String)),
    ]
    # Names that the vocabulary does not know, among ties, and blanks around some values.
    odd = rows[100:160].with_columns(activity=pl.lit("Legal Review"))
    padded = pl.col("region") + pl.when(pl.int_range(pl.len()) % 7 == 0).then(pl.lit(" ")).otherwise(pl.lit(""))
    return pl.concat([rows, odd, *broken]).with_columns(region=padded)


def rows_of(log):
    """The rows of a log, as a typed source would hold them."""
    cases = engine.collect(log.cases.select("case_key", *log.attributes))
    events = engine.collect(log.events).sort_values(["source", "source_row"])
    keep = [c for c in events if c not in log.attributes and c not in columns.DERIVED - {"case_key"}]
    return pl.from_pandas(events[keep].merge(cases, on="case_key").drop(columns="case_key"))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Parquet files to be read by every engine, made when first asked for."""
    folder = tmp_path_factory.mktemp("sources")

    def make(name):
        path = folder / f"{name}.parquet"
        if not path.exists():
            frame = company() if name == "demo" else rows_of(l2c.read(sample(name)))
            frame.write_parquet(path)
        return path

    return make


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """A session on a cluster of two workers."""
    if cluster.java() is None and "L2C_NEEDS_SPARK" not in os.environ:
        pytest.skip("Java is not here")
    with cluster.cluster(tmp_path_factory.mktemp("spark")) as session:
        yield session


@pytest.fixture(scope="module")
def logs(files, request):
    """Logs by engine and source, each read once."""
    made = {}

    def get(kind, name):
        if (kind, name) not in made:
            path = files(name)
            readers = {"memory": in_memory, "duckdb": in_duckdb, "polars": in_polars}
            if kind == "spark":
                made[kind, name] = l2c.read(request.getfixturevalue("spark"), str(path), extracted=LIMIT)
            else:
                made[kind, name] = readers[kind](path)
        return made[kind, name]

    return get


def in_memory(path):
    return l2c.read(path, extracted=LIMIT)


def in_duckdb(path):
    db = engine.database()
    return in_place.read(engine.parquet([str(path)], db), db, path.name, SAID, LIMIT, LIMIT, None)


def in_polars(path):
    named = pl.scan_parquet(path).with_row_index("_row", 1).with_columns(_file=pl.lit(path.name))
    frame = nw.from_native(named)
    return in_place.read(frame, engine.home(frame), path.name, SAID, LIMIT, LIMIT, None)


# The prepared metrics of one log take Spark about a second each, of which a test per number would repeat the reading.
ON_SPARK = [("spark", name) for name in ("demo", "event_logs/receipt.csv", "event_logs/bpic2012.xes.gz")]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("kind", "name"), [("duckdb", "demo"), ("polars", "demo"), *ON_SPARK])
def test_the_numbers_do_not_depend_on_the_engine(kind, name, metric, logs):
    same(METRICS[metric](logs("memory", name)), METRICS[metric](logs(kind, name)))
