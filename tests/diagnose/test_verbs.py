"""Every verb of the rules: what is in order, what is broken, what may yet be, what cannot be told."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c import diagnose, engine
from l2c.diagnose.rules.compliance import case_ids, judged
from l2c.diagnose.rules.evidence import WORDS, Events
from l2c.diagnose.rules.files import VERBS, rules
from l2c.log import build
from l2c.measures.facts import Facts
from l2c.words.errors import BadRules
from tests.logs import ORIGIN, event_rows, from_table, from_text, rows_from_text

SHORT = {"not applicable": "-", "ok": "ok", "violated": "bad", "pending": "wait", "unknown": "?"}


def judge(log, verb, argument):
    """Verdict per case."""
    facts = Facts.of(log)
    found = VERBS[verb](Events.of(facts, log.activities), argument, "rule")
    return dict(zip(case_ids(log), (SHORT[WORDS[state]] for state in found.state), strict=True))


def dated(text, **facts):
    """A log of which only the days are known."""
    return build(rows_from_text(text).assign(precision="day"), **facts)


# Each case ends with a Payment Received (p), a Closed Lost (l), a Closed Won (w) or is open (o).
ENDS = """
    p: Quote Sent 0, Closed Won 5, Payment Received 6
    l: Quote Sent 0, Closed Lost 5
    w: Quote Sent 0, Closed Won 5
    o: Quote Sent 0
    has: Demo Held 0, Quote Sent 1
    twice: Demo Held 0, Quote Sent 1, Demo Held 2
"""


@pytest.mark.parametrize(
    ("verb", "argument", "expected"),
    [
        ("exists", "Demo Held", "bad bad bad wait ok ok"),
        ("exists", ["Demo Held", "Closed Lost"], "bad ok bad wait ok ok"),
        ("absent", "Demo Held", "ok ok wait wait bad bad"),
        ("at_most", {"activity": "Demo Held", "n": 1}, "ok ok ok ok ok bad"),
        ("at_most", {"activity": ["Demo Held", "Quote Sent"], "n": 2}, "ok ok ok ok ok bad"),
        ("at_most", {"activity": "Demo Held", "n": 0}, "ok ok ok ok bad bad"),
        ("at_least", {"activity": "Demo Held", "n": 2}, "bad bad wait wait wait ok"),
        ("never_together", ["Demo Held", "Closed Lost"], "- ok - - ok ok"),
        ("never_together", ["Quote Sent", "Closed Lost"], "ok bad ok ok ok ok"),
    ],
)
def test_what_happens_at_all(verb, argument, expected):
    found = judge(from_text(ENDS), verb, argument)
    assert [found[case] for case in ("p", "l", "w", "o", "has", "twice")] == expected.split()


ORDER = """
    first: A 0, B 1
    late: B 0, A 1
    both: A 0, B 1, A 2, B 3
    again: B 0, A 1, B 2
    a: A 0
    a lost: A 0, Closed Lost 1
    b: B 0
    b lost: B 0, Closed Lost 1
    none: Quote Sent 0
"""


@pytest.mark.parametrize(
    ("verb", "argument", "expected"),
    [
        # The first B needs an A before it: again, b.
        ("before", ["A", "B"], "ok bad ok bad - - bad bad -"),
        ("precedes", ["A", "B"], "ok bad ok bad - - bad bad -"),
        # A before B is the fault here; A alone may still become one.
        ("never_before", ["A", "B"], "bad ok bad ok wait - - - -"),
        # Every A needs a B after it.
        ("followed_by", ["A", "B"], "ok wait ok ok wait bad - - -"),
    ],
)
def test_what_comes_first(verb, argument, expected):
    found = judge(from_text(ORDER, until=10), verb, argument)
    names = [line.split(":")[0].strip() for line in ORDER.strip().splitlines()]
    assert [found[name] for name in names] == expected.split()


@pytest.mark.parametrize("verb", ["before", "never_before", "followed_by"])
@pytest.mark.parametrize("text", ["x: A 0, B 0", "x: B 0, A 0"])
def test_two_dates_of_one_day_have_no_order(verb, text):
    assert judge(dated(text), verb, ["A", "B"]) == {"x": "?"}


@pytest.mark.parametrize("verb", ["before", "never_before", "followed_by"])
def test_a_bare_date_and_a_time_of_that_day_have_no_order(verb):
    rows = pd.DataFrame({"case_id": "x", "activity": ["A", "B"], "time": [ORIGIN + timedelta(hours=9), ORIGIN]})
    assert judge(build(rows.assign(precision=["second", "day"])), verb, ["A", "B"]) == {"x": "?"}
    # The next day they have one
    rows["time"] = [ORIGIN + timedelta(hours=9), ORIGIN + timedelta(days=1)]
    found = judge(build(rows.assign(precision=["second", "day"])), verb, ["A", "B"])
    assert found == {"x": "bad" if verb == "never_before" else "ok"}


def test_a_later_answer_makes_an_unclear_one_irrelevant():
    assert judge(dated("x: A 0, B 0, B 3"), "followed_by", ["A", "B"]) == {"x": "ok"}
    within = {"from": "A", "to": "B", "max": "2 days"}
    assert judge(dated("x: A 0, B 0, B 3"), "within", within) == {"x": "?"}
    assert judge(dated("x: A 0, B 3"), "within", within) == {"x": "bad"}


def test_every_a_needs_its_b_in_time():
    log = from_text(
        """
        in time: A 0, B 2
        late: A 0, B 2.01
        second late: A 0, B 1, A 5, B 9
        young: A 9
        old: A 7
        lost: A 9, Closed Lost 9.5
        """,
        until=10,
    )
    expected = {
        "in time": "ok", "late": "bad", "second late": "bad", "young": "wait", "old": "bad", "lost": "bad",
    }  # fmt: skip
    for limit in ("2 days", "48 h", "2d", "48 hours"):
        assert judge(log, "within", {"from": "A", "to": "B", "max": limit}) == expected
    assert judge(log, "followed_by", {"from": "A", "to": "B"})["late"] == "ok"


WAITING = """
    yes: Ask 0, Yes 1, Act 2
    no: Ask 0, No 1, Act 2
    early: Ask 0, Act 1, Yes 2
    never: Ask 0, Act 1
    before: Act 0, Ask 1, Yes 2
    second: Ask 0, Yes 1, Act 2, Ask 3, Act 4, Yes 5
    none: Act 0
    no act: Ask 0, Yes 1
"""


def test_nothing_happens_while_a_request_waits():
    found = judge(from_text(WAITING), "not_between", ["Ask", "Act", ["Yes", "No"]])
    assert found == {
        "yes": "ok", "no": "ok", "early": "bad", "never": "bad", "before": "-", "second": "bad", "none": "-",
        "no act": "-",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["x: Ask 0, Act 1, Yes 1", "x: Ask 0, Yes 1, Act 1", "x: Act 1, Ask 1"])
def test_a_decision_on_the_day_of_the_act_decides_nothing(text):
    assert judge(dated(text), "not_between", ["Ask", "Act", "Yes"]) == {"x": "?"}


def test_an_act_is_judged_by_days_where_these_tell():
    assert judge(dated("x: Ask 0, Act 1, Yes 2"), "not_between", ["Ask", "Act", "Yes"]) == {"x": "bad"}
    # Asked again on that day: it was waiting either way
    assert judge(dated("x: Ask 0, Act 1, Ask 1, Yes 3"), "not_between", ["Ask", "Act", "Yes"]) == {"x": "bad"}


PEOPLE = """
    case_id | activity | day | actor
    own | Ask | 0 | Kim
    own | Do | 1 | Kim
    other | Ask | 0 | Kim
    other | Do | 1 | Sato
    asked twice | Ask | 0 | Kim
    asked twice | Ask | 1 | Sato
    asked twice | Do | 2 | Kim
    done twice | Ask | 0 | Kim
    done twice | Do | 1 | Sato
    done twice | Do | 2 | Kim
    nobody | Ask | 0 | Kim
    nobody | Do | 1 |
    nobody asked | Do | 1 | Kim
    not done | Ask | 1 | Kim
    only after | Do | 0 | Kim
    only after | Ask | 1 | Kim
"""


def test_four_eyes_compares_with_the_last_who_asked():
    log = from_table(PEOPLE)
    assert judge(log, "different_user", ["Ask", "Do"]) == {
        "own": "bad", "other": "ok", "asked twice": "ok", "done twice": "bad", "nobody": "?", "nobody asked": "-",
        "not done": "-", "only after": "-",
    }  # fmt: skip
    assert judge(log, "same_user", ["Ask", "Do"]) == {
        "own": "ok", "other": "bad", "asked twice": "bad", "done twice": "bad", "nobody": "?", "nobody asked": "-",
        "not done": "-", "only after": "-",
    }  # fmt: skip


def test_some_things_only_some_may_do():
    found = judge(from_table(PEOPLE), "role", {"activity": "Do", "in": ["Sato"]})
    assert found == {
        "own": "bad", "other": "ok", "asked twice": "bad", "done twice": "bad", "nobody": "?", "nobody asked": "bad",
        "not done": "-", "only after": "bad",
    }  # fmt: skip


def test_where_no_persons_are_recorded_nobody_can_be_judged():
    log = from_text("x: Ask 0, Do 1\ny: Ask 0")
    for verb in ("different_user", "same_user"):
        assert judge(log, verb, ["Ask", "Do"]) == {"x": "?", "y": "-"}
    assert judge(log, "role", {"activity": "Do", "in": ["Kim"]}) == {"x": "?", "y": "-"}


def test_an_attribute_has_one_of_some_values_or_lies_in_a_range():
    log = from_text("a [n=5, t=x]: Quote Sent 0\nb [n=9, t=y]: Quote Sent 0\nc: Quote Sent 0")
    for argument, expected in (
        ({"in": [5, 7]}, ["ok", "bad", "?"]),
        ({"min": 6}, ["bad", "ok", "?"]),
        ({"max": 9}, ["ok", "ok", "?"]),
        ({"min": 5, "max": 8.5}, ["ok", "bad", "?"]),
        ({"in": [5, 9], "max": 8}, ["ok", "bad", "?"]),
    ):
        assert list(judge(log, "attribute", {"attribute": "n", **argument}).values()) == expected
    assert list(judge(log, "attribute", {"attribute": "t", "in": ["x"]}).values()) == ["ok", "bad", "?"]
    # A text is in no range
    assert list(judge(log, "attribute", {"attribute": "t", "min": 1}).values()) == ["bad", "bad", "?"]
    assert list(judge(log, "attribute", {"attribute": "nothing", "min": 1}).values()) == ["-", "-", "-"]


HISTORY = """
    case_id | activity | day | rep | amount
    twice | Opportunity Created | 0 | Kim | 100
    twice | Quote Sent | 1 | Sato | 80
    twice | Closed Won | 2 | Kim | 90
    late | Opportunity Created | 0 | Kim | 100
    late | Closed Won | 1 | Kim | 120
    late | Invoice Sent | 2 | Sato | 110
    at close | Opportunity Created | 0 | Kim | 100
    at close | Closed Won | 1 | Kim | 95
    gap | Opportunity Created | 0 | Kim | 100
    gap | Quote Sent | 1 | |
    gap | Closed Lost | 2 | Kim | 100
    silent | Quote Sent | 0 | |
"""


def test_changes_are_counted_from_value_to_value():
    log = from_table(HISTORY)
    assert judge(log, "changes", {"attribute": "rep", "at_most": 1}) == {
        "twice": "bad", "late": "ok", "at close": "ok", "gap": "ok", "silent": "ok",
    }  # fmt: skip
    assert judge(log, "changes", {"attribute": "rep", "at_most": 0})["late"] == "bad"


def test_an_amount_falls_until_the_close_or_ever():
    log = from_table(HISTORY)
    ever = judge(log, "never_falls", {"attribute": "amount"})
    assert ever == {"twice": "bad", "late": "bad", "at close": "bad", "gap": "ok", "silent": "ok"}
    until = judge(log, "never_falls", {"attribute": "amount", "until": ["Closed Won"]})
    assert until == {"twice": "bad", "late": "ok", "at close": "bad", "gap": "ok", "silent": "ok"}


def test_changes_told_by_activities_count_where_the_log_keeps_last_values_only():
    log = from_text("a [rep=Kim]: Owner Changed 0, Owner Changed 1\nb [rep=Kim]: Quote Sent 0, Owner Changed 1")
    told = {"attribute": "rep", "activity": "Owner Changed", "at_most": 1}
    assert judge(log, "changes", told) == {"a": "bad", "b": "ok"}
    assert judge(log, "changes", {"attribute": "rep", "at_most": 1}) == {"a": "-", "b": "-"}
    cut = {"attribute": "amount", "activity": "Amount Cut", "until": "Closed Won"}
    log = from_text("a: Amount Cut 1, Closed Won 2\nb: Closed Won 1, Amount Cut 2\nc: Quote Sent 0")
    assert judge(log, "never_falls", cut) == {"a": "bad", "b": "ok", "c": "ok"}


def test_stages_that_most_won_deals_pass_are_passed_by_all():
    passed = {"a": "PRW", "b": "PRW", "c": "PW", "d": "QR", "e": "Q"}
    written = {"P": "Stage: Prospecting", "R": "Stage: Proposal", "W": "Closed Won", "Q": "Quote Sent"}
    rows = [(case, written[k], ORIGIN + timedelta(days=n)) for case, ks in passed.items() for n, k in enumerate(ks)]
    log = build(pd.DataFrame(rows, columns=["case_id", "activity", "time"]))
    # Prospecting is passed by all three won deals, Proposal by two of three
    assert judge(log, "stages", 0.6) == {"a": "ok", "b": "ok", "c": "bad", "d": "bad", "e": "-"}
    assert judge(log, "stages", 0.75) == {"a": "ok", "b": "ok", "c": "ok", "d": "bad", "e": "-"}


ARGUMENTS = {
    "exists": "Gone",
    "absent": "Gone",
    "at_most": {"activity": "Gone", "n": 1},
    "at_least": {"activity": "Gone", "n": 1},
    "before": ["Gone", "Lost"],
    "precedes": ["Gone", "Lost"],
    "never_before": ["Gone", "Lost"],
    "never_together": ["Gone", "Lost"],
    "not_between": ["Gone", "Lost", "Away"],
    "followed_by": ["Gone", "Lost"],
    "within": {"from": "Gone", "to": "Lost", "max": "1 day"},
    "different_user": ["Gone", "Lost"],
    "same_user": ["Gone", "Lost"],
    "role": {"activity": "Gone", "in": ["Kim"]},
    "attribute": {"attribute": "gone", "in": [1]},
    "changes": {"attribute": "gone", "activity": "Gone", "at_most": 1},
    "never_falls": {"attribute": "gone", "activity": "Gone", "until": "Lost"},
    "stages": 0.75,
}


@pytest.mark.parametrize("verb", list(VERBS))
def test_a_verb_about_what_the_log_does_not_record_applies_to_no_case(verb):
    assert set(judge(from_text("a: Quote Sent 0\nb: Closed Won 1"), verb, ARGUMENTS[verb]).values()) == {"-"}


@pytest.mark.parametrize("verb", list(VERBS))
def test_every_verb_survives_logs_without_cases_and_cases_without_the_events(verb):
    text = "a [gone=1, r=x]: Gone 0, Lost 1, Away 2\nb [r=y]: Quote Sent 0\nc [r=z]: Closed Won 0"
    log = from_text(text)
    assert judge(log.where(r="x").where(r="y"), verb, ARGUMENTS[verb]) == {}
    # b has none of the events, though the whole log knows them
    assert set(judge(log.where(r="y"), verb, ARGUMENTS[verb])) == {"b"}
    assert set(judge(log.where(r="x"), verb, ARGUMENTS[verb])) == {"a"}


WRONG = [
    ("exists", 5), ("exists", []), ("exists", [1]), ("absent", {"a": "b"}), ("at_most", "Quote Sent"),
    ("at_most", {"activity": "Quote Sent"}), ("at_most", {"activity": "Quote Sent", "n": "three"}),
    ("at_most", {"activity": "Quote Sent", "n": 1.5}), ("at_most", {"activity": "Quote Sent", "n": True}),
    ("at_most", {"activity": "Quote Sent", "n": -1}), ("at_most", {"activity": "Quote Sent", "n": 1, "m": 2}),
    ("at_least", {"activity": 7, "n": 1}), ("before", "Quote Sent"), ("before", ["a", "b", "c"]), ("before", ["a"]),
    ("never_before", {"from": "a"}), ("never_together", ["a", 1]), ("not_between", ["a", "b"]),
    ("not_between", ["a", "b", 3]), ("followed_by", {"from": "a"}), ("within", {"from": "a", "to": "b", "max": "soon"}),
    ("within", {"from": "a", "to": "b", "max": 5}), ("within", {"from": "a", "to": "b", "max": "5 fortnights"}),
    ("different_user", "a"), ("same_user", ["a"]), ("role", {"activity": "a"}), ("role", {"activity": "a", "in": "Kim"}),
    ("role", ["a"]), ("attribute", {"attribute": "n"}), ("attribute", {"attribute": "n", "in": 5}),
    ("attribute", {"attribute": "n", "in": "net 30"}), ("attribute", {"attribute": "n", "min": "low"}),
    ("attribute", {"attribute": "n", "min": None}), ("attribute", {"attribute": "n", "in": [1], "not": [2]}),
    ("changes", "rep"), ("changes", {"attribute": "rep"}), ("changes", {"attribute": "rep", "at_most": "one"}),
    ("never_falls", "amount"), ("never_falls", {"until": "Closed Won"}), ("stages", "most"), ("stages", 0),
    ("stages", 1.5), ("stages", {"share": 0.5}),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "argument"), WRONG)
def test_a_verb_that_is_filled_in_wrongly_says_how_to_write_it(verb, argument):
    log = from_text("a [rep=Kim]: Quote Sent 0, a 1, b 2")
    with pytest.raises(BadRules, match="is not filled in as it should be"):
        judge(log, verb, argument)


def sorted_events(log):
    """Events of each case in order: (activity, time, whether only the day is known)."""
    frame = engine.collect(log.events).sort_values(["case_key", "position"])
    found = {case: [] for case in case_ids(log)}
    for row in frame.itertuples():
        found[row.case_id].append((row.activity, row.time, row.precision == "day"))
    return found


def unclear(one, other):
    return one[1].date() == other[1].date() and (one[2] or other[2])


def slow_before(events, a, b, ended):
    first_a = next((k for k, e in enumerate(events) if e[0] == a), None)
    first_b = next((k for k, e in enumerate(events) if e[0] == b), None)
    if first_b is None:
        return "-"
    if first_a is None:
        return "bad"
    return "?" if unclear(events[first_a], events[first_b]) else "ok" if first_a < first_b else "bad"


def slow_never_before(events, a, b, ended):
    first_a = next((k for k, e in enumerate(events) if e[0] == a), None)
    first_b = next((k for k, e in enumerate(events) if e[0] == b), None)
    if first_a is None or first_b is None:
        return "wait" if first_a is not None and not ended else "-"
    return "?" if unclear(events[first_a], events[first_b]) else "bad" if first_a < first_b else "ok"


def slow_followed_by(events, a, b, ended):
    found = []
    for place, event in enumerate(events):
        if event[0] == a:
            answers = [(k > place, unclear(event, e)) for k, e in enumerate(events) if e[0] == b]
            if (True, False) in answers:
                found.append("ok")
            elif any(close for _, close in answers):
                found.append("?")
            else:
                found.append("bad" if ended else "wait")
    return max(found, key=["ok", "wait", "?", "bad"].index, default="-")


def slow_not_between(events, a, b, c):
    found = []
    for place, event in enumerate(events):
        if event[0] != b:
            continue
        before = [e for e in events[:place] if e[0] in (a, c)]
        after = [e for e in events[place + 1 :] if e[0] in (a, c)]
        waiting = bool(before) and before[-1][0] == a
        if (before and unclear(event, before[-1])) or (
            after and unclear(event, after[0]) and (after[0][0] == a) != waiting
        ):
            found.append("?")
        elif before:
            found.append("bad" if waiting else "ok")
    return max(found, key=["ok", "?", "bad"].index, default="-")


@st.composite
def small_logs(draw):
    n = draw(st.integers(1, 14))
    pick = lambda values: draw(st.lists(st.sampled_from(values), min_size=n, max_size=n))  # noqa: E731
    rows = pd.DataFrame(
        {
            "case_id": pick(["x", "y"]),
            "activity": pick(["A", "B", "C", "Closed Lost"]),
            "time": [ORIGIN + timedelta(hours=h) for h in pick([0, 6, 12, 24, 30, 48])],
            "precision": pick(["day", "second"]),
        }
    )
    rows["time"] = rows["time"].dt.normalize().where(rows["precision"] == "day", rows["time"])
    # All three are known to the log
    known = pd.DataFrame({"case_id": "all", "activity": ["A", "B", "C"], "time": ORIGIN, "precision": "second"})
    return build(pd.concat([rows, known]), extracted=ORIGIN + timedelta(days=9))


def test_a_bare_date_behind_an_exact_one_may_still_be_the_answer():
    log = build(
        pd.DataFrame(
            [
                ("x", "B", 0, "day"),
                ("x", "B", 0, "second"),
                ("x", "A", 6, "second"),
                ("x", "Closed Lost", 12, "second"),
            ],
            columns=["case_id", "activity", "hour", "precision"],
        ).assign(time=lambda t: ORIGIN + pd.to_timedelta(t.pop("hour"), "h")),
        extracted=ORIGIN + timedelta(days=9),
    )
    assert judge(log, "followed_by", ["A", "B"]) == {"x": "?"}


@given(small_logs())
def test_verbs_equal_a_slow_reading_of_each_case(log):
    events = sorted_events(log)
    ended = {case: any(e[0] == "Closed Lost" for e in rows) for case, rows in events.items()}
    for verb, slow in (("before", slow_before), ("never_before", slow_never_before), ("followed_by", slow_followed_by)):
        assert judge(log, verb, ["A", "B"]) == {c: slow(rows, "A", "B", ended[c]) for c, rows in events.items()}
    found = judge(log, "not_between", ["A", "B", "C"])
    assert found == {c: slow_not_between(rows, "A", "B", "C") for c, rows in events.items()}


def verdicts(log):
    """Verdict per rule and case, of the shipped rules."""
    names = case_ids(log)
    return {
        (rule.id, name): WORDS[state]
        for rule, found in judged(Facts.of(log))
        for name, state in zip(names, found.state, strict=True)
    }


@given(event_rows(), st.randoms(use_true_random=False))
def test_verdicts_do_not_depend_on_the_order_of_the_rows(rows, chance):
    places = list(range(len(rows)))
    chance.shuffle(places)
    one, other = build(rows), build(rows.iloc[places].reset_index(drop=True))
    found = verdicts(one)
    assert found == verdicts(other)
    assert len(found) == len(rules()) * rows["case_id"].nunique()


@given(event_rows())
def test_filtering_and_judging_may_be_swapped(rows):
    log = build(rows)
    if "region" not in log.attributes or "EMEA" not in log.distinct("region"):
        return
    some = log.where(region="EMEA")
    kept = set(case_ids(some))
    whole = {key: v for key, v in verdicts(log).items() if key[1] in kept and key[0] != "stage_skipped"}
    assert {key: v for key, v in verdicts(some).items() if key[0] != "stage_skipped"} == whole


def test_the_shipped_rules_on_logs_with_nothing_to_judge():
    known = from_text("a [region=x]: Quote Sent 0\nb [region=y]: Quote Sent 0")
    for log in (known.where(region="x").where(region="y"), from_text("a: Odd 0, Strange 1"), from_text("a: Odd 0")):
        table = diagnose.compliance(log)
        assert len(table) == len(rules()) and table["count"].sum() == 0
        assert not len(diagnose.verdicts(log))
    assert np.isnan(diagnose.compliance(known)["days"]).all()
