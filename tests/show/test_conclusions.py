import pandas as pd

import l2c
from l2c import diagnose, show
from tests.logs import from_text

LOG = """
    a: Opportunity Created 0, Quote Sent 2, Closed Won 12
    b: Opportunity Created 0, Quote Sent 4, Closed Won 24
    c: Opportunity Created 0, Closed Lost 8
"""


def test_the_longest_steps_are_named_with_their_share():
    # Case-days: Quote Sent → Closed Won 10 + 20, → Closed Lost 8, → Quote Sent 2 + 4; 44 together.
    said = show.delays(diagnose.steps(from_text(LOG)), lang="en")
    text = str(said)
    assert "The 3 longest steps hold 100 % of all case-days" in text
    assert text.index("Quote Sent → Closed Won: 68 %") < text.index("Opportunity Created → Closed Lost: 18 %")


def test_japanese_conclusions_are_japanese():
    text = str(show.delays(diagnose.steps(from_text(LOG)), lang="ja"))
    assert "見積発行 → 受注：延べ日数の68 %" in text
    assert "case-days" not in text


def test_the_headline_says_only_what_the_log_knows():
    text = str(show.headline(l2c.kpis(from_text(LOG))))
    assert "66.7 % are won" in text
    assert "paid late" not in text
    nothing = str(show.headline(l2c.kpis(from_text("a: X 0, Y 1"))))
    assert "cannot tell how many deals are won" in nothing


def test_next_steps_name_the_largest_delay_and_the_rule_broken_most():
    log = from_text(LOG + "\n d: Opportunity Created 0, Contract Signed 3, Closed Won 4")
    text = str(show.next_steps(diagnose.steps(log), diagnose.violations(log)))
    assert "Look at Quote Sent → Closed Won first" in text
    assert "2 cases (of 3)" in text  # a and b were won without a contract
    assert "step 6 needs it" in text


def test_nothing_to_say_is_said():
    log = from_text("a: X 0")
    assert "no steps to time" in str(show.delays(diagnose.steps(log)))


def test_sums_that_do_not_add_up_are_called_out():
    assert "add up" in str(show.reconciled(44.0, 44.0 + 1e-9))
    assert "do not use" in str(show.reconciled(44.0, 45.0))


def test_the_executive_choice_keeps_the_order_of_the_process():
    table = pd.DataFrame({"kpi": ["win_rate", "variants", "rework_rate"]})
    assert show.executive(table)["kpi"].tolist() == ["win_rate", "rework_rate"]
