"""Data frames of every kind: the right log, or a sentence."""

import datetime as dt
import decimal
import uuid

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import l2c
from l2c.words.errors import ColumnsNotFound, L2CError, NothingToRead, UnreadableColumn
from tests.prepare.odd_frames import BASE, FOUR, STEPS, TIMES, TOKYO, odd_columns, odd_shapes, with_column

ODD = [*odd_columns(every=9), *odd_shapes()]


def outcome(source):
    """A reconciled log, or the sentence that refuses the source."""
    try:
        log = l2c.read(source)
    except L2CError as error:
        assert "\n" not in str(error) and str(error).endswith(".")
        return str(error)
    assert log.quality.rows_read == log.quality.rows_used + len(log.quality.quarantine)
    assert sum(log.quality.reasons.values()) == len(log.quality.quarantine)
    assert log.n_events == log.quality.events
    assert list(log.quality.findings) == ["finding", "detail", "count", "of"]
    return log


def test_there_are_two_hundred_odd_frames():
    assert len(ODD) >= 200


@pytest.mark.parametrize(("name", "source"), ODD, ids=lambda each: each if isinstance(each, str) else "")
def test_an_odd_frame_is_a_reconciled_log_or_a_sentence(name, source):
    outcome(source)


def events(source, **options):
    """What a log holds, as text."""
    log = l2c.read(source, **options)
    rows = log.to_pm4py().sort_values(["case:concept:name", "time:timestamp"], ignore_index=True)
    dropped = [c for c in rows if c in ("source", "source_row")]
    return rows.drop(columns=dropped).astype(object).where(rows.notna(), None).to_dict("records")


AMOUNT = ["1200.5", "1200.5", "1200.5", "7"]
PLAIN = pd.DataFrame(BASE | {"amount": AMOUNT, "is_won": ["yes", "yes", "yes", "no"], "region": ["Kanto"] * 4})
STAMPS = [pd.Timestamp(text) for text in TIMES]


def changed(**columns):
    return PLAIN.assign(
        **{
            name: pd.Series(cells, dtype=object) if isinstance(cells, list) else cells
            for name, cells in columns.items()
        }
    )


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(changed(amount=[decimal.Decimal(text) for text in AMOUNT]), id="Decimal amounts"),
        pytest.param(changed(amount=[decimal.Decimal("1200.50"), 1200.5, "1200.5", np.int64(7)]), id="mixed amounts"),
        pytest.param(changed(amount=["1.200,5", 1200.5, "1,200.5", 7]), id="amounts of two habits"),
        pytest.param(changed(amount=pd.Series([1200.5, 1200.5, 1200.5, 7], dtype="Float64")), id="nullable amounts"),
        pytest.param(changed(amount=pd.arrays.SparseArray([1200.5, 1200.5, 1200.5, 7])), id="sparse amounts"),
        pytest.param(changed(time=STAMPS), id="Timestamps in an object column"),
        pytest.param(changed(time=[s.to_pydatetime() for s in STAMPS]), id="datetimes"),
        pytest.param(
            changed(time=[STAMPS[0], TIMES[1], STAMPS[2].to_pydatetime(), np.datetime64(TIMES[3])]), id="mixed times"
        ),
        pytest.param(changed(time=[s.tz_localize("UTC").tz_convert(TOKYO) for s in STAMPS]), id="times of one zone"),
        pytest.param(
            changed(
                time=[
                    s.tz_localize("UTC").tz_convert(zone)
                    for s, zone in zip(STAMPS, [TOKYO, "Europe/Berlin", "UTC", TOKYO], strict=True)
                ]
            ),
            id="times of several zones",
        ),
        pytest.param(changed(activity=pd.Categorical(STEPS)), id="categorical activities"),
        pytest.param(changed(activity=[step.encode() for step in STEPS]), id="activities as bytes"),
        pytest.param(changed(is_won=[True, True, True, False]), id="booleans in an object column"),
        pytest.param(changed(is_won=pd.Series([True, True, True, False], dtype="boolean")), id="nullable booleans"),
        pytest.param(changed(is_won=[1, "yes", True, 0.0]), id="mixed truth"),
        pytest.param(changed(region=pd.Series(["Kanto"] * 4, dtype="string")), id="string type"),
        pytest.param(PLAIN.set_index("case_id"), id="index"),
        pytest.param(PLAIN.set_index(["case_id", "activity"]), id="two indexes"),
        pytest.param(pd.concat({"deal": PLAIN}, axis=1), id="two levels of headers"),
        pytest.param(PLAIN.convert_dtypes(dtype_backend="pyarrow"), id="pandas on arrow"),
        pytest.param(PLAIN.to_dict("records"), id="records"),
        pytest.param({"Opportunity steps": PLAIN.to_dict("records")}, id="records by name"),
        pytest.param(PLAIN.to_dict("list"), id="columns"),
        pytest.param(pa.Table.from_pandas(PLAIN), id="arrow"),
        pytest.param(pa.Table.from_pandas(PLAIN).to_batches()[0], id="batch of arrow"),
        pytest.param(pl.from_pandas(PLAIN), id="polars"),
        pytest.param(pl.from_pandas(PLAIN).lazy(), id="polars, lazy"),
        pytest.param(
            pl.from_pandas(PLAIN).with_columns(
                pl.col("activity").cast(pl.Categorical), pl.col("amount").cast(pl.Decimal(12, 2))
            ),
            id="polars types",
        ),
    ],
)
def test_what_means_the_same_gives_the_same_log(source):
    assert events(source) == events(PLAIN)


@pytest.mark.parametrize("place", ["case_id", "note"])
@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        ([uuid.UUID(int=n) for n in (1, 1, 1, 2)], [str(uuid.UUID(int=n)) for n in (1, 1, 1, 2)]),
        (FOUR["paths"][:2] + FOUR["paths"][:2], ["a/b", "c", "a/b", "c"]),
        ([1, "1", 1.0, "B7"], ["1", "1", "1", "B7"]),
        ([decimal.Decimal("12345678901234567890.5")] * 4, ["12345678901234567890.5"] * 4),
        ([2**70] * 4, [str(2**70)] * 4),
        ([pd.Period("2025-01", "M")] * 4, ["2025-01"] * 4),
        (pd.Series(pd.period_range("2025-01", periods=4, freq="M")), ["2025-01", "2025-02", "2025-03", "2025-04"]),
        ([pd.Interval(0, 5)] * 4, ["(0, 5]"] * 4),
        ([["a", 1], {"b": None}, ("c",), {"d"}], ['["a", 1]', '{"b": null}', '["c"]', '["d"]']),
        ([dt.time(9, 30)] * 4, ["09:30:00"] * 4),
        ([dt.timedelta(days=3), np.timedelta64(3, "D"), pd.Timedelta("3D"), "3 days"], ["3 days"] * 4),
        ([STAMPS[0].normalize(), "soon", dt.date(2025, 1, 2), "x"], ["2025-01-01", "soon", "2025-01-02", "x"]),
        (["a\ud800", "b", "b", "b"], ["a?", "b", "b", "b"]),
        (pd.Categorical([1, 1, 2, 2]), ["1", "1", "2", "2"]),
    ],
)
def test_what_has_a_text_is_read_as_it(place, cells, texts):
    cells = cells if isinstance(cells, pd.Series) else pd.Series(cells, dtype=getattr(cells, "dtype", object))
    assert events(with_column(place, cells)) == events(with_column(place, texts)) or [
        str(row[place]) for row in events(with_column(place, cells))
    ] == [row[place] for row in events(with_column(place, texts))]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("silent", "Silent"), ("rude", "Rude"), ("lambdas", "function"), ("broken bytes", "bytes"), ("endless", "list")],
)
def test_what_has_no_text_is_refused_with_its_column(name, kind):
    with pytest.raises(UnreadableColumn, match=f"column note: row 1 holds a {kind}, which cannot be read as text"):
        l2c.read(with_column("note", FOUR[name]))


def test_dates_alone_are_days_however_they_are_held():
    days = ["2025-01-01", "2025-01-03", "2025-01-09", "2025-02-01"]
    wanted = events(PLAIN.assign(time=days), time_zone="Asia/Tokyo")
    for cells in (
        [dt.date.fromisoformat(day) for day in days],
        [pd.Timestamp(day) for day in days],
        [pd.Timestamp(days[0]), days[1], dt.date(2025, 1, 9), pd.Timestamp(days[3])],
        [pd.Period(day, "D") for day in days],
    ):
        assert events(changed(time=cells), time_zone="Asia/Tokyo") == wanted


def test_a_number_beside_texts_is_not_taken_for_a_thousand():
    log = l2c.read(changed(amount=["2,5", 1.234, 1.234, 1.234]))
    assert sorted(log.distinct("amount"))[0] == pytest.approx(1.234)


def test_infinite_amounts_are_not_read():
    log = l2c.read(changed(amount=pd.Series([np.inf, 5.0, 5.0, -np.inf])))
    assert log.distinct("amount") == [5.0]


def test_columns_of_one_name_are_told_apart():
    twice = pd.concat([PLAIN, PLAIN[["region"]].assign(region="Kansai")], axis=1)
    log = l2c.read(twice)
    assert (log.distinct("region"), log.distinct("region (2)")) == (["Kanto"], ["Kansai"])
    alike = pd.concat([PLAIN, PLAIN[["case_id"]]], axis=1)
    assert l2c.read(alike).n_cases == 2


def test_headers_that_are_no_text_become_it():
    log = l2c.read(PLAIN.rename(columns={"region": 7}).assign(**{"": "x"}))
    assert {"7", "column 7"} <= set(log.attributes)


def test_an_org_may_be_lists_of_records():
    deals = [
        {
            "Id": "006A",
            "CreatedDate": "2025-01-01T08:00:00Z",
            "StageName": "Qualify",
            "attributes": {"type": "Opportunity"},
        }
    ]
    log = l2c.read({"Opportunity": deals, "Account": [], "Lead": []})
    assert (log.n_cases, log.n_events) == (1, 1)


@pytest.mark.parametrize("source", [[], {}, (), [[]]])
def test_nothing_is_said_to_be_nothing(source):
    with pytest.raises((NothingToRead, ColumnsNotFound)):
        l2c.read(source)


def test_an_empty_frame_names_what_it_lacks():
    with pytest.raises(NothingToRead, match="the data frame holds no rows"):
        l2c.read(PLAIN.head(0))
    with pytest.raises(ColumnsNotFound, match="no column was recognised"):
        l2c.read(pd.DataFrame())


def test_ids_of_a_frame_stay_whole():
    assert l2c.read(PLAIN.assign(case_id=[1, 1, 1, 2])).n_cases == 2


def test_records_of_an_org_may_carry_types_of_their_own():
    texts = {
        "Opportunity": [
            {"Id": "006000000000001", "CreatedDate": "2025-01-01T08:00:00.000Z", "StageName": "Won", "Amount": "1200.5", "IsWon": "true",
             "IsClosed": "true", "IsDeleted": "false", "CloseDate": "2025-01-09", "AccountId": "001000000000001"},
        ],
        "Account": [{"Id": "001000000000001", "Name": "Acme", "CreatedDate": "2025-01-01T08:00:00.000Z"}],
    }  # fmt: skip
    made = {name: [dict(record) for record in records] for name, records in texts.items()}
    for record in (*made["Opportunity"], *made["Account"]):
        record["CreatedDate"] = pd.Timestamp(record["CreatedDate"]).tz_convert("Asia/Tokyo")
    made["Opportunity"][0] |= {
        "Amount": decimal.Decimal("1200.50"), "IsWon": True, "IsClosed": np.True_, "IsDeleted": False, "CloseDate": dt.date(2025, 1, 9),
    }  # fmt: skip
    frames = {name: pd.DataFrame(records) for name, records in made.items()}
    on_polars = {name: pl.DataFrame(records, strict=False) for name, records in texts.items()}
    for source in (made, frames, on_polars):
        assert events(source) == events(texts)
        assert l2c.read(source).distinct("amount") == [1200.5]
