"""What an activity is called changes no number: names are data, not columns, keys of one's own or markup."""

import re
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

import l2c
from l2c import discover
from l2c.log import END, START, build
from tests.logs import ORIGIN, from_text
from tests.metrics import METRICS, same

ODD = sorted(
    [
        *(
            "Quote Re-Check",
            "quote re-check",
            "Ｑｕｏｔｅ　ｒｅ－ｃｈｅｃｋ",
            "quote re-check ",
            " quote re-check",
            "QUOTE RE-CHECK",
        ),
        *(
            "status",
            "started",
            "ended",
            "case_key",
            "case_id",
            "time",
            "position",
            "activity",
            "cases",
            "m0",
            "n",
            "_at",
        ),
        *(
            "",
            " ",
            'say "so"',
            "it's",
            "two\nlines",
            "a\\b",
            "😀",
            "e\u0301",
            "é",
            "<b>x</b>",
            "a > b",
            "$1",
            "%s",
            "{0}",
        ),
        *("NULL", "None", "nan", "NaT", "0", "1", "1.0", "True", "region", "rep", "amount", "select", "*", "milestone"),
    ]
)
KNOWN = ["Opportunity Created", "Quote Sent", "Contract Signed", "Closed Won", "Closed Lost", "Payment Received"]
# Each stands where its odd one stands in the alphabet, among the known ones too: what ties is told apart by names.
PLAIN = [
    max((known for known in [*KNOWN, START] if known < odd), default="!") + f" Unknown {place:02}"
    for place, odd in enumerate(ODD)
]


def rows(names: list[str], seed: int = 4, cases: int = 90) -> pd.DataFrame:
    """The same cases, whatever their unknown activities are called."""
    chance = np.random.default_rng(seed)
    found = []
    for case in range(cases):
        facts = {"region": ["EMEA", "APAC"][case % 2], "rep": f"R{case % 7}", "amount": 1000.0 + case}
        steps = [*chance.choice(len(names) + len(KNOWN), chance.integers(3, 12))]
        for place, step in enumerate([*steps, steps[0]] if case % 3 else steps):
            name = [*names, *KNOWN][step]
            time = ORIGIN + timedelta(days=float(case) + place * float(1 + step % 5))
            found.append({"case_id": f"c{case:03}", "activity": name, "time": time, **facts})
    return pd.DataFrame(found)


def renamed(result: object) -> object:
    """A result about the plain names, told with the odd ones."""
    if isinstance(result, str):
        return re.sub("|".join(PLAIN), lambda found: ODD[PLAIN.index(found[0])], result)
    if isinstance(result, pd.DataFrame):
        texts = [name for name in result if result[name].dtype == object or result[name].dtype == "str"]
        told = {
            name: pd.Series(map(renamed, result[name]), result.index, result[name].dtype, name=name) for name in texts
        }
        return result.assign(**told).rename(columns=renamed)
    if isinstance(result, dict):
        return {renamed(key): renamed(value) for key, value in result.items()}
    if isinstance(result, list | tuple):
        return type(result)(renamed(each) for each in result)
    return result


@pytest.fixture(scope="module")
def logs():
    return build(rows(ODD)), build(rows(PLAIN))


@pytest.mark.parametrize("metric", METRICS)
def test_numbers_do_not_depend_on_names(logs, metric):
    odd, plain = (METRICS[metric](log) for log in logs)
    same(odd, renamed(plain))


def test_two_spellings_are_two_activities_everywhere():
    log = from_text("""
        a: Site visit 0, Closed Won 10
        b: Site visit 0, Site Visit 2, Closed Won 10
        c: Site Visit 0
    """)
    assert log.activities == ("Closed Won", "Site Visit", "Site visit")
    flow = discover.flow(log).set_index(["from", "to"])["events"]
    assert (flow["Site visit", "Site Visit"], flow["Site visit", "Closed Won"]) == (1, 1)
    assert sorted(discover.variants(log)["trace"]) == [
        ("Site Visit",),
        ("Site visit", "Closed Won"),
        ("Site visit", "Site Visit", "Closed Won"),
    ]
    assert [log.where(includes=name).n_cases for name in ("Site visit", "Site Visit")] == [2, 2]
    assert log.where(follows=("Site visit", "Site Visit")).n_cases == 1
    reached = log.first_times(["Site visit", "Site Visit"])
    assert reached["Site visit"].notna().tolist() == [True, True, False]
    assert reached["Site Visit"].notna().tolist() == [False, True, True]
    assert discover.funnel(log, ("Site visit", "Site Visit"))["cases"].tolist() == [2, 2]


def test_reading_tells_of_two_spellings(tmp_path):
    source = tmp_path / "log.csv"
    lines = [
        "a,Site visit ,2025-01-01",
        "a,Site Visit,2025-01-02",
        "b,Ｓｉｔｅ　ｖｉｓｉｔ,2025-01-03",
        "b,Demo,2025-01-04",
    ]
    source.write_text("\n".join(["case_id,activity,time", *lines]) + "\n", "utf-8")
    log = l2c.read(source)
    assert log.activities == ("Demo", "Site Visit", "Site visit", "Ｓｉｔｅ　ｖｉｓｉｔ")
    found = log.quality.findings.set_index("finding").loc["probably the same name"]
    assert str(found["detail"]) == "activity: Site Visit = Site visit = Ｓｉｔｅ　ｖｉｓｉｔ"


def test_an_activity_may_be_called_like_a_column_of_the_cases():
    log = from_text("a: status 0, started 3, case_key 5\nb: status 1")
    times = log.first_times(["started", "status"], ["region"])
    assert list(times.columns) == ["case_key", "case_id", "status", "started", "ended", "region", "started", "status"]
    assert times["case_id"].tolist() == ["a", "b"]
    assert times.iloc[:, 6].tolist() == [ORIGIN + timedelta(days=3), pd.NaT]
    assert times.iloc[:, 7].tolist() == [ORIGIN, ORIGIN + timedelta(days=1)]
    assert discover.funnel(log, ("status", "started"))["median_days"].tolist()[1] == 3.0


def test_a_thousand_activities_are_measured():
    log = build(rows([f"Step {place}" for place in range(1000)], cases=400))
    assert len(log.activities) > 900
    reached = log.first_times(log.activities).iloc[:, 5:].notna().sum()
    some = log.activities[::100]
    assert [reached[name] for name in some] == [log.where(includes=name).n_cases for name in some]
    assert set(discover.funnel(log)["milestone"]) < set(log.activities)
    assert l2c.kpis(log).set_index("kpi").loc["variants", "value"] == len(discover.variants(log))


@pytest.mark.parametrize("make", [l2c.read, build])
@pytest.mark.parametrize(
    "headers",
    [
        *(
            ["Foo", "foo"],
            ["Region", "region", "REGION"],
            ["started"],
            ["Started"],
            ["Precision"],
            ["Position", "Events"],
        ),
        *(["variant_id", "Duration_Days"], ["Wait_Days", "first_of_step"], ["Source", "Next_Activity"], ["Ä", "ä"]),
    ],
    ids=" ".join,
)
def test_a_column_called_like_another_one_keeps_its_values(tmp_path, make, headers):
    made = pd.DataFrame(
        [
            {"case_id": case, "activity": activity, "time": ORIGIN + timedelta(days=day)}
            | {header: f"{header} of {case}" for header in headers}
            for case in ("a", "b")
            for activity, day in (("Opportunity Created", 0), ("Closed Won", 4))
        ]
    )
    log = make(made)
    opened = l2c.open(log.save(tmp_path / "log"))
    for each in (log, opened):
        assert len(set(map(str.lower, each.attributes))) == len(headers)
        found = {value for name in each.attributes for value in each.distinct(name)}
        assert found == {f"{header} of {case}" for header in headers for case in ("a", "b")}
        assert discover.flow(each)["events"].sum() == 6
        facts = each.first_times(["Closed Won"])
        assert facts["started"].tolist() == [ORIGIN] * 2
        assert (facts["Closed Won"] - facts["started"]).dt.days.tolist() == [4, 4]


def test_a_step_called_like_the_sign_of_the_beginning_or_the_end_is_a_step():
    made = rows([START, END, "Demo"])
    log = l2c.read(made)
    flow = discover.flow(log)
    assert {f"{START} (source)", f"{END} (source)"} < set(log.activities)
    assert flow.loc[flow["from"] == START, "events"].sum() == log.n_cases
    assert flow.loc[flow["to"] == END, "events"].sum() == log.n_cases
    assert flow["events"].sum() == log.n_events + log.n_cases
