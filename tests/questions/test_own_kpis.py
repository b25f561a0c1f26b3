"""Key figures of the user's own stand wherever those of the kit do, under their own names."""

import numpy as np
import pytest

import l2c
from l2c import diagnose, monitor, show
from l2c.analysis import analysis
from l2c.cli import main
from l2c.prepare.pseudonyms import handed
from l2c.system.places import TEMPLATES
from l2c.words.errors import BadKpis
from tests.logs import demo, from_table, from_text

TEXT = """
    a [rep=Ann, region=EMEA, amount=100]: Opportunity Created 0, Legal Review 2, Quote Sent 3, Contract Signed 12, Closed Won 13
    b [rep=Ann, region=EMEA, amount=300]: Opportunity Created 0, Legal Review 4, Contract Signed 24, Closed Won 30
    c [rep=Bob, region=APAC, amount=50]: Opportunity Created 1, Legal Review 3, Closed Lost 40
    d [rep=Bob, region=APAC, amount=70]: Opportunity Created 1, Legal Review 60
    e [rep=Bob, region=APAC, amount=90]: Opportunity Created 1
"""
LEGAL = {"id": "legal_days", "from": "Legal Review", "to": "Contract Signed", "en": "Legal", "ja": "法務"}
SIGNED = LEGAL | {"id": "signed", "unit": "fraction", "worse": "less"}


def value(log, kpi):
    return l2c.kpis(log, only=[kpi]).iloc[0]


def test_days_from_one_event_to_another_count_what_is_open_and_let_the_loss_compete():
    log = from_text(TEXT, until=70).with_kpis(LEGAL)
    # Among those not lost: 10 and 20 days, and one that waits since 10: S(10) = 2/3, S(20) = 0 (the open one is past).
    own = diagnose.times(log, start="Legal Review", end="Contract Signed").iloc[0]
    found = value(log, "legal_days")
    assert (found["value"], found["cases"], found["censored"], found["unit"]) == (own["value"], 3, 1, "day")


def test_a_share_is_of_those_of_which_it_is_decided():
    # a and b signed, c lost, d still may: 2 of 3; without payments a won deal has ended.
    found = value(from_text(TEXT, until=70).with_kpis(SIGNED), "signed")
    assert (found["value"], found["cases"]) == (2 / 3, 3)


def test_a_population_is_said_like_a_filter():
    log = from_text(TEXT, until=70)
    among = log.with_kpis(SIGNED | {"among": {"region": "APAC"}})
    assert value(among, "signed")["value"] == 0
    assert value(log.where(region="APAC").with_kpis(SIGNED), "signed")["value"] == 0
    # What is about others' cases does not go with a part of the log.
    assert "signed" not in set(l2c.kpis(handed(among.where(region="EMEA")))["kpi"])
    among = log.with_kpis(SIGNED | {"among": {"region": "EMEA"}})
    assert value(handed(among.where(region="EMEA")), "signed")["value"] == 1


def test_a_number_of_the_deals_is_summed_up_as_it_is_said():
    log = from_text(TEXT, until=70)
    for how, right in (("mean", 122.0), ("median", 90.0), ("sum", 610.0)):
        assert value(log.with_kpis({"id": "size", how: "amount", "unit": "money"}), "size")["value"] == right
    won = log.with_kpis({"id": "size", "mean": "amount", "unit": "money", "among": {"outcome": "won"}})
    assert value(won, "size")["value"] == value(log, "won_amount_mean")["value"] == 200


def test_documents_are_told_apart_by_their_numbers():
    log = from_table(
        """
        case_id | activity            | day | object_id
        a       | Opportunity Created | 0   |
        a       | Sales Order Created | 1   | O1
        a       | Sales Order Created | 2   | O2
        a       | Order Picked        | 4   | O2
        a       | Order Picked        | 9   | O1
        """,
        until=10,
    )
    picked = log.with_kpis({"id": "picking", "of": "order", "from": "Sales Order Created", "to": "Order Picked"})
    # 8 days and 2 days: half are there after 2.
    assert (value(picked, "picking")["value"], value(picked, "picking")["cases"]) == (2, 2)


def test_names_of_activities_may_be_japanese_and_unknown_ones_are_refused():
    log = from_text(TEXT, until=70)
    japanese = log.with_kpis(LEGAL | {"to": "契約締結"})
    assert value(japanese, "legal_days")["value"] == value(log.with_kpis(LEGAL), "legal_days")["value"]
    with pytest.raises(BadKpis, match=r"legal_days: No activity is called 'Leagl Review'.*Legal Review"):
        log.with_kpis(LEGAL | {"from": "Leagl Review"})
    with pytest.raises(BadKpis, match="'EMAE'"):
        log.with_kpis(LEGAL | {"among": {"region": "EMAE"}})
    # What the kit knows and this log does not have is no mistake: the file may serve several clients.
    assert np.isnan(value(log.with_kpis(LEGAL | {"to": "Order Fulfilled"}), "legal_days")["value"])


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"id": "x", "from": "Quote Sent"}, "no 'to'"),
        ({"id": "x", "form": "Quote Sent"}, "'form' means nothing here. Closest: from"),
        ({"id": "x", "from": "A", "to": "B", "unit": "hours"}, "day, fraction"),
        ({"id": "x", "mean": "amount"}, "no 'unit'"),
        ({"id": "x", "mean": "amount", "sum": "amount", "unit": "money"}, "not filled in"),
        ({"id": "x", "from": "A", "to": "B", "target": "soon"}, "target: 14"),
        ({"id": "x", "from": "A", "to": "B", "of": "ticket"}, "deal, lead, quote, order, invoice"),
        ({"id": "win_rate", "worse": "less"}, "one of the kit's"),
        ({"id": "rep", "from": "Legal Review", "to": "Closed Won"}, "name of something else"),
        ({"from": "A"}, "needs an id"),
        ([{"id": "x", "from": "A", "to": "B"}] * 2, "Two key figures"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(entry, said):
    with pytest.raises(BadKpis, match=said):
        from_text(TEXT).with_kpis(entry)


def test_a_file_that_is_none_is_refused(tmp_path):
    log, path = from_text(TEXT), tmp_path / "kpis.yaml"
    with pytest.raises(BadKpis, match="cannot be read"):
        log.with_kpis(path)
    path.write_text("rules: []", "utf-8")
    with pytest.raises(BadKpis, match="starts with 'kpis:'"):
        log.with_kpis(path)


def test_the_template_is_a_file_that_works():
    log = demo(300).with_kpis(TEMPLATES / "kpis.yaml")
    table = l2c.kpis(log).set_index("kpi")
    assert table.loc[["legal_days", "fulfilled_share", "lost_amount_mean"], "value"].notna().all()
    assert table.loc["win_rate_incidence", "target"] == 0.4
    plain = l2c.kpis(demo(300)).set_index("kpi")
    for column in ("value", "low", "high", "cases"):
        assert np.allclose(table.loc[plain.index, column], plain[column], equal_nan=True)


@pytest.fixture(scope="module")
def company():
    own = [
        {"id": "billing_days", "from": "Sales Order Created", "to": "Invoice Sent", "en": "Order to invoice", "ja": "注文から請求", "target": 9},
        {"id": "asked", "from": "Quote Created", "to": "Discount Approval Requested", "unit": "fraction", "en": "Discount asked for"},
    ]  # fmt: skip
    return demo(3000).with_kpis(own)


def test_own_figures_stand_in_causes_reps_findings_quarters_and_comparisons(company):
    own = {"billing_days", "asked"}
    assert own <= set(diagnose.reps(company)["measure"])
    assert own <= set(monitor.quarters(company)["kpi"])
    assert own <= set(monitor.compare(company, "2026-01-05")["kpi"])
    assert set(diagnose.causes(company, kpi="asked")["kpi"]) <= {"asked"}
    found = diagnose.causes(company)
    assert "billing_days" in set(found["kpi"])
    assert {"billing_days"} <= set(diagnose.causes(company, kpi="billing_days")["kpi"])
    told = analysis(company)["kpis"]
    assert told["billing_days"]["value"] == value(company, "billing_days")["value"]


def test_their_words_are_those_of_the_table_that_is_shown(company):
    table = l2c.kpis(company, only=["billing_days", "asked"])
    text = show.kpi_cards(table, lang="ja").text
    assert "注文から請求：" in text and "目標：9日（未達）" in text and "Discount asked for" in text
    assert "Order to invoice" in show.table(monitor.compare(company, "2026-01-05"), rows=99).text
    assert "Order to invoice" in show.table(diagnose.causes(company, kpi="billing_days")).text
    # Those of one client do not stand on the pages of the next.
    other = demo(300).with_kpis({"id": "asked", "from": "Quote Created", "to": "Quote Sent", "en": "Another name"})
    assert "Another name" in show.kpi_cards(l2c.kpis(other, only=["asked"])).text
    assert "Discount asked for" in show.kpi_cards(table).text


def test_a_target_is_met_missed_or_too_close_to_tell():
    log = demo(1000)
    rate = value(log, "win_rate")
    for target, word in (
        (rate["low"] - 0.1, "met"),
        (rate["high"] + 0.1, "missed"),
        (rate["value"], "too close to tell"),
    ):
        shown = l2c.kpis(log.with_kpis({"id": "win_rate", "target": float(target)}), only=["win_rate"])
        assert show.kpi_cards(shown).text.endswith(f": {word}"), word
    days = value(log, "sales_cycle_days")
    for target, word in ((days["low"] - 5, "missed"), (days["high"] + 5, "met")):
        shown = l2c.kpis(log.with_kpis({"id": "sales_cycle_days", "target": float(target)}), only=["sales_cycle_days"])
        assert show.kpi_cards(shown).text.endswith(f": {word}"), word


def test_they_go_with_the_log_when_it_is_saved_filtered_collected_and_handed_on(tmp_path):
    log = from_text(TEXT, until=70).with_kpis(SIGNED | {"among": {"rep": "Bob"}})
    right = value(log, "signed")["value"]
    for same in (l2c.open(log.save(tmp_path / "log")), log.collect(), handed(log)):
        assert value(same, "signed")["value"] == right
    # Names of people are hidden in them too.
    given = l2c.open(handed(log).save(tmp_path / "given"))
    assert "Bob" not in (tmp_path / "given" / "log.json").read_text("utf-8")
    assert value(given, "signed")["value"] == right


def test_the_command_line_takes_a_file_of_them(tmp_path, capsys):
    from tests.prepare.test_read import LONG, write

    own = tmp_path / "kpis.yaml"
    own.write_text("kpis:\n- {id: quoting, from: Opportunity Created, to: Quote Sent, en: Quoting}\n", "utf-8")
    out = tmp_path / "log"
    assert main(["read", str(write(tmp_path, LONG)), "-o", str(out), "--kpis", str(own)]) == 0
    assert main(["analyse", str(out), "--json", "-"]) == 0
    assert '"quoting"' in capsys.readouterr().out
    own.write_text("kpis:\n- {id: quoting, from: Opportunity Created}\n", "utf-8")
    assert main(["analyse", str(out), "--json", "-", "--kpis", str(own)]) == 1
    assert "Key figure quoting has no 'to'" in capsys.readouterr().err
