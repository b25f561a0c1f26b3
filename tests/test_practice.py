import pytest

from l2c.demo.practice import at_hand
from l2c.errors import L2CError


def test_the_demo_stands_in_only_in_the_notebooks_own_folder(tmp_path, capsys):
    assert at_hand(tmp_path / "out" / "log", tmp_path / "out").n_cases == 5000
    assert "demo company" in capsys.readouterr().err
    # Once something is there, it is what is opened.
    (tmp_path / "out" / "mine.csv").write_text("Case ID,Activity,Timestamp\na,Quote Sent,2025-01-01\n")
    assert at_hand(tmp_path / "out" / "mine.csv", tmp_path / "out").n_cases == 1
    with pytest.raises(L2CError, match="does not exist"):
        at_hand(tmp_path / "mine.csv", tmp_path / "out")
