"""What stands out, in numbers and in words."""

import numpy as np
import pandas as pd
import pytest

from l2c import diagnose, show
from l2c.diagnose import causes, findings
from l2c.diagnose.causes import targets
from l2c.diagnose.findings import COLUMNS, _chosen
from l2c.measures.behind import BEHIND, unpacked
from l2c.measures.facts import Facts
from l2c.measures.invoices import invoices
from l2c.show.findings import action, sentence
from tests import logs
from tests.logs import demo, from_text

LANGS = pytest.mark.parametrize("lang", ["en", "ja"])


@pytest.fixture(scope="module")
def log():
    return demo()


@pytest.fixture(scope="module")
def table():
    return logs.findings()


def test_the_planted_truths_are_among_the_findings(log, table):
    said = {(row["kpi"], str(row["value"])) for row in table.to_dict("records")}
    assert ("lead_conversion_incidence", "Purchased List") in said
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
    given = [lever is False for lever in lost["lever"]]
    # What can be changed comes before what one lives with.
    assert given == sorted(given) and True in given and False in given
    for part in (lost[given], lost[~np.array(given)]):
        money = part["money_low"].dropna().tolist()
        assert money == sorted(money, reverse=True)
    assert table["kind"].isin(["rule", "receivable"]).tolist() == sorted(table["kind"].isin(["rule", "receivable"]))
    for row in lost[lost["kind"] == "cause"].to_dict("records"):
        assert row["money_low"] <= row["money"] <= row["money_high"] or np.isnan(row["money"])


def test_money_of_a_delay_is_amount_times_days_times_interest(log, table):
    two = findings(log, cost_of_capital=0.16)
    slow = lambda t: t[(t["kpi"] == "step_days") & (t["kind"] == "cause")].set_index(["step", "value"])["money"]  # noqa: E731
    both = slow(table).index.intersection(slow(two).index)
    assert len(both)
    np.testing.assert_allclose(slow(two)[both], 2 * slow(table)[both])


@LANGS
def test_every_finding_is_said_in_a_sentence_with_interval_proof_and_next_step(table, log, lang):
    html = show.findings(table, cases=log.n_cases, lang=lang, currency="USD")
    text = repr(html)
    # The check that follows each sentence is in words: nothing of the code that measured it is on the page.
    assert text.count("Check next:" if lang == "en" else "次に確認：") == len(table)
    assert "diagnose." not in text and "log" not in text.split() and "_" not in text
    assert "nan" not in text.lower()
    assert ("–" if lang == "en" else "～") in text
    assert ("associated" in text.lower()) if lang == "en" else ("関連" in text)
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
    assert "11件のルールはいずれも、このファイルからは判定できません" in said(log, "ja")
    # Only the skipped stage can be judged of stages.
    stages = from_text("\n".join(STAGES))
    assert "No rule that could be judged (1 of 11) is broken." in said(stages)
    # Who does not give the rules is told nothing about them.
    assert "rule" not in repr(show.findings(findings(log), cases=log.n_cases))


def test_silence_about_groups_says_whether_any_could_be_compared():
    few = from_text("a [region=X]: Demo Held 0\nb [region=Y]: Demo Held 1")
    assert "so few cases (2 cases) cannot be compared" in said(few) and "2件" in said(few, "ja")
    assert "nothing that tells them apart" in said(from_text("\n".join(STAGES)))
    alike = "\n".join(f"c{i} [region=R{i % 2}]: Demo Held 0, Legal Review 9" for i in range(80))
    assert "No difference large and sure enough was found" in said(from_text(alike))
    nobody = from_text(alike).where(region="R0").where(region="R1")
    assert said(nobody) == "Nothing to show: this selection holds no cases."


def row(**changes):
    return dict.fromkeys(COLUMNS) | {
        "problem": "time", "kind": "cause", "kpi": "step_days", "step": ("Quote Sent", "Closed Won"), "attribute": "region",
        "value": "UK", "effect": 9.9, "low": 8.0, "high": 12.0, "unit": "day", "cases": 50, "days": 495.0, "raw": 9.9,
        "unadjusted": 9.9, "adjusted_for": ("product",), "looked_at": (), "echoes": (),
    } | changes  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "unadjusted", "said", "ja"),
    [
        (14.0, 14.2, "goes with the mix of cases", "商談の内訳"),
        (3.2, 3.0, "show only 3.2 d, because these cases are otherwise of the faster kind", "もともと早く進む"),
        (-2.0, -1.8, "show them faster by 2 d, because", "もともと早く進む"),
        # What the way of measuring does is not put down to the mix of cases.
        (3.2, 9.5, "since the others hold groups that differ too", "比較相手に、別の異なるグループ"),
        (9.0, 2.0, None, None),
    ],
)
def test_what_adjusting_did_is_told_the_right_way_round(raw, unadjusted, said, ja):
    text = sentence(row(raw=raw, unadjusted=unadjusted), "en", None)
    assert said in text if said else "plain figures" not in text and "As it stands" not in text
    assert not ja or ja in sentence(row(raw=raw, unadjusted=unadjusted), "ja", None)


def test_what_is_in_the_model_and_what_was_only_looked_at_are_told_apart():
    text = sentence(row(adjusted_for=("amount", "product"), looked_at=("segment",)), "en", None)
    assert "after adjusting for Amount, Product Category; not proof" in text
    assert "Looked at, and not needed: Customer Segment." in text
    assert "adjusting" not in sentence(row(adjusted_for=()), "en", None)


def test_a_circumstance_says_so_and_another_name_of_the_same_cases_is_told():
    text = sentence(row(lever=False, echoes=("late_payment_incidence", "segment = Large")), "en", None)
    assert "The same group also stands out in Late payments" in text
    assert "Nearly the same cases are Customer Segment Large" in text
    assert "A circumstance" in text and "A circumstance" not in sentence(row(lever=True), "en", None)


@LANGS
def test_what_stands_still_is_told_with_the_time_it_was_given(lang):
    still = row(
        kpi="stuck",
        effect=0.27,
        low=0.2,
        high=0.34,
        unit="fraction",
        within_days=21.0,
        money=1e6,
        raw=0.27,
        unadjusted=0.27,
    )
    text = sentence(still, lang, "USD")
    for part in (
        ("27.0 p", "21 d", "Quote Sent", "about 14 stand still", "$1M")
        if lang == "en"
        else ("27.0ポイント", "21日", "停滞")
    ):
        assert part in text, text


def made_up(*rows):
    """Rows of findings as they are before the choice."""
    return pd.DataFrame([row(**each) for each in rows], columns=list(COLUMNS))


def test_levers_come_before_circumstances_and_every_problem_keeps_a_line():
    many = [{"value": f"R{k}", "lever": False, "money_low": 1e6 + k, "days_low": 1.0} for k in range(20)]
    few = [
        {"problem": "conversion", "kpi": "lead_conversion_incidence", "step": None, "lever": True, "money_low": 5.0},
        {"problem": "payment", "kpi": "late_payment_incidence", "step": None, "lever": False},
        {"problem": "order_errors", "kpi": "order_error_rate", "step": None},
        {"problem": "compliance", "kind": "rule", "kpi": "order_before_contract", "step": None, "money_low": 9e9},
    ]
    chosen = _chosen(made_up(*many, *few))
    assert len(chosen) == 12
    assert {"conversion", "payment", "order_errors", "compliance", "time"} == set(chosen["problem"])
    assert chosen["lever"].tolist()[0] is True
    assert [lever is False for lever in chosen["lever"]] == [False, False, *[True] * 9, False]
    # by money among themselves, what is merely exposed last
    assert chosen["value"].tolist()[2:4] == ["R19", "R18"]
    assert chosen["kind"].tolist()[-1] == "rule"


@LANGS
def test_what_is_worse_since_a_day_says_which_day_and_by_how_much(lang):
    days = {
        end: pd.Timestamp(day)
        for end, day in (("since", "2025-03-05"), ("earliest", "2025-02-19"), ("latest", "2025-03-19"))
    }
    slower = row(kind="change", effect=0.4, low=0.2, high=0.6, unit="fraction", attribute=None, value=None, **days)
    text = sentence(slower, lang, None)
    parts = (
        "Quote Sent → Closed Won has taken 1.40 times as long as before since 5 Mar 2025 (1.20 – 1.60; 50 cases)",
        "19 Feb 2025",
    )
    for part in parts if lang == "en" else ("2025年3月5日以降", "1.40倍", "2025年2月19日"):
        assert part in text, text
    fewer = row(
        kind="change",
        kpi="win_rate_incidence",
        step=None,
        effect=-0.3,
        low=-0.4,
        high=-0.1,
        unit="fraction",
        lever=False,
        **days,
    )
    assert ("has been at 0.70 times its former level" in sentence(fewer, lang, None)) == (lang == "en")
    assert ("worse since 5 Mar 2025" if lang == "en" else "2025年3月5日以降悪化") in action(slower, lang, None)


def test_the_cases_behind_a_finding_are_those_it_counts(log, table):
    facts = Facts.of(log)
    kinds = set()
    for row in table.to_dict("records"):
        known = np.isin(facts.rows, unpacked(row[BEHIND]))
        kinds.add(row["kind"])
        if row["kind"] == "receivable":
            owed = invoices(facts.only(known))
            assert owed.open_amount[owed.still & (owed.due < owed.today)].sum() == pytest.approx(row["money"])
        elif row["kind"] in ("rule", "bottleneck", "discount"):
            assert known.sum() == row["cases"]
        elif row["attribute"] is not None and row["attribute"] != "rep":
            names = row["attribute"] if isinstance(row["attribute"], list) else [row["attribute"]]
            values = row["value"] if isinstance(row["value"], list) else [row["value"]]
            for name, value in zip(names, values, strict=True):
                if name in log.attributes and name != "discount":
                    assert set(facts.attribute(name)[known]) == {value}
            # A case may be counted more than once: leads, invoices, steps taken again.
            assert 0 < known.sum() <= row["cases"]
    assert {"cause", "rule", "discount"} <= kinds


def test_counting_again_what_a_cause_looked_at_gives_its_cases(log, table):
    facts = Facts.of(log)
    rows = table[(table["kind"] == "cause") & table["step"].isna() & table["kpi"].isin(list(log.base.measures))]
    assert len(rows) > 1
    for row in rows.to_dict("records"):
        target = targets.target(facts, row["kpi"])
        assert np.isin(facts.rows[target.case[target.mature]], unpacked(row[BEHIND])).sum() == row["cases"]
