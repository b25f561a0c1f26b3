"""How cases leave the path, and what goes with it."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.diagnose import deviations, lost_variants, slow_variants
from l2c.diagnose.flow.paths import _aligned
from l2c.log import build
from tests.logs import ORIGIN, from_text

PATH = ("Quote Created", "Quote Sent", "Quote Accepted", "Closed Won")


def moves(text, reference=PATH, until=None):
    table = deviations(from_text(text, until=until), reference)
    return list(zip(table["kind"], table["activity"], strict=True))


def test_deviations_in_words():
    assert moves("a: Quote Created 0, Quote Sent 1, Quote Accepted 2, Closed Won 3") == []
    assert moves("a: Quote Created 0, Quote Accepted 2, Closed Won 3") == [("skipped", "Quote Sent")]
    twice = "a: Quote Created 0, Quote Created 0.5, Quote Sent 1, Quote Accepted 2, Closed Won 3"
    assert moves(twice) == [("repeat", "Quote Created")]
    extra = "a: Quote Created 0, Legal Review 0.5, Quote Sent 1, Quote Accepted 2, Closed Won 3"
    assert moves(extra) == [("extra", "Legal Review")]
    moved = moves("a: Quote Sent 0, Quote Created 1, Quote Accepted 2, Closed Won 3")
    assert [kind for kind, _ in moved] == ["moved"]


def test_an_open_case_has_not_skipped_what_is_yet_to_come():
    won = "w: Quote Created 0, Closed Won 1"
    both = [("skipped", "Quote Accepted"), ("skipped", "Quote Sent")]
    assert moves(won, until=9) == both
    assert moves(f"a: Quote Created 0, Quote Sent 1\n{won}", until=9) == both
    assert moves(f"b: Quote Sent 0\n{won}", until=9) == [*both[:1], ("skipped", "Quote Created"), *both[1:]]


def test_the_nearest_of_several_paths_counts():
    assert moves("a: Quote Created 0, Closed Won 1", [PATH, ("Quote Created", "Closed Won")]) == []


def test_cases_are_counted():
    log = from_text(
        "a: Quote Created 0, Closed Won 1\nb: Quote Created 0, Quote Sent 1, Quote Accepted 2, Closed Won 3"
    )
    table = deviations(log, PATH).set_index("activity")
    assert table.loc["Quote Sent", ["kind", "cases", "share"]].tolist() == ["skipped", 1, 0.5]


@given(st.lists(st.sampled_from("abc"), max_size=5), st.lists(st.sampled_from("abc"), max_size=5))
def test_the_fewest_moves_equal_a_brute_force(trace, path):
    cost, _ = _aligned(tuple(trace), tuple(path), False)
    longest = max(
        len(part)
        for size in range(len(path) + 1)
        for part in itertools.combinations(path, size)
        if any(part == other for other in itertools.combinations(trace, size))
    )
    assert cost == len(trace) + len(path) - 2 * longest


def company(n=900, seed=2):
    """A legal review adds twelve days; deals that were demonstrated are won more often."""
    rng = np.random.default_rng(seed)
    review, demo = rng.random(n) < 0.3, rng.random(n) < 0.4
    won = rng.random(n) < np.where(demo, 0.7, 0.4)
    rows = []
    begun = np.sort(rng.random(n) * 400)
    for k in range(n):
        end = begun[k] + rng.lognormal(3, 0.3) + 12 * review[k]
        name, region = f"d{k:04d}", f"R{k % 3}"
        rows.append((name, "Opportunity Created", begun[k], region))
        if demo[k]:
            rows.append((name, "Demo Held", begun[k] + 1, region))
        rows.append((name, "Quote Sent", begun[k] + 2, region))
        if review[k]:
            rows.append((name, "Legal Review", begun[k] + 3, region))
        rows.append((name, "Closed Won" if won[k] else "Closed Lost", end, region))
    frame = pd.DataFrame(rows, columns=["case_id", "activity", "day", "region"])
    frame["time"] = ORIGIN + pd.to_timedelta(frame.pop("day"), unit="D").dt.round("s")
    return build(frame)


def test_what_goes_with_slow_and_with_lost_deals():
    log = company()
    path = ("Opportunity Created", "Quote Sent", "Closed Won")
    slow = slow_variants(log, path)
    assert slow[["kind", "activity"]].values.tolist() == [["extra", "Legal Review"]]
    assert slow.loc[0, "low"] < 12 < slow.loc[0, "high"]
    lost = lost_variants(log, path)
    assert lost[["kind", "activity"]].values.tolist() == [["extra", "Demo Held"]]
    assert lost.loc[0, "low"] < -0.3 < lost.loc[0, "high"]


def test_logs_without_outcomes_explain_nothing():
    for log in (from_text("a: Foo 0, Bar 1"), company(100).where(opened=("2030-01", None))):
        assert len(slow_variants(log)) == len(lost_variants(log)) == 0


def test_a_bpmn_file_is_a_reference_too(tmp_path):
    from l2c import discover
    from l2c.words.errors import BadModel

    good = "Quote Created 0, Quote Sent 1, Quote Accepted 2, Closed Won 3"
    other = "Quote Created 0, Legal Review 0.5, Quote Sent 1, Quote Accepted 2, Closed Won 3"
    path = discover.model(from_text(f"a: {good}\nb: {other}"), noise=0.0).save(tmp_path / "model.bpmn")
    log = from_text(
        f"""
        a: {good}
        b: {other}
        c: Quote Created 0, Quote Accepted 2, Closed Won 3
        d: Quote Created 0, Quote Sent 1, Quote Sent 1.5, Quote Accepted 2, Closed Won 3
        e: Quote Created 0
        """
    )
    # a and b are what the model was made of; e is open and has no end to align, so each deviation is that of one of four
    table = deviations(log, str(path))
    assert table[["kind", "activity", "share"]].values.tolist() == [
        ["repeat", "Quote Sent", 0.25],
        ["skipped", "Quote Sent", 0.25],
    ]
    wrong = tmp_path / "wrong.bpmn"
    wrong.write_text("<no/>", "utf-8")
    with pytest.raises(BadModel, match=r"wrong\.bpmn"):
        deviations(log, wrong)
