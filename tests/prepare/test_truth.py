"""Files that people really have are read as whoever made them knows them to be (tests/data/reading_truth.jsonl)."""

import json
from pathlib import Path

import pytest

import l2c
from l2c import engine
from l2c.words.errors import L2CError

FOLDER = Path(__file__).parents[1] / "data" / "reading"
TRUTH = [json.loads(line) for line in FOLDER.with_name("reading_truth.jsonl").read_text("utf-8").splitlines()]


def outcomes(cases):
    """Number of cases, and of won, lost and open ones; a deal that is paid is won."""
    status = cases["status"].astype(str)
    found = {
        name: int(status.isin([name, "paid"] if name == "won" else [name]).sum()) for name in ("won", "lost", "open")
    }
    return found | {"cases": len(cases), "paid": int((status == "paid").sum())}


@pytest.mark.parametrize("truth", TRUTH, ids=lambda truth: truth["input"])
def test_a_file_is_read_as_it_is_known_to_be(truth):
    try:
        log = l2c.read(FOLDER / truth["input"], mapping=truth.get("map"), date_format=truth.get("date_format"))
    except L2CError:
        assert truth.get("or") == "asks"
        return
    cases = engine.collect(log.cases).set_index("case_id")
    events = engine.collect(log.events.select("activity", "time")).astype({"activity": str})
    found = outcomes(cases.reset_index())
    assert {name: found[name] for name in found.keys() & truth.keys()} == {
        n: truth[n] for n in found.keys() & truth.keys()
    }
    for name in ("rep", "account", "region"):
        assert name not in truth or sorted(cases[name].dropna().unique()) == truth[name]
    for case, amount in truth.get("amount", {}).items():
        assert cases[cases.index.str.startswith(case)]["amount"].tolist() == [amount]
    if "started" in truth:
        assert sorted(cases["started"].dt.strftime("%Y-%m-%d")) == truth["started"]
    if "discount_mean" in truth:
        assert cases["discount"].mean() == pytest.approx(truth["discount_mean"])
    if "rework" in truth:
        rate = l2c.kpis(log, only=["rework_rate"])["value"].iloc[0]
        assert rate == truth["rework"] or rate != rate
    assert log.currency == truth.get("currency", log.currency)
    assert truth.get("never_case") not in cases.index
    met = set(events["activity"]) | set(events["activity"] + events["time"].dt.strftime("@%Y-%m-%d"))
    assert not met & set(truth.get("never", []))
    counts = events["activity"].value_counts()
    assert {name: counts.get(name, 0) for name in truth.get("activities", {})} == truth.get("activities", {})
    assert truth.get("note_must_name", "") in str(log.quality)
