"""What is alarming is what exceeds its limit, limits are learnt honestly, and an alert says how often it would have fired."""

import json

import numpy as np
import pandas as pd
import pytest

from l2c import monitor, show
from l2c.cli import main
from l2c.monitor.alert_figures import slower
from l2c.monitor.limits import exceeded_by
from l2c.words.errors import BadAlerts
from tests.logs import ORIGIN, from_text

STALLED = {"id": "stalled", "watch": "open_deals", "measure": "in_stage_days"}


def deals(n=60, open_for=(70, 5), until=200):
    """Deals that were in one stage for 1 to n days, and some that are there still."""
    ended = [
        f"d{k} [segment=S{k % 2}, amount={k}, rep=Kim]: Stage: Proposal {k % 7}, Closed Won {k % 7 + k}"
        for k in range(1, n + 1)
    ]
    still = [f"o{k} [segment=S0, amount=1000, rep=Kim]: Stage: Proposal {until - k}" for k in open_for]
    return "\n".join([*ended, *still])


@pytest.fixture(scope="module")
def log():
    return from_text(deals(), until=200)


def test_of_99_ended_stays_the_90th_is_exceeded_by_one_in_ten():
    # The next stay falls into each of the 100 gaps with the same chance, ten of which lie beyond the 90th.
    days = np.random.default_rng(1).permutation(np.arange(1.0, 100))
    assert exceeded_by(days, np.ones(99, bool), np.zeros(99), 0.1) == 90
    # Of nine nobody can say.
    assert np.isnan(exceeded_by(days[:8], np.ones(8, bool), np.zeros(8), 0.1))


def test_stays_that_have_not_ended_count_as_long_as_they_were_watched():
    # Ten stays, the third longest is open: S falls to 7/10 in three steps, then by 1/6 each: 0.58, 0.47, 0.35, 0.23, 0.12, 0.
    days, seen = np.array([1.0, 2, 3, 3.5, 4, 5, 6, 7, 8, 9]), np.array([1, 1, 1, 0, 1, 1, 1, 1, 1, 1], bool)
    n = 10 - 0  # Greenwood amounts to 7.4 to 10 stays
    # Half: the curve must come down to 0.5 - 0.5 / n, which is below 0.45; that is at 6.
    assert exceeded_by(days, seen, np.zeros(n), 0.5) == 6
    # Where more than the share never end there is no limit.
    assert np.isnan(exceeded_by(days, days < 5, np.zeros(n), 0.1))


def test_a_deal_that_stays_longer_than_nine_in_ten_is_alarming(log):
    table = monitor.alerts(log, [STALLED | {"limit": {"share": 0.1}, "severity": "high"}])
    (row,) = table.to_dict("records")
    known = monitor.limits(log, [STALLED | {"limit": {"share": 0.1}}]).iloc[0]
    # 60 ended, one of 70 and one of 5 days open: about one in ten of 62 is above 56.
    assert known["limit_days"] == pytest.approx(56, abs=1) and (known["cases"], known["censored"]) == (62, 2)
    assert (row["case_id"], row["value"], row["limit"]) == ("o70", 70, known["limit_days"])
    assert row["days_over"] == 70 - known["limit_days"] and row["amount"] == 1000
    assert row["since"] == pd.Timestamp(ORIGIN) + pd.Timedelta(days=130)
    assert (
        row["text"].said()
        == f"in Proposal for 70.0 days; only 10 % of all that get there ever stay longer than {known['limit_days']:.1f}"
    )


def test_a_small_group_takes_the_limit_of_its_stage(log):
    alert = STALLED | {"limit": {"share": 0.1, "by": ["stage", "segment"]}}
    found = monitor.limits(log, [alert])
    assert found["group"].tolist() == ["S0", "S1"] and found["parent"].all()
    assert found["limit_days"].nunique() == 1 and (found["cases"] == 62).all()
    assert "(S0)" not in str(monitor.alerts(log, [alert])["text"].iloc[0])
    large = from_text(deals(120), until=300)
    own = monitor.limits(large, [alert])
    assert not own["parent"].any() and own["cases"].tolist() == [62, 60]


def test_filtering_and_watching_is_watching_the_filtered_log(log):
    alert = [STALLED | {"limit": 20}]
    whole = monitor.alerts(log, alert)
    part = monitor.alerts(log.where(segment="S0"), alert)
    assert part["case_id"].tolist() == whole["case_id"].tolist() == ["o70"]
    assert len(monitor.alerts(log.where(segment="S1"), alert)) == 0


def test_without_stages_the_last_event_is_the_stage():
    lines = "\n".join(f"c{k}: Opportunity Created 0, Quote Sent 10, Payment Reminder Sent 12" for k in range(3))
    log = from_text(lines + "\nd: Opportunity Created 0, Closed Lost 5", until=60)
    table = monitor.alerts(log, [STALLED | {"limit": 45, "when": "stage == 'Quote Sent'"}])
    # A reminder is no other stage, and the lost deal is not open.
    assert table["case_id"].tolist() == ["c0", "c1", "c2"] and (table["value"] == 50).all()
    quiet = monitor.alerts(log, [{"id": "q", "watch": "open_deals", "measure": "quiet_days", "limit": 45}])
    assert (quiet["value"] == 48).all() and len(quiet) == 3


def test_an_alert_fires_as_often_as_looking_every_week_would_have_shown():
    spans = [(3 * k, 3 * k + 5 + 7 * (k % 5)) for k in range(20)]
    lines = [f"d{k}: Stage: Proposal {start}, Closed Won {end}" for k, (start, end) in enumerate(spans)]
    log, alert = from_text("\n".join([*lines, "o: Stage: Proposal 20"]), until=100), [STALLED | {"limit": 15.5}]
    looks = [
        {f"d{k}" for k, (start, end) in enumerate(spans) if start + 15.5 < day < end} | ({"o"} if day > 35.5 else set())
        for day in range(2, 101, 7)
    ]
    new = set().union(*looks) - looks[0]
    fired = monitor.alert_counts(log, alert).iloc[0]
    assert (fired["weeks"], fired["fired"]) == (14, len(new)) and len(new) > 5
    # What was alarming then is what the log of then says.
    then = monitor.alerts(log.as_of("2025-02-20"), alert)
    assert set(then["case_id"]) == looks[7] and looks[7]


def test_invoices_are_late_from_the_day_they_are_due():
    lines = "\n".join(
        f"i{k} [amount={100 + k}, payment_terms_days=30]: Closed Won {k}, Invoice Sent {k}"
        + (f", Payment Received {k + 20}" if k else "")
        for k in range(30)
    )
    log = from_text(lines, until=100)
    (row,) = monitor.alerts(log, [{"id": "late", "watch": "invoices", "measure": "late_days", "limit": 60}]).to_dict(
        "records"
    )
    # Due on day 30, 70 days ago; the others are paid in time.
    assert (row["case_id"], row["value"], row["days_over"], row["amount"]) == ("i0", 70, 10, 100)
    assert len(monitor.alerts(log, [{"id": "late", "watch": "invoices", "measure": "late_days", "limit": 70}])) == 0


def test_rules_that_were_broken_lately():
    log = from_text(
        "a: Opportunity Created 0, Sales Order Created 5, Contract Signed 6, Closed Won 7\n"
        "b: Opportunity Created 0, Sales Order Created 95, Contract Signed 96, Closed Won 97",
        until=100,
    )
    alert = {"id": "new", "watch": "rules", "when": "days_ago <= 7 and rule == 'order_before_contract'"}
    (row,) = monitor.alerts(log, [alert]).to_dict("records")
    assert (row["case_id"], row["kpi"]) == ("b", "order_before_contract")
    counts = monitor.alert_counts(log, [alert]).iloc[0]
    # Both were new once; the first weeks count from the beginning of the log.
    assert (counts["count"], counts["fired"]) == (1, 2)


def test_a_rule_that_is_broken_more_often_than_it_was():
    def cases(first, days, broken):
        order = ("Sales Order Created {a}, Contract Signed {b}", "Contract Signed {a}, Sales Order Created {b}")
        return "\n".join(
            f"{first}{k}: Opportunity Created {first + k * days / 100:.2f}, "
            + order[k >= broken].format(a=first + k * days / 100 + 1, b=first + k * days / 100 + 2)
            for k in range(100)
        )

    alert = {"id": "more", "watch": "rules", "measure": "broken_share"}
    worse = from_text(f"{cases(0, 182, 5)}\n{cases(183, 180, 40)}", until=365)
    (row,) = monitor.alerts(worse, [alert]).to_dict("records")
    assert row["kpi"] == "order_before_contract"
    assert row["value"] == pytest.approx(0.4, abs=0.02) and row["limit"] == pytest.approx(0.05, abs=0.01)
    same = from_text(f"{cases(0, 182, 5)}\n{cases(183, 180, 6)}", until=365)
    assert len(monitor.alerts(same, [alert])) == 0
    short = monitor.alert_counts(from_text(cases(0, 182, 5), until=183), [alert]).iloc[0]
    assert str(short["note"]) == "the log is too short: it takes a year"


def test_a_target_is_missed_once_its_day_has_come_and_all_of_the_interval_is_beyond(log, tmp_path):
    (row,) = monitor.alerts(log, [{"id": "k", "watch": "kpis", "measure": "win_rate", "limit": 1.1}]).to_dict("records")
    assert (row["kpi"], row["limit"], row["unit"]) == ("win_rate_incidence", 1.1, "fraction")
    file = tmp_path / "register.yaml"
    targets = {"id": "t", "watch": "kpis"}
    for by, n in (("2025-07", 1), ("2025-08", 0)):
        file.write_text(f"version: 1\ntargets: {{win_rate: {{to: 1.1, by: {by}}}}}", "utf-8")
        # The log ends on 2025-07-20.
        assert len(monitor.alerts(log, [targets], register=file)) == (0 if by == "2025-07" else n)
    file.write_text("version: 1\ntargets: {win_rate: {to: 1.1, by: 2025-07-20}}", "utf-8")
    assert monitor.alerts(log, [targets], register=file)["kpi"].tolist() == ["win_rate_incidence"]
    with pytest.raises(BadAlerts, match="no target is set for lead_conversion_incidence"):
        monitor.alerts(log, [targets | {"measure": "lead_conversion_rate"}], register=file)


def test_a_step_is_slower_when_its_chart_says_so_in_the_last_week():
    weeks = pd.date_range("2025-01-06", periods=6, freq="7D")
    chart = {"cusum": [np.nan, 0.0, -2.0, -5.0, -7.0, -9.0], "alarm": [False] * 4 + [True] * 2, "since_ratio": 0.55}
    table = pd.DataFrame({"step": [("Quote Sent", "Quote Accepted")] * 6, "week": weeks, **chart})
    table = table.assign(since=weeks[2], since_low=0.4, since_high=0.7)
    found, fired, _ = slower(table)
    (row,) = found.to_dict("records")
    assert (row["kpi"], row["value"], row["since"]) == ("Quote Sent → Quote Accepted", 0.55, weeks[2])
    assert str(row["text"]) == "since the week of 2025-01-20 0.55 times as many go on as expected (0.4 to 0.7)"
    assert fired == (1.0, 4)
    # Faster is no alarm, and what was over by the last week is none either.
    assert len(slower(table.assign(cusum=-table["cusum"]))[0]) == 0
    assert len(slower(table.assign(alarm=[False] * 4 + [True, False]))[0]) == 0


@pytest.mark.parametrize(
    ("alert", "words"),
    [
        ({"limt": 5}, "'limt' means nothing. Closest: limit"),
        ({"watch": "deals"}, "'deals' means nothing. Closest: open_deals"),
        ({"measure": "in_stage"}, "Closest: in_stage_days"),
        ({"severity": "grave"}, "'grave' means nothing"),
        ({"limit": None}, "'limit' is missing"),
        ({"limit": "much"}, "'limit' is not filled in"),
        ({"limit": {"share": 2}}, "'share' is not filled in"),
        ({"limit": {"shares": 0.1}}, "Closest: share"),
        ({"limit": {"share": 0.1, "by": ["segmnt"]}}, "Closest: segment"),
        ({"limit": {"share": 0.1, "by": ["stage", "rep"]}}, "cannot be learnt by rep"),
        ({"measure": "amount", "limit": {"share": 0.1}}, "only days are"),
        ({"when": "win_shar < 0.3"}, "Closest: win_share"),
        ({"when": "stage == 'Propsal'"}, "line 1, column 10: no stage is called 'Propsal'. Closest: Proposal"),
        ({"name": {"de": "x"}}, "'name' is not filled in"),
        ({"id": ""}, "'id' is missing"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_nearest_word(log, alert, words):
    with pytest.raises(BadAlerts) as refused:
        monitor.alerts(log, [STALLED | {"limit": 20} | alert])
    assert words in str(refused.value)


def test_a_file_that_is_no_list_of_alerts_is_refused(log, tmp_path):
    file = tmp_path / "alerts.yaml"
    for text, words in [
        ("alerts: 5", "no list of alerts"),
        ("alert: []", "Closest: alerts"),
        ("version: 2\nalerts: []", "'version' is not filled in"),
        ("alerts: [", "cannot be read"),
        (
            "alerts: [{id: a, watch: open_deals, when: amount > 1}, {id: a, watch: open_deals, when: amount > 2}]",
            "Two alerts",
        ),
    ]:
        file.write_text(text, "utf-8")
        with pytest.raises(BadAlerts) as refused:
            monitor.alerts(log, file)
        assert words in str(refused.value)


def test_people_are_not_named(log):
    table = monitor.alerts(log, [STALLED | {"limit": 20, "when": "rep == 'Kim'"}])
    assert len(table) == 1
    shown = show.alerts(table)
    assert "Kim" not in shown.html.replace("rep == ", "") + table.drop(columns="text").to_string()


def test_the_list_says_what_is_alarming_and_how_often_it_would_have_fired(log):
    alert = STALLED | {"name": {"en": "Stalled deals", "ja": "停滞"}, "limit": 45, "severity": "high"}
    table = monitor.alerts(log, [alert])
    assert show.alerts(table, currency="USD").text.splitlines() == [
        f"Stalled deals: 1 · high · would have fired {table['fired'].iloc[0]:.0f} times in the last 28 weeks",
        "  - o70: in Proposal for 70.0 days; the limit is 45 · $1K",
    ]
    assert (
        show.alerts(table, lang="ja").text.splitlines()[1].startswith("  - o70：「Proposal」に70.0日。基準は45日です")
    )
    assert show.alerts(table[:0]).text == "Nothing is alarming."
    # Beside key figures, which are of no deal, a deal is still of no key figure
    figure = {"id": "short", "watch": "kpis", "measure": "sales_cycle_days", "limit": 1}
    assert "nan" not in show.alerts(monitor.alerts(log, [alert, figure])).text


def test_the_command_ends_with_3_when_something_is_alarming(log, tmp_path, capsys):
    saved, file = str(log.save(tmp_path / "log")), tmp_path / "alerts.yaml"
    for limit, status in ((45, 3), (450, 0)):
        file.write_text(
            f"alerts: [{{id: stalled, watch: open_deals, measure: in_stage_days, limit: {limit}}}]", "utf-8"
        )
        assert main(["watch", saved, str(file), "--json"]) == status
        found = json.loads(capsys.readouterr().out)
        assert found["alarming"] == len(found["rows"]) == (status == 3)
        assert found["alerts"][0]["alert"] == "stalled"
    assert main(["watch", saved, str(file), "--lang", "ja"]) == 0
    assert capsys.readouterr().out == "アラートはありません。\n"
    file.write_text("alerts: [{id: stalled, watch: open_deal}]", "utf-8")
    assert main(["watch", saved, str(file)]) == 1
    assert "Closest: open_deals" in capsys.readouterr().err
