"""A lead that ends is no lost deal, and no open one."""

import pytest

from tests.logs import from_text

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
