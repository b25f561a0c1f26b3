"""The page on which the day of a change is chosen, without a browser: what it is told, and what it says."""

import pytest

from l2c.show.live.outcomes import Outcomes
from tests.logs import from_text

REGISTER = """
decisions:
- {id: faster, name: {en: Faster approvals, ja: 承認の迅速化}, decided: 2025-01-02, from: 2025-03-01, kpi: sales_cycle_days}
- {id: earlier, from: 2025-02-01, kpi: sales_cycle_days}
"""


@pytest.fixture(scope="module")
def log():
    """Deals of two regions that begin every day from the first of the year, a month each."""
    return from_text(
        "\n".join(f"d{k} [region={'AB'[k % 2]}]: Opportunity Created {k}, Closed Won {k + 30}" for k in range(120))
    )


def test_the_latest_decision_is_told_until_another_day_is_chosen(log, tmp_path):
    (tmp_path / "register.yaml").write_text(REGISTER, "utf-8")
    page = Outcomes(log, register=tmp_path, lang="ja")
    page.draw(log)
    assert page.spec["decisions"][0] == ["2025-03-01", "承認の迅速化（2025年3月1日）"]
    assert page.spec["day"] == "2025-03-01" and "2025年3月1日" in page.spec["html"]
    page._told(None, {"do": "day", "day": "2025-02-10"}, None)
    assert page.spec["day"] == "2025-02-10" and "2025年2月10日" in page.spec["html"]
    # It speaks of the cases that are left, and says so
    page.draw(log.where(region="A"))
    assert page.spec["sentence"].startswith("120件中60件") and "A" in page.spec["sentence"]
    for nonsense in ("soon", "2025-2-1", 7):
        page._told(None, {"do": "day", "day": nonsense}, None)
    assert page.spec["day"] == "2025-02-10"


def test_without_a_day_quarters_are_told_and_a_day_outside_the_log_is_refused_in_words(log):
    page = Outcomes(log)
    page.draw(log)
    assert page.spec["decisions"] == [] and page.spec["day"] == "" and "<svg" in page.spec["html"]
    page._told(None, {"do": "day", "day": "2020-01-01"}, None)
    assert "does not fit on both sides of the date" in page.spec["html"]
    page.draw(log.where(region="A").where(opened=("2031-01", None)))
    assert "svg" not in page.spec["html"]
