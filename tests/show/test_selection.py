"""One choice of cases that several views share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c import engine
from l2c.show.live.selection import Selection, chip
from l2c.words.errors import UnknownName
from tests.logs import from_text

LOG = """
    a [rep=Kim, amount=10]: Lead Created 0, Quote Sent 3, Closed Won 9
    b [rep=Kim, amount=20]: Lead Created 0, Closed Lost 20
    c [rep=Sato, amount=30]: Quote Sent 40, Closed Won 60
    d [rep=Sato, amount=40]: Lead Created 70, Quote Sent 90
"""
CONDITIONS = [
    {"word": "rep", "value": ["Kim"]},
    {"word": "amount", "value": "15..35"},
    {"word": "includes", "value": "Quote Sent"},
    {"word": "follows", "value": ["Lead Created", "Quote Sent"]},
    {"word": "slower", "value": ["Quote Sent", 5]},
    {"word": "outcome", "value": ["won", "open"]},
]


@pytest.fixture(scope="module")
def log():
    return from_text(LOG, until=100)


def ids(log):
    return sorted(engine.collect(log.cases)["case_id"])


def test_conditions_add_up_and_are_taken_back_one_by_one(log):
    choice = Selection(log)
    heard = []
    choice.follow(lambda: heard.append(ids(choice.log)))
    choice.narrow("includes", "Quote Sent")
    choice.narrow("follows", ["Lead Created", "Quote Sent"])
    choice.narrow("follows", ["Lead Created", "Quote Sent"])
    choice.put("rep", ["Sato"])
    choice.undo()
    choice.undo()
    choice.undo()
    choice.undo()
    assert heard == [["a", "c", "d"], ["a", "d"], ["d"], ["a", "d"], ["a", "c", "d"], ["a", "b", "c", "d"]]
    assert not choice.can_undo


def test_two_conditions_of_the_same_word_hold_both(log):
    choice = Selection(log)
    choice.narrow("includes", "Lead Created")
    choice.narrow("includes", "Closed Won")
    assert ids(choice.log) == ["a"]
    assert choice.chips() == ["with Lead Created", "with Closed Won"]
    choice.remove(0)
    assert ids(choice.log) == ["a", "c"]


def test_nonsense_leaves_everything_as_it_was(log):
    choice = Selection(log)
    choice.narrow("rep", ["Kim"])
    with pytest.raises(UnknownName):
        choice.narrow("includes", "Quote Snet")
    assert (ids(choice.log), len(choice.where)) == (["a", "b"], 1)


@given(st.lists(st.sampled_from(CONDITIONS), unique_by=lambda c: c["word"]), st.sampled_from(["rep", "none"]))
def test_flags_name_the_same_cases_as_filtering_the_log(where, left_out):
    log = _held()
    choice = Selection(log)
    choice.choose(where)
    expected = log
    for each in where:
        if each["word"] != left_out:
            expected = expected.where(**{each["word"]: each["value"]})
    keys = choice.keys[choice.passing(left_out)]
    assert np.array_equal(keys, np.sort(engine.collect(expected.cases)["case_key"]))
    assert ids(choice.without(left_out)) == ids(expected)


def _held(kept=[]):  # noqa: B006
    if not kept:
        kept.append(from_text(LOG, until=100))
    return kept[0]


@pytest.mark.parametrize(
    ("condition", "english", "japanese"),
    [
        ({"word": "rep", "value": ["Kim", None]}, "Sales Rep: Kim, (none)", "所有者：Kim、（なし）"),
        ({"word": "rep", "value": ["a", "b", "c", "d"]}, "Sales Rep: a, b, c +1", "所有者：a、b、c +1"),
        ({"word": "amount", "value": "10.."}, "Amount: 10 … ", "金額：10 … "),
        ({"word": "follows", "value": ["Quote Sent", "Closed Won"]}, "Quote Sent → Closed Won", "見積提示 → 受注"),
        ({"word": "slower", "value": ["Quote Sent", "Closed Won", 12.5]}, "over 12.5 d: Quote Sent → Closed Won",
         "12.5日超：見積提示 → 受注"),
        ({"word": "outcome", "value": ["won"]}, "Outcome: won", "結果：受注"),
        ({"word": "opened", "value": "2025-01..2025-03"}, "started 2025-01 … 2025-03", "開始 2025-01 … 2025-03"),
    ],
)  # fmt: skip
def test_a_condition_is_said_in_a_few_words(condition, english, japanese):
    assert chip(condition, "en") == english
    assert chip(condition, "ja") == japanese


def test_others_are_the_cases_that_the_filters_leave_out(log):
    assert ids(log.where(rep="Kim").where(includes="Quote Sent").others()) == ["b", "c", "d"]
    assert ids(log.others()) == []
