"""Numbers to date are for reconciling: none stands in a comparison, a cause or a chart of groups, and none is asked there."""

import re

import pandas as pd
import pytest

import l2c
from l2c import diagnose, improve, monitor, show
from l2c.demo import truth
from l2c.demo.org import write_objects
from l2c.diagnose.causes import searched, targets
from l2c.diagnose.problems import PROBLEMS
from l2c.measures.facts import Facts
from l2c.measures.observations import observations
from l2c.monitor.compare import compared
from l2c.show.findings import sentence
from l2c.words import vocabulary
from l2c.words.errors import BadComparison, UnknownName
from l2c.words.measures import fair, measures
from tests.logs import demo, from_text
from tests.show import twins

TO_DATE = {id for id, measure in measures().items() if measure.so_far}
FAIR = {"win_rate": "win_rate_incidence", "lead_conversion_rate": "lead_conversion_incidence"}
FAIR |= {"late_payment_share": "late_payment_incidence"}
# How a number to date calls itself.
CALLED = re.compile("to date|現時点まで")
LANGS = ("en", "ja")


@pytest.fixture(scope="module")
def log():
    return demo(800)


@pytest.fixture(scope="module")
def org(tmp_path_factory):
    folder = tmp_path_factory.mktemp("org")
    write_objects(folder, 300, 3)
    return l2c.read(folder)


@pytest.fixture(scope="module")
def tables(log, org):
    # What findings hold comes from the causes and the dates, which take long.
    diagnosed = {name: (name, log) for name in ("findings", "reps", "lost_variants", "discounts")}
    diagnosed |= {f"{name} of an org": (name, org) for name in ("causes", "since", "reps")}
    made = {key: getattr(diagnose, name)(of) for key, (name, of) in diagnosed.items()}
    made |= {"compare": monitor.compare(log, day(log)), "quarters": monitor.quarters(log)}
    return made | {"compare of an org": monitor.compare(org, day(org))}


def day(log):
    first, last, _ = log.period()
    return f"{first + (last - first) * 0.7:%Y-%m-%d}"


def said(cell):
    """Every text in a cell of a table."""
    return (
        [cell] if isinstance(cell, str) else [t for each in cell for t in said(each)] if isinstance(cell, tuple) else []
    )


def test_the_numbers_to_date_are_known():
    assert set(FAIR) | {"lead_to_opportunity_rate", "win_rate_by_value", "pipeline_velocity"} == TO_DATE
    assert {measure.to_date: id for id, measure in measures().items() if measure.to_date} == {
        a: b for a, b in FAIR.items()
    }
    assert [fair(id) for id in FAIR] == list(FAIR.values()) and fair("win_rate_by_value") == "win_rate_by_value"
    # Whatever calls itself so is one, in both languages.
    called = {id for id, each in measures().items() if CALLED.search(f"{each.en} {each.meaning_en.split('; ')[0]}")}
    assert called == {id for id, each in measures().items() if CALLED.search(f"{each.ja} {each.meaning_ja}")} == TO_DATE


def test_no_table_that_compares_holds_a_number_to_date(org, tables):
    assert all(len(tables[name]) for name in ("findings", "causes of an org", "reps", "compare", "quarters"))
    for name, table in tables.items():
        texts = {t for column in table for cell in table[column] for t in said(cell)}
        named = {word for t in texts for word in re.findall(r"[a-z_]+", t)}
        assert not named & TO_DATE, name
        ids = set(table.get("kpi", pd.Series(dtype=object))) | set(table.get("measure", pd.Series(dtype=object)))
        assert not [id for id in ids for lang in LANGS if CALLED.search(vocabulary.label(id, lang))], name
    assert not TO_DATE & {*targets.RATES, *PROBLEMS, *(each.id for each in compared(org))}
    assert not TO_DATE & set(truth(200)["kpi"])


def test_no_chart_or_sentence_of_groups_reads_to_date(tables):
    for lang in LANGS:
        drawn = [show.causes(tables["causes of an org"], lang=lang), show.reps(tables["reps"], lang=lang)]
        for picture in (*drawn, show.compare(tables["compare"], lang=lang)):
            texts = [t.get_text() for ax in picture.figure.axes for t in (*ax.texts, *ax.get_yticklabels(), ax.title)]
            assert not [t for t in [picture.alt, *texts] if CALLED.search(t)]
        lines = [sentence(row, lang, "USD") for row in tables["findings"].to_dict("records")]
        assert not [line for line in lines if CALLED.search(line)]


def test_what_is_left_out_of_a_comparison_is_named(tables):
    for name in ("compare", "quarters"):
        note = tables[name].attrs["note"]
        assert str(note).endswith(": lead_to_opportunity_rate, win_rate_by_value")
        html = show.table(tables[name]).text
        assert "not compared: Leads with an opportunity, Win rate by value." in html
    # A log that holds neither leads nor amounts has nothing to name.
    bare = from_text("a: Opportunity Created 0, Closed Won 9\nb: Opportunity Created 30, Closed Lost 45", until=60)
    assert "note" not in monitor.compare(bare, "2025-01-31").attrs


@pytest.mark.parametrize("asked", FAIR)
def test_who_asks_for_a_number_to_date_is_told_of_those_seen_for_long_enough(log, asked):
    told = FAIR[asked]
    old, new = diagnose.causes(log, asked), diagnose.causes(log, told)
    pd.testing.assert_frame_equal(old, new)
    assert set(old["kpi"]) <= {told} and f"{asked} depends on how young the cases are: shown is {told}" in str(
        old.attrs["note"]
    )
    assert asked not in str(new.attrs.get("note"))


def test_a_comparison_of_a_number_to_date_is_of_the_same_days_or_refused(log, tables):
    table = monitor.compare(log, day(log), kpi="win_rate")
    assert table["kpi"].tolist() == ["win_rate_incidence"]
    assert table.attrs["note"].said("ja").startswith("受注率（現時点まで）は商談の新しさに左右されるため")
    with pytest.raises(BadComparison, match="'win_rate_by_value' is a number to date"):
        monitor.compare(log, day(log), kpi="win_rate_by_value")
    with pytest.raises(UnknownName, match="'win' is not one of"):
        monitor.compare(log, day(log), kpi="win")
    assert show.reps(tables["reps"], measure="win_rate").alt == show.reps(tables["reps"]).alt


def test_a_rate_is_that_to_date_of_those_old_enough():
    # 300 deals in 300 days; each is closed after 20 days, every other one is won: of the last 20 nothing is known yet.
    lines = [f"k{n}: Opportunity Created {n}, Closed {'Won' if n % 2 else 'Lost'} {n + 20}" for n in range(280)]
    lines += [f"k{n}: Opportunity Created {n}" for n in range(280, 300)]
    facts = Facts.of(from_text("\n".join(lines), until=300))
    target = targets.target(facts, "win_rate_incidence")
    assert (target.kpi, len(target.value), target.value.mean()) == ("win_rate_incidence", 281, pytest.approx(140 / 281))
    assert len(observations(facts, "win_rate")) == 300
    assert searched(facts.log, "win_rate_incidence", None, 0.95)[0] == []


@pytest.mark.parametrize("lang", LANGS)
def test_a_rate_that_was_simulated_is_none_to_date(lang):
    told = show.backtest(twins.tested(), lang=lang).text + show.simulated(twins.simulated(), lang=lang).text
    assert vocabulary.label("win_rate_incidence", lang) in told
    assert not CALLED.search(told)
    assert improve.telling(twins.simulated().query("measure == 'win_rate'")) == "win_rate_incidence"
