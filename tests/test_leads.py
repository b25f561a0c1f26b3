"""A lead that ends is no lost deal, and no open one."""

from datetime import timedelta

import pytest

import l2c
from l2c import diagnose, discover, show
from l2c.measures.facts import Facts, micros
from tests.logs import ORIGIN, demo, from_text, rows_from_text

LEADS = """
    gave up:       Lead Created 0, Lead Qualified 1, Lead Disqualified 5
    came back:     Lead Created 0, Lead Disqualified 5, Lead Qualified 9
    taken up:      Lead Created 0, Lead Disqualified 5, Lead Reopened 9
    converted:     Lead Created 0, Lead Disqualified 5, Lead Converted 9
    a deal:        Lead Created 0, Lead Disqualified 5, Opportunity Created 9
    two leads:     Opportunity Created 0, Lead Created 1, Lead Disqualified 2
    unrecorded:    Lead Created 0, Lead Disqualified 1, Quote Sent 5
    a stage:       Lead Created 0, Lead Disqualified 1, Stage: Negotiation 5
    another lead:  Lead Disqualified 3
    own words:     Lead Created 0, Webinar Attended 1, Lead Disqualified 4
    lost:          Opportunity Created 0, Closed Lost 9
    won:           Lead Created 0, Lead Disqualified 1, Opportunity Created 2, Closed Won 9
    waits:         Lead Created 0
"""


def statuses(log):
    cases = log.cases.select("case_id", "status").collect().to_pandas()
    return dict(zip(cases["case_id"], cases["status"], strict=True))


def test_a_lead_is_lost_that_was_disqualified_in_the_end_and_became_no_deal():
    found = statuses(from_text(LEADS))
    assert {case for case, status in found.items() if status == "lead_lost"} == {"gave up", "another lead", "own words"}
    assert {case for case, status in found.items() if status == "lost"} == {"lost"}
    assert found["won"] == "won"


def test_a_lead_whose_stage_says_lost_is_no_lost_deal():
    log = from_text(
        """
        lead [stage=Closed Lost]: Lead Created 0, Lead Disqualified 5
        deal [stage=Closed Lost]: Opportunity Created 0
        """
    )
    assert statuses(log) == {"lead": "lead_lost", "deal": "lost"}


def test_where_no_event_tells_of_the_end_the_stage_of_the_lead_does():
    log = from_text(
        """
        ended [stage=Unqualified]: Lead Created 0, Lead Qualified 2
        japanese [stage=不適格]: Lead Created 0
        became [stage=Unqualified]: Lead Created 0, Lead Converted 2
        deal [stage=Unqualified]: Lead Created 0, Opportunity Created 2
        no lead [stage=Unqualified]: Site Visited 0
        waits [stage=Working]: Lead Created 0
        """
    )
    lost = {case for case, status in statuses(log).items() if status == "lead_lost"}
    assert lost == {"ended", "japanese"}
    assert set(statuses(log).values()) == {"lead_lost", "open"}
    assert sum(log.standing()[True].values()) == 4
    assert log.standing()[False] == {"open": 2}
    assert Facts.of(log).deal.sum() == 2


def test_in_a_log_of_stages_a_disqualified_deal_is_no_lead():
    # "Disqualified" is read as the end of a lead; where nothing else is of leads, it is a stage of deals.
    assert statuses(from_text("a: Prospecting 0, Lead Disqualified 5\nb: Prospecting 0, Closed Won 5"))["a"] == "open"


@pytest.mark.parametrize(("outcome", "cases"), [("lost", 1), ("lead_lost", 3), (["lost", "lead_lost"], 4), ("won", 1)])
def test_lost_means_lost_deals_and_lead_lost_the_leads(outcome, cases):
    assert from_text(LEADS).where(outcome=outcome).n_cases == cases


def test_leads_without_a_deal_are_told_from_deals():
    log = from_text(LEADS)
    traces = log.base.traces
    found = {traces[variant] for variant in log.base.leads}
    assert ("Lead Created",) in found
    assert ("Lead Created", "Lead Disqualified", "Lead Converted") in found
    assert not any({"Opportunity Created", "Quote Sent", "Stage: Negotiation"} & set(trace) for trace in found)
    # Without created opportunities, but with deals, only a disqualified lead is certainly none.
    vague = from_text("a: Lead Created 0\nb: Lead Created 0, Lead Disqualified 1\nc: Lead Created 0, Quote Sent 1")
    assert [vague.base.traces[v] for v in vague.base.leads] == [("Lead Created", "Lead Disqualified")]
    # Where nothing is of a deal, all are leads.
    assert len(from_text("a: Lead Created 0\nb: Lead Created 0, Demo Held 1").base.leads) == 2


def test_a_disqualified_lead_is_a_final_no_and_no_closed_deal():
    log = from_text(
        """
        deal:   Lead Created 0, Opportunity Created 4, Closed Won 20
        lost:   Opportunity Created 0, Closed Lost 20
        ended:  Lead Created 0, Lead Disqualified 5
        waits:  Lead Created 10
        """,
        until=30,
    )
    kpis = l2c.kpis(log).set_index("kpi")
    # One lead of three became a deal; one of the others may still.
    assert kpis.loc["lead_conversion_rate", ["value", "cases", "censored"]].tolist() == [pytest.approx(1 / 3), 3, 1]
    # One won, one lost; the lead is neither, and there is no open deal.
    assert kpis.loc["win_rate", ["value", "cases", "censored"]].tolist() == [0.5, 2, 0]
    assert kpis.loc["open_pipeline_age_days", "cases"] == 0
    found = diagnose.conversion(log, within=(20,)).set_index("milestone")
    # After day 5 the disqualified lead is no longer awaited; the waiting one was seen for 20 days.
    assert found.loc["Opportunity Created", ["value", "censored"]].tolist() == [pytest.approx(1 / 3), 0]
    table = discover.throughput(log)
    assert (table["started"].sum(), table["won"].sum(), table["lost"].sum(), table["open"].iloc[-1]) == (4, 1, 1, 1)


def test_a_disqualified_lead_waits_for_no_opportunity():
    log = from_text(
        """
        a: Lead Created 0, Opportunity Created 10
        b: Lead Created 0, Opportunity Created 20
        c: Lead Created 0, Opportunity Created 30
        ended: Lead Created 0, Lead Disqualified 5
        """,
        until=90,
    )
    found = diagnose.times(log, start="Lead Created", end="Opportunity Created").iloc[0]
    # Of those that get there, half do within 20 days; were the lead still awaited, it would be 30.
    assert (found["value"], found["censored"]) == (20, 0)


@pytest.mark.parametrize("name", ["不適格", "Closed - Not Converted", "Unqualified", "リード不適格", "失注（リード）"])
def test_names_of_the_end_of_a_lead_are_read_in_both_languages(tmp_path, name):
    file = tmp_path / "leads.csv"
    head = "案件ID,アクティビティ,日時\nL,リード獲得,2025-01-01 09:00\n"
    file.write_text(f"{head}L,{name},2025-01-05 09:00\nD,商談作成,2025-01-07 09:00\nD,失注,2025-01-09 09:00\n", "utf-8")
    assert statuses(l2c.read(file)) == {"L": "lead_lost", "D": "lost"}


def test_before_its_opportunity_a_deal_was_a_lead():
    log = from_text("a: Lead Created 0, Opportunity Created 10\nb: Lead Created 0", until=20)
    assert Facts.of(log).deal.tolist() == [True, False]
    assert Facts.of(log, micros(ORIGIN + timedelta(days=5))).deal.tolist() == [False, False]


def test_a_lost_lead_conforms_as_far_as_it_came():
    log = from_text(
        """
        a: Lead Created 0, Lead Qualified 1, Opportunity Created 2, Closed Won 5
        b: Lead Created 0, Lead Qualified 1, Lead Disqualified 5
        c: Lead Created 0, Lead Disqualified 5
        d: Lead Disqualified 0, Lead Created 5, Lead Disqualified 7
        """
    )
    found = discover.deviations(log).set_index("case_id")["conforming"]
    assert found.tolist() == [True, True, True, False]
    # Its end is not held against it, as that of a lost deal is not.
    path = ("Lead Created", "Lead Qualified", "Opportunity Created", "Closed Won")
    assert not len(diagnose.deviations(log.where(includes="Lead Qualified", excludes="Closed Won"), path))


SILENT = [f"moved {k}: Lead Created 0, Opportunity Created {1 + k / 100}" for k in range(100)]
SILENT += ["quiet: Lead Created 0", "waits: Lead Created 98.5", "ended: Lead Created 97, Lead Disqualified 98"]
SILENT += ["old deal: Opportunity Created 0"]
SILENT += [f"sold {k}: Opportunity Created 0, Quote Sent {1 + k / 100}" for k in range(100)]


def test_the_funnel_counts_silent_leads_as_dropped_and_says_so():
    log = from_text("\n".join(SILENT), until=100)
    table = discover.funnel(log, ("Lead Created", "Opportunity Created", "Quote Sent")).set_index("milestone")
    # 99 % of those that went on did within 1.98 days: one lead has waited for 100 days, one for a day and a half.
    assert table.loc["Opportunity Created", ["open", "dropped", "silent"]].tolist() == [1, 2, 1]
    # The old deal is silent too, but deals have an end of their own: it is open until somebody closes it.
    assert diagnose.silent(log).set_index("activity").loc["Opportunity Created", "silent"] == 101
    assert table.loc["Quote Sent", ["open", "dropped", "silent"]].tolist() == [101, 0, 0]
    assert table.loc["Lead Created", ["open", "dropped", "silent"]].isna().all()
    # The limit is that of the whole log, whatever is looked at.
    one = discover.funnel(log.where(opened=("2025-01-01", "2025-01-01"), excludes="Opportunity Created"), ("Lead Created", "Opportunity Created"))  # fmt: skip
    assert one["silent"].tolist()[1:] == [1]
    assert l2c.kpis(log).set_index("kpi").loc["lead_conversion_rate", "censored"] == 1


def test_where_too_few_went_on_no_lead_is_called_silent():
    log = from_text("\n".join([*SILENT[:10], "quiet: Lead Created 0"]), until=100)
    table = discover.funnel(log, ("Lead Created", "Opportunity Created"))
    assert table[["open", "dropped", "silent"]].iloc[1].tolist() == [1, 0, 0]


def test_the_steepest_drop_of_the_demo_is_where_its_leads_leave():
    log = demo()
    row = discover.funnel(log).set_index("milestone").loc["Opportunity Created"]
    silent = diagnose.silent(log).set_index("activity")["silent"]
    # In the demo a lead stands at one of these two activities, whoever became a deal aside.
    assert row["silent"] == row["dropped"] == silent["Lead Created"] + silent["Lead Qualified"]
    assert row["open"] + row["dropped"] == 4106 - 1639
    picture = show.funnel(discover.funnel(log))
    assert "the steepest drop is before Opportunity Created, where 56 % drop out" in repr(picture)
    assert any("2,314 gone silent" in text for text in picture.texts)
    japanese = show.funnel(discover.funnel(log), lang="ja")
    assert any("2,314件は音信不通" in text for text in japanese.texts)


def test_open_is_said_of_deals_and_of_leads_apart():
    log = demo()
    said = repr(show.about(log))
    assert (
        "5,000 cases: 2,533 deals (413 open, 1,040 won, 1,080 lost) and 2,467 leads without a deal (153 open, 2,314 silent)"
        in said
    )
    assert "% open" not in said
    assert "商談2,533件（進行中413、受注1,040、失注1,080）" in repr(show.about(log, lang="ja"))
    assert "2,533 deals (16% open) · 2,467 leads without a deal" in repr(log)
    cards = repr(show.kpi_cards(l2c.kpis(log)))
    assert "(4,106 leads, 153 still open)" in cards
    assert "413 more still open" in cards
    assert "2,467 still open" not in cards and "2,997 still open" not in cards


@pytest.mark.parametrize(
    ("text", "english", "japanese"),
    [
        ("a: Lead Created 0, Lead Disqualified 1", "1 case: 1 lead without a deal (1 disqualified)", "商談にならなかったリード1件（不適格1）"),
        ("a: Opportunity Created 0, Closed Won 1", "1 case: 1 won", "1件：受注1"),
        ("a: Opportunity Created 0", "1 case · ", "1件 · "),
        ("a: Opportunity Created 0\nb: Lead Created 0", "2 cases: 1 deal and 1 lead without a deal (1 open)", "商談1件と商談にならなかったリード1件（進行中1）"),
    ],
)  # fmt: skip
def test_how_the_cases_stand_is_said_of_any_log(text, english, japanese):
    log = from_text(text)
    assert english in repr(show.about(log))
    assert japanese in repr(show.about(log, lang="ja"))
    assert repr(show.about(log.where({}, top_variants=0)))


def test_the_panel_offers_lost_leads_beside_lost_deals():
    log = from_text(LEADS)
    for lang, names in (("en", ["open (deals and leads)", "lead disqualified", "lost", "won"]), ("ja", ["進行中（商談・リード）", "リード不適格", "失注", "受注"])):  # fmt: skip
        facets = {f["word"]: f for f in show.filters(log, lang=lang, interactive=True).widget.spec["facets"]}
        assert [value["name"] for value in facets["outcome"]["values"]] == names
        assert [value["n"] for value in facets["outcome"]["values"]][1:] == [3, 1, 1]


def test_charts_mark_the_end_of_a_lead_as_a_loss():
    log = from_text("a: Lead Created 0, Lead Disqualified 5\nb: Lead Created 0, Opportunity Created 2, Closed Lost 9")
    dashed = [p.get_gid() for p in show.variants(discover.variants(log)).ax.patches if p.get_linestyle() == "--"]
    assert sorted(dashed) == ["Closed Lost", "Lead Disqualified"]


def test_leads_that_end_do_not_make_a_company_look_orderly():
    deals = """
        a: Lead Created 0, Opportunity Created 2, Quote Sent 3, Closed Won 5
        b: Lead Created 0, Opportunity Created 2, Closed Won 5
        c: Lead Created 0, Opportunity Created 2, Quote Sent 3, Closed Won 5
        d: Opportunity Created 2
        e: Lead Created 0
        """
    leads = "\n".join(f"lead {k}: Lead Created 0, Lead Disqualified 3" for k in range(20))
    for log in (from_text(deals), from_text(f"{deals}\n{leads}")):
        # Two of the three deals that ended kept to the path; d is a deal that has not ended, e no deal yet.
        found = l2c.kpis(log).set_index("kpi").loc["conformance_rate"]
        assert found[["value", "cases", "censored"]].tolist() == [pytest.approx(2 / 3), 3, 1]


def test_every_engine_finds_the_same_lost_leads(tmp_path):
    from tests.test_engines import in_duckdb, in_polars

    text = f"{LEADS}    by its stage [stage=Unqualified]: Lead Created 0\n"
    here = statuses(from_text(text))
    assert here["by its stage"] == "lead_lost"
    rows_from_text(text).to_parquet(tmp_path / "leads.parquet")
    for read in (in_duckdb, in_polars):
        log = read(tmp_path / "leads.parquet")
        assert statuses(log) == here
        assert log.standing() == from_text(text).standing()
