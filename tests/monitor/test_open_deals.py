"""Open deals are listed with what is foretold of them, reasons are never drawn from noise, and a filter changes no chance."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from l2c import monitor
from l2c.measures.engagement import Engagement
from l2c.measures.facts import DAY, Facts
from l2c.monitor import judge
from l2c.monitor.pipeline import foretold, open_deals, reasons, silence
from l2c.monitor.pipeline.chances import Chances, Parts
from l2c.monitor.pipeline.lives import lives
from l2c.monitor.pipeline.snapshots import moments, taken
from l2c.monitor.pipeline.traits import said
from l2c.prepare.pseudonyms import pseudonyms
from l2c.system import cells
from l2c.words.notes import Note
from tests.logs import ORIGIN, from_table, from_text

UNTIL = 200


def deals():
    """Deals that were in one stage for 1 to 60 days, half of them won, and four that are there still."""
    ended = [
        f"d{k} [region=R{k % 2}, amount={k}, rep=Kim]: Stage: Proposal {k % 7}, Closed {('Won', 'Lost')[k // 2 % 2]} {k % 7 + k}"
        for k in range(1, 61)
    ]
    still = [
        f"o{days} [region=R{days % 2}, amount={amount}, rep=Ito]: Stage: Proposal {UNTIL - days}"
        for days, amount in ((70, 1000), (5, 8000), (2, 3000), (1, 500))
    ]
    return "\n".join([*ended, *still])


@pytest.fixture
def log(monkeypatch):
    """The log, and what is foretold of the four open deals: chances, and five draws of the days to the end."""
    made = from_text(deals(), until=UNTIL)
    rows = Facts.of(made)
    keys = dict(zip(open_deals.case_ids(made), rows.keys, strict=True))
    never = np.inf
    over = np.array(
        [[30, 10, 1, never], [20, 10, 2, never], [10, 10, 3, never], [40, 10, never, 4], [50, 10, never, 5]]
    )
    win, none = np.array([0.1, 0.5, 0.8, 0.5]), np.full(4, np.nan)
    told = Chances(
        np.array([keys[f"o{days}"] for days in (70, 5, 2, 1)]), np.full(4, "Proposal", object), none, none, none, win, win / 2,
        win * 1.1, win, over, over, "blend", None,
    )  # fmt: skip
    for module in (foretold, open_deals, judge):
        monkeypatch.setattr(module, "chances", lambda log: told)
    monkeypatch.setattr(open_deals, "reasons", lambda log: {})
    return made


def test_what_is_at_risk_comes_first(log):
    table = monitor.open_deals(log, names=True)
    # (1 - chance) x amount: 0.5 x 8000, 0.9 x 1000, 0.2 x 3000, 0.5 x 500.
    assert table["case_id"].tolist() == ["o5", "o70", "o2", "o1"]
    assert table["at_risk_value"].tolist() == pytest.approx([4000, 900, 600, 250])
    assert table["expected_value"].tolist() == pytest.approx([4000, 100, 2400, 250])
    assert table["rep"].tolist() == ["Ito"] * 4 and table["url"].isna().all()
    assert set(monitor.open_deals(log)["rep"]) == {pseudonyms(log)["Ito"]}


def test_days_in_the_stage_stand_beside_what_one_in_ten_exceeds(log):
    table = monitor.open_deals(log).set_index("case_id")
    # 60 ended, one of 70 and three of few days open: about one in ten of 61 is above 56.
    assert table["in_stage_days"].to_dict() == {"o5": 5, "o70": 70, "o2": 2, "o1": 1}
    assert table["limit_days"].nunique() == 1 and table["limit_days"].iloc[0] == pytest.approx(56, abs=1)
    assert table["over_limit"].to_dict() == {"o5": False, "o70": True, "o2": False, "o1": False}
    # What the alert says, too.
    alert = {"id": "stalled", "watch": "open_deals", "measure": "in_stage_days", "limit": {"share": 0.1}}
    assert monitor.limits(log, [alert])["limit_days"].iloc[0] == table["limit_days"].iloc[0]


def test_the_day_of_decision_is_that_of_the_draws_that_end(log):
    table = monitor.open_deals(log).set_index("case_id")
    today = pd.Timestamp(ORIGIN) + pd.Timedelta(days=UNTIL)
    days = {name: (table[name] - today).dt.days for name in ("close_low", "close_median", "close_high")}
    # Of 10, 20, 30, 40, 50 the middle is 30; 5 % is a fifth of the way from 10 to 20, 95 % from 50 to 40.
    assert [days[name]["o70"] for name in days] == [12, 30, 48]
    # Of 1, 2, 3 and two draws that never end: the middle of those that do.
    assert days["close_median"]["o2"] == 2
    # Most draws never end.
    assert pd.isna(table["close_median"]["o1"])


def test_a_filter_chooses_rows_and_changes_no_chance(log):
    whole, part = monitor.open_deals(log), monitor.open_deals(log.where(region="R1"))
    assert part["case_id"].tolist() == ["o5", "o1"]
    pd.testing.assert_frame_equal(part, whole[whole["case_id"].isin(["o5", "o1"])].reset_index(drop=True))
    pd.testing.assert_frame_equal(monitor.open_deals(log.where(outcome="open")), whole)


def test_alerts_ask_what_is_foretold(log):
    today = pd.Timestamp(ORIGIN) + pd.Timedelta(days=UNTIL)
    # The day is the 20th of July 2025: the quarter ends 73 days later.
    assert str(today.date()) == "2025-07-20"

    def found(when, **more):
        alert = {"id": "a", "watch": "open_deals", "when": when} | more
        return sorted(monitor.alerts(log, [{key: value for key, value in alert.items() if value}])["case_id"])

    assert found("win_share < 0.2") == ["o70"]
    assert found("close_median <= this_quarter") == ["o2", "o5", "o70"]
    # What mostly never ends has no day: unknown, and so not alarming.
    assert found("not close_median <= this_quarter") == []
    assert found("close_median > '2025-08-01' and close_low < '2025-08-02'") == ["o70"]
    assert found(None, measure="at_risk_value", limit=600) == ["o5", "o70"]
    assert found("expected_value > 2000 and stage == 'Proposal'") == ["o2", "o5"]
    count = monitor.alert_counts(log, [{"id": "a", "watch": "open_deals", "when": "win_share < 0.2"}]).iloc[0]
    assert (count["count"], count["weeks"]) == (1, 0) and np.isnan(count["fired"])
    assert "not computed again" in str(count["note"])


def test_a_log_that_knows_little_lists_what_it_knows():
    small = from_text("a: Opportunity Created 0\nb: Opportunity Created 3, Closed Won 9", until=20)
    table = monitor.open_deals(small)
    assert table["case_id"].tolist() == ["a"] and table["rep"].tolist() == [None]
    assert table[["win_share", "amount", "limit_days"]].isna().all(axis=None) and "too little is known" in str(
        table.attrs["note"]
    )
    none = monitor.open_deals(from_text("b: Opportunity Created 3, Closed Won 9", until=20))
    assert len(none) == 0 and list(none) == list(table) and "nothing to measure" in str(none.attrs["note"])
    several = from_text(
        "a [amount=5, currency=EUR]: Opportunity Created 0\nb [amount=7, currency=JPY]: Opportunity Created 1", until=9
    )
    table = monitor.open_deals(several)
    assert table["amount"].isna().all() and "2 currencies" in str(table.attrs["note"])
    assert monitor.open_deals(several.where(currency="EUR"))["amount"].tolist() == [5]


@pytest.fixture(scope="module")
def world():
    """Deals that are won less often where the product is P2 and the close date was put off; regions and segments do not matter."""
    rng = np.random.default_rng(5)
    n, lines = 700, ["case_id|activity|day|region|segment|product|amount|close_date"]
    for k in range(n):
        start, region, segment, product = rng.uniform(0, 400), rng.integers(5), rng.integers(3), rng.integers(3)
        pushes, days = rng.integers(0, 3), rng.gamma(2, 30)
        won = rng.random() < 1 / (1 + np.exp(-(1.5 - 1.5 * (product == 2) - 1.2 * pushes)))
        said_ = f"R{region}|S{segment}|P{product}|{rng.integers(1, 9) * 1000}"
        moved = [(0, 0)] + [(days * (m + 1) / 4, 30 * (m + 1)) for m in range(pushes)]
        rows = [("Stage: Proposal" if not at else "Close Date Moved", start + at, start + 30 + by) for at, by in moved]
        rows.append((f"Closed {'Won' if won else 'Lost'}", start + days, start + days))
        day = lambda number: str(np.datetime64("2025-01-01") + int(number))  # noqa: E731
        lines += [f"c{k:04d}|{name}|{at:.3f}|{said_}|{day(due)}" for name, at, due in rows if at <= 400]
    return from_table("\n".join(lines), until=400)


@pytest.fixture(scope="module")
def past_and_now(world):
    of = lives(world)
    return taken(of, moments(of)), taken(of, [of.facts.until])


def test_reasons_are_what_matters_and_never_noise(past_and_now):
    past, now = past_and_now
    found = dict(reasons.beyond_chance(past, now, past.case))
    assert {"product", "pushes"} <= set(found) and not {"region", "segment", "amount"} & set(found)
    # P2 lowers the log odds by 1.5 against the others, so by about 1 against the mean of the stage.
    is_p2 = now.labels["product"] == now.values["product"].index("P2")
    assert np.median(found["product"][is_p2]) == pytest.approx(-1.0, abs=0.35) and (found["product"][~is_p2] >= 0).all()
    assert np.corrcoef(found["pushes"], now.numbers["pushes"])[0, 1] < -0.9


def test_nothing_is_a_reason_where_nothing_matters(past_and_now):
    past, now = past_and_now
    rng = np.random.default_rng(1)
    # Each deal ends as another one did.
    deal, place = np.unique(past.case, return_inverse=True)
    first = np.unique(place, return_index=True)[1]
    past.how[:], kept = past.how[first][rng.permutation(len(deal))][place], past.how.copy()
    assert list(reasons.beyond_chance(past, now, past.case)) == []
    past.how[:] = kept


def test_reasons_are_said_in_words(past_and_now):
    past, now = past_and_now
    row = int(np.argmax(now.numbers["pushes"]))
    note = reasons._with_points(said("pushes", past, now, row), -12.4)
    assert str(note) == "close date put off 2 times; usual in this stage: 0 (−12 points)"
    assert note.said("ja") == "完了予定日の延期2回（このフェーズでは通常0回）（−12ポイント）"


def test_that_nothing_bad_has_happened_is_no_reason(world, past_and_now, monkeypatch):
    no, sent = (Note("reason_not_seen", activity=name) for name in ("Quote Rejected", "Quote Sent"))
    seen = Note("reason_seen", activity="Quote Rejected")
    told = [
        reasons.absent_bad_news(*each) for each in ((no, 7), (no, -7), (sent, 7), (sent, -7), (seen, -7), (seen, 7))
    ]
    assert told == [True, True, True, False, False, False]
    # Of deals that are likelier to be won by an activity that is missing, and less likely by another one.
    past, now = past_and_now
    n, many = len(now), np.full(len(now), 0.5)
    numbers = now.numbers | {"seen: Quote Rejected": np.zeros(n), "seen: Quote Sent": np.zeros(n)}
    asked = SimpleNamespace(rows=past, now=replace(now, numbers=numbers), decided=np.ones(n), of=lives(world))
    none, runs = np.full(n, np.nan), np.empty((0, n))
    chances = Chances(
        np.arange(n), np.full(n, "A", object), none, none, none, many, none, none, none, runs, runs, "blend", None,
        weight=1.0, parts=Parts((), runs, runs, {}),
    )  # fmt: skip
    parts = [("seen: Quote Rejected", many), ("seen: Quote Sent", -many)]
    for name, made in (("asked", asked), ("chances", chances)):
        monkeypatch.setattr(reasons, name, lambda log, of, made=made: made)
    monkeypatch.setattr(reasons, "beyond_chance", lambda *_: parts)
    found = reasons._reasons(world, "deals")
    assert {str(each) for each in found.values()} == {str((reasons._with_points(sent, -12.2),))}


def test_a_silent_customer_is_told_from_one_who_never_took_part(log, monkeypatch):
    facts = Facts.of(log)
    rows = np.arange(1, 100)
    told = pd.DataFrame({"case": 0, "start": 0, "end": rows * DAY})
    # Of four deals: silent for 91 and 90 days, never heard of, and one that was only written to.
    last, heard = np.array([2.0, 90, np.nan, 3]), np.array([91.0, 90, np.nan, np.nan])
    held = Engagement(last, heard, np.array([4.0, 1, 0, 0]), np.array([2.0, 1, 0, 1]))
    monkeypatch.setattr(silence, "gaps", lambda facts, over: told)
    monkeypatch.setattr(silence, "engagement", lambda facts: held)
    found = silence.contacts(facts, np.arange(4))
    # Nine in ten of 99 silences are no longer than 90 days.
    assert silence.silent_days(facts) == 90
    assert found["engagement"].tolist() == ["stuck", "active", "never_started", "never_started"]
    # Where only the day of the last contact is known, nothing is said.
    monkeypatch.setattr(silence, "engagement", lambda facts: held._replace(meetings=np.full(4, np.nan)))
    assert silence.contacts(facts, np.arange(4))["engagement"].tolist() == [None] * 4
    monkeypatch.undo()
    assert silence.contacts(facts, np.arange(4)) == {}


def test_a_lead_is_as_likely_to_become_a_deal_as_those_that_waited_as_long():
    ends = [", Opportunity Created 5"] * 60 + [", Opportunity Created 20"] * 20 + [""] * 20
    lines = [f"l{k} [rep=Kim]: Lead Created 0{end}" for k, end in enumerate(ends)]
    log = from_text("\n".join([*lines, "n10 [rep=Ito]: Lead Created 190", "n1: Lead Created 199"]), until=200)
    table = monitor.open_leads(log).set_index("case_id")
    # After 5 days 60 of 101 are gone, after 20 days 20 of the 40 that are left then.
    assert table.loc["n10", "deal_share"] == pytest.approx(0.5)
    assert table.loc["n1", "deal_share"] == pytest.approx(60 / 101 + 41 / 101 * 0.5)
    assert table.loc["l99", "deal_share"] == 0 and table.index.tolist()[:2] == ["n1", "n10"]
    assert table.loc["n10", ["waited_days", "rep"]].tolist() == [10, pseudonyms(log)["Ito"]]
    assert table.loc["n10", "low"] < 0.5 < table.loc["n10", "high"]
    none = monitor.open_leads(from_text("a: Opportunity Created 0", until=9))
    assert len(none) == 0 and "Lead Created" in str(none.attrs["note"])


def test_a_list_survives_a_spreadsheet(log, tmp_path):
    note = reasons._with_points(Note("reason_label", attribute="product", value="=1+1"), 7)
    table = monitor.open_deals(log, names=True).assign(rep="=cmd()", reasons=pd.Series([(note,), (), (), ()]))
    written = cells.read(monitor.to_csv(table, tmp_path / "deals.csv"))
    assert written["rep"].tolist() == ["=cmd()"] * 4 and "'=cmd()" in (tmp_path / "deals.csv").read_text("utf-8-sig")
    assert written["reasons"].tolist() == ["Product Category: =1+1 (+7 points)", "", "", ""]
    assert written.loc[1, ["close_median", "at_risk_value"]].tolist() == ["2025-08-19", "900.0"]
    assert written["close_median"].tolist()[3] == ""
