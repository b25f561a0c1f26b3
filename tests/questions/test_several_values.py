"""Several values in one cell count each; a text with a semicolon is one text."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import l2c
from l2c import diagnose, engine
from l2c.log.several import parted
from l2c.words.errors import UnknownName
from tests.logs import from_text

QUESTIONS = Path(__file__).parents[1] / "data" / "questions"


def kept(log):
    return sorted(engine.collect(log.cases)["case_id"])


def test_the_deals_against_a_competitor_are_found_whoever_else_was_there():
    log = l2c.read(QUESTIONS / "sf4", extracted="2025-05-01")
    assert log.where(competitor="Globex").n_cases == 8
    assert log.where(competitor="Initech").n_cases == 4
    assert log.where(competitor="Globex;Initech").n_cases == 4
    assert log.where(competitor=["Globex", "Initech"]).n_cases == 8
    assert log.where(competitor=[None, "Initech"]).n_cases == 3 + 4
    assert log.distinct("competitor") == ["Globex", "Initech"]
    with pytest.raises(UnknownName, match="Globex"):
        log.where(competitor="Globx")


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (["Globex;Initech", "Globex"], {"Globex", "Initech"}),
        (["製品A;製品B", "製品B;製品C", "製品A"], {"製品A", "製品B", "製品C"}),
        (["A; B", "B ;C", "C"], {"A", "B", "C"}),
        (["Globex", "Initech"], None),
        (["Called twice; no answer", "Price; asked for a discount of ten percent", "Budget gone"], None),
        (["called;", "called;again", "called"], None),
        (["Smith; John", "Tanaka; Ai"], None),
        (["one long text that goes on; and on", "and on"], None),
        (["A;A", "A"], None),
        ([], None),
    ],
)
def test_labels_are_shared_and_texts_are_not(values, labels):
    found = parted(values)
    assert (found and {part for parts in found.values() for part in parts}) == labels


def competitors(both=30, one=30, none=30):
    """Deals against both competitors take 20 days, others 5; they lose."""
    lines = [f"b{k} [competitor=Globex;Initech]: Opportunity Created {k}, Closed Lost {k + 20}" for k in range(both)]
    lines += [f"g{k} [competitor=Globex]: Opportunity Created {k}, Closed Won {k + 5}" for k in range(one)]
    return from_text(
        "\n".join(lines + [f"n{k}: Opportunity Created {k}, Closed Won {k + 5}" for k in range(none)]), until=99
    )


def test_groups_count_a_case_for_each_value():
    log = competitors()
    table = diagnose.times(log, start="Opportunity Created", end=("Closed Won", "Closed Lost"), by="competitor")
    assert dict(zip(table["competitor"].fillna("?"), table["cases"], strict=True)) == {
        "Globex": 60, "Initech": 30, "?": 30,
    }  # fmt: skip
    assert table.set_index("competitor").loc["Initech", "value"] == 20
    # What a group says is what the filter says.
    for name in ("Globex", "Initech"):
        alone = diagnose.times(
            log.where(competitor=name), start="Opportunity Created", end=("Closed Won", "Closed Lost")
        )
        assert alone["value"].item() == table.set_index("competitor").loc[name, "value"]
    assert set(diagnose.conversion(log, by="competitor")["competitor"]) == {"Globex", "Initech"}
    counts = diagnose.tag_counts(log, by="competitor").drop_duplicates("competitor")
    assert dict(zip(counts["competitor"], counts["cases"], strict=True)) == {"Globex": 60, "Initech": 30}


def test_causes_name_the_value_and_not_the_pair():
    chance, lines = np.random.default_rng(1), []
    for k in range(400):
        against = ["Globex;Initech", "Globex", "Initech;Umbrella", "Umbrella"][k % 4]
        end = "Won" if chance.random() < (0.25 if "Initech" in against else 0.65) else "Lost"
        lines.append(f"c{k} [competitor={against}]: Opportunity Created {k / 4}, Closed {end} {k / 4 + 20}")
    table = diagnose.causes(from_text("\n".join(lines), until=200), "win_rate_incidence")
    assert table[["attribute", "value"]].values.tolist() == [["competitor", "Initech"]]


def test_a_text_with_a_semicolon_stays_one_value():
    log = from_text("a [reason=Price; asked twice]: Quote Sent 0\nb [reason=Budget]: Quote Sent 0")
    assert log.distinct("reason") == ["Budget", "Price; asked twice"]
    assert kept(log.where(reason="Price; asked twice")) == ["a"]
    with pytest.raises(UnknownName):
        log.where(reason="Price")


def test_a_rule_means_the_value_too():
    from l2c.diagnose.rules.conditions import condition
    from l2c.measures.facts import Facts

    facts = Facts.of(l2c.read(QUESTIONS / "sf4", extracted="2025-05-01"))

    def cases(text):
        return int(condition(text, facts, "mine")[0].sum())

    assert (cases("competitor == 'Globex'"), cases("competitor == 'Initech'")) == (8, 4)
    assert (cases("competitor != 'Initech'"), cases("competitor in ['Initech', 'Umbrella']")) == (4, 4)


def test_the_panel_counts_what_it_would_leave():
    from l2c.log import several

    log = competitors(3, 2, 1)
    assert dict(several.groups(log.base, "competitor", ["Globex;Initech", "Globex"])) == {
        "Globex": [0, 1],
        "Initech": [0],
    }


@given(st.permutations(range(8)))
def test_the_order_of_rows_does_not_matter(order):
    rows = ["Globex;Initech", "Globex", "Initech;Umbrella", "Umbrella"] * 2
    text = "\n".join(f"c{k} [competitor={rows[k]}]: Quote Sent {k}" for k in order)
    log = from_text(text)
    assert [log.where(competitor=name).n_cases for name in ("Globex", "Initech", "Umbrella")] == [4, 4, 4]
