"""With whom a group is compared."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from l2c import diagnose, show
from l2c.analysis import records
from l2c.diagnose.causes.echoes import Finding, folded
from l2c.log import build
from l2c.prepare.pseudonyms import pseudonyms
from l2c.show.findings import action, sentence
from l2c.stats import Estimate
from tests.diagnose.test_findings import row
from tests.logs import ORIGIN

STEP = ("Quote Sent", "Quote Accepted")


def slow(times_longer, **columns):
    """A log of deals of one step of about ten days, so many times longer for each; and the days without that."""
    rng = np.random.default_rng(1)
    n = len(times_longer)
    begun, days = np.sort(rng.random(n) * 500), rng.lognormal(2, 0.4, n)
    frame = pd.DataFrame({"case_id": [f"d{k:04d}" for k in range(n)], **columns})
    at = lambda days: ORIGIN + pd.to_timedelta(days, unit="D").round("s")  # noqa: E731
    rows = [
        frame.assign(activity=STEP[0], time=at(begun)),
        frame.assign(activity=STEP[1], time=at(begun + days * times_longer)),
    ]
    return build(pd.concat(rows, ignore_index=True), extracted=ORIGIN + timedelta(days=600)), days


def compared(log, **options):
    found = diagnose.causes(log, "step_days", **options)
    return dict(zip(found["value"].map(str), found["against"], strict=True)), found


def test_two_slow_segments_of_three_are_each_compared_with_the_third():
    segment = np.array(["Enterprise", "Mid", "SMB"])[np.arange(900) % 3]
    log, days = slow(np.select([segment == "Enterprise", segment == "Mid"], [3.0, 1.6], 1.0), segment=segment)
    whom, found = compared(log)
    assert whom == {"Enterprise": ("SMB",), "Mid": ("SMB",)}
    mid = found.set_index("value").loc["Mid"]
    # What the same deals would take as SMB does; against all others they would look faster than the rest.
    assert mid["effect"] == pytest.approx(0.6 * days[segment == "Mid"].mean(), rel=0.15)
    assert mid["raw"] < 0
    listed = diagnose.findings(log).query("kind == 'cause'").set_index("value")["against"]
    assert listed["Enterprise"] == listed["Mid"] == ("SMB",)
    assert [each["against"] for each in records(found)] == [["SMB"], ["SMB"]]


def test_one_slow_region_is_compared_with_all_others():
    region = np.array(["North", "South", "West"])[np.arange(600) % 3]
    # Another attribute that is named beside it stands on both sides, and is adjusted for.
    product = np.array(["A", "B"])[(np.arange(600) // 3) % 2]
    log, _ = slow(
        np.where(region == "South", 2.0, 1.0) * np.where(product == "B", 2.0, 1.0), region=region, product=product
    )
    assert compared(log)[0] == {"South": (), "B": ()}


def test_what_is_rare_or_missing_is_among_the_others_without_a_name():
    region = np.array(["North", "South", "West", None], object)[np.arange(800) % 4]
    log, _ = slow(np.select([region == "South", region == "West"], [2.5, 2.0], 1.0), region=region)
    assert compared(log)[0] == {"South": ("North", None), "West": ("North", None)}


def test_a_pair_of_a_slow_region_is_compared_with_the_others_of_the_region():
    n = np.arange(1600)
    region, product = n % 2, (n // 2) % 4
    both = (region == 1) & (product == 2)
    log, _ = slow(
        np.where(both, 2.5, 1.0) * np.where(region == 1, 1.8, 1.0),
        region=[f"R{k}" for k in region],
        product=[f"P{k}" for k in product],
    )
    whom, found = compared(log)
    pair = found[found["attribute"].map(lambda a: isinstance(a, list))].iloc[0]
    ways = [tuple("R1" if a == "region" else p for a in pair["attribute"]) for p in ("P0", "P1", "P3")]
    assert sorted(pair["against"]) == sorted(ways)
    assert whom["R1"] == ()
    assert "longer per case than for comparable cases of Region R1 (" in repr(
        show.findings(diagnose.findings(log), cases=log.n_cases)
    )


def test_people_it_is_compared_with_are_hidden_with_the_others():
    rep = np.array([f"Ann {k}" for k in range(6)])[np.arange(900) % 6]
    log, _ = slow(np.select([rep == "Ann 1", rep == "Ann 2"], [3.0, 2.0], 1.0), rep=rep)
    whom, _ = compared(log, names=True)
    assert whom == dict.fromkeys(["Ann 1", "Ann 2"], ("Ann 0", "Ann 3", "Ann 4", "Ann 5"))
    known = pseudonyms(log)
    hidden, _ = compared(log, names=False)
    assert hidden == {known[name]: tuple(known[other] for other in others) for name, others in whom.items()}
    text = repr(show.findings(diagnose.findings(log, names=False), cases=log.n_cases))
    assert "for comparable cases of the 4 others that do not stand out" in text and "Ann" not in text


def found(step, against):
    lost = Estimate(10.0, 9.0, 11.0)
    return Finding(
        "step_days", step, ("segment",), ("Mid",), True, True, lost, 50, 0.0, 100.0, 0.001, 0.2, (), (), np.empty(0, int),
        against=against,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (("SMB",), ("SMB",), ("SMB",)),
        (("SMB", None), ("Public",), ("SMB", "Public", None)),
        (("SMB",), (), ()),
    ],
)
def test_steps_put_together_are_compared_with_whom_any_of_them_is(one, other, both):
    order = {"a": 0, "b": 1, "c": 2}
    (kept,) = folded([found(("a", "b"), one), found(("a", "c"), other)], order)
    assert kept.against == both


@pytest.mark.parametrize(
    ("changes", "en", "ja"),
    [
        ({"against": ()}, "longer per case than for all other comparable cases (", "それ以外の同条件の全商談より"),
        ({"against": ("DACH",)}, "than for comparable cases of DACH (", "「DACH」の同条件の商談より"),
        (
            {"against": ("DACH", "Japan", None)},
            "of DACH, Japan or others, rare or not recorded (",
            "「DACH」、「Japan」またはその他",
        ),
        ({"against": ("A", "B", "C", "D")}, "of the 4 others that do not stand out (", "目立たない他の4グループの"),
        (
            {"kpi": "win_rate_incidence", "unit": "fraction", "step": None, "against": ("DACH",)},
            "are won than of comparable deals of DACH (",
            "受注率が「DACH」の同条件の商談より",
        ),
        (
            {"kpi": "lead_conversion_incidence", "unit": "fraction", "step": None, "against": ()},
            "are converted than of all other comparable leads (",
            "それ以外の同条件の全リードより",
        ),
    ],
)
def test_findings_say_with_whom_they_compare(changes, en, ja):
    said = row(**changes)
    assert en in sentence(said, "en", None)
    assert ja in sentence(said, "ja", None)
    assert en[-20:-2] in action(said, "en", None)


def test_tables_and_charts_say_with_whom():
    segment = np.array(["Enterprise", "Mid", "SMB"])[np.arange(900) % 3]
    table = diagnose.causes(
        slow(np.select([segment == "Enterprise", segment == "Mid"], [3.0, 1.6], 1.0), segment=segment)[0]
    )
    assert "Enterprise | SMB |" in repr(show.table(table[["value", "against", "effect"]]))
    assert "all others" in repr(show.table(table[["value", "against"]].assign(against=[()] * len(table))))
    for lang, words in (("en", "against SMB"), ("ja", "比較相手：「SMB」")):
        picture = show.causes(table, lang=lang)
        assert sum(words in text.get_text() for text in picture.ax.texts) == 2
        assert words in picture.alt
