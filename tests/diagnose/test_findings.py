"""What stands out, in numbers and in words."""

import numpy as np
import pytest

import l2c
from l2c import show
from l2c.diagnose import causes, findings
from tests.logs import from_text

LANGS = pytest.mark.parametrize("lang", ["en", "ja"])


@pytest.fixture(scope="module")
def log():
    return l2c.demo()


@pytest.fixture(scope="module")
def table(log):
    return findings(log)


def test_the_planted_truths_are_among_the_findings(log, table):
    said = {(row["kpi"], str(row["value"])) for row in table.to_dict("records")}
    assert ("lead_conversion_rate", "Purchased List") in said
    assert ("discount", "none") in said
    assert {"won_without_contract", "order_before_contract"} <= set(table["kpi"])
    adverse = causes(log, names=True).query("adverse").to_dict("records")
    named = {(row["attribute"], row["value"]) for row in adverse if isinstance(row["attribute"], str)}
    for pair in (
        ("lead_source", "Purchased List"), ("region", "UK"), ("invoice_type", "Paper"), ("region", "ASEAN"),
        ("product", "Edge Devices"), ("region", "Japan"), ("region", "DACH"), ("rep", "Marcus Hale"),
    ):  # fmt: skip
        assert pair in named, pair
    assert ("rep", "Stefan Wolf") not in named


def test_the_largest_certain_stake_comes_first_and_what_is_only_exposed_last(table):
    lost = table[~table["kind"].isin(["rule", "receivable"])]
    money = lost["money_low"].dropna().tolist()
    assert money == sorted(money, reverse=True)
    assert table["kind"].isin(["rule", "receivable"]).tolist() == sorted(table["kind"].isin(["rule", "receivable"]))
    for row in lost[lost["kind"] == "cause"].to_dict("records"):
        assert row["money_low"] <= row["money"] <= row["money_high"] or np.isnan(row["money"])


def test_money_of_a_delay_is_amount_times_days_times_interest(log):
    one, two = findings(log, cost_of_capital=0.08), findings(log, cost_of_capital=0.16)
    slow = lambda t: t[(t["kpi"] == "step_days") & (t["kind"] == "cause")].set_index(["step", "value"])["money"]  # noqa: E731
    both = slow(one).index.intersection(slow(two).index)
    assert len(both)
    np.testing.assert_allclose(slow(two)[both], 2 * slow(one)[both])


@LANGS
def test_every_finding_is_said_in_a_sentence_with_interval_proof_and_next_step(table, log, lang):
    html = show.findings(table, cases=log.n_cases, lang=lang, currency="USD")
    text = repr(html)
    assert text.count("diagnose.") == len(table)
    assert "nan" not in text.lower()
    assert "–" in text
    assert ("associated" in text.lower()) if lang == "en" else ("関連" in text)
    assert "because" not in text.lower()
    assert "{" not in text


@LANGS
def test_when_there_is_nothing_to_report_it_says_so(lang):
    log = from_text("a: Opportunity Created 0\nb: Opportunity Created 1")
    table = findings(log)
    assert len(table) == 0
    assert "2" in repr(show.findings(table, cases=log.n_cases, lang=lang))
