"""Who waits for whom, what answers what, what is a milestone: one place for it, and no name in the code that nobody writes."""

import ast
import re
from pathlib import Path

import l2c
from l2c.diagnose.rules.files import SHIPPED
from l2c.prepare.salesforce.mapping import load
from l2c.words import vocabulary

PACKAGE = Path(l2c.__file__).parent
# Spellings of other exporters, which stand beside our own names as alternatives.
ELSEWHERE = {"Amount Reduced", "Opportunity Owner Changed"}
# Headers of columns, which only look like activities.
HEADERS = {"Amount Received"}
KNOWN = set(vocabulary._roles())
TITLE = re.compile(r"[A-Z][a-z]+(?: [A-Z][a-z]+)+")
ENDINGS = {name.split()[-1] for name in KNOWN}


def written():
    """What the shipped mapping writes, stages aside, whose names are the org's own."""
    return {rule.activity for rule in load().rules if "{" not in rule.activity}


def unknown(texts):
    """Texts that look like activities, by their last word, and are none."""
    named = {text for text in texts if TITLE.fullmatch(text) and text.split()[-1] in ENDINGS}
    return sorted(named - KNOWN - HEADERS)


def quoted(path):
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def test_every_activity_that_the_code_names_is_in_the_vocabulary():
    found = {str(path.relative_to(PACKAGE)): unknown(quoted(path)) for path in sorted(PACKAGE.rglob("*.py"))}
    assert {path: names for path, names in found.items() if names} == {}
    assert unknown(["Contract Rejected", "Contract Approval Rejected", "Cloud Platform"]) == ["Contract Rejected"]


def test_every_activity_that_the_shipped_rules_name_is_in_the_vocabulary():
    names = re.findall(r"[A-Z][a-z]+(?: [A-Z][a-z]+)+(?=[],}'])", SHIPPED.read_text("utf-8").split("rules:", 1)[1])
    assert set(unknown(names)) <= ELSEWHERE


def test_the_vocabulary_knows_every_activity_that_the_mapping_writes():
    assert written() - KNOWN == set()
    assert all(vocabulary.label(name, "ja") != name for name in written())


def test_roles_name_activities_and_people_that_there_are():
    for name, role in vocabulary._roles().items():
        assert {role.answers, *role.after} - {None} <= KNOWN, name
        assert {role.waits_for, role.by} - {None} <= {"own_team", "customer", "approver"}, name
        # What is asked for leaves somebody to wait for.
        assert not role.answers or vocabulary.waits_for(role.answers), name
    assert all(vocabulary.process_order(a.known_from) is not None for a in vocabulary.attributes() if a.known_from)


def test_whoever_is_asked_can_answer_and_a_no_is_one():
    for name in written() | KNOWN:
        last = name.split()[-1]
        assert last != "Requested" or vocabulary.answers(name), name
        assert last not in ("Approved", "Rejected") or vocabulary._roles()[name].answers, name
        no = last in ("Rejected", "Recalled", "Cancelled", "Lost", "Disqualified")
        assert no == (name in vocabulary.refusals()), name


def test_a_wait_is_for_whom_the_request_waits_for_and_then_for_the_own_team():
    # activity: whose move ends the wait before it, whose turn it is after it
    said = {
        "Quote Created": ("own_team", "own_team"),
        "Discount Approval Requested": ("own_team", "approver"),
        "Discount Approved": ("approver", "own_team"),
        "Quote Sent": ("own_team", "customer"),
        "Quote Rejected": ("customer", "own_team"),
        "Contract Approved": ("approver", "customer"),
        "Contract Approval Rejected": ("approver", "own_team"),
        "Contract Signed": ("customer", "own_team"),
        "Order Approval Rejected": ("approver", "own_team"),
        "Approval Step Passed": ("approver", "approver"),
        "Approval Recalled": ("own_team", "own_team"),
        "Partial Payment Received": ("customer", None),
        "Closed Lost": ("customer", None),
        "Owner Changed": ("own_team", None),
        "Site Visit": ("own_team", None),
    }
    assert {name: (vocabulary.whose_move(name), vocabulary.waits_for(name)) for name in said} == said


def test_what_decides_a_request_is_asked_of_the_vocabulary():
    assert vocabulary.answers("Contract Approval Requested") == ("Contract Approved", "Contract Approval Rejected")
    assert vocabulary.answers("Quote Sent") == ("Quote Accepted", "Quote Rejected")
    assert vocabulary.answers("Site Visit") == ()


def test_milestones_stand_in_the_order_of_the_process():
    way = vocabulary.milestones()
    assert way[0] == "Lead Created" and way[-1] == "Payment Received" and len(way) == 9
    assert set(vocabulary.milestones(ends=True)) - set(way) == {"Closed Lost", "Order Cancelled", "Order Closed"}
    assert vocabulary.closings() == ("Closed Won", "Closed Lost")


def test_steps_of_a_document_lead_from_one_station_of_its_life_to_the_next():
    assert vocabulary.document_steps() == (
        ("Quote Created", "Quote Sent"),
        ("Quote Sent", "Quote Accepted"),
        ("Sales Order Created", "Order Fulfilled"),
        ("Invoice Created", "Invoice Sent"),
        ("Invoice Sent", "Payment Received"),
    )


def test_an_answer_cannot_come_before_its_request():
    pairs = vocabulary.orderly()
    assert ("Lead Created", "Opportunity Created") in pairs
    assert ("Contract Approval Requested", "Contract Approval Rejected") in pairs
    # Quoted and signed may happen in either order as far as the vocabulary is concerned: not every deal has both.
    assert ("Quote Sent", "Contract Signed") not in pairs


def test_an_attribute_is_known_from_the_activity_that_brings_it():
    assert vocabulary.known_from("discount") == "Quote Created"
    # The words of the terms come with their days.
    assert vocabulary.known_from("payment_terms") == "Contract Created"
    assert vocabulary.known_from("region") is None
