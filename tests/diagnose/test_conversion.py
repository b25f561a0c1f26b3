"""Cohorts of different age, and where leads go silent."""

import numpy as np
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight

from l2c.diagnose import conversion, silent
from l2c.words.errors import UnknownName
from tests.logs import demo, from_text


def test_open_leads_count_for_as_long_as_they_were_watched():
    lines = [f"c{k}: Lead Created 0, Opportunity Created 10" for k in range(10)]
    lines += [f"n{k}: Lead Created 0" for k in range(10)] + [f"y{k}: Lead Created 95" for k in range(20)]
    log = from_text("\n".join(lines), until=100)
    table = conversion(log, within=(30,))
    # at day 10, 20 of the 40 are still watched (the young ones left at day 5): 10 of them convert
    assert table["value"].item() == pytest.approx(0.5)
    assert table["cases"].item() == 40
    assert table["censored"].item() == 20


def test_a_cohort_too_young_to_tell_is_not_a_bad_one():
    lines = [f"o{k}: Lead Created 0, Opportunity Created 10" for k in range(20)]
    lines += [f"y{k}: Lead Created 60" for k in range(20)]
    table = conversion(from_text("\n".join(lines), until=75), by="opened", within=(30,))
    assert table["value"].tolist()[0] == 1
    assert np.isnan(table["value"].tolist()[1])


def test_incidence_equals_statsmodels():
    log = demo(1500)
    times = log.first_times(["Lead Created", "Opportunity Created", "Closed Lost"])
    times = times[times["Lead Created"].notna()]
    end = times["Opportunity Created"].fillna(times["Closed Lost"])
    status = np.where(times["Opportunity Created"].notna(), 1, np.where(times["Closed Lost"].notna(), 2, 0))
    days = (end.fillna(np.datetime64(log.extracted)) - times["Lead Created"]).dt.total_seconds() / 86_400
    curve = CumIncidenceRight(np.maximum(days, 0), status)
    at = np.searchsorted(curve.times, 60, "right") - 1
    found = conversion(log, within=(60,)).set_index("milestone").loc["Opportunity Created", "value"]
    assert found == pytest.approx(curve.cinc[0][at], abs=1e-8)


def test_small_groups_are_not_named_and_unknown_attributes_refused():
    lines = [f"a{k} [region=A]: Lead Created {k}, Opportunity Created {k + 1}" for k in range(25)]
    lines += [f"b{k} [region=B]: Lead Created {k}" for k in range(19)]
    log = from_text("\n".join(lines), until=200)
    assert set(conversion(log, by="region")["region"]) == {"A"}
    with pytest.raises(UnknownName):
        conversion(log, by="colour")
    assert len(conversion(from_text("a: Foo 0"))) == 0


def test_silence_is_longer_than_nearly_all_who_went_on():
    lines = [f"g{k}: Lead Created 0, Opportunity Created {1 + k / 100}" for k in range(100)]
    lines += ["quiet [amount=10]: Lead Created 0", "waits: Lead Created 98.5"]
    row = silent(from_text("\n".join(lines), until=100, currency="USD")).set_index("activity").loc["Lead Created"]
    # the 99 % quantile of 1.00 … 1.99 days: two wait there, one of them for 100 days
    assert row["limit_days"] == pytest.approx(1.9801)
    assert row[["cases", "silent", "amount"]].tolist() == [2, 1, 10]
    assert row["silent_95"] == row["silent_995"] == 1
