"""A file of changes says what it means, or is told what is wrong in one sentence."""

from datetime import date

import pytest
import yaml

from l2c import improve
from l2c.improve.changes import Arrivals, Attribute, Desk, Errors, Merge, Parallel, Payment, Route, Skip, Step
from l2c.system.places import TEMPLATES
from l2c.words.errors import BadScenario
from tests.logs import from_text

LOG = from_text("""
    a [region=Japan, segment=SMB, discount=0.2, lead_source=Web]: Quote Created 0, Discount Approved 2, Contract Approval Requested 3, Contract Approved 5, Contract Signed 9, Closed Won 10, Order Corrected 12
    b [region=EMEA, segment=Large, discount=0.1, lead_source=Event]: Quote Created 0, Contract Approved 4, Contract Signed 6, Closed Lost 9
    """)
COSTS = {"add": 90_000, "per": "year"}


def read(*changes, **more):
    return improve.scenario({"changes": list(changes), **more}, LOG).changes


def refused(*changes, lang="en", **more):
    with pytest.raises(BadScenario) as problem:
        improve.scenario({"changes": list(changes), **more}, LOG)
    return problem.value.said(lang)


def test_every_kind_of_change_is_read():
    found = read(
        {"desk": "Discount Approved", "where": {"region": "Japan"}, "add": 1},
        {"desk": "Contract Approved", "batch": "none"},
        {"desk": "Contract Approved", "hours": {"mon-fri": "8-18"}, "speed": 0.7},
        {"step": ["Contract Approved", "Contract Signed"], "share": 0.5},
        {"step": ["Contract Approved", "Contract Signed"], "longest": 5},
        {"skip": "Contract Approval Requested", "where": {"segment": "SMB"}},
        {"merge": ["Contract Approval Requested", "Contract Approved"], "days": 2},
        {"parallel": ["Contract Approved", "Contract Signed"]},
        {"attribute": "discount", "at": "Quote Created", "most": 0.10},
        {"attribute": "discount", "at": "Quote Created", "limit": {"from": 0.15, "to": 0.25}},
        {"route": "Discount Approved", "where": {"region": "Japan"}, "to": "Kim"},
        {"errors": "Order Corrected", "share": 0.5},
        {"payment": {"terms_days": 30, "reminder_after_days": 5}, "share": 0.8},
        {"arrivals": 1.2},
        {"arrivals": 0, "where": {"lead_source": "Web"}},
        costs=COSTS,
    )
    week = (((480, 1080),),) * 5 + ((),) * 2
    signing = ("Contract Approved", "Contract Signed")
    assert found[0] == Desk(1, "desk: Discount Approved", "Discount Approved", 1, where={"region": "Japan"})
    assert (found[1].unbatched, found[2].hours, found[2].speed) == (True, week, 0.7)
    assert found[3:5] == (
        Step(4, "step: Contract Approved, Contract Signed", *signing, 0.5),
        Step(5, "step: Contract Approved, Contract Signed", *signing, None, 5),
    )
    assert found[5] == Skip(
        6, "skip: Contract Approval Requested", "Contract Approval Requested", where={"segment": "SMB"}
    )
    assert isinstance(found[6], Merge) and found[6].days == 2
    assert isinstance(found[7], Parallel)
    assert found[8] == Attribute(9, "attribute: discount", "discount", ("Quote Created",), 0.1)
    assert found[9].limit == (0.15, 0.25)
    assert isinstance(found[10], Route) and found[10].to == "Kim"
    assert isinstance(found[11], Errors) and isinstance(found[12], Payment)
    assert (found[12].terms_days, found[12].reminder_after_days, found[12].share) == (30, 5, 0.8)
    assert found[13:] == (
        Arrivals(14, "arrivals: 1.2", 1.2),
        Arrivals(15, "arrivals: 0", 0, where={"lead_source": "Web"}),
    )


def test_activities_may_be_named_in_japanese_and_days_one_by_one():
    (found,) = read(
        {"desk": "割引承認", "hours": {"sat": "9-12", "fri-mon": "8-12"}}, costs={"hours": 60, "per": "week"}
    )
    assert found.activity == "Discount Approved"
    assert [bool(day) for day in found.hours] == [True, False, False, False, True, True, True]


def test_a_limit_of_a_desk_is_one_where_the_way_to_it_parts():
    (found,) = read({"desk": "Discount Approved", "limit": {"attribute": "discount", "from": 0.15, "to": 0.25}})
    assert (found.name, found.at, found.limit) == ("discount", ("Quote Created",), (0.15, 0.25))


def test_a_list_a_file_and_a_scenario_are_the_same(tmp_path):
    change = [{"skip": "Contract Approved"}]
    path = tmp_path / "change.yaml"
    path.write_text(yaml.safe_dump({"version": 1, "from": date(2026, 7, 1), "name": "x", "changes": change}), "utf-8")
    found = improve.scenario(path, LOG)
    assert found.changes == improve.scenario(change, LOG).changes
    assert (found.since, found.names) == (date(2026, 7, 1), ("x", "x"))
    assert improve.scenario(found, LOG) is found


def test_what_no_log_can_know_is_marked():
    found = improve.scenario(
        {
            "changes": [
                {"step": ["Contract Approved", "Contract Signed"], "share": 0.5},
                {"skip": "Contract Approval Requested"},
                {"desk": "Contract Approved", "speed": 0.7},
            ]
        },
        LOG,
    )
    assert str(found.assumed) == (
        "from Contract Approved to Contract Signed it takes 50 % less time; "
        "a piece of Contract Approved takes 70 % of the time it takes now"
    )
    assert improve.scenario([{"skip": "Contract Approved"}], LOG).assumed is None


def test_costs_are_a_year():
    costs = improve.scenario(
        {"changes": [{"arrivals": 1}], "costs": {"add": "5_000", "running": 10, "once": 7, "per": "month"}}, LOG
    ).costs
    assert (costs.add, costs.running, costs.once, costs.hours) == (60_000, 120, 7, None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"dsek": "Contract Approved"}, "Change 1 says 'dsek', which is no kind of change. Closest: desk, step, skip."),
        (
            {"desk": "Contract Approved", "speeed": 2},
            "Change 1 (desk: Contract Approved): 'speeed' means nothing here. Closest: speed.",
        ),
        (
            {"skip": "Contract Aproved"},
            "Change 1 (skip: Contract Aproved): No activity is called 'Contract Aproved'. Closest in this log: Contract Approved, "
            "Contract Approval Requested, Discount Approved.",
        ),
        (
            {"skip": "Contract Approved", "where": {"regoin": "Japan"}},
            "Change 1 (skip: Contract Approved): 'where' chooses cases by what is known of them from the start, and 'regoin' is "
            "no such attribute. Closest: region.",
        ),
        (
            {"skip": "Contract Approved", "where": {"region": "Japn"}},
            "Change 1 (skip: Contract Approved): No case has 'Japn' as its region. Closest: Japan.",
        ),
        (
            {"step": ["Quote Created", "Closed Won"], "share": 0.5},
            "Change 1 (step: Quote Created, Closed Won): Closed Won never follows Quote Created directly in this log; Quote "
            "Created is followed by",
        ),
        (
            {"merge": ["Contract Approved", "Contract Signed"]},
            "Change 1 (merge: Contract Approved, Contract Signed) has no 'days', which no log can know. Write it, such as days: 2.",
        ),
        ({"errors": "Order Corrected"}, "has no 'share', which no log can know. Write it, such as share: 0.5."),
        ({"payment": {"terms_days": 30}}, "has no 'share', which no log can know."),
        (
            {"desk": "Contract Approved", "add": 1},
            "has no 'costs', which no log can know. Write it, such as costs: {add: 90_000",
        ),
        ({"step": ["Contract Approved", "Contract Signed"], "share": 50}, "'share' is not filled in as it should be."),
        ({"skip": "Contract Approved", "step": [1, 2]}, "Change 1 is two, 'skip' and 'step'."),
        (
            {"attribute": "discout", "at": "Quote Created", "most": 0.1},
            "Change 1 (attribute: discout): 'discout' means nothing here. Closest: discount.",
        ),
        ({"attribute": "discount", "most": 0.1}, "has no 'at'"),
        ({"desk": "Contract Approved", "hours": {"mon-fry": "8-18"}}, "'mon-fry'"),
        ("skip", "Change 1 says 'skip', which is no kind of change."),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_with_the_nearest_name(change, said):
    assert said in refused(change)
    japanese = refused(change, lang="ja")
    assert "変更1" in japanese and "No activity" not in japanese and "never follows" not in japanese


def test_the_file_itself_is_held_to_its_keys(tmp_path):
    assert (
        refused({"arrivals": 1}, chnages=[]) == "'chnages' means nothing in a file of changes. Closest: changes, name."
    )
    assert "Closest: add." in refused({"arrivals": 1}, costs={"ad": 1})
    assert "from: 2026-07-01" in refused({"arrivals": 1}, **{"from": "soon"})
    assert "There is no list of changes" in refused()
    (tmp_path / "x.yaml").write_text("changes: [", "utf-8")
    for path in (tmp_path / "x.yaml", tmp_path / "none.yaml"):
        with pytest.raises(BadScenario, match="cannot be read as a file of changes"):
            improve.scenario(path, LOG)


def test_the_template_is_a_file_of_changes_and_names_every_key():
    text = (TEMPLATES / "change.yaml").read_text("utf-8")
    found = improve.scenario(TEMPLATES / "change.yaml", LOG)
    assert [type(change) for change in found.changes] == [Desk]
    # What is commented out is one as well: every line that begins with `# -`
    lines = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# - ")]
    log = from_text("""
        a [region=Japan, segment=SMB, discount=0.2, lead_source=Purchased List]: Quote Created 0, Discount Approved 2, Contract Approval Requested 3, Contract Approved 5, Contract Signed 9, Order Corrected 12
        """)
    every = yaml.safe_load("\n".join(lines))
    changes = improve.scenario({"changes": every, "costs": {"add": 1, "hours": 1}}, log).changes
    assert len(changes) == len(lines) >= 15
    from l2c.improve.reading import KINDS

    assert {key for line in [*every, {"desk": 0}] for key in line} >= set(KINDS)
