from datetime import timedelta

import numpy as np
import pytest

from l2c import monitor, show
from tests.logs import from_text


def parts(log):
    return {value: log.where(region=value) for value in sorted(log.distinct("region"))}


@pytest.fixture(scope="module")
def log():
    """East wins 3 of 10, west and south 6 of 10 each; all deals take ten days; every third invoice is paid late."""
    lines = []
    for n in range(600):
        region = ("East", "South", "West")[n % 3]
        won = n // 3 % 10 < (3 if region == "East" else 6)
        end = f"Closed Won {n / 6 + 10:.1f}" if won else f"Closed Lost {n / 6 + 10:.1f}"
        lines.append(f"d{n} [region={region}]: Opportunity Created {n / 6:.1f}, {end}")
    return from_text("\n".join(lines), until=300)


def test_a_part_that_wins_less_is_so_many_points_below_the_mean_of_the_others(log):
    table = monitor.benchmark(log, "region", parts(log))
    won = table[table["kpi"] == "win_rate_incidence"].set_index("group")
    assert won["cases"].tolist() == [200, 200, 200]
    assert won["value"].tolist() == pytest.approx([0.3, 0.6, 0.6])
    # Others of the east: .6; of the south: (.3 + .6) / 2 = .45. What is adjusted for (time) is alike in all.
    assert won["difference"].tolist() == pytest.approx([-0.3, 0.15, 0.15], abs=0.01)
    assert won["beyond_chance"].tolist() == [True, True, True]
    assert won["better"].tolist() == [False, True, True]
    assert (won["difference_low"] < won["difference"]).all() and (won["difference"] < won["difference_high"]).all()


def test_what_the_log_does_not_hold_is_not_compared(log):
    table = monitor.benchmark(log, "region", parts(log)).set_index(["kpi", "group"])
    for kpi in ("late_payment_incidence", "lead_to_cash_days", "overdue_receivables"):
        assert np.isnan(table.loc[(kpi, "East"), "value"])
        assert table.loc[(kpi, "East"), "beyond_chance"] is None


def test_what_is_overdue_is_what_the_report_of_the_part_says():
    """Invoices without a due day are overdue for nobody; a part in which one has none is as unknown as on its own page."""
    bill = "Closed Won 1, Invoice Sent 2"
    lines = [f"n{n} [region=North, amount=100]: {bill}" for n in range(3)]
    paid = ", Payment Received 5"
    lines += [f"s{n} [region=South, amount=100, payment_terms_days=10]: {bill}{'' if n else paid}" for n in range(4)]
    log = from_text("\n".join(lines), until=60)
    named = parts(log)
    table = monitor.benchmark(log, "region", named).set_index(["kpi", "group"])
    for region, part in named.items():
        own = monitor.figures(part).set_index("kpi").loc["overdue_receivables"]
        told = table.loc[("overdue_receivables", region)]
        assert (told["value"], told["cases"]) == pytest.approx((own["value"], own["cases"]), nan_ok=True)
    assert table.loc[("overdue_receivables", "South"), "value"] == 300


def test_a_rate_says_within_how_many_days_since_a_part_alone_may_be_told_within_others(log):
    table = monitor.benchmark(log, "region", parts(log))
    won = table[table["kpi"] == "win_rate_incidence"]
    assert won["horizon_days"].nunique() == 1 and won["horizon_days"].iloc[0] >= 10
    assert table.loc[table["kpi"] == "sales_cycle_days", "horizon_days"].isna().all()
    assert "Win rate within 10 d" in show.benchmark(table, by="region").text.splitlines()[1]


def test_the_order_of_the_parts_changes_no_number(log):
    named = parts(log)
    one = monitor.benchmark(log, "region", named)
    other = monitor.benchmark(log, "region", dict(reversed(named.items())))
    key = ["group", "kpi"]
    columns = ["value", "difference", "q"]
    one, other = (each.sort_values(key)[columns].to_numpy(float) for each in (one, other))
    assert np.allclose(one, other, equal_nan=True)


def test_the_table_leads_to_the_reports_and_greys_what_may_be_chance(log):
    table = monitor.benchmark(log, "region", parts(log))
    shown = show.benchmark(table, by="region", places={"East": "East/index.html"})
    assert 'href="East/index.html"' in shown.html
    assert "30 % (−30 points worse" in shown.text
    assert "30%（−30ポイント 悪い" in show.benchmark(table, by="region", lang="ja").text


def test_a_log_of_the_last_month_is_live(log):
    assert monitor.is_live(log, log.extracted + timedelta(days=31))
    assert not monitor.is_live(log, log.extracted + timedelta(days=32))
