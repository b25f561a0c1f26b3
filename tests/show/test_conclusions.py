import re
from pathlib import Path

import pandas as pd

import l2c
from l2c import diagnose, show
from l2c.show import numbers
from tests.logs import demo, findings, from_text

LOG = """
    a: Opportunity Created 0, Quote Sent 2, Closed Won 12
    b: Opportunity Created 0, Quote Sent 4, Closed Won 24
    c: Opportunity Created 0, Closed Lost 8
"""


def test_the_longest_steps_are_named_with_their_share():
    # Case-days: Quote Sent → Closed Won 10 + 20, → Closed Lost 8, → Quote Sent 2 + 4; 44 together.
    said = show.delays(diagnose.steps(from_text(LOG)), lang="en")
    text = str(said)
    assert "The longest 3 steps hold 100 % of all case-days" in text
    assert text.index("Quote Sent → Closed Won: 68 %") < text.index("Opportunity Created → Closed Lost: 18 %")


def test_japanese_conclusions_are_japanese():
    text = str(show.delays(diagnose.steps(from_text(LOG)), lang="ja"))
    assert "見積提示 → 受注：延べ日数の68%" in text
    assert "case-days" not in text


def test_the_headline_says_only_what_the_log_knows():
    text = str(show.headline(l2c.kpis(from_text(LOG))))
    assert "66.7 % are won" in text
    assert "paid late" not in text
    nothing = str(show.headline(l2c.kpis(from_text("a: X 0, Y 1"))))
    assert "cannot tell how many deals are won" in nothing


def test_next_steps_take_their_order_and_their_sizes_from_the_findings():
    log = demo()
    table = findings()
    found, steps = (repr(f) for f in (show.findings(table, cases=log.n_cases), show.next_steps(table)))
    items = steps.splitlines()
    assert len(items) == 4 and "step 6 needs it" in items[-1]
    assert "third" not in steps
    first = table.iloc[0]
    assert items[0].startswith(f"{show.label(first['attribute'])} {first['value']}")
    # One size for one thing: every number of days on the list stands among the findings too.
    for size in re.findall(r"[\d,]+ d\b", " ".join(items[:3])):
        assert size in found or size in _bounds(table), size
    japanese = repr(show.next_steps(table, lang="ja"))
    assert not re.search(r"[a-z]{4,} [a-z]{3,}", japanese)


def _bounds(table):
    ends = pd.concat([table["days_low"], table["days_high"]]).dropna()
    return {numbers.case_days(end) for end in ends}


def test_one_step_is_named_once():
    row = {"problem": "time", "kind": "bottleneck", "kpi": "step_days", "step": ("Quote Sent", "Closed Won")}
    row |= {"days": 300.0, "days_low": 200.0, "days_high": 400.0, "unit": "day", "cases": 50, "money": float("nan")}
    cause = row | {"kind": "cause", "attribute": "region", "value": "UK", "days": 900.0}
    text = repr(show.next_steps(pd.DataFrame([cause, row])))
    assert text.count("Quote Sent → Closed Won") == 1 and "900 d" in text


def test_without_findings_the_next_step_is_no_invention():
    text = repr(show.next_steps(diagnose.findings(from_text(LOG))))
    assert text.startswith("Nothing was found that is sure and large enough") and "step 6 needs it" in text


def test_nothing_to_say_is_said():
    log = from_text("a: X 0")
    assert "no steps to time" in str(show.delays(diagnose.steps(log)))


def test_sums_that_do_not_add_up_are_called_out():
    assert "add up" in str(show.reconciled(44.0, 44.0 + 1e-9))
    assert "do not use" in str(show.reconciled(44.0, 45.0))


def test_a_sum_may_be_of_other_things_than_days():
    assert repr(show.reconciled(7, 7, unit="count")) == "7 = 7: the parts add up."
    assert repr(show.reconciled(7, 7, unit="count", lang="ja")) == "7 = 7：合計は一致します。"


def test_a_path_and_a_file_are_written_for_readers_not_as_code():
    assert repr(show.path(["Quote Sent", "Closed Won"], lang="ja")) == "見積提示 → 受注"
    assert repr(show.path([])) == "No case has come to a good end, so there is no such path."
    assert repr(show.saved(Path("out/model.bpmn"))) == "Saved as model.bpmn."


def test_the_cases_a_page_is_about_are_said_in_words():
    log = from_text(LOG.replace("a:", "a [region=UK, is_won=True]:"))
    chosen = log.where(region="UK", outcome="won").where(includes="Quote Sent").where(is_won=True)
    said = repr(show.about(chosen, lang="ja"))
    assert said.endswith("地域：UK · 結果：受注 · 「見積提示」を含む · 成立フラグ：はい")
    assert repr(show.about(log.where(follows=("Quote Sent", "Closed Won")))).endswith(" · Quote Sent → Closed Won")


def test_the_executive_choice_keeps_the_order_of_the_process():
    table = pd.DataFrame({"kpi": ["win_rate_incidence", "variants", "rework_rate"]})
    assert show.executive(table)["kpi"].tolist() == ["win_rate_incidence", "rework_rate"]
