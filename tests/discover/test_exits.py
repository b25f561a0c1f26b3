from l2c.discover import dots, exits
from l2c.log import END
from tests.logs import from_text

LOG = """
    a: X 0, Y 1, Z 2
    b: X 0, Y 1, Z 2
    c: X 0, Z 1
    d: X 0, Z 3
    e: X 0, Y 4
    f: X 0, Y 1, Z 2
"""


def test_ways_off_the_path_are_counted():
    table = exits(from_text(LOG))
    assert table[["left_after", "expected", "instead", "cases"]].values.tolist() == [
        ["X", "Y", "Z", 2],
        ["Y", "Z", END, 1],
    ]
    assert table["share"].tolist() == [2 / 6, 1 / 6]


def test_a_log_that_never_leaves_the_path_has_no_exits():
    assert len(exits(from_text("a: X 0, Y 1"))) == 0


def test_dots_are_all_events_or_every_nth_case():
    log = from_text(LOG)
    assert len(dots(log)) == 15
    few = dots(log, most=2)
    # Six cases, at most two: every third in the order of their starts.
    assert few["case_id"].unique().tolist() == ["a", "d"]
    assert dots(log, most=2).equals(few)
