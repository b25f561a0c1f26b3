import pytest

import l2c
from l2c.demo.practice import at_hand, with_objects
from l2c.errors import L2CError


def test_the_demo_stands_in_only_in_the_notebooks_own_folder(tmp_path, capsys):
    assert at_hand(tmp_path / "out" / "log", tmp_path / "out").n_cases == 5000
    assert "demo company" in capsys.readouterr().err
    # Once something is there, it is what is opened.
    (tmp_path / "out" / "mine.csv").write_text("Case ID,Activity,Timestamp\na,Quote Sent,2025-01-01\n")
    assert at_hand(tmp_path / "out" / "mine.csv", tmp_path / "out").n_cases == 1
    with pytest.raises(L2CError, match="does not exist"):
        at_hand(tmp_path / "mine.csv", tmp_path / "out")


def test_the_org_of_the_demo_is_shown_beside_the_demo_only(tmp_path):
    out = tmp_path / "out"
    demo = l2c.demo(50)
    shown = with_objects(demo, out / "demo_log.csv", out)
    assert shown.n_cases == 5000 and len(shown.quality.objects)
    # A log of the user's own is shown as it is, whether it has objects or not.
    assert with_objects(demo, tmp_path / "mine.csv", out) is demo
    assert with_objects(shown, tmp_path / "mine", out) is shown
