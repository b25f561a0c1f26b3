"""Whose name may be read: nobody's, in what is handed on."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

import l2c
from l2c import diagnose, improve
from l2c.analysis import analysis
from l2c.cli import main
from l2c.demo import write
from l2c.prepare import pseudonyms as names
from l2c.words.errors import BadOption, UnknownName
from l2c.words.matching import is_person
from tests.canary import found
from tests.logs import demo, findings, from_text

PEOPLE = ["Quilla Vandermeer", "Otto Zweibel", "Brunhilde Askew", "Ximena Prado", "山田太郎", "Cher", "Austin"]
DECIDERS = ["Wanda Approver", "Kofi Decider"]


def rows(cases=60):
    """Deals of seven people in two regions; their names stand wherever names are found in real exports."""
    made = []
    for n in range(cases):
        rep, region = PEOPLE[n % 7], ("Austin", "Elsewhere")[n % 2]
        account = f"Kunde {n % 9}"
        for k, activity in enumerate(("Opportunity Created", "Quote Sent", ("Closed Won", "Closed Lost")[n % 3 == 0])):
            made.append(
                {
                    "Opportunity ID": f"D-{n:03d}",
                    "Activity": activity,
                    "Timestamp": datetime(2025, 1, 1) + timedelta(days=n + 9 * k),
                    "Opportunity Owner": rep,
                    "Region": region,
                    "Account": account,
                    "Performed By": DECIDERS[n % 2],
                    "Approved By": DECIDERS[n % 2],
                    "Colleague": PEOPLE[(n + 1) % 7],
                    "Remark": f"{PEOPLE[(n + 2) % 7]} called the customer again about {account}",
                }
            )
    return pd.DataFrame(made).astype(str)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("source") / "deals.csv"
    bad = pd.DataFrame(
        [
            {"Opportunity ID": "D-001", "Activity": "Quote Sent", "Timestamp": "soon", "Opportunity Owner": PEOPLE[1], "Region": "Elsewhere", "Remark": f"ask {PEOPLE[0]}"},
            {"Opportunity ID": "D-002", "Activity": "Quote Sent", "Timestamp": "later", "Opportunity Owner": PEOPLE[2], "Region": "Austin", "Account": "Kunde Waise"},
            {"Opportunity ID": None, "Activity": "Quote Sent", "Timestamp": "2025-01-01", "Opportunity Owner": "Nobody Known", "Region": "Austin", "Account": "Kunde Waise"},
        ]
    )  # fmt: skip
    pd.concat([rows(), bad]).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def log(source):
    return l2c.read(source)


def test_a_person_has_one_pseudonym_through_a_whole_log(log, source):
    known = names.pseudonyms(log)
    assert set(known) == {*PEOPLE, *DECIDERS}
    assert sorted(known[p] for p in PEOPLE) == [f"Rep {n:02d}" for n in range(1, 8)]
    assert sorted(known[p] for p in DECIDERS) == ["Person 01", "Person 02"]
    # Whatever filter is on, on this log or on what was handed on of it, and whenever it is read.
    assert names.pseudonyms(log.where(region="Austin")) == known
    part = names.handed(log.where(rep=PEOPLE[2:4]))
    assert set(part.distinct("rep")) == {known[p] for p in PEOPLE[2:4]}
    assert names.pseudonyms(l2c.read(source)) == known


def test_the_numbers_are_no_order_of_the_names_and_another_log_gives_others():
    texts = ["\n".join(f"{x}{n} [rep=R{n:02d}]: X 0, Y 1" for n in range(30)) for x in "ab"]
    orders = [names.key(from_text(text))["name"].tolist() for text in texts]
    assert orders[0] != sorted(orders[0]) and orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])


def test_the_key_is_with_whoever_holds_the_log_and_with_nobody_else(log):
    key = names.key(log)
    assert key.set_index("pseudonym")["name"].to_dict() == {v: k for k, v in names.pseudonyms(log).items()}
    with pytest.raises(UnknownName, match="handed on without names"):
        names.key(names.handed(log))


def test_no_name_is_left_in_what_is_handed_on(log, tmp_path):
    handed = names.handed(log)
    handed.save(tmp_path / "log")
    # A region that shares its name with a person is no person, and keeps it; so the one word is looked for by hand.
    assert found(tmp_path, [*PEOPLE[:5], *DECIDERS, "Nobody Known", "Cher"]) == []
    assert handed.distinct("region") == ["Austin", "Elsewhere"]
    assert set(handed.distinct("rep")) == {f"Rep {n:02d}" for n in range(1, 8)}
    # A column of the org's own that holds the same people is one of people, whatever it is called.
    assert set(handed.distinct("Colleague")) == {f"Rep {n:02d}" for n in range(1, 8)}
    assert set(handed.distinct("Approved By")) == {"Person 01", "Person 02"}
    assert "called the customer again" in handed.distinct("Remark")[0]
    assert str(analysis(handed)).count("Quilla") == 0
    assert set(handed.origin.masked) == {"Approved By", "rep", "actor"}


def test_numbers_are_the_same_with_and_without_names():
    log = demo(2000)
    handed, known = names.handed(log), names.pseudonyms(log)
    shown = diagnose.reps(log, names=True)
    hidden = diagnose.reps(log)
    pd.testing.assert_frame_equal(hidden, diagnose.reps(handed))
    again = shown.assign(rep=shown["rep"].map(known)).sort_values(["measure", "rep"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(
        again.drop(columns="step"),
        hidden.sort_values(["measure", "rep"]).reset_index(drop=True).drop(columns="step"),
    )
    for table in (diagnose.findings, diagnose.causes, diagnose.bottlenecks):
        pd.testing.assert_frame_equal(table(log), table(handed))


@pytest.mark.slow("a twin is learnt, redrawn and run twice")
def test_what_would_change_is_the_same_with_and_without_names():
    # So many that there are desks at which people serve.
    log = demo()
    handed = names.handed(log)
    pd.testing.assert_frame_equal(improve.backtest(log), improve.backtest(handed))
    pd.testing.assert_frame_equal(improve.levers(log, runs=2), improve.levers(handed, runs=2))


def test_comparisons_name_nobody_unless_asked():
    log = demo()
    people = set(log.distinct("rep"))
    for table in (diagnose.causes(log), findings()):
        assert not people & set(table["value"].map(str))
    assert people & set(diagnose.causes(log, names=True)["value"].map(str))
    assert people & set(diagnose.reps(names.policy(log, names=True))["rep"])


def test_names_stay_where_they_are_asked_for(log, tmp_path):
    handed = names.handed(log, names=True)
    handed.save(tmp_path / "log")
    assert set(handed.distinct("rep")) == set(PEOPLE)
    assert l2c.open(tmp_path / "log").origin.names
    # What is masked by name goes in any case.
    assert set(names.handed(log, names=True, mask=["rep"]).distinct("rep")) == {f"Rep {n:02d}" for n in range(1, 8)}


def test_accounts_are_masked_when_asked(log, tmp_path):
    names.handed(log, mask=["account"]).save(tmp_path / "log")
    assert found(tmp_path, [*(f"Kunde {n}" for n in range(9)), "Kunde Waise"]) == []
    with pytest.raises(UnknownName, match="No case attribute is called 'acount'"):
        names.handed(log, mask=["acount"])


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("Lines of 12 kimonos with kim and Ann Li again", "Lines of 12 kimonos with {Kim} and {Ann Li} again"),
        ("昨日Ann Liに電話し、Kimさんにも連絡", "昨日{Ann Li}に電話し、{Kim}さんにも連絡"),
    ],
)
def test_names_are_taken_out_of_texts_as_words_and_numbers_stay_numbers(note, told):
    made = [
        {"Case ID": f"{rep}-{n}", "Activity": activity, "Timestamp": f"2025-01-0{day}", "Sales Rep": rep, "Note": note}
        for rep in ("Kim", "Li", "Ann Li", "12")
        for n in range(3)
        for day, activity in ((1, "Quote Sent"), (5, "Quote Accepted"))
    ]
    log = l2c.read(pd.DataFrame(made))
    known = names.pseudonyms(log)
    handed = names.handed(log)
    assert handed.distinct("Note") == [told.format(**known)]
    assert set(handed.distinct("rep")) == set(known.values()) and "12" in known


def test_only_texts_can_be_masked(log):
    with pytest.raises(BadOption, match="only names can be masked"):
        names.handed(demo(50), mask=["amount"])


def test_a_part_holds_its_own_cases_and_nothing_of_others(log, tmp_path):
    part = names.handed(log.where(region="Elsewhere"), names=True)
    part.save(tmp_path / "log")
    # 30 of 60 deals, three events each; one row of them was set aside, the other belongs to Austin, one to nobody.
    assert (part.n_cases, part.n_events) == (30, 90)
    assert part.quality.summary() == {
        "rows_read": 91, "rows_used": 90, "events": 90, "quarantined": 1, "reasons": {"unreadable time": 1},
    }  # fmt: skip
    assert part.quality.quarantine["Opportunity ID"].tolist() == ["D-001"]
    others = [f"D-{n:03d}" for n in range(0, 60, 2)]
    assert found(tmp_path, [*others, "Kunde Waise", "Nobody Known"]) == []
    assert part.filters == {"region": "Elsewhere"}
    assert l2c.open(tmp_path / "log").filters == {"region": "Elsewhere"}


def test_a_filter_on_a_person_is_said_without_the_name(log):
    known = names.pseudonyms(log)
    assert names.handed(log.where(rep="Otto Zweibel")).filters == {"rep": known["Otto Zweibel"]}
    two = names.handed(log.where(rep=["Otto Zweibel", "Cher"])).filters["rep"]
    assert two == f"{known['Otto Zweibel']}, {known['Cher']}"


def test_few_people_are_not_compared_and_small_ones_join_the_others():
    text = "\n".join(
        f"{rep}{n} [rep={rep}]: Opportunity Created 0, Closed Won {n + 1}" for rep, k in zip("ABCDEF", [9, 9, 9, 9, 4, 3], strict=True) for n in range(k)
    )  # fmt: skip
    log = from_text(text)
    ends = {"start": "Opportunity Created", "end": "Closed Won"}
    few = diagnose.times(names.policy(log, smallest=5), by="rep", **ends)
    assert few.set_index("rep")["cases"].to_dict() == {"A": 9, "B": 9, "C": 9, "D": 9, "others": 7}
    three = names.policy(log.where(rep=["A", "B", "C"]), smallest=5)
    assert diagnose.times(three, by="rep", **ends)["rep"].tolist() == ["others"]
    assert len(diagnose.reps(three)) == 0


def test_a_log_is_known_again_and_told_from_others(log, source, tmp_path):
    assert l2c.read(source).base.id == log.base.id
    assert l2c.open(log.save(tmp_path / "log")).base.id == log.base.id
    changed = tmp_path / "deals.csv"
    changed.write_text(source.read_text().replace("D-059", "D-060"))
    assert l2c.read(changed).base.id != log.base.id
    # Rows in memory are told by the log that they make, in whatever order they come.
    frame = rows(20)
    assert (
        l2c.read(frame).base.id == l2c.read(frame.sample(frac=1, random_state=1)).base.id != l2c.read(rows(21)).base.id
    )
    # What is handed on has an id of its own, which is no key to the pseudonyms.
    assert names.handed(log).base.id == names.handed(log.where(region="Austin")).base.id != log.base.id


@pytest.mark.parametrize(
    ("column", "person"),
    [
        ("rep", True), ("actor", True), ("Opportunity Owner", True), ("Sales Manager", True), ("承認者", True),
        ("Approved By", True), ("Contact Name", True), ("Ansprechpartner", True), ("E-Mail", True),
        ("Owner Role", False), ("Region", False), ("account", False), ("Manager Approval Date", False), ("担当者数", False),
    ],
)  # fmt: skip
def test_columns_of_people_are_told_by_their_names(column, person):
    assert is_person(column) is person


def test_no_file_that_analyse_writes_holds_a_name_unless_asked(tmp_path, capsys):
    write(tmp_path / "demo", 1200)
    people = demo(1200).distinct("rep")
    for extra in ([], ["--names"]):
        out = tmp_path / f"facts{len(extra)}"
        out.mkdir()
        source = str(tmp_path / "demo" / "demo_log.csv")
        assert main(["analyse", source, "--json", str(out / "all.json"), *extra]) == 0
        seen = {word for _, word in found(out, people)}
        # Reps are compared by at least 20 cases; nearly all have them.
        assert len(seen) > 10 if extra else seen == set()
    capsys.readouterr()


def test_the_command_line_gives_the_key_to_whoever_holds_the_source(log, source, tmp_path, capsys):
    assert main(["names", str(source)]) == 0
    lines = dict(line.split("\t") for line in capsys.readouterr().out.splitlines())
    assert lines == {shown: name for name, shown in names.pseudonyms(log).items()}
    saved = names.handed(log).save(tmp_path / "log")
    assert main(["names", str(saved)]) == 1
    assert "handed on without names" in capsys.readouterr().err


def test_a_log_can_be_read_without_what_is_masked(source, tmp_path, capsys):
    out = tmp_path / "log"
    assert main(["read", str(source), "-o", str(out), "--mask", "rep,account,actor,Approved By,Colleague"]) == 0
    assert found(tmp_path, [*PEOPLE[:5], *DECIDERS, *(f"Kunde {n}" for n in range(9))]) == []
    assert "Kunde" not in capsys.readouterr().out


def test_the_dashboard_compares_nameless_unless_asked(log):
    from l2c.dashboard import dashboard

    for asked in (False, True):
        panel = dashboard(log, names=asked, smallest=3)._filters
        assert (panel.log.origin.names, panel.log.origin.smallest) == (asked, 3)
        # Filters and lists of cases show what the log holds.
        assert set(panel.log.distinct("rep")) == set(PEOPLE)


def test_an_org_and_a_warehouse_are_the_same_input_each_week(tmp_path):
    from l2c.prepare import options
    from l2c.prepare.read import _origin

    org = [_origin(f"salesforce:{tmp_path / name}", options.ORG).id for name in ("a", "b", "a")]
    assert org[0] == org[2] != org[1]
    # Of an address only where it leads counts, whoever asks.
    place = [
        _origin(f"postgresql://{who}@host/{name}", options.WAREHOUSE).id
        for who, name in (("me:secret", "x"), ("you", "x"), ("me", "y"))
    ]
    assert place[0] == place[1] != place[2]


def test_the_dashboard_serves_a_log_without_what_is_masked(source, monkeypatch):
    from l2c.dashboard import serving

    served = []

    def serve(log, **given):
        served.append(
            (found(log, [f"Kunde {n}" for n in range(9)]), set(l2c.open(log).distinct("rep")), given["names"])
        )

    monkeypatch.setattr(serving, "serve", serve)
    assert main(["dashboard", str(source), "--mask", "account", "--names", "--no-browser"]) == 0
    # What is not masked stays: the dashboard runs where the log lies.
    assert served == [([], set(PEOPLE), True)]


def test_the_dashboard_judges_a_masked_log_by_masked_rules(source, tmp_path, monkeypatch):
    from l2c.dashboard import serving

    served = []
    monkeypatch.setattr(serving, "serve", lambda log, **given: served.append(Path(given["rules"]).read_text("utf-8")))
    mine = tmp_path / "mine.yaml"
    mine.write_text("rules:\n- {id: own, require: {attribute: account, in: [Kunde 1]}}", "utf-8")
    for options in ([], ["--mask", "account"]):
        assert main(["dashboard", str(source), "--no-browser", "--rules", str(mine), *options]) == 0
    assert served[0] == mine.read_text("utf-8")
    assert "Kunde" not in served[1] and re.search(r"in:\n\s*- Account \d", served[1])


def test_the_dashboard_refuses_rules_that_make_no_sense_before_it_reads(source, tmp_path, capsys):
    mine = tmp_path / "mine.yaml"
    mine.write_text("rules:\n- {id: own, require: {wish: X}}", "utf-8")
    assert main(["dashboard", str(source), "--no-browser", "--rules", str(mine)]) == 1
    said = capsys.readouterr().err
    assert "own requires 'wish'" in said and "Reading" not in said
