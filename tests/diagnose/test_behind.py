"""The cases behind a number are those of the number: counted and measured again from their ids alone, it is the same."""

import numpy as np
import pandas as pd
import pytest

import l2c
from l2c import diagnose, monitor
from l2c.diagnose.behind import of_activities
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
    # Of what is counted by invoices, nothing is claimed that the table does not say.
    foreign = diagnose.quote_rounds(log)
    assert diagnose.behind(foreign, log)[BEHIND].isna().all()
    # A quarter of a figure is not all of it.
    assert diagnose.behind(monitor.quarters(log), log)[BEHIND].isna().all()


def test_every_arrow_of_the_map_leads_to_the_cases_it_counts_those_from_the_start_and_to_the_end_as_well(log):
    table = diagnose.behind(flow(log), log)
    assert [0 if text is None else len(unpacked(text)) for text in table[BEHIND]] == table["cases"].tolist()
    assert {l2c.log.START, l2c.log.END} <= {*table["from"], *table["to"]}
    counted = l2c.discover.activities(log).set_index("activity")["cases"]
    found = of_activities(log, counted.index)
    assert {name: len(cases) for name, cases in found.items()} == counted.to_dict()


COUNTING = {
    "stages": diagnose.stages,
    "stage_conversion": diagnose.stage_conversion,
    "conversion": lambda log: diagnose.conversion(log, by="opened"),
    "conversion by an attribute": lambda log: diagnose.conversion(log, by="region"),
    "silent": diagnose.silent,
    "bands": diagnose.discount_bands,
    "cash bridge": diagnose.cash_bridge,
    "leaks": diagnose.revenue_leakage,
    "handovers": diagnose.handovers,
    "deviations": diagnose.deviations,
    "exits": l2c.discover.exits,
    "variants": l2c.discover.variants,
    "waits on the way": diagnose.quote_waits,
    "bridge of the pipeline": lambda log: monitor.lately(log).rename(columns={"deals": "cases"}),
    "quarters": lambda log: monitor.quarters(log).query("kpi == 'win_rate_incidence'"),
}


@pytest.mark.parametrize("name", COUNTING)
@pytest.mark.parametrize("chosen", [{}, {"region": "UK"}])
def test_as_many_cases_are_listed_as_are_counted(log, name, chosen):
    part = log.where(**chosen)
    table = COUNTING[name](part)
    told = table.rename(columns={"cases": "deals"}) if name.startswith("bridge") else table
    found = monitor.behind(told, part)[BEHIND]
    assert [0 if text is None else len(unpacked(text)) for text in found] == table["cases"].fillna(0).tolist()
    assert len(table) or chosen or name == "leaks"
    rows = set(Facts.of(part).rows.tolist())
    assert all(set(unpacked(text).tolist()) <= rows for text in found.dropna())


def test_the_cases_of_invoices_are_those_that_have_them():
    log = from_text(
        """
        a [account=A, amount=10, payment_terms_days=10]: Opportunity Created 0, Closed Won 1, Invoice Sent 2, Payment Received 30
        b [account=A, amount=20, payment_terms_days=10]: Opportunity Created 0, Closed Won 1, Invoice Sent 2
        c [account=B, amount=30, payment_terms_days=93]: Opportunity Created 0, Closed Won 1, Invoice Sent 2
        d [account=B, amount=40, payment_terms_days=48]: Opportunity Created 0, Closed Won 1, Invoice Sent 2, Payment Received 30
        """,
        until=60,
    )

    def named(table, key):
        found = diagnose.behind(table, log)
        return {
            row[key]: "".join(places.ids(log, unpacked(row[BEHIND]))) for row in found.to_dict("records") if row[BEHIND]
        }

    # Due on day 12, 48 days ago; due on day 95, not yet. Sums are of those with an open invoice.
    assert named(diagnose.ageing(log), "bucket") == {"not_due": "c", "31-60": "b"}
    owed = named(diagnose.receivables(log), "measure")
    assert (owed["open_receivables"], owed["overdue_receivables"], owed["dso_simple_days"]) == ("bc", "b", "abcd")
    assert named(diagnose.late_customers(log), "account") == {"A": "ab"}
    assert named(diagnose.payments(log), "measure")["late_share"] == "abcd"


def test_what_happened_twice_leads_to_the_deals_it_happened_to(log):
    table = diagnose.behind(diagnose.rework(log), log)
    revised = table[table["kind"] == "quote_revised"].iloc[0]
    assert 0 < len(unpacked(revised[BEHIND])) <= revised["count"]
    parts = diagnose.behind(diagnose.rework(log, by="region"), log)
    known = [set(unpacked(text)) for text in parts.loc[parts["kind"] == "quote_revised", BEHIND].dropna()]
    assert set().union(*known) <= set(unpacked(revised[BEHIND]))
    days = diagnose.behind(diagnose.rework_days(log), log).set_index("kind")
    assert len(unpacked(days.loc["quote_revised", BEHIND])) <= days.loc["quote_revised", "cases"]


def test_a_rep_under_another_name_leads_to_the_same_deals(log):
    hidden, shown = diagnose.reps(log, names=False), diagnose.reps(log, names=True)
    assert set(hidden["rep"]).isdisjoint(shown["rep"])
    keys = ["measure", "step", "raw", "cases"]
    one, other = (
        diagnose.behind(table.assign(step=table["step"].map(str)).sort_values(keys).assign(step=table["step"]), log)
        for table in (hidden, shown)
    )
    assert one[BEHIND].tolist() == other[BEHIND].tolist()
    person = shown["rep"].iloc[0]
    row = diagnose.behind(shown.head(1), log).iloc[0]
    assert len(unpacked(row[BEHIND])) == row["cases"]
    assert set(Facts.of(log).attribute("rep")[unpacked(row[BEHIND])]) == {person}


def test_an_outcome_leads_to_what_began_on_either_side_of_the_day(log):
    day = "2026-01-05"
    table = monitor.behind(monitor.outcomes(log, day), log)
    row = table[table["outcome"] == "sales_cycle_days"].iloc[0]
    assert len(unpacked(row[BEHIND])) == row["cases_before"] + row["cases_after"] > 0
    # Rules, and sides of another length, are not known by the table alone.
    assert table.loc[table["rule"] != "", BEHIND].isna().all()
    assert monitor.behind(monitor.outcomes(log, day, days=60), log)[BEHIND].isna().all()


def test_what_is_to_come_leads_to_what_is_open(log):
    ahead = monitor.behind(monitor.forecast(log), log)
    ids = set(places.ids(log, unpacked(ahead[BEHIND].iloc[0])))
    assert ids == set(monitor.open_deals(log)["case_id"])
    money = monitor.behind(monitor.cash(log), log)
    owed = set(monitor.open_invoices(log)["case_id"])
    assert set(places.ids(log, unpacked(money[BEHIND].iloc[0]))) == ids | owed


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
