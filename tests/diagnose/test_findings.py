"""What stands out, in numbers and in words."""

import numpy as np
import pytest

import l2c
from l2c import diagnose, show
from l2c.diagnose import causes, findings
from l2c.diagnose.findings import COLUMNS
from l2c.show.findings import sentence
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
    # The check that follows each sentence is in words: nothing of the code that measured it is on the page.
    assert text.count("Check next:" if lang == "en" else "次に確認:") == len(table)
    assert "diagnose." not in text and "log" not in text.split() and "_" not in text
    assert "nan" not in text.lower()
    assert "–" in text
    assert ("associated" in text.lower()) if lang == "en" else ("関連" in text)
    assert "because" not in text.lower()
    assert "{" not in text


STAGES = [
    f"c{i}: Stage: Prospecting {i}, Stage: Proposal {i + 5}, Closed {'Won' if i % 5 else 'Lost'} {i + 9}"
    for i in range(60)
]


def said(log, lang="en"):
    rules = diagnose.compliance(log)
    return repr(
        show.findings(
            findings(log),
            cases=log.n_cases,
            rules=rules,
            activities=log.activities,
            attributes=log.attributes,
            lang=lang,
        )
    )


def test_silence_about_rules_says_whether_any_could_be_judged():
    log = from_text("\n".join(f"a{i}: Demo Held {i}, Legal Review {i + 2}" for i in range(50)))
    assert "None of the 11 rules can be judged from this file, which holds Demo Held, Legal Review." in said(log)
    assert "11件の規則はいずれも、このファイルからは判定できません" in said(log, "ja")
    # Only the skipped stage can be judged of stages.
    stages = from_text("\n".join(STAGES))
    assert "Rules that can be judged: 1 of 11; none of them is broken." in said(stages)
    # Who does not give the rules is told nothing about them.
    assert "rule" not in repr(show.findings(findings(log), cases=log.n_cases))


def test_silence_about_groups_says_whether_any_could_be_compared():
    few = from_text("a [region=X]: Demo Held 0\nb [region=Y]: Demo Held 1")
    assert "so few cases (2 cases) cannot be compared" in said(few) and "2件" in said(few, "ja")
    assert "nothing that tells them apart" in said(from_text("\n".join(STAGES)))
    alike = "\n".join(f"c{i} [region=R{i % 2}]: Demo Held 0, Legal Review 9" for i in range(80))
    assert "no group was found to differ" in said(from_text(alike))
    nobody = from_text(alike).where(region="R0").where(region="R1")
    assert said(nobody) == "Nothing to show: this selection holds no cases."


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (14.0, "the mix of cases accounts for the rest"),
        (3.2, "show only 3.2 d: these are otherwise"),
        (-2.0, "show them better by 2 d"),
    ],
)
def test_what_adjusting_did_is_told_the_right_way_round(raw, said):
    row = dict.fromkeys(COLUMNS) | {
        "problem": "time", "kind": "cause", "kpi": "step_days", "step": ("Quote Sent", "Closed Won"), "attribute": "region",
        "value": "UK", "effect": 9.9, "low": 8.0, "high": 12.0, "unit": "day", "cases": 50, "days": 495.0, "raw": raw,
        "adjusted_for": ("product",), "echoes": (),
    }  # fmt: skip
    text = sentence(row, "en", None)
    assert said in text
    if abs(raw) < 9.9:
        assert "accounts for the rest" not in text
    assert "条件の良い" in sentence(row, "ja", None) or raw == 14
