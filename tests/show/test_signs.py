"""Signs between parts of a line are full-width in Japanese, and nothing on a chart runs into what stands beside it."""

import re

import pytest

from l2c.show.changes import listed
from l2c.show.charts import marks, rows
from l2c.show.charts.bottlenecks import _facts
from l2c.show.live import assets
from l2c.words import phrases

HALF = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff）」][,;]|[,;] ?[\u3040-\u30ff\u4e00-\u9fff（「]")
TWO = "- skip: Contract Approved\n- errors: Quote Sent\n  share: 0.5\n"


def test_parts_follow_each_other_by_the_sign_of_the_language():
    assert phrases.series(["a", "", "b"]) == "a; b"
    assert phrases.series(["一", "二"], "ja") == "一；二"


def test_two_changes_in_japanese_have_no_half_width_sign_between_them():
    assert "；" in listed(TWO, "ja") and not HALF.search(listed(TWO, "ja"))
    assert "; " in listed(TWO)


def test_what_a_step_would_gain_in_japanese_has_none_either():
    row = {"case_days": 100.0, "gain_days": 30.0, "gain_low": 20.0, "gain_high": 40.0, "gain_money": 4464.0, "stuck": 0}
    assert not HALF.search(_facts(row, "ja", "USD"))
    assert "、" in _facts(row, "ja", "USD") and ", $" in _facts(row, "en", "USD")


@pytest.mark.parametrize(
    "rule", [r"\.axis > :last-child \{ padding-left: 30px", r"\.plot \+ \.note \{ margin-top: 14px"]
)
def test_the_name_of_an_axis_leaves_room_for_half_of_the_last_tick(rule):
    assert re.search(rule, assets.styles("rows"))


def test_a_name_is_whole_where_it_wraps_and_cut_where_it_cannot():
    name = "reminder 5 d after the due day; 80 % of the customers keep to it"
    assert marks.short(name, 60).endswith("…")
    with rows.as_page():
        assert marks.short(name, 60) == name
