"""What is done for another document, or only keeps a record, is no rework; documents are paired by number; a no is an answer."""

from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import l2c
from l2c import diagnose, discover, engine, kpis
from l2c.log import build
from l2c.words import vocabulary
from tests.logs import ORIGIN, from_table, from_text

QUESTIONS = Path(__file__).parents[1] / "data" / "questions"
TAKEN = {
    "q_instalments": "2025-12-31", "q_false_rework_cause": "2025-06-30", "q_three_orders": "2025-06-30",
    "q_two_orders": "2025-06-30", "q_quote_rejected": "2025-03-01", "sf4": "2025-05-01", "sf2b": "2026-03-01",
}  # fmt: skip


@pytest.fixture(scope="module")
def ask():
    logs = {}

    def asked(name):
        if name not in logs:
            path = QUESTIONS / (name if name.startswith("sf") else f"{name}.csv")
            logs[name] = l2c.read(path, extracted=TAKEN[name])
        return logs[name]

    return asked


def card(log, kpi):
    return kpis(log, only=[kpi]).set_index("kpi").loc[kpi]


def of(log, kind):
    return diagnose.rework(log).set_index("kind").loc[kind]


def repeats(log):
    """Cases with rework: as the card, the table and the detours tell it."""
    found = card(log, "rework_rate")
    detours = diagnose.detours(log).set_index("kind")["cases"]
    return found["value"] * found["cases"], detours["repeat"]


# Rework


def test_instalments_and_offers_side_by_side_are_no_rework_and_no_deviation(ask):
    log = ask("q_instalments")
    assert repeats(log) == (0, 0)
    assert card(log, "rework_rate")["value"] == card(log, "quote_rework_rate")["value"] == 0
    assert card(log, "conformance_rate")["value"] == 1
    assert of(log, "repeated")["value"] == of(log, "backward")["value"] == 0
    assert not len(diagnose.deviations(log))
    assert discover.deviations(log)["conforming"].all()
    assert (diagnose.detours(log)["cases"].dropna() == 0).all()


def test_a_faultless_company_has_no_cause_and_no_finding_of_rework(ask):
    log = ask("q_false_rework_cause")
    assert card(log, "rework_rate")["value"] == 0
    assert not len(diagnose.causes(log))
    assert not len(diagnose.findings(log))


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_marks_are_no_rework_and_leave_no_path_in_either_language(lang):
    marks = sorted(vocabulary.marks() - {"Lead Assigned"})
    rows = [("a", "Opportunity Created", 0), ("b", "Opportunity Created", 0)]
    rows += [("a", name, day) for day, name in enumerate(marks * 2, start=1)]
    rows += [(case, name, day) for case in "ab" for name, day in (("Closed Won", 60), ("Payment Received", 90))]
    text = "case_id,activity,time\n" + "\n".join(
        f"{case},{vocabulary.label(name, lang)},{ORIGIN + timedelta(days=day)}" for case, name, day in rows
    )
    log = l2c.read(text_file(text), extracted="2025-12-31")
    assert set(log.activities) == {name for _, name, _ in rows}
    assert repeats(log) == (0, 0)
    assert card(log, "conformance_rate")["value"] == 1
    assert not len(diagnose.deviations(log))


def text_file(text, folder=[]):  # noqa: B006
    import tempfile

    folder.append(tempfile.TemporaryDirectory())
    path = Path(folder[-1].name) / "log.csv"
    path.write_text(text, "utf-8")
    return path


def test_several_approvers_of_one_request_are_no_rework_and_a_second_round_is():
    log = from_table(
        """
        case_id | activity | day | object_id
        a | Discount Approval Requested | 0 | Q1
        a | Discount Approval Requested | 0.1 | Q1
        a | Discount Approved | 1 | Q1
        a | Discount Approved | 2 | Q1
        a | Closed Lost | 9 |
        b | Discount Approval Requested | 0 | Q2
        b | Discount Rejected | 1 | Q2
        b | Discount Approval Requested | 3 | Q2
        b | Discount Approved | 4 | Q2
        b | Closed Lost | 9 |
        """
    )
    assert repeats(log) == (1, 1)
    assert of(log, "repeated")["count"] == 1


def test_the_same_step_on_the_same_document_is_rework_on_every_page():
    log = from_table(
        """
        case_id | activity | day | object_id
        a | Opportunity Created | 0 |
        a | Quote Created | 1 | Q1
        a | Quote Created | 2 | Q2
        a | Quote Created | 3 | Q1
        a | Closed Lost | 9 |
        b | Opportunity Created | 0 |
        b | Quote Created | 1 | Q3
        b | Closed Lost | 9 |
        """
    )
    assert repeats(log) == (1, 1)
    assert of(log, "repeated")["count"] == 1
    table = discover.variants(log).set_index("cases")
    assert set(discover.variants(log)["done_again"]) == {(), ("Quote Created",)}
    assert len(table) == 2


def test_without_numbers_invoices_are_others_and_other_steps_are_told_by_the_deal_with_a_note():
    log = from_text("""
        a: Opportunity Created 0, Closed Won 5, Invoice Sent 8, Invoice Sent 38, Payment Received 20, Payment Received 50
        b: Opportunity Created 0, Contract Created 2, Contract Created 4, Closed Won 5, Payment Received 20
    """)
    assert repeats(log) == (1, 1)
    assert "no number" in str(card(log, "rework_rate")["note"])
    only = log.where(excludes="Contract Created")
    assert repeats(only) == (0, 0)


def test_without_numbers_there_are_as_many_deliveries_as_orders_and_one_more_is_done_again():
    log = from_text("""
        a: Sales Order Created 0, Order Fulfilled 3, Sales Order Created 5, Sales Order Created 6, Order Fulfilled 7, Order Fulfilled 9
        b: Sales Order Created 0, Order Fulfilled 3, Order Fulfilled 4
    """)
    found = discover.variants(log).set_index("variant_id")["done_again"]
    assert sorted(found) == [(), ("Order Fulfilled",)]
    assert repeats(log) == (1, 1)


OBJECTS = {"Quote Sent": "Q", "Invoice Sent": "I", "Payment Received": "I", "Legal Review": "L", "Owner Changed": "O"}


@st.composite
def documents(draw):
    import pandas as pd

    n = draw(st.integers(1, 30))
    many = lambda values: draw(st.lists(values, min_size=n, max_size=n))  # noqa: E731
    names = many(st.sampled_from([*OBJECTS, "Opportunity Created"]))
    numbers = many(st.sampled_from([1, 2, None]))
    ids = [f"{OBJECTS[a]}{k}" if k and a in OBJECTS else None for a, k in zip(names, numbers, strict=True)]
    hours = [ORIGIN + timedelta(hours=h) for h in draw(st.permutations(range(n)))]
    return pd.DataFrame({"case_id": many(st.sampled_from("ab")), "activity": names, "time": hours, "object_id": ids})


@given(documents())
def test_rework_matches_a_walk_through_each_case_whatever_the_order_of_the_rows(rows):
    expected = set()
    for case, events in rows.sort_values("time").groupby("case_id"):
        seen = defaultdict(int)
        for activity, number in zip(events["activity"], events["object_id"], strict=True):
            key = activity, number if isinstance(number, str) else ""
            nature = activity in ("Owner Changed", "Payment Received") or (activity == "Invoice Sent" and not key[1])
            if seen[key] and not nature:
                expected.add(case)
            seen[key] += 1
    for order in (rows, rows.iloc[::-1]):
        log = build(order.reset_index(drop=True))
        assert repeats(log) == (len(expected), len(expected))
        found = discover.variants(log)
        assert found.loc[found["done_again"].map(len) > 0, "cases"].sum() == len(expected)
        folded = discover.variants(log, fold=True)
        assert folded["cases"].sum() == log.n_cases and len(folded) <= len(found)


def test_folded_paths_tell_none_once_and_more(ask):
    table = discover.variants(ask("q_instalments"), fold=True)
    assert table["cases"].tolist() == [4, 2, 1]
    assert table["trace"][1][-2:] == ("Invoice Sent ×2+", "Payment Received ×2+")
    log = from_text("a: A 0, B 1, A 2, B 3\n b: A 0, A 1, A 2, B 4\n c: A 0, B 1")
    assert set(discover.variants(log, fold=True)["trace"]) == {("A ×2+", "B ×2+"), ("A ×2+", "B"), ("A", "B")}


# Orders


def test_three_orders_a_deal_are_paired_by_number(ask):
    log = ask("q_three_orders")
    # 2 days, 59 days, 60 days in each of three deals
    assert card(log, "order_to_fulfilment_days")["value"] == 59
    late = diagnose.due_dates(log)
    late = late[late["due"] == "delivery"]
    assert sorted(late["days_late"]) == [-12] * 3 + [45] * 3 + [46] * 3
    assert repeats(log) == (0, 0)
    assert card(log, "conformance_rate")["value"] == 1


def test_an_order_that_was_never_delivered_is_late_whatever_was_delivered_besides(ask):
    late = diagnose.due_dates(ask("q_two_orders"))
    late = late[(late["due"] == "delivery") & (late["case_id"] == "D1")]
    # A, of 1 January, is due on the 15th and open on 30 June: 166 days; B was delivered 10 days early
    assert late["days_late"].tolist() == [166, -10]


def test_invoices_under_the_number_of_their_order_are_paired_with_it(tmp_path):
    log = from_table(
        """
        case_id | activity | day | object_id
        a | Sales Order Created | 0 | O1
        a | Order Fulfilled | 10 | O1
        a | Invoice Sent | 11 | O1
        a | Sales Order Created | 12 | O2
        a | Order Fulfilled | 20 | O2
        a | Sales Order Created | 12 | O3
        a | Order Fulfilled | 20 | O3
        a | Invoice Sent | 40 | O3
        """,
        until=100,
    )
    # 1 and 20 days, and O2 has waited for 80
    assert card(log, "fulfilment_to_invoice_days")[["value", "cases", "censored"]].tolist() == [20, 3, 1]
    due = diagnose.due_dates(log)
    assert due[due["due"] == "invoice"]["days_late"].tolist() == [-4, 15, 75]
    assert "never_invoiced" in set(diagnose.tags(log)["tag"])


def test_a_tag_marks_the_order_that_was_never_delivered_beside_one_that_was(ask, tmp_path):
    file = tmp_path / "rules.yaml"
    file.write_text(
        "tags:\n- {id: undelivered, missing: [Sales Order Created, Order Fulfilled, 30 days], en: U, ja: U}\n"
    )
    assert diagnose.tags(ask("q_two_orders"), rules=file)["case_id"].tolist() == ["D1"]


def test_rules_pair_approvals_and_deliveries_by_number(tmp_path):
    log = from_table(
        """
        case_id | activity | day | object_id | actor
        a | Discount Approval Requested | 0 | Q1 | Ann
        a | Discount Approval Requested | 1 | Q2 | Bob
        a | Quote Sent | 2 | Q3 | Ann
        a | Discount Approved | 3 | Q1 | Bob
        a | Quote Sent | 4 | Q1 | Ann
        a | Discount Approved | 5 | Q2 | Ann
        a | Sales Order Created | 6 | O1 | Ann
        a | Sales Order Created | 7 | O2 | Ann
        a | Order Fulfilled | 8 | O2 | Ann
        a | Payment Received | 9 | | Ann
        """
    )
    file = tmp_path / "rules.yaml"
    file.write_text(
        "rules:\n"
        "- {id: self, require: {different_user: [Discount Approval Requested, Discount Approved]}}\n"
        "- {id: early, require: {not_between: [Discount Approval Requested, Quote Sent, Discount Approved]}}\n"
        "- {id: delivered, require: {followed_by: [Sales Order Created, Order Fulfilled]}}\n"
    )
    found = diagnose.compliance(log, rules=file).set_index("rule")["count"]
    # Ann asked for Q1 and Bob approved it, Bob asked for Q2 and Ann did; no quote went out while its own request waited; O1 was never delivered
    assert found.to_dict() == {"self": 0, "early": 0, "delivered": 1}


def test_a_reduction_order_corrects_its_order_and_is_none_of_its_own(ask):
    log = ask("sf2b")
    found = card(log, "order_error_rate")
    assert (found["value"], found["cases"]) == (0.5, 2)
    assert of(log, "order_corrected")[["count", "cases"]].tolist() == [1, 2]
    assert of(log, "order_repeated")["value"] == 0
    assert repeats(log) == (0, 0)


def test_renewals_and_amendments_are_not_accused(ask):
    log = ask("sf2b")
    found = diagnose.compliance(log).set_index("rule")
    assert found.loc[["won_without_contract", "order_before_contract"], "count"].tolist() == [0, 0]
    cases = engine.collect(log.cases.select("case_id", "contract_action")).set_index("case_id")["contract_action"]
    assert sorted(cases.dropna()) == ["Amendment", "Renewal"]
    # The one new deal is still judged, and its contract counts.
    assert found.loc["won_without_contract", "applicable"] == 1


def test_a_new_deal_without_any_contract_is_still_accused():
    log = from_text("""
        a: Opportunity Created 0, Closed Won 5
        b: Opportunity Created 0, Contract Signed 4, Closed Won 5
    """)
    assert diagnose.compliance(log).set_index("rule").loc["won_without_contract", "count"] == 1


# Quotes


def test_a_refusal_ends_the_wait_and_counts_among_the_answers(ask):
    log = ask("q_quote_rejected")
    found = card(log, "quote_acceptance_rate")
    assert (found["value"], found["cases"], found["censored"]) == (0.25, 4, 0)
    assert card(log, "quote_to_accept_days")[["value", "cases", "censored"]].tolist() == [6, 1, 0]
    rounds = diagnose.quote_rounds(log).set_index("measure")
    assert rounds.loc["accepted_share", "value"] == 0.25
    phase = diagnose.quote_to_contract(log).set_index("from").loc["Quote Sent"]
    assert (phase["censored"], phase["lost"]) == (0, 3)
    assert diagnose.times(log, start="Quote Sent", end="Quote Accepted")["censored"].item() == 0
    due = diagnose.due_dates(log)
    assert due[due["due"] == "quote_answer"]["days_late"].tolist() == [-20, -20, -20, -24]


@pytest.mark.parametrize("numbered", [True, False])
def test_a_refusal_before_the_quote_was_sent_is_no_answer(numbered):
    ids = ("Q1", "Q2") if numbered else ("", "")
    log = from_table(
        f"""
        case_id | activity | day | object_id
        a | Quote Rejected | 1 | {ids[0]}
        a | Quote Sent | 3 | {ids[0]}
        b | Quote Sent | 3 | {ids[1]}
        b | Quote Rejected | 5 | {ids[1]}
        c | Quote Sent | 3 | Q3
        c | Quote Accepted | 5 | Q3
        """,
        until=20,
    )
    found = card(log, "quote_acceptance_rate")
    # a still waits; b said no, c said yes
    assert (found["value"], found["cases"], found["censored"]) == (0.5, 2, 1)


def test_where_every_customer_said_no_the_rate_is_nought():
    log = from_text("a: Quote Sent 0, Quote Rejected 5\n b: Quote Sent 0, Quote Rejected 6\n c: Quote Sent 0", until=20)
    found = card(log, "quote_acceptance_rate")
    assert (found["value"], found["cases"], found["censored"]) == (0, 2, 1)
    won = from_text("a: Quote Sent 0, Quote Rejected 5\n b: Quote Sent 0, Closed Won 6", until=20)
    assert np.isnan(card(won, "quote_acceptance_rate")["value"])


def test_what_salesforce_calls_rejected_is_the_reviewers_no(ask):
    log = ask("sf4")
    assert "Quote Approval Rejected" in log.activities and "Quote Rejected" not in log.activities
    assert vocabulary.label("Quote Approval Rejected", "ja") == "見積承認却下"
    assert card(log, "quote_acceptance_rate")["value"] == 1


def test_denied_is_the_customers_no_and_the_mapping_may_say_otherwise(tmp_path):
    import pandas as pd

    deals = {
        "Id": ["006000000000001AAA"],
        "CreatedDate": ["2025-01-01T09:00:00Z"],
        "StageName": ["Proposal"],
        "IsClosed": [False],
    }
    quotes = {
        "Id": ["0Q0000000000001AAA", "0Q0000000000002AAA"], "OpportunityId": deals["Id"] * 2, "Status": ["Denied", "Rejected"],
        "CreatedDate": ["2025-01-02T09:00:00Z"] * 2, "LastModifiedDate": ["2025-01-09T09:00:00Z"] * 2,
    }  # fmt: skip
    org = {"Opportunity": pd.DataFrame(deals), "Quote": pd.DataFrame(quotes)}
    log = l2c.read(org, extracted="2025-02-01")
    assert {"Quote Rejected", "Quote Approval Rejected"} <= set(log.activities)
    shipped = Path(l2c.__file__).parent / "prepare" / "salesforce" / "mapping.yaml"
    text = shipped.read_text("utf-8").replace("when: {Status: <denied>}", "when: {Status: [<denied>, <rejected>]}")
    text = text.replace("when: {Status: <rejected>}", "when: {Status: [Turned down by the reviewer]}")
    own = tmp_path / "own.yaml"
    own.write_text(text, "utf-8")
    said = l2c.read(org, extracted="2025-02-01", mapping=own)
    assert "Quote Approval Rejected" not in said.activities


def contracts(*, made, activated, signed=None, other_signed=None):
    """A deal with an order of 10 January whose contract was made, activated and signed on some days of January."""
    import pandas as pd

    def day(n):
        return None if n is None else f"2025-01-{n:02d}T09:00:00Z"

    deals = ["006000000000001AAA", "006000000000002AAA"]
    org = {
        "Opportunity": pd.DataFrame({
            "Id": deals, "CreatedDate": [day(1)] * 2, "StageName": ["Closed Won"] * 2, "IsClosed": [True] * 2,
            "IsWon": [True] * 2, "CloseDate": ["2025-01-09"] * 2,
        }),
        "Contract": pd.DataFrame({
            "Id": ["800000000000001AAA", "800000000000002AAA"], "OpportunityId": deals, "CreatedDate": [day(made), day(2)],
            "ActivatedDate": [day(activated), day(4)], "CustomerSignedDate": [signed, other_signed],
        }),
        "Order": pd.DataFrame({
            "Id": ["801000000000001AAA", "801000000000002AAA"], "OpportunityId": deals, "CreatedDate": [day(10)] * 2,
            "ContractId": ["800000000000001AAA", "800000000000002AAA"],
        }),
    }  # fmt: skip
    found = diagnose.compliance(l2c.read(org, extracted="2025-06-01")).set_index("rule").loc["order_before_contract"]
    return found["count"], found["unknown"]


def test_an_order_is_accused_only_where_the_signature_is_known_to_come_later():
    # Made before the order, activated after it: as far as this org tells, that is its signature.
    assert contracts(made=2, activated=15) == (1, 0)
    # The system made it from the order; or other contracts bear the customer's signature and this one does not.
    assert contracts(made=11, activated=15) == (0, 1)
    assert contracts(made=2, activated=15, other_signed="2025-01-03") == (0, 1)
    assert contracts(made=11, activated=15, signed="2025-01-14") == (1, 0)
