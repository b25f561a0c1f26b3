import pandas as pd
import pytest

from l2c import diagnose
from l2c.diagnose.findings import COLUMNS
from l2c.show.markup import Html
from l2c.words import vocabulary
from tests.logs import from_text


def found(*rows):
    """Rows of `diagnose.findings`, of which only what is said is known."""
    table = pd.DataFrame([dict.fromkeys(COLUMNS) | row for row in rows], columns=list(COLUMNS))
    numbers = [
        "effect",
        "low",
        "high",
        "days",
        "days_low",
        "days_high",
        "money",
        "money_low",
        "money_high",
        "share",
        "q",
    ]
    return table.astype(dict.fromkeys([*numbers, "margin", "margin_needed"], float))


def rule(name, cases=20, **more):
    return {
        "kind": "rule",
        "problem": "compliance",
        "kpi": name,
        "cases": cases,
        "effect": 0.1,
        "unit": "fraction",
        **more,
    }


@pytest.fixture(scope="module")
def log():
    """Orders before the contract, in the north only: 54 of 80 there, none of 160 elsewhere; nothing else differs."""
    early = "Contract Signed 9, Sales Order Created 5"
    late = "Contract Signed 5, Sales Order Created 9"
    lines = [
        f"d{n} [region={'South' if n % 3 else 'North'}, amount=100]: Opportunity Created {n / 100:.2f}, {early if n % 9 in (0, 3) else late}, Closed Won 10"
        for n in range(240)
    ]
    return from_text("\n".join(lines), until=40)


def test_a_rule_that_is_broken_is_an_action_and_says_where_it_mostly_is(log):
    table = diagnose.findings(log)
    # That the north breaks it more often is a circumstance, and no action of its own.
    (action,) = (row for _, row in diagnose.actions(log, table).iterrows())
    assert (action["excess"], action["unit"], action["money"], action["sure"]) == (54, "count", 5400, 3)
    assert vocabulary.decider(action["decides"]) == "head of order management"
    # All of them are in the north.
    assert (action["where"], action["where_value"], action["where_cases"]) == ("region", "North", 54)
    assert action["behind"] == table[table["kind"] == "rule"]["behind"].item()


def test_minor_rules_few_cases_and_circumstances_are_no_actions(log):
    table = found(
        rule("stage_skipped"),
        rule("order_before_contract", cases=4),
        {
            "kind": "cause",
            "problem": "winning",
            "kpi": "win_rate_incidence",
            "attribute": "region",
            "value": "North",
            "lever": False,
        },
    )
    assert not len(diagnose.actions(log, table))


def test_one_of_each_problem_comes_first_and_never_two_of_one_rule(log):
    table = found(rule("won_without_contract"), rule("won_without_contract"), rule("order_before_contract"), *[
        {"kind": "receivable", "problem": "payment", "kpi": "overdue_receivables", "cases": 3, "money": 500.0}
    ])  # fmt: skip
    actions = diagnose.actions(log, table)
    # Rules are read first, yet the second problem is not crowded out by two of them.
    assert actions["kpi"].tolist() == ["won_without_contract", "order_before_contract", "overdue_receivables"]
    assert diagnose.actions(log, table, most=2)["kpi"].tolist() == ["won_without_contract", "overdue_receivables"]


def test_discounts_are_an_action_once_their_verdict_hangs_on_nothing(log):
    row = {"kind": "discount", "problem": "discounts", "kpi": "discount", "value": "none", "effect": 0.001, "cases": 90}
    assert not len(diagnose.actions(log, found(row | {"margin_needed": 0.9})))
    assert diagnose.actions(log, found(row | {"margin_needed": 1.4}))["sure"].tolist() == [2]
    assert diagnose.actions(log, found(row | {"margin_needed": 0.9, "margin": 0.4}))["sure"].tolist() == [2]


@pytest.fixture(scope="module")
def leads():
    """Of the leads from a list 1 in 10 becomes a deal, of all others 6 in 10."""
    lines = []
    for n in range(400):
        source = "List" if n % 4 == 0 else ("Web", "Fair", "Call")[n % 3]
        deal = n % 40 == 0 if source == "List" else n % 10 < 6
        lines.append(
            f"l{n} [lead_source={source}]: Lead Created {n / 4:.2f}"
            + (f", Opportunity Created {n / 4 + 3:.2f}" if deal else "")
        )
    return from_text("\n".join(lines), until=400)


def test_a_lever_carries_its_rate_the_rate_of_alike_ones_its_size_and_its_cases(leads):
    table = diagnose.findings(leads)
    action = diagnose.actions(leads, table).iloc[0]
    row = table.iloc[0]
    assert (action["attribute"], action["value"], action["decides"], action["sure"]) == (
        "lead_source",
        "List",
        "marketing",
        3,
    )
    assert action["mean"] == pytest.approx(0.1)
    assert action["comparable"] == pytest.approx(action["mean"] - row["effect"])
    # The finding's own number, summed over its cases.
    assert action["excess"] == pytest.approx(-row["effect"] * 100)
    assert action["excess_low"] <= action["excess"] <= action["excess_high"]


def test_cards_say_it_in_both_languages_and_what_would_settle_more(leads):
    from l2c import show
    from l2c.check import problems

    table = diagnose.findings(leads)
    actions = diagnose.actions(leads, table)
    given = {"cases": 400, "found": table, "problems": problems(leads), "attributes": leads.attributes}
    english, japanese = (show.actions(actions, **given, lang=lang) for lang in ("en", "ja"))
    assert isinstance(english, Html)
    assert "Pause spending on List; look at ten leads" in english.text
    assert "10 % of its leads become deals, of comparable ones" in english.text
    assert "The 100 leads" in english.text and "●●● very sure" in english.text
    assert "Late payment: add" in english.text
    assert "該当リード100件" in japanese.text and "判断に必要なもの" in japanese.text


def test_where_nothing_is_sure_the_page_says_so(leads):
    from l2c import show

    nothing = diagnose.actions(leads, diagnose.findings(leads).head(0))
    said = show.actions(nothing, cases=30, attributes=["amount"]).text
    assert said.splitlines()[0] == "Nothing is sure enough to act on yet. What would settle it"
    assert "too few" in said and "what tells deals apart" in said


def test_who_decides_is_found_by_attribute_rule_step_and_problem():
    assert vocabulary.decides("rep", None, None, "winning") == "sales"
    assert vocabulary.decides(["region", "invoice_type"], None, None, "payment") == "finance"
    assert vocabulary.decides(None, None, ("Discount Approval Requested", "Discount Approved"), "time") == "approvals"
    assert vocabulary.decides(None, None, ("Sales Order Created", "Order Fulfilled"), "time") == "orders"
    assert vocabulary.decides(None, "own rule", None, "compliance") == "operations"
