"""How cases leave the path, and what goes with it."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2c.diagnose import deviations, fit, lost_variants, slow_variants
from l2c.diagnose.flow.paths import _nearest
from l2c.log import build
from tests.logs import ORIGIN, from_text

PATH = ("Quote Created", "Quote Sent", "Quote Accepted", "Closed Won")


def moves_of(text, until=None):
    table = fit(from_text(text, until=until), PATH)
    return dict(zip(table["variant_id"], table["moves"], strict=True)), table


def only(text):
    return fit(from_text(text), PATH).iloc[0]


def test_deviations_in_words():
    assert only("a: Quote Created 0, Quote Sent 1, Quote Accepted 2, Closed Won 3")["moves"] == ()
    assert only("a: Quote Created 0, Quote Accepted 2, Closed Won 3")["moves"] == (("skipped", "Quote Sent"),)
    twice = only("a: Quote Created 0, Quote Created 0.5, Quote Sent 1, Quote Accepted 2, Closed Won 3")
    assert twice["moves"] == (("repeat", "Quote Created"),)
    extra = only("a: Quote Created 0, Legal Review 0.5, Quote Sent 1, Quote Accepted 2, Closed Won 3")
    assert extra["moves"] == (("extra", "Legal Review"),)
    # five events and four on the path, one move
    assert extra["score"] == pytest.approx(1 - 1 / 9)
    moved = only("a: Quote Sent 0, Quote Created 1, Quote Accepted 2, Closed Won 3")
    assert {kind for kind, _ in moved["moves"]} == {"moved"}


def test_an_open_case_has_not_skipped_what_is_yet_to_come():
    log = from_text("a: Quote Created 0, Quote Sent 1\nb: Quote Sent 0\nw: Quote Created 0, Closed Won 1", until=9)
    table = fit(log, PATH).set_index("status")
    assert sorted(table.loc[["open"], "moves"]) == [(), (("skipped", "Quote Created"),)]
    assert table.loc["won", "moves"] == (("skipped", "Quote Sent"), ("skipped", "Quote Accepted"))


def test_the_nearest_of_several_paths_counts():
    log = from_text("a: Quote Created 0, Closed Won 1")
    assert fit(log, [PATH, ("Quote Created", "Closed Won")])["score"].tolist() == [1.0]
    assert len(deviations(log, [PATH, ("Quote Created", "Closed Won")])) == 0


def test_cases_are_counted():
    log = from_text(
        "a: Quote Created 0, Closed Won 1\nb: Quote Created 0, Quote Sent 1, Quote Accepted 2, Closed Won 3"
    )
    table = deviations(log, PATH).set_index("activity")
    assert table.loc["Quote Sent", ["kind", "cases", "share"]].tolist() == ["skipped", 1, 0.5]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from("abc"), max_size=5), st.lists(st.sampled_from("abc"), max_size=5))
def test_the_fewest_moves_equal_a_brute_force(trace, path):
    score, _ = _nearest(tuple(trace), [tuple(path)], prefix=False)
    longest = max(
        len(part)
        for size in range(len(path) + 1)
        for part in itertools.combinations(path, size)
        if any(part == other for other in itertools.combinations(trace, size))
    )
    cost = len(trace) + len(path) - 2 * longest
    assert score == pytest.approx(1 - cost / max(len(trace) + len(path), 1))


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
    table = fit(log, path)
    # e is open and has no end to align; a and b are what the model was made of
    assert table["cases"].sum() == 4
    assert sorted(table["moves"]) == [(), (), (("repeat", "Quote Sent"),), (("skipped", "Quote Sent"),)]
    assert (table["score"] == 1).sum() == 2
    assert deviations(log, str(path))["cases"].tolist() == [1, 1]
    wrong = tmp_path / "wrong.bpmn"
    wrong.write_text("<no/>", "utf-8")
    with pytest.raises(BadModel, match=r"wrong\.bpmn"):
        fit(log, wrong)
