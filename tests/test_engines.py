"""The same numbers, whichever engine holds the log."""

import functools
import os
from datetime import datetime, timedelta

import narwhals as nw
import pandas as pd
import polars as pl
import pytest
from hypothesis import given

import l2c
from l2c import engine
from l2c.log.columns import DERIVED
from l2c.prepare import in_place
from l2c.prepare.ids import eighteen
from l2c.prepare.instructions import instructions
from l2c.words.errors import EngineTrouble, L2CError, NothingToRead, UntypedColumn
from tests import cluster
from tests.data import sample
from tests.logs import event_rows, lifecycle_rows, spanned_rows
from tests.metrics import METRICS, by, same

LIMIT = datetime(2027, 1, 1)
SAID = instructions(None)


def company(cases=700):
    """A clean log of the demo company with a few faults: rows twice, without a time, from the future, without a case."""
    from l2c.demo.companies import company

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
    keep = [c for c in events if c not in log.attributes and c not in DERIVED - {"case_key"}]
    return pl.from_pandas(events[keep].merge(cases, on="case_key").drop(columns="case_key"))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Parquet files to be read by every engine, made when first asked for."""
    folder = tmp_path_factory.mktemp("sources")

    def make(name):
        path = folder / f"{name.replace('/', ' ')}.parquet"
        if not path.exists():
            frame = company() if name == "demo" else rows_of(l2c.read(sample(name)))
            frame.write_parquet(path)
        return path

    return make


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """A session on a cluster of two workers."""
    if "L2C_NEEDS_SPARK" not in os.environ:
        pytest.importorskip("pyspark", reason="PySpark is not here (requirements-spark.txt)")
        if cluster.java() is None:
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


@pytest.fixture(scope="module")
def known(logs):
    """What each metric says of a log in memory, asked once for all engines."""
    return functools.cache(lambda name, metric: METRICS[metric](logs("memory", name)))


def in_memory(path):
    return l2c.read(path, extracted=LIMIT)


def in_duckdb(path):
    db = engine.database()
    return in_place.read(engine.parquet([str(path)], db), db, path.name, SAID, LIMIT, LIMIT, None)


def in_polars(path):
    named = pl.scan_parquet(path).with_row_index("_row", 1).with_columns(_file=pl.lit(path.name))
    frame = nw.from_native(named)
    return in_place.read(frame, engine.home(frame), path.name, SAID, LIMIT, LIMIT, None)


OPEN = "open-process-mining/raw_order_to_cash_2024.csv"
# Of the demo each number is asked by itself; `analysis` asks nearly all of them at once, of logs of other processes.
WHOLE = ("analysis", "events", "cases", "findings", "quality", "as of")
EACH = [metric for metric in METRICS if metric != "analysis"]
HERE = [(kind, "demo", metric) for kind in ("duckdb", "polars") for metric in EACH]
ON_SPARK = [
    *(("demo", metric) for metric in EACH),
    *((name, metric) for name in (OPEN, "event_logs/receipt.csv", "event_logs/bpic2012.xes.gz") for metric in WHOLE),
]
EVERY = pytest.mark.thorough("every metric and filter on a cluster, on the demo and on real logs: half an hour")


@pytest.mark.slow("every metric on DuckDB and on polars")
@pytest.mark.parametrize(
    ("kind", "name", "metric"), [*HERE, *(pytest.param("spark", *each, marks=EVERY) for each in ON_SPARK)]
)
def test_the_numbers_do_not_depend_on_the_engine(kind, name, metric, logs, known):
    same(known(name, metric), METRICS[metric](logs(kind, name)))


FILTERS = [
    {"region": "DACH"},
    {"loss_reason": ["Price", None]},
    {"amount": (20000, None)},
    {"opened": "2025-01"},
    {"closed": ("2025-01", None)},
    {"active": "2025-03"},
    {"includes": ["Quote Sent", "Closed Won"]},
    {"excludes": "Quote Sent"},
    {"follows": ("Quote Created", "Quote Sent")},
    {"not_follows": ("Quote Created", "Quote Sent")},
    {"starts": "Lead Created"},
    {"ends": ["Closed Lost", "Order Closed"]},
    {"slower": ("Quote Created", "Quote Sent", 1)},
    {"eventually": ("Lead Created", "Payment Received")},
    {"duration": (30, 200)},
    {"took": ("Quote Sent", "Closed Won", (20, None))},
    {"times": ("Quote Revised", (1, None))},
    {"events": (None, 5)},
    {"did": ("Discount Approved", ["Petra Vogel", "George Ellis"])},
    {"actor": "Hannah Brooks"},
    {"outcome": "won"},
    {"top_variants": 5},
    {"is_won": True},
]


@pytest.mark.parametrize(
    ("rows", "metrics"),
    [
        # The events say it; what is counted of them is asked of every engine in `make thorough`.
        (lifecycle_rows, ("cases",)),
        *(
            pytest.param(rows, ("working_times", "steps", "total_days", "quality"), marks=EVERY)
            for rows in (lifecycle_rows, spanned_rows)
        ),
    ],
)
def test_starts_and_ends_become_the_same_activities_on_spark(rows, metrics, spark, tmp_path):
    frame = rows(1)
    times = [pl.col(c).cast(pl.Datetime("us", "UTC")) for c in ("time", "end_time") if c in frame]
    pl.from_pandas(frame).with_columns(times).write_parquet(tmp_path / "rows.parquet")
    here, there = l2c.read(frame.drop(columns="source_row")), l2c.read(spark, str(tmp_path / "rows.parquet"))
    columns = ["case_id", "position", "activity", "time", "started", "work_days", "wait_days", "first_of_step"]
    same(*(by(log.events.select(*columns), ["case_id", "position"]) for log in (here, there)))
    for name in metrics:
        same(METRICS[name](here), METRICS[name](there))


@pytest.mark.parametrize("words", FILTERS, ids=lambda words: next(iter(words)))
@pytest.mark.parametrize("kind", ["duckdb", pytest.param("spark", marks=EVERY)])
def test_every_filter_keeps_the_same_cases(kind, words, logs):
    here, there = (logs(each, "demo").where(**words) for each in ("memory", kind))
    assert 0 < here.n_cases < logs("memory", "demo").n_cases
    same(by(here.cases.select("case_id"), ["case_id"]), by(there.cases.select("case_id"), ["case_id"]))
    same(METRICS["flow"](here), METRICS["flow"](there))


def test_the_demo_has_what_the_engines_could_disagree_on(logs):
    log = logs("memory", "demo")
    assert set(log.quality.reasons) == {"no case", "no activity", "no time", "out of range", "duplicate"}
    assert "Legal Review" in log.activities
    events = engine.collect(log.events)
    assert (events["wait_days"] == 0).sum() > 50
    assert log.distinct("region") == sorted({name.strip() for name in log.distinct("region")})


def test_quarantined_rows_are_kept_with_their_place(logs):
    here, there = (logs(kind, "demo").quality.quarantine for kind in ("memory", "duckdb"))
    key = ["row", "reason"]
    same(here.sort_values(key)[key].reset_index(drop=True), there.sort_values(key)[key].reset_index(drop=True))


@given(event_rows())
def test_ties_stand_in_the_same_order_in_every_engine(rows):
    rows = rows.drop_duplicates(["case_id", "activity", "time", "region"]).reset_index(drop=True)
    frame = pl.from_pandas(rows).with_columns(pl.col("region").cast(pl.String))
    lazy = nw.from_native(frame.with_row_index("_row", 1).with_columns(_file=pl.lit("x")).lazy())
    here = l2c.read(frame, extracted=LIMIT)
    there = in_place.read(lazy, engine.home(lazy), "x", SAID, LIMIT, LIMIT, None)
    for metric in ("events", "cases", "variants", "findings"):
        same(METRICS[metric](here), METRICS[metric](there))


def test_without_a_place_in_the_source_the_order_of_rows_does_not_matter():
    frame = company(60).drop_nulls(["case_id", "activity", "time"]).filter(pl.col("case_id") != "")
    found = []
    for seed in (None, 1, 2):
        mixed = frame if seed is None else frame.sample(fraction=1, shuffle=True, seed=seed)
        lazy = nw.from_native(mixed.lazy())
        log = in_place.read(lazy, engine.home(lazy), "x", SAID, LIMIT, LIMIT, None)
        assert "no column source_row" in " ".join(map(str, log.quality.notes))
        found.append((METRICS["flow"](log), METRICS["variants"](log), METRICS["events"](log)))
    same(found[0], found[1])
    same(found[0], found[2])


MIXED = {
    "case_id": ["0065g00000ABcDE", "0065g00000ABcDEAA1", "0065g00000ABcDEXYZ", "0065g00000XYZab"],
    "activity": ["Opportunity Created", "Quote Sent", "Quote Sent", "Quote Sent"],
    "time": [datetime(2025, 1, day) for day in (1, 2, 3, 4)],
    "Owner.Name": ["Kim", "Kim", "Sato", "Kim"],
}


def mixed():
    """Rows in which one deal has its id in two forms."""
    full = eighteen(MIXED["case_id"][0])
    return pl.DataFrame(MIXED | {"case_id": [MIXED["case_id"][0], full, *MIXED["case_id"][2:]]})


def test_ids_of_15_and_18_characters_are_one_deal(tmp_path):
    mixed().write_parquet(tmp_path / "log.parquet")
    for log in (in_memory(tmp_path / "log.parquet"), in_duckdb(tmp_path / "log.parquet")):
        assert (log.n_cases, log.n_events) == (3, 4)
        assert "1 deals came with a 15-character id" in " ".join(map(str, log.quality.notes))


def test_several_currencies_are_said(tmp_path):
    mixed().with_columns(currency=pl.Series(["EUR", "EUR", "usd", "EUR"])).write_parquet(tmp_path / "log.parquet")
    for log in (in_memory(tmp_path / "log.parquet"), in_duckdb(tmp_path / "log.parquet")):
        assert log.currency is None
        assert "Amounts are in EUR, USD" in " ".join(map(str, log.quality.notes))


def test_names_with_a_dot_do_not_confuse_spark(spark, tmp_path):
    mixed().write_parquet(tmp_path / "log.parquet")
    read = l2c.read(spark, str(tmp_path / "log.parquet"))
    given = l2c.read(spark.read.parquet(str(tmp_path / "log.parquet")))
    for log in (read, given):
        assert log.n_cases == 3
        assert any(set(log.distinct(name)) == {"Kim", "Sato"} for name in log.attributes)


def test_a_column_source_row_settles_ties():
    frame = pl.DataFrame(
        {
            "case_id": ["a", "a", "a"],
            "activity": ["Zebra", "Apple", "Mango"],
            "time": [datetime(2025, 1, 1)] * 3,
            "source_row": [2, 3, 1],
        }
    )
    lazy = nw.from_native(frame.lazy())
    log = in_place.read(lazy, engine.home(lazy), "x", SAID, LIMIT, LIMIT, None)
    assert METRICS["variants"](log)["trace"].tolist() == [("Mango", "Zebra", "Apple")]


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"time": pl.lit("2025-01-01")}, "not a date or time"),
        ({"amount": pl.lit("12")}, "not a number"),
        ({"is_won": pl.lit("yes")}, "not true or false"),
    ],
)
def test_a_column_of_text_says_how_to_convert_it(change, hint):
    lazy = nw.from_native(company(5).with_columns(**change).lazy())
    with pytest.raises(UntypedColumn, match=hint):
        in_place.read(lazy, engine.home(lazy), "x", SAID, LIMIT, LIMIT, None)


def test_local_times_need_a_zone_the_engine_can_read():
    lazy = nw.from_native(company(5).lazy())
    said = instructions({"columns": {}, "time_zone": "Asia/Tokyo"})
    with pytest.raises(UntypedColumn, match="Asia/Tokyo"):
        in_place.read(lazy, engine.home(lazy), "x", said, LIMIT, LIMIT, None)


def test_a_row_per_deal_says_what_to_do():
    frame = pl.DataFrame(
        {"case_id": ["a"], "Created Date": [datetime(2025, 1, 1)], "Close Date": [datetime(2025, 2, 1)]}
    )
    lazy = nw.from_native(frame.lazy())
    with pytest.raises(UntypedColumn, match="row per event"):
        in_place.read(lazy, engine.home(lazy), "x", SAID, LIMIT, LIMIT, None)


def test_nothing_usable_is_said(tmp_path):
    lazy = nw.from_native(company(5).with_columns(case_id=pl.lit("")).lazy())
    with pytest.raises(NothingToRead, match="no case"):
        in_place.read(lazy, engine.home(lazy), "x", SAID, LIMIT, LIMIT, None)


def test_a_large_parquet_file_stays_on_disk(files, logs, monkeypatch):
    # The module; the package has a function of that name.

    monkeypatch.setattr("l2c.prepare.large.LARGE", 100)
    log = l2c.read(files("demo"), extracted=LIMIT)
    assert (
        engine.collect(nw.from_native(log.base.home.sql("SELECT path FROM duckdb_databases()")))["path"].notna().any()
    )
    for metric in ("flow", "kpis", "quality"):
        same(METRICS[metric](logs("memory", "demo")), METRICS[metric](log))


@pytest.mark.parametrize(
    ("kind", "shown", "precision"),
    [
        (pl.Datetime("us", "Asia/Tokyo"), datetime(2025, 3, 8, 17, 30), "second"),
        (pl.Datetime("ms"), datetime(2025, 3, 9, 2, 30), "second"),
        (pl.Date, datetime(2025, 3, 9), "day"),
    ],
)
def test_times_of_files_on_disk(kind, shown, precision, tmp_path):
    time = pl.Series([datetime(2025, 3, 9, 2, 30)])
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        time = time.dt.replace_time_zone(kind.time_zone)
    frame = pl.DataFrame({"case_id": ["a"], "activity": ["Quote Sent"], "time": time.cast(kind), "due_date": time})
    frame.write_parquet(tmp_path / "log.parquet")
    for log in (in_duckdb(tmp_path / "log.parquet"), in_polars(tmp_path / "log.parquet")):
        event = by(log.events, ["position"]).iloc[0]
        assert (event["time"], event["precision"]) == (pd.Timestamp(shown), precision)


@EVERY
def test_the_whole_or_a_sample_comes_here(logs):
    log = logs("spark", "demo").where(outcome="won")
    whole, few = log.collect(), log.collect(sample=20)
    assert engine.home(few.cases) == nw.Implementation.DUCKDB
    for metric in ("flow", "funnel"):
        same(METRICS[metric](log), METRICS[metric](whole))
    assert (whole.n_cases, whole.n_events) == (log.n_cases, log.n_events)
    assert 10 <= few.n_cases <= 20
    # Whole cases, with the variants they have in the whole log.
    events = by(log.events, ["case_id", "position"]).drop(columns=["source", "case_key"])
    part = by(few.events, ["case_id", "position"]).drop(columns=["source", "case_key"])
    same(events[events["case_id"].isin(part["case_id"])].reset_index(drop=True), part)
    assert "sample" in str(few.quality.notes[-1])
    same(METRICS["dots"](log)["case_id"].nunique(), log.n_cases)


WRITTEN = ("flow", "variants", "kpis", "events", "cases", "quality")


@pytest.mark.parametrize(
    ("writer", "metrics"),
    [("memory", ("flow", "cases")), *(pytest.param(kind, WRITTEN, marks=EVERY) for kind in ("memory", "spark"))],
)
def test_a_saved_log_opens_in_either_engine(writer, metrics, logs, spark, tmp_path):
    log = logs(writer, "demo").where(region="DACH")
    folder = log.save(tmp_path / "log")
    # A log of its own, saved by the engine that the other tests trust.
    alone = l2c.open(logs("memory", "demo").where(region="DACH").save(tmp_path / "alone"))
    for again in (l2c.open(folder), l2c.open(folder, spark)):
        for metric in metrics:
            same(METRICS[metric](alone), METRICS[metric](again))


def test_spark_saves_and_opens_a_log_by_its_name(spark, tmp_path):
    rows = spark.sql("SELECT 'a' AS case_id, 'Site visit' AS activity, TIMESTAMP'2025-03-09 00:30:00' AS time")
    other = spark.sql("SELECT 'b' AS case_id, 'Site Visit' AS activity, TIMESTAMP'2025-03-10 00:30:00' AS time")
    log = l2c.read(rows.union(other))
    l2c.read(rows).save(tmp_path / "log1")
    names = ["my log", "log[1]", "{a,b}", "log*"]
    for name in names:
        folder = log.save(tmp_path / name)
        for again in (l2c.open(folder), l2c.open(folder, spark)):
            assert (again.n_cases, again.activities) == (2, ("Site Visit", "Site visit"))
            assert again.first_times(again.activities).iloc[:, 5:].notna().sum().tolist() == [1, 1]
    there = {each.name for each in tmp_path.iterdir() if not each.name.endswith(".open")}
    assert there == {"log1", *names}


def test_a_log_on_spark_keeps_its_numbers_while_another_is_saved_over_it(spark, tmp_path):
    folder = l2c.demo(60, seed=1).save(tmp_path / "log")
    mine = l2c.open(folder, spark)
    before = METRICS["flow"](mine)
    l2c.demo(90, seed=2).save(folder)
    same(METRICS["flow"](l2c.log.EventLog(mine.base)), before)


def test_times_of_spark_are_instants_whatever_the_zone_of_the_session(spark):
    rows = spark.sql("""
        SELECT case_id, activity, timestamp(time) AS time FROM VALUES
        ('a', 'Opportunity Created', '2025-11-02 05:30:00 UTC'),
        ('a', 'Quote Sent', '2025-11-02 06:30:00 UTC'),
        ('a', 'Closed Won', '2025-03-09 02:30:00 UTC') AS rows(case_id, activity, time)
    """)
    log = l2c.read(rows)
    times = by(log.events, ["position"])["time"].tolist()
    # 1:30 comes twice that night in New York, where the session is.
    moments = ["2025-03-09 02:30:00", "2025-11-02 05:30:00", "2025-11-02 06:30:00"]
    assert times == [pd.Timestamp(each) for each in moments]
    assert METRICS["flow"](log).set_index(["from", "to"])["mean_days"]["Opportunity Created", "Quote Sent"] == 1 / 24


@pytest.mark.parametrize(("kind", "precision"), [("DATE", "day"), ("TIMESTAMP_NTZ", "second")])
def test_dates_and_local_times_of_spark(kind, precision, spark):
    text = "2025-03-09 02:30:00" if kind != "DATE" else "2025-03-09"
    rows = spark.sql(f"SELECT 'a' AS case_id, 'Quote Sent' AS activity, {kind}'{text}' AS time")
    log = l2c.read(rows)
    event = by(log.events, ["position"]).iloc[0]
    assert (event["time"], event["precision"]) == (pd.Timestamp(text), precision)
    if kind != "DATE":
        tokyo = by(l2c.read(rows, time_zone="Asia/Tokyo").events, ["position"]).iloc[0]
        assert tokyo["time"] == pd.Timestamp(text) - timedelta(hours=9)


def test_spark_says_in_words_what_it_cannot_do(spark, tmp_path):
    with pytest.raises(EngineTrouble, match="Spark could not"):
        l2c.read(spark, str(tmp_path / "nothing.parquet"))
    with pytest.raises(L2CError, match="recognised"):
        l2c.read(spark.sql("SELECT 1 AS x"))
