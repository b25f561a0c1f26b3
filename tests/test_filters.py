"""Filters are checked, and mean the same wherever they are written."""

import datetime as dt
import decimal
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c import engine
from l2c.log import build
from l2c.log.filters import WORDS, parse, said
from l2c.log.outcomes import OUTCOMES
from l2c.words.errors import BadFilter, UnknownName

ACTIVITIES = ["Opportunity Created", "Quote Sent", "A > B", "A", "B", " C ", "1..2", "x, y"]
VALUES = {
    "region": ["EMEA", "a..b", "1 > 2", "x, y", " padded ", "True", "2025-01-01", "None", "nan", "=1", "日本", None],
    "amount": [0.1, -5.0, 1e-7, 1e17, 3.0, None],
    "items": [1, 2, 3],
    "is_won": [True, False, None],
    "signed": [dt.datetime(2025, 1, 1), dt.datetime(2025, 1, 31, 23, 59, 59, 123456), dt.datetime(2025, 2, 1), None],
}
# What varies within a case, and so is known of its events only.
EVENT_VALUES = {
    "actor": ["Kim", "Lee > Co", " Ann ", "佐藤", None],
    "score": [1, 2.5, None],
    "manual": [True, False, None],
}


def _log():
    rows = []
    for n in range(60):
        for at in range(1 + n % 4):
            row = {"case_id": f"c{n}", "activity": ACTIVITIES[(n * 3 + at * (1 + n % 3)) % len(ACTIVITIES)]}
            row["time"] = dt.datetime(2025, 1, 1) + dt.timedelta(days=n * 3 + at * (n % 5), hours=at)
            row |= {name: values[n % len(values)] for name, values in VALUES.items()}
            rows.append(row | {name: values[(n + at) % len(values)] for name, values in EVENT_VALUES.items()})
    frame = pd.DataFrame(rows)
    flags = {name: frame[name].astype("boolean") for name in ("is_won", "manual")}
    return build(frame.assign(**flags, items=frame["items"].astype("int64")))


LOG = _log()


def kept(**words):
    return sorted(engine.collect(LOG.where(**words).cases.select("case_id"))["case_id"])


ONE_DATE = st.one_of(
    st.sampled_from(["2025", "2025-01", "2025-02-03", "2025-03-01 09:00", "2025-01-01T00:00:00+09:00"]),
    st.dates(dt.date(2025, 1, 1), dt.date(2025, 8, 1)),
    st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2025, 8, 1)).flatmap(
        lambda when: st.sampled_from([when, pd.Timestamp(when), np.datetime64(when), when.replace(tzinfo=dt.UTC)])
    ),
    st.just(pd.Period("2025-02", "M")),
)
PERIOD = st.one_of(
    ONE_DATE, st.tuples(st.none() | ONE_DATE, st.none() | ONE_DATE), st.sampled_from(["2025-01..2025-03", "..2025-02"])
)
NAME = st.sampled_from(ACTIVITIES)
SEVERAL = st.one_of(NAME, st.lists(NAME, max_size=3), st.sets(NAME, max_size=2), NAME.map(np.str_))
PAIR = st.one_of(st.tuples(NAME, NAME), st.lists(NAME, min_size=2, max_size=2), st.tuples(NAME, NAME).map(" > ".join))
DAYS = st.sampled_from([0, 1.5, np.float64(2), np.int64(3), "4", decimal.Decimal("0.5")])
NUMBER = st.sampled_from([0.1, -5, 1e-7, np.float64(1e17), "3", np.int32(3), decimal.Decimal("0.1"), 3])
LOW, HIGH = st.sampled_from([None, 0, 1.5, "2"]), st.sampled_from([None, 2, 30.0, np.int64(40)])
RANGE = st.one_of(st.tuples(LOW, HIGH), st.tuples(LOW, HIGH).map(list), st.sampled_from(["1..", "..3.5", "2..2"]))
WHO = st.sampled_from(["Kim", "Lee > Co", " Ann ", "佐藤", None, ["Kim", None]])
OF_WORD = {
    **dict.fromkeys(["opened", "closed", "ended", "active"], PERIOD),
    "created": st.one_of(st.tuples(NAME, PERIOD), st.tuples(NAME, PERIOD).map(lambda pair: dict([pair]))),
    **dict.fromkeys(["includes", "excludes", "starts", "ends"], SEVERAL),
    **dict.fromkeys(["follows", "not_follows", "eventually"], PAIR),
    "slower": st.one_of(st.tuples(NAME, DAYS), st.tuples(NAME, NAME, DAYS), st.sampled_from(["A > 1", "A > B > A > 1.5"])),
    "variant": st.one_of(st.sampled_from([1, "2", np.int64(3), 2.0]), st.lists(st.integers(1, 5)), st.just(range(1, 4))),
    "top_variants": st.sampled_from([0, 3, np.int64(5), "7"]),
    "duration": st.one_of(RANGE, st.just(["..1", "5.."])),
    "events": RANGE,
    "took": st.one_of(st.tuples(NAME, NAME, RANGE), st.tuples(NAME, NAME, LOW, HIGH), st.sampled_from(["A > B > 1..", "A > B > A > ..5", "Opportunity Created > A > ..", ["A > B > 1..", "A > x, y > ..2"]])),
    "times": st.one_of(st.tuples(NAME, RANGE), st.tuples(NAME, LOW, HIGH), st.sampled_from(["A > 1..", "A > B > ..0"])),
    "did": st.one_of(st.tuples(NAME, WHO), st.sampled_from(["A > Kim", "A > B > Lee > Co", "1..2 >", ["A > Kim", "B > 佐藤"]])),
    "actor": WHO,
    "score": st.one_of(st.sampled_from([1, 2.5, None, "2..", (None, 2), [1, None]])),
    "manual": st.sampled_from([True, "no", None, [False, None]]),
    "outcome": st.one_of(st.sampled_from(list(OUTCOMES)), st.lists(st.sampled_from(list(OUTCOMES)))),
    "region": st.one_of(st.sampled_from(VALUES["region"]), st.lists(st.sampled_from(VALUES["region"])), st.tuples(*[st.sampled_from(["EMEA", "a..b"])] * 2), st.just(True), st.just(dt.date(2025, 1, 1)), st.just(np.nan), st.just(pd.NA)),
    "amount": st.one_of(NUMBER, st.lists(NUMBER), st.tuples(st.none() | NUMBER, st.none() | NUMBER), st.sampled_from(["-5..3", "..1e17", "0.1.."]), st.none(), st.just([None, 3])),
    "items": st.one_of(st.sampled_from([1, "2", np.int8(3)]), st.tuples(st.integers(0, 2), st.integers(2, 5)), st.just(np.array([1, 2])), st.just(pd.Series([3]))),
    "is_won": st.one_of(st.sampled_from([True, False, None, "yes", "いいえ", "はい", 1, 0.0, np.True_, pd.NA]), st.lists(st.sampled_from([True, None, "no"]))),
    "signed": st.one_of(PERIOD, st.none(), st.just(pd.NaT), st.just([dt.date(2025, 1, 1), None]), st.just(["2025-01", "2025-02-01"])),
}  # fmt: skip


def test_every_word_is_tried():
    assert set(OF_WORD) == set(WORDS) | set(VALUES) | set(EVENT_VALUES)
    # Which kind of performer it was follows from its name.
    assert set(EVENT_VALUES) | {"actor_kind"} == set(LOG.base.event_attributes)
    assert set(VALUES) == set(LOG.attributes)


@given(st.lists(st.sampled_from(sorted(OF_WORD)), min_size=1, max_size=2, unique=True).flatmap(
    lambda words: st.fixed_dictionaries({word: OF_WORD[word] for word in words})
))  # fmt: skip
def test_filters_mean_the_same_once_written_down(words):
    try:
        wanted = kept(**words)
    except BadFilter as error:
        assert "ends before it begins" in str(error)
        with pytest.raises(BadFilter):
            kept(**said(words))
        return
    written = json.loads(json.dumps(said(words), allow_nan=False))
    assert kept(**written) == wanted
    assert said(written) == written
    assert LOG.where(**written).filters == LOG.where(**words).filters


@pytest.mark.parametrize(
    ("words", "which"),
    [
        ({"region": "a..b"}, "a..b"), ({"region": " padded "}, " padded "), ({"region": "padded"}, None),
        ({"region": True}, "True"), ({"region": dt.date(2025, 1, 1)}, "2025-01-01"), ({"region": "nan"}, "nan"),
        ({"region": "None"}, "None"), ({"region": "1 > 2"}, "1 > 2"), ({"region": "x, y"}, "x, y"),
    ],
)  # fmt: skip
def test_a_value_is_the_value_whatever_signs_it_holds(words, which):
    if which is None:
        with pytest.raises(UnknownName):
            kept(**said(words))
        return
    cases = engine.collect(LOG.cases.select("case_id", "region"))
    wanted = sorted(cases.loc[cases["region"] == which, "case_id"])
    assert wanted and kept(**said(words)) == kept(**words) == wanted


@pytest.mark.parametrize(
    ("text", "activity", "who"),
    [("A > B > Lee > Co", "A > B", "Lee > Co"), ("A > Lee > Co", "A", "Lee > Co"), ("A > B > Kim", "A > B", "Kim"), ("A > B >", "A > B", None)],
)  # fmt: skip
def test_the_sign_may_stand_in_names_of_activities_and_of_people(text, activity, who):
    assert kept(did=text) == kept(did=(activity, who))


def test_missing_is_said_in_many_ways():
    cases = engine.collect(LOG.cases.select("case_id", "region"))
    missing = sorted(cases.loc[cases["region"].isna(), "case_id"])
    for value in (None, np.nan, pd.NA, pd.NaT, [None], float("nan")):
        assert kept(region=value) == kept(**said({"region": value})) == missing
    assert kept(**parse(["region="])) == missing


def test_the_command_line_takes_what_a_log_holds():
    assert kept(**parse(["region= padded "])) == kept(region=" padded ")
    assert kept(**parse(["region = EMEA "])) == kept(region="EMEA")
    assert kept(**parse(["follows=A > B > A"])) == kept(follows=("A > B", "A"))
    assert kept(**parse(["amount=-5..3"])) == kept(amount=(-5, 3))
    assert kept(**parse(["is_won=Won"])) == kept(is_won=True)
    assert kept(**parse(["is_won=はい"])) == kept(is_won=True) != kept(is_won=False)
    assert kept(**parse(["region=EMEA", "region=a..b"])) == kept(region=["EMEA", "a..b"])


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("is_won=maybe", "is_won='maybe' is neither yes nor no"),
        ("is_won=2", "neither yes nor no"),
        ("variant=nan", "number"),
        ("variant=inf", "number"),
        ("variant=1.5", "variant='1.5' is not a whole number"),
        ("variant=-1", "not a whole number"),
        ("variant=99999", "No case has 99999 as its variant"),
        ("variant=", "number"),
        ("top_variants=-1", "not a whole number"),
        ("top_variants=1e400", "number"),
        ("amount=abc..", "amount='abc' is not a number|is not a number"),
        ("amount=nan", "not a number"),
        ("amount=-inf..inf", "not a number"),
        ("amount=5..1", r"amount=\('5', '1'\) ends before it begins"),
        ("amount=1..2..3", "not a number"),
        ("opened=2025-13", "not a period"),
        ("opened=2025-02-30", "not a period"),
        ("opened=0000", "not a period"),
        ("opened=2025-03..2025-01", "ends before it begins"),
        ("opened=nan..2025", "not a period"),
        ("opened=", "not a period"),
        ("signed=soon", "not a period"),
        ("follows=", "not a pair of activities"),
        ("follows=A", "not a pair of activities"),
        ("follows=A > Z", "No activity is called"),
        ("slower=", "not a step and a number of days"),
        ("slower=A > B > inf", "not a number"),
        ("includes=", "No activity is called"),
        ("outcome=Won!", "is not one of"),
        ("duration=60", r"duration='60' is not a range. Write \(60, None\) or '60..'"),
        ("duration=", "not a range"),
        ("duration=5..1", "ends before it begins"),
        ("duration=a..b", "not a number"),
        ("events=3", "not a range"),
        ("took=A > B", "not two activities and a range of days"),
        ("took=A > B > 30", "not a range"),
        ("took=A > Z > 30..", "No activity is called"),
        ("took=30..", "not two activities"),
        ("times=A > 2", "not a range"),
        ("times=2..", "an activity and a range of numbers"),
        ("times=Z > 2..", "No activity is called"),
        ("did=A", "an activity and who did it"),
        ("did=Z > Kim", "No activity is called"),
        ("did=A > Kin", "No case has 'Kin' as its actor. Closest: Kim"),
        ("actor=Kin", "No case has 'Kin' as its actor. Closest: Kim"),
        ("=x", "attribute=value"),
        ("self=1", "No case attribute"),
        ("word=1", "No case attribute"),
    ],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_refused_with_a_sentence(text, hint):
    with pytest.raises((BadFilter, UnknownName), match=hint) as caught:
        kept(**parse([text]))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "words",
    [
        {"opened": (pd.NaT, "2025")}, {"amount": (float("nan"), 5)}, {"amount": (1, 2, 3)}, {"slower": []}, {"slower": 5},
        {"follows": 5}, {"variant": True}, {"variant": "x"}, {"opened": ["2025"]}, {"amount": [(1, 2)]}, {"opened": object()},
        {"amount": 10**400}, {"duration": 60}, {"duration": (1, 2, 3)}, {"duration": (float("nan"), None)}, {"took": ("A", "B")},
        {"took": ("A", "B", 5)}, {"took": ("A", (1, None))}, {"times": ("A", 2)}, {"times": 5}, {"did": ("A",)}, {"did": ("A", 5)}, {"signed": ("2026", "2025")},
    ],
)  # fmt: skip
def test_so_is_one_in_python(words):
    for each in (words, said(words)):
        with pytest.raises((BadFilter, UnknownName)):
            kept(**each)


def test_no_ends_are_no_filter():
    assert said({"opened": (None, None), "amount": (None, None)}) == {}
    assert kept(opened=(None, None)) == kept()


def test_a_quarter_is_a_period():
    days = [dt.datetime(2025, 1, 1), dt.datetime(2025, 3, 31, 23), dt.datetime(2025, 4, 1), dt.datetime(2025, 12, 31)]
    rows = {"case_id": list("abcd"), "activity": ["Opportunity Created"] * 4, "time": days}
    log = build(pd.DataFrame(rows))
    for text, n in (("2025-Q1", 2), ("2025Q2", 1), ("2025-q3", 0), ("2025-Q4", 1)):
        assert log.where(opened=text).n_cases == n
    assert log.where(opened=("2025-Q2", "2025-Q4")).n_cases == 2
    with pytest.raises(BadFilter):
        log.where(opened="2025-Q5")
