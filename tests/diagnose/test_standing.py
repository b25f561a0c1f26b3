"""What never ends, and what a finding is worth: known answers."""

from functools import cache

import numpy as np
import pytest

from l2c import show
from l2c.diagnose import bottlenecks, causes
from l2c.diagnose.causes import searched
from l2c.diagnose.findings import Worth
from l2c.log import build
from l2c.measures.facts import Facts
from l2c.words import vocabulary
from tests.logs import rows_from_text

CASES, UNTIL = 900, 420
STEP = ("Quote Sent", "Closed Won")


@cache
def company(seed=0, stuck=0.3, slow=1.0, team=False):
    """Deals of five regions; those of region A, which a team of its own may work, are slow or stand still for good."""
    rng = np.random.default_rng(seed)
    region = rng.choice(list("ABCDE"), CASES)
    lines = []
    for k in range(CASES):
        start, own = k % 300, region[k] == "A"
        sent = start + rng.exponential(5)
        names = f"region={region[k]}, amount={round(np.exp(rng.normal(9 - own)))}"
        names += f", team={'Alpha' if own else f'T{k % 2}'}" if team else ""
        ends = sent + rng.exponential(8) * (slow if own else 1)
        stands = rng.random() < stuck and own
        lines.append(
            f"c{k} [{names}]: Quote Created {start}, Quote Sent {sent:.3f}"
            + ("" if stands else f", Closed Won {ends:.3f}")
        )
    return rows_from_text("\n".join(lines))


def log_of(rows, **facts):
    from tests.logs import DAY, ORIGIN

    return build(rows, extracted=ORIGIN + UNTIL * DAY, **facts)


def test_what_never_ends_is_named_with_the_time_that_nine_in_ten_take():
    rows = company()
    (row,) = causes(log_of(rows), "stuck").to_dict("records")
    assert (row["kpi"], row["step"], row["attribute"], row["value"]) == ("stuck", STEP, "region", "A")
    assert row["adverse"] and row["unit"] == "fraction" and row["low"] < 0.27 < row["high"]
    # By hand, where all who will go on have done so: the day by which nine in ten of all have.
    times = rows.pivot(index="case_id", columns="activity", values="time")
    days = (times[STEP[1]] - times[STEP[0]]).dt.total_seconds() / 86400
    assert row["within_days"] == pytest.approx(days.fillna(np.inf).sort_values().iloc[CASES * 9 // 10], rel=0.02)
    late = (days > row["within_days"]) | days.isna()
    region = rows.drop_duplicates("case_id").set_index("case_id")["region"]
    plain = late[region == "A"].mean() - late[region != "A"].mean()
    assert row["raw"] == pytest.approx(plain, abs=0.01)


def test_nothing_stands_still_where_all_go_on_and_days_tell_of_the_slow():
    assert not len(causes(log_of(company(stuck=0.0)), "stuck"))
    slow = causes(log_of(company(stuck=0.0, slow=2.5)))
    assert list(slow["kpi"]) == ["step_days"] and "stuck" not in str(list(slow["echoes"]))


def test_the_order_of_rows_changes_nothing_and_a_part_is_measured_as_a_log_of_its_own():
    rows = company()
    plain = causes(log_of(rows), "stuck").drop(columns="echoes")
    mixed = causes(log_of(rows.sample(frac=1, random_state=1)), "stuck").drop(columns="echoes")
    assert plain.equals(mixed)
    part = causes(log_of(rows).where(region=["A", "B", "C"]), "stuck")
    alone = causes(log_of(rows[rows["region"].isin(["A", "B", "C"])]), "stuck")
    assert part[["value", "cases", "within_days"]].equals(alone[["value", "cases", "within_days"]])


def test_bottlenecks_name_the_group_that_stands_still_in_table_and_chart():
    log = log_of(company())
    table = bottlenecks(log)
    here = table[table["stuck"] > 0]
    assert here[["from", "to", "attribute", "value"]].to_numpy().tolist() == [[*STEP, "region", "A"]]
    assert here["stuck"].iloc[0] == round(causes(log, "stuck")["lost"].iloc[0])
    assert not bottlenecks(log_of(company(stuck=0.0)))["stuck"].any()
    for lang, said in (("en", "Region A: "), ("ja", "地域「A」")):
        assert said in str(show.bottlenecks(table, lang=lang))


def test_of_two_names_of_the_same_cases_the_lever_is_named():
    (row,) = causes(log_of(company(stuck=0.0, slow=2.5, team=True)), "step_days").to_dict("records")
    assert (row["attribute"], row["value"], row["echoes"]) == ("team", "Alpha", ("region = A",))


def test_money_is_that_of_the_groups_own_deals():
    log = log_of(company(slow=2.5), currency="USD")
    facts = Facts.of(log)
    rows = company(slow=2.5).dropna(subset="amount").drop_duplicates("case_id")
    own = rows.loc[rows["region"] == "A", "amount"]
    days, still = (searched(log, kpi, None, 0.95)[0][0] for kpi in ("step_days", "stuck"))
    worth = Worth(facts, 0.1, 0.95)
    # A day of the deals that took the step, at ten percent a year; the others are worth nearly three times as much.
    took = own.to_numpy()[np.isin(rows.loc[own.index, "case_id"], ended(company(slow=2.5)))]
    stake, day = worth.stake(days), took.mean() * 0.1 / 365
    assert stake["money"] == pytest.approx(days.lost.value * day)
    error = 1.96 * took.std(ddof=1) / took.mean() / len(took) ** 0.5
    down = np.hypot(np.log(days.lost.value / days.lost.low), error)
    assert stake["money_low"] == pytest.approx(stake["money"] * np.exp(-down), rel=1e-3)
    # What stands still is worth what it is worth.
    assert worth.stake(still)["money"] / still.lost.value == pytest.approx(own.mean(), rel=0.3)


def ended(rows):
    return rows.loc[rows["activity"] == STEP[1], "case_id"]


def test_attributes_say_whether_somebody_can_change_them():
    for name in ("lead_source", "rep", "team", "invoice_type", "Channel", "approver", "Record Type"):
        assert vocabulary.lever(name) is True, name
    for name in ("segment", "region", "account", "Industry", "業種"):
        assert vocabulary.lever(name) is False, name
    assert vocabulary.lever("Weather") is None
