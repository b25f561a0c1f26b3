"""Quick picks of a period: quarters and years of the business, and they can be chosen."""

from datetime import datetime

import pytest

from l2c.show.live.periods import picks
from tests.logs import from_text


@pytest.mark.parametrize(("starts", "wanted"), [
    (1, ["2026-04..2026-06", "2026-01..2026-03", "2025-04..2026-03", "2026-01..2026-12", "2025-01..2025-12"]),
    # In May the Japanese year has just begun.
    (4, ["2026-04..2026-06", "2026-01..2026-03", "2025-04..2026-03", "2026-04..2027-03", "2025-04..2026-03"]),
    (2, ["2026-05..2026-07", "2026-02..2026-04", "2025-05..2026-04", "2026-02..2027-01", "2025-02..2026-01"]),
])  # fmt: skip
def test_quarters_and_years_are_those_of_the_business(starts, wanted):
    log = from_text("a: Opportunity Created 0, Closed Won 500", fiscal_year_starts=starts)
    assert log.extracted < datetime(2026, 6, 1)
    assert [value for _, value in picks(log)] == wanted
    assert [log.where(opened=value).n_cases for _, value in picks(log)][-1] in (0, 1)
