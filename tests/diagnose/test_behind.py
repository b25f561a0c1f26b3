"""The cases behind a number are those of the number: counted and measured again from their ids alone, it is the same."""

import numpy as np
import pandas as pd
import pytest

import l2c
from l2c import diagnose
from l2c.discover import flow
from l2c.measures import behind as places
from l2c.measures.behind import BEHIND, unpacked
from l2c.measures.facts import Facts
from l2c.measures.observations import observations
from l2c.measures.spans import OTHERWISE
from l2c.measures.summary import VELOCITY, measured, shown
from l2c.words.measures import measures
from tests.logs import demo, from_text

KPIS = [measure.id for measure in measures().values() if measure.card]


@pytest.fixture(scope="module")
def log():
    return demo(800)


@pytest.fixture(scope="module")
def kpis(log):
    return diagnose.behind(l2c.kpis(log), log).set_index("kpi")


def of_ids(log, text):
    """The facts of the cases that a page would list: from the packed text to ids, and from the ids back to cases."""
    facts, ids = Facts.of(log), places.ids(log, unpacked(text))
    assert len(set(ids)) == len(ids)
    return facts.only(np.isin(facts.rows, places.of_ids(log, ids)))


@pytest.mark.parametrize("kpi", KPIS)
def test_recounting_the_ids_behind_a_measure_gives_its_number(log, kpis, kpi):
    row = kpis.loc[kpi]
    if row[BEHIND] is None:
        assert row["cases"] == 0
        return
    known, id = of_ids(log, row[BEHIND]), VELOCITY[0] if kpi == "pipeline_velocity" else kpi
    again = observations(known, id)
    assert shown(again).sum() == row["cases"]
    # None of the cases is without something that counts.
    assert len(np.unique(again.case[shown(again)])) == len(known)
    if kpi == "pipeline_velocity":
        return
    whole = observations(Facts.of(log), kpi)
    if (whole.how[~shown(whole)] == OTHERWISE).any() or ((~shown(whole)).any() and whole.kind == "overdue"):
        # What ended otherwise is not counted beside the number, and competes with what is: all that was observed gives it.
        known = Facts.of(log).only(np.isin(np.arange(len(Facts.of(log))), whole.case))
    assert measured(known, kpi).estimate == pytest.approx(tuple(measured(Facts.of(log), kpi).estimate), nan_ok=True)


def test_the_cases_of_a_step_are_those_that_take_it(log):
    table = diagnose.behind(diagnose.steps(log), log)
    assert [len(unpacked(text)) for text in table[BEHIND]] == table["cases"].tolist()
    events = log.events.collect().to_pandas() if hasattr(log.events, "collect") else log.events
    row = table.iloc[3]
    taken = events[(events["activity"] == row["from"]) & (events["next_activity"] == row["to"])]
    assert Facts.of(log).keys[unpacked(row[BEHIND])].tolist() == sorted(taken["case_key"].unique())


def test_the_cases_of_a_milestone_are_those_that_reach_it(log):
    table = diagnose.behind(l2c.discover.funnel(log), log)
    assert [len(unpacked(text)) for text in table[BEHIND]] == table["cases"].tolist()


def test_the_cases_of_a_rule_are_those_that_break_it(log):
    table = diagnose.behind(diagnose.compliance(log), log)
    known = [[] if text is None else places.ids(log, unpacked(text)) for text in table[BEHIND]]
    assert [sorted(ids) for ids in known] == table["cases"].tolist()
    assert table["count"].max() > 0


def test_places_are_those_of_the_whole_log_whatever_filter_is_on(log):
    part = log.where(region="UK")
    row = diagnose.behind(l2c.kpis(part, only=["win_rate"]), part).iloc[0]
    region = Facts.of(log).attribute("region")
    assert set(region[unpacked(row[BEHIND])]) == {"UK"}
    assert row["cases"] == len(unpacked(row[BEHIND]))


def test_a_table_of_whose_cases_nothing_is_known_leads_nowhere(log):
    table = diagnose.behind(pd.DataFrame({"region": ["UK"], "share": [0.5]}), log)
    assert table[BEHIND].tolist() == [None]
    ends = diagnose.behind(flow(log), log)
    assert ends.loc[ends["from"].isin([l2c.log.START]), BEHIND].isna().all()


def test_the_list_of_cases_says_of_each_what_the_log_says():
    log = from_text(
        """
        b [amount=20]: Opportunity Created 3, Closed Won 9
        a: Opportunity Created 0, Closed Lost 2
        c [amount=5]: Opportunity Created 4
        """,
        until=30,
    )
    table = places.cases(log.where(outcome="won")).set_index("case_id")
    assert table["status"].to_dict() == {"a": "lost", "b": "won", "c": "open"}
    assert (table["opened"] - table["opened"].min()).to_dict() == {"a": 0, "b": 3, "c": 4}
    assert table["amount"].fillna(-1).to_dict() == {"a": -1, "b": 20, "c": 5}
    assert places.ids(log, places.of_ids(log, ["b", "nobody"])) == ["b"]
