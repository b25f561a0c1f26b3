"""The page on which levers are moved, without a browser: what it is told, and what it says."""

import json
import re
import sys
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
import yaml

from l2c import improve, show
from l2c.improve import sketch
from l2c.log import build
from l2c.show.live import levers
from l2c.show.live.levers import Levers
from l2c.words.notes import Note
from tests.logs import ORIGIN

MODULE = sys.modules["l2c.improve.simulate"]
MONDAY = ORIGIN - timedelta(days=ORIGIN.weekday()) + timedelta(hours=9)
WON = {
    "Opportunity Created": 0,
    "Quote Sent": 14,
    "Contract Signed": 35,
    "Closed Won": 42,
    "Invoice Sent": 49,
    "Payment Received": 77,
}
WEEKS, A_WEEK = 60, 12
WORDS = {
    "trust": ("trust", Note("twin_figures", n=9, of=9)),
    "no": ("no", Note("twin_few", learnt=3, least=200, cases=2, fewest=50)),
}


@pytest.fixture(scope="module")
def log():
    """Deals that take six weeks to the win, a few days more or less; one in three is lost after the quote."""
    rng, rows = np.random.default_rng(5), []
    for case in range(WEEKS * A_WEEK):
        way = {"Opportunity Created": 0, "Quote Sent": 14, "Closed Lost": 21} if case % 3 == 0 else WON
        facts = {"region": ["EMEA", "Japan"][case % 2], "amount": 1000.0, "payment_terms_days": 45.0}
        for activity, day in way.items():
            time = MONDAY + timedelta(weeks=case // A_WEEK, days=day + float(rng.uniform(0, 3)))
            rows.append({"case_id": f"c{case:04}", "activity": activity, "time": time, **facts})
    end = MONDAY + timedelta(weeks=WEEKS)
    table = pd.DataFrame(rows)
    return build(table[table["time"] <= end], extracted=end)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """As on a large log, where what is told at once is told of some of the cases; the model may be trusted."""
    for name, value in {"SKETCHED": 300, "FEW_YEARS": 4, "MORE_YEARS": 6}.items():
        monkeypatch.setattr(sketch, name, value)
    monkeypatch.setattr(sketch.planned, "__defaults__", (300,))
    trusted(monkeypatch, "trust")


def trusted(monkeypatch, word):
    monkeypatch.setattr(levers, "judged", lambda log: WORDS[word])
    monkeypatch.setattr(MODULE, "trusted", lambda log: None)
    # Rules that would be broken stand in the table of `simulate` only, and take long.
    monkeypatch.setattr(MODULE, "violations", lambda *_: {})


def opened(log, lang="en", at=None):
    """The page, filled."""
    page = Levers(log, lang=lang)
    for _ in page.draw(page._log if at is None else at):
        pass
    return page


def tell(page, **message):
    """What the browser would send."""
    page._handle_custom_msg(json.loads(json.dumps(message)), [])


def slider(page, start):
    return next(each for each in page.spec["sliders"] if each["id"].startswith(start))


def seen(page, name):
    return next(row for row in page.spec["rows"] if row["id"] == name)


def test_the_page_says_the_numbers_of_simulate(log, tmp_path):
    page = opened(log)
    signed = slider(page, "step: Quote Sent → Contract Signed")
    tell(page, do="move", id=signed["id"], at=signed["texts"].index("50 % less"))
    (tmp_path / "change.yaml").write_text(page.spec["file"], "utf-8")
    assert yaml.safe_load(page.spec["file"])["changes"] == [{"step": ["Quote Sent", "Contract Signed"], "share": 0.5}]
    for runs, most, act in ((4, 300, None), (6, 20_000, "refine")):
        if act:
            tell(page, do=act)
        table = improve.simulate(log, tmp_path / "change.yaml", runs=runs, most=most).set_index(["measure", "about"])
        for name in ("days_to_win", "cash_received"):
            row, shown = table.loc[(name, "")], seen(page, name)
            for key in ("today", "changed"):
                assert shown[key] == show.numbers.value(row[key], row["unit"], currency=log.currency)
    # Of about 21 days to the signature half are left.
    assert re.fullmatch(r"−(9|10|11)(\.\d)? d", seen(page, "days_to_win")["difference"])
    assert seen(page, "days_to_win")["assumed"]
    assert "takes 50 % less time" in page.spec["below"][0]


def test_levers_at_rest_change_nothing_and_say_so(log):
    page = opened(log)
    assert {each["rest"] == each["at"] for each in page.spec["sliders"]} == {True}
    assert {row["changed"] for row in page.spec["rows"]} == {"–"}
    assert page.spec["file"] == ""
    assert page.spec["below"] == ["Nothing is changed yet. Move a lever."]
    terms = slider(page, "terms")
    assert terms["texts"][terms["rest"]] == "45 d (as today)"
    tell(page, do="move", id=terms["id"], at=0)
    assert yaml.safe_load(page.spec["file"])["changes"] == [{"payment": {"terms_days": 0}, "share": 0.8}]
    tell(page, do="reset")
    assert page.spec["file"] == ""
    # What the browser makes up is not heard.
    tell(page, do="move", id=terms["id"], at=99)
    tell(page, do="move", id="nothing", at=0)
    assert page.spec["file"] == ""


def test_at_no_the_page_ends_and_says_why(log, monkeypatch):
    trusted(monkeypatch, "no")
    page = opened(log)
    assert page.spec["sliders"] == []
    assert "rows" not in page.spec
    assert page.spec["verdict"]["word"] == "no"
    assert page.spec["verdict"]["why"].startswith("Too few cases to tell: 3 to learn from (200 are needed)")
    tell(page, do="refine")
    assert "rows" not in page.spec


def test_the_chosen_cases_stand_in_words_on_the_page_and_in_the_file(log):
    panel = show.filters(log, interactive=True)
    panel.select(region=["Japan"])
    page = opened(panel, at=panel.log)
    assert page.spec["sentence"] == "360 of 720 cases · Region: Japan"
    terms = slider(page, "terms")
    tell(page, do="move", id=terms["id"], at=0)
    assert page.spec["file"].startswith("# l2c simulate LOG change.yaml --where region=Japan\n")


def test_in_japanese_nothing_is_left_in_english(log):
    page = opened(log, "ja")
    terms = slider(page, "terms")
    tell(page, do="move", id=terms["id"], at=0)
    said = json.dumps({key: value for key, value in page.spec.items() if key != "file"}, ensure_ascii=False)
    texts = [text for text in re.findall(r'"([^"]*)"', said) if re.search(r"[ぁ-んァ-ヶ一-龠]", text)]
    assert texts
    assert not [text for text in texts if re.search(r"[A-Za-z]{3,}", text)]


def test_a_later_move_is_answered_and_an_earlier_one_is_dropped(log):
    page = opened(log)
    terms = slider(page, "terms")
    first = page._answer()
    next(first)
    tell(page, do="move", id=terms["id"], at=0)
    after = page.spec["rows"]
    assert list(first) == []
    assert page.spec["rows"] == after
    assert seen(page, "days_to_win")["today"] != "–"
