"""What people call their own rules, tags and due dates stands wherever these are shown, in the reader's language."""

import pytest

from l2c import diagnose, show
from l2c.dashboard import dashboard
from l2c.show import tables
from tests.logs import from_text

FILE = """
rules:
- id: deep_discount_needs_approval
  name: {en: Deep discounts need approval first, ja: 大幅な割引は事前承認}
  when: discount > 0.15
  require: {before: [Discount Approved, Quote Sent]}
  severity: high
tags:
- {id: large, when: amount > 100, en: Large deal, ja: 大型商談}
due_dates:
- {id: second_quote, from: Quote Sent, to: Closed Won, days: 2, en: Answer in two days, ja: 2日以内の回答}
"""
RULE = {"en": "Deep discounts need approval first", "ja": "大幅な割引は事前承認"}
TAG = {"en": "Large deal", "ja": "大型商談"}
DUE = {"en": "Answer in two days", "ja": "2日以内の回答"}


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(FILE, "utf-8")
    return path


def deals(n=60):
    """Deep discounts, approved after the quote had gone out in four of five deals of EMEA and in one of five of APAC."""
    lines = []
    for k in range(n):
        day, region, fifth = k * 120 / n, ("EMEA", "APAC")[k % 2], k % 5 == 0
        steps = (
            ["Discount Approved", "Quote Sent"] if fifth == (region == "EMEA") else ["Quote Sent", "Discount Approved"]
        )
        events = f"{steps[0]} {day}, {steps[1]} {day + 1}, Closed Won {day + 9}"
        lines.append(f"d{k} [amount={101 + k}, discount=0.3, region={region}]: {events}")
    return from_text("\n".join(lines))


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_charts_and_tables_say_the_names(mine, lang):
    log = deals()
    judged = diagnose.compliance(log, mine)
    picture = show.compliance(judged, lang=lang)
    assert RULE[lang] in repr(picture)
    assert [label.get_text() for label in picture.figure.axes[0].get_yticklabels()] == [RULE[lang]]
    for table, name in (
        (judged, RULE),
        (diagnose.verdicts(log, mine), RULE),
        (diagnose.tags(log, mine), TAG),
        (diagnose.tag_counts(log, rules=mine), TAG),
        (diagnose.due_dates(log, mine), DUE),
    ):
        text = repr(show.table(table, lang=lang))
        assert name[lang] in text, table.columns
        assert "deep_discount" not in text and "large" not in text and "second_quote" not in text
    column = diagnose.verdicts(log, mine)["rule"]
    assert set(tables.texts(column, "rule", lang)) == {RULE[lang]}


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_findings_causes_and_next_steps_judge_by_the_same_rules_and_say_their_names(mine, lang):
    log = deals(600)
    found = diagnose.findings(log, rules=mine)
    rule = found[found["kind"] == "rule"]
    assert rule["kpi"].tolist() == ["deep_discount_needs_approval"]
    assert rule["evidence"].item() == f"diagnose.verdicts(log, rules={str(mine)!r})"
    assert RULE[lang] in repr(show.findings(found, cases=log.n_cases, lang=lang))
    assert RULE[lang] in repr(show.next_steps(found, lang=lang))
    causes = diagnose.causes(log, "deep_discount_needs_approval", rules=mine)
    assert causes.set_index("value")["adverse"].to_dict() == {"EMEA": True, "APAC": False}
    assert RULE[lang] in repr(show.causes(causes, lang=lang))


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_dashboard_judges_by_the_rules_it_is_given(mine, lang):
    pages = dashboard(deals(), lang=lang, rules=mine)
    # The list comes when the page stands in a browser.
    pages.head.seen = True
    pages.head.page = "rules"
    shown = pages._made["rules"].widgets
    assert any(RULE[lang] in str(each.spec["choices"]["values"]) for each in shown if hasattr(each, "spec"))
    assert any(RULE[lang] in each.html for each in shown if hasattr(each, "html"))


def test_names_of_one_client_do_not_stand_on_the_pages_of_the_next(tmp_path):
    """Most rule files are copies of the shipped one, with its ids and words of the client's own."""
    path = tmp_path / "acme.yaml"
    path.write_text(
        """
rules:
- {id: won_without_contract, name: {en: ACME board rule, ja: ACME}, when: won, require: {exists: Contract Signed}, severity: high}
tags:
- {id: paid_late, due: payment, en: ACME slow, ja: ACME}
due_dates:
- {id: payment, from: Invoice Sent, to: Payment Received, days: 9, en: ACME nine days, ja: ACME}
""",
        "utf-8",
    )
    rows = "\n".join(
        f"{n}: Opportunity Created 0, Closed Won 3, Invoice Sent 4, Payment Received 90" for n in range(30)
    )
    rows += "\nsigned: Opportunity Created 0, Contract Signed 2, Closed Won 3, Invoice Sent 4, Payment Received 9"
    log = from_text(rows)
    asked = (
        diagnose.compliance,
        diagnose.verdicts,
        lambda log, rules=None: diagnose.tag_counts(log, rules=rules),
        diagnose.due_dates,
    )
    for ask in asked:
        assert "ACME" in repr(show.table(ask(log, path), lang="en"))
        assert "ACME" not in repr(show.table(ask(log), lang="en"))
