from l2c import prepare
from l2c.words import vocabulary
from tests.logs import from_text


def test_the_guide_lists_every_column_the_required_ones_first():
    table = prepare.attribute_guide("en")
    assert len(table) == len(vocabulary.attributes())
    assert table["level"][:3].nunique() == 1
    assert "Opportunity" in " ".join(table["salesforce"])
    japanese = prepare.attribute_guide("ja")
    assert (japanese["meaning"] != table["meaning"]).all()


def test_the_guide_lists_activities_in_process_order():
    assert prepare.activity_guide("ja")["activity"].tolist() == [a.en for a in vocabulary.activities()]


def test_coverage_counts_the_cases_with_a_value():
    log = from_text("""
        a [rep=Kim, Team Colour=blue]: Quote Sent 0
        b [rep=Sato]: Quote Sent 0
        c: Quote Sent 0
    """)
    table = prepare.coverage(log).set_index("attribute")
    assert table.loc["rep", ["cases", "share"]].tolist() == [2, 2 / 3]
    assert table.loc["amount", "cases"] == 0
    assert table.loc["Team Colour", "cases"] == 1
    assert table["level"].isna().to_dict()["Team Colour"]
