"""What is seen of the twin: its verdict, desks, levers, and what a change would bring."""

import re

import matplotlib
import pandas as pd
import pytest

from l2c import improve, show
from l2c.show import theme
from l2c.show.changes import change
from l2c.words.errors import L2CError
from l2c.words.phrases import LANGUAGES
from tests.show import twins
from tests.show.sentences import text_of
from tests.show.test_sentences import RAW

LANGS = pytest.mark.parametrize("lang", LANGUAGES)
VIEWS = {
    "backtest": lambda lang: show.backtest(twins.tested(), lang=lang),
    "backtest, no": lambda lang: show.backtest(twins.tested("no"), lang=lang),
    "backtest, trust": lambda lang: show.backtest(twins.tested("trust"), lang=lang),
    "untold": lambda lang: show.untold(twins.tested("no"), lang=lang),
    "foretold": lambda lang: show.foretold(twins.tested(), lang=lang),
    "foretold, nothing": lambda lang: show.foretold(twins.tested().iloc[3:4], lang=lang),
    "desks": lambda lang: show.desks(twins.staffed(), lang=lang),
    "desks, full": lambda lang: show.desks(twins.staffed(True), own_pace=True, lang=lang),
    "desks, own pace": lambda lang: show.desks(twins.staffed().tail(1), lang=lang),
    "desks, own pace asked": lambda lang: show.desks(twins.staffed().tail(1), own_pace=True, lang=lang),
    "desks, none": lambda lang: show.desks(twins.staffed().head(0), lang=lang),
    "levers": lambda lang: show.levers(twins.moved(), lang=lang, currency="USD"),
    "levers, some": lambda lang: show.levers(twins.moved(), top=2, lang=lang, currency="USD"),
    "levers, days": lambda lang: show.levers(twins.moved().assign(money=twins.NAN), lang=lang),
    "levers, unsure": lambda lang: show.levers(twins.moved().iloc[2:], lang=lang, currency="USD"),
    "levers, untold": lambda lang: show.levers(twins.moved().assign(money=twins.NAN, difference=twins.NAN), lang=lang),
    "levers, none": lambda lang: show.levers(twins.moved().head(0), lang=lang),
    "best": lambda lang: show.best(twins.together(), lang=lang, currency="USD"),
    "best, one": lambda lang: show.best(twins.together().head(1), lang=lang, currency="USD"),
    "best, slower": lambda lang: show.best(twins.together().assign(difference=0.4), lang=lang, currency="USD"),
    "best, none": lambda lang: show.best(twins.together().head(0), lang=lang),
    "cash_curve": lambda lang: show.cash_curve(twins.simulated(), lang=lang, currency="USD"),
    "cash_curve, luck": lambda lang: show.cash_curve(twins.simulated(True), lang=lang, currency="USD"),
    "cash_curve, none": lambda lang: show.cash_curve(twins.simulated().head(5), lang=lang),
    "waits": lambda lang: show.waits(twins.simulated(), lang=lang),
    "waits, luck": lambda lang: show.waits(twins.simulated(True), lang=lang),
    "waits, none": lambda lang: show.waits(twins.simulated().head(2), lang=lang),
    "scenario": lambda lang: show.scenario(twins.asked(), lang=lang, currency="USD"),
    "simulated": lambda lang: show.simulated(twins.simulated(), lang=lang, currency="USD"),
    "decision": lambda lang: show.decision(twins.decided(), lang=lang, currency="USD"),
    "changes": lambda lang: show.changes(twins.redrawn(), lang=lang),
    "changes, none": lambda lang: show.changes(twins.redrawn().head(0), lang=lang),
}


@LANGS
@pytest.mark.parametrize("name", list(VIEWS))
def test_nothing_raw_is_said(name, lang):
    text = text_of(VIEWS[name](lang))
    assert RAW.findall(text) == []
    if lang == "ja":
        assert re.findall(r"(?:\b[a-z]+ ){4}[a-z]+\b", text) == []


def _filled(picture: object) -> list[bool]:
    return [line.get_markerfacecolor() != "white" for line in picture.ax.lines if line.get_marker() == "o"]


def test_the_verdict_stands_first():
    first = {word: repr(show.backtest(twins.tested(word))).splitlines()[0] for word in ("trust", "careful", "no")}
    assert first == {
        "trust": "The model of this process, its twin, can be trusted.",
        "careful": "The model of this process, its twin, may be used with care.",
        "no": "The model of this process, its twin, cannot be trusted, so nothing is simulated.",
    }


def test_a_distance_in_hours_is_told_in_days_beside_past_cases_and_halves():
    text = repr(show.backtest(twins.tested()))
    # 50, 66 and 47 hours.
    assert "near enough | – | 2.1 d | 2.8 d | 2 d" in text
    assert "Win rate | near enough | 46.6 % | 48.9 % (44.7 – 52.6 %) | 45.2 % | 3.3 %" in text


def test_what_was_foretold_is_drawn_in_percent_of_what_came():
    picture = show.foretold(twins.tested())
    dots = [round(float(line.get_xdata()[0]), 3) for line in picture.ax.lines if line.get_marker() == "o"]
    # .489 / .466, 114 / 148 and 73 / 74.
    assert dots == [0.049, -0.23, -0.014]
    assert _filled(picture) == [True, False, True]
    assert repr(picture).startswith("2 of 3 key figures were foretold well")


def test_where_it_is_not_trusted_it_is_said_why():
    assert repr(show.untold(twins.tested("no"))).startswith(
        "Not simulated: times to the last event are 8.5 times as far"
    )


def test_a_desk_at_which_nobody_can_say_how_long_work_waits_has_a_range_and_no_bar():
    picture = show.desks(twins.staffed(True))
    assert [bar.get_width() for bar in picture.ax.patches] == [0, 0, 0.72]
    assert "91 – 100 %: range only" in picture.texts
    assert repr(picture).startswith(
        "Legal, Contract Created is 91 – 100 % busy: how long work waits there hangs on luck"
    )


def test_who_goes_at_their_own_pace_is_listed_only_if_asked():
    assert "Robert Chen" not in repr(show.desks(twins.staffed()))
    assert "1 more person takes each piece at their own pace." in " ".join(show.desks(twins.staffed()).texts).replace(
        "\n", " "
    )
    assert "Robert Chen, Contract Approved (North America), own pace" in repr(
        show.desks(twins.staffed(), own_pace=True)
    )


def test_the_title_names_who_keeps_work_longest():
    assert repr(show.desks(twins.staffed())).startswith(
        "Work waits longest at Klaus Richter, Contract Approved (DACH): 3.5 d until it is taken up"
    )


def test_a_lever_is_filled_where_the_log_shows_its_effect_and_grey_where_it_may_be_chance():
    picture = show.levers(twins.moved(), currency="USD")
    assert _filled(picture) == [True, False, True, True]
    colours = [matplotlib.colors.to_hex(line.get_color()) for line in picture.ax.lines if line.get_marker() == "o"]
    assert colours == [theme.ACCENT, theme.ACCENT, theme.MUTED, theme.WARM]
    assert repr(picture).splitlines()[:2] == [
        "Contract Approved: as it comes, not in batches would bring most: $420K more cash in a year ($90K – $800K)",
        "Contract Approved: as it comes, not in batches: +$420K, −1.2 d to the win; measured",
    ]


def test_a_lever_that_may_be_chance_is_not_praised():
    assert repr(show.levers(twins.moved().iloc[2:], currency="USD")).startswith(
        "No lever brings more than chance could"
    )


def test_without_amounts_levers_are_drawn_in_days():
    picture = show.levers(twins.moved().assign(money=twins.NAN))
    assert repr(picture).startswith(
        "Contract Approved: as it comes, not in batches would bring most: 1.2 d less to the win"
    )


def test_days_are_drawn_against_cost():
    picture = show.best(twins.together(), currency="USD")
    assert [tuple(xy) for xy in picture.ax.lines[0].get_xydata()] == [(0, 0), (15e3, -1.2), (35e3, -6.2)]
    assert repr(picture).startswith("Together 6.2 d less to the win for $35K (5.4 – 6.9 d)")


def test_the_cash_of_each_month_is_drawn_today_and_changed():
    ax = show.cash_curve(twins.simulated(), currency="USD").ax
    assert [line.get_ydata()[11] for line in ax.lines] == [1.24e6, 1.6e6]
    # Where the answer hangs on luck there is the range alone.
    assert len(show.cash_curve(twins.simulated(True)).ax.lines) == 1


def test_where_the_wait_goes_is_named():
    assert repr(show.waits(twins.simulated())).splitlines() == [
        "The wait before Solution Proposed gets 4.2 d shorter a case; before Contract Approved it grows by 7 h",
        "Solution Proposed: −4.2 d (14 d today)",
        "Contract Approved: +7 h (2.6 d today)",
    ]
    assert not _filled(show.waits(twins.simulated(True)))


def test_changes_are_said_in_words():
    said = {
        "Discount Approved: 2 more people (only Region: Japan, UK)": {"desk": "Discount Approved", "add": 2, "where": {"region": ["Japan", "UK"]}},
        "Discount Approved: 1 fewer person": {"desk": "Discount Approved", "add": -1},
        "Discount Approved: work takes 70 % of its time": {"desk": "Discount Approved", "speed": 0.7},
        "Quote Sent → Contract Signed: never longer than 5 d": {"step": ["Quote Sent", "Contract Signed"], "longest": 5},
        "Discount at Quote Created: at most 10 %": {"attribute": "discount", "at": "Quote Created", "most": 0.1},
        "Order Corrected: 50 % fewer": {"errors": "Order Corrected", "share": 0.5},
        "payment within 30 d; 80 % of the customers keep to it": {"payment": {"terms_days": 30}, "share": 0.8},
        "20 % more leads and deals": {"arrivals": 1.2},
        "no new leads and deals (only Lead Source: List)": {"arrivals": 0, "where": {"lead_source": "List"}},
    }  # fmt: skip
    assert {text: change(entry) for text, entry in said.items()} == {text: text for text in said}


def test_a_to_be_says_what_is_still_to_be_said():
    lines = repr(show.changes(twins.redrawn())).splitlines()
    assert lines[1:3] == [
        "without Contract Approval Requested | –",
        "new: Legal Check after Quote Sent | how long it takes, for which cases",
    ]


def test_what_shall_change_is_said_from_when_on_and_what_of_it_is_assumed():
    assert repr(show.scenario(twins.asked())).splitlines() == [
        "Faster proposals",
        "- Opportunity Created → Solution Proposed: 30 % less time",
        "From 1 Jul 2026 on.",
        "Assumed, as no log can know it: from Opportunity Created to Solution Proposed it takes 30 % less time.",
    ]


def test_the_first_lever_to_look_at_alters_the_way_of_a_case():
    levers = twins.moved()
    assert improve.pick(levers) == {
        "name": {"en": "Contract Approved", "ja": "契約承認"},
        "changes": [{"desk": "Contract Approved", "batch": "none"}],
    }
    assert improve.pick(levers.iloc[3:])["changes"] == [{"arrivals": 0, "where": {"lead_source": "Purchased List"}}]
    with pytest.raises(L2CError):
        improve.pick(levers.head(0))


def test_the_figure_that_tells_is_the_one_that_moves_most_beside_its_range():
    rows = pd.DataFrame(
        {
            "measure": ["win_rate", "sales_cycle_days", "won_amount"],
            "about": "",
            "difference": [0.01, -5.0, 1e6],
            "low": [-0.01, -6.0, 9e5],
            "high": [0.03, -4.0, 1.1e6],
        }
    )
    # 0.01 / 0.04 and 5 / 2; the amount is no key figure.
    assert improve.telling(rows) == "sales_cycle_days"
    assert improve.telling(rows.tail(1)) is None
