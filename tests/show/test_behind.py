"""The cases behind a number: packed small, unpacked the same, and those that the number counts."""

import re
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import l2c
from l2c import diagnose, monitor, show
from l2c.measures.behind import cases, packed, unpacked
from l2c.prepare.pseudonyms import OTHERS, spoken_ids
from l2c.report.leading import CASES, _write, leading
from l2c.report.overlay import bare, over
from l2c.show.behind import behind, listed, number, thinned, weight
from l2c.show.page import page
from tests import browser
from tests.logs import demo, from_text


@given(st.sets(st.integers(0, 20_000), max_size=60))
def test_places_come_back_as_they_were_packed(places):
    assert unpacked(packed(places)).tolist() == sorted(places)


def test_many_cases_take_a_bit_each_and_few_a_byte_each():
    assert len(packed(range(5_000))) == 836 - 1
    assert len(packed([3, 4_000])) <= 7
    assert unpacked(packed(range(0, 5_000, 2))).tolist() == list(range(0, 5_000, 2))


def test_a_number_leads_to_its_cases_and_its_label_is_inert():
    assert (
        number("49 %", [0], 'Win "rate"')
        == f'<span data-cases="{packed([0])}" data-label="Win &quot;rate&quot;">49 %</span>'
    )
    assert number("49 %", None, "Win rate") == "49 %"
    assert behind(np.array([], int), "Nothing") == ""


@pytest.mark.parametrize("text", ["", "AA"])
def test_nothing_packed_is_no_case(text):
    assert unpacked(text).tolist() == []


LOG = """
    006000000000001 [amount=500, rep=Kim Novak]: Opportunity Created 0, Closed Won 3
    deal of Kim Novak [amount=2, rep=Kim Novak]: Opportunity Created 1, Closed Lost 4
    =1+1 [rep=Jo Lee]: Opportunity Created 2
    <img src=x onerror=window.hacked=1> [amount=9, rep=Jo Lee]: Opportunity Created 3
"""


@pytest.fixture(scope="module")
def log():
    return from_text(LOG, until=40).with_org("https://acme.my.salesforce.com")


@pytest.fixture(scope="module")
def big():
    return demo(800)


def report_page(log, body, lang="en"):
    known = cases(log)
    known["case_id"] = spoken_ids(known["case_id"].tolist(), log)
    held = listed(known, lang=lang, currency="USD", org=log.origin.org)
    return page(body, "report", ["report"], lang, {}, held)


def test_a_page_without_numbers_that_lead_anywhere_holds_no_ids(log):
    held = report_page(log, "<p>nothing</p>")
    assert "l2c-cases" not in held
    assert "l2c-cases" in report_page(log, number("2", [0, 1], "Won"))


def test_ids_name_nobody_whose_name_is_hidden(log):
    shown = spoken_ids([*cases(log)["case_id"]], log)
    assert not any("Novak" in id for id in shown)
    assert spoken_ids(["deal of Kim Novak"], log, names=True) == ["deal of Kim Novak"]


def test_a_chart_leads_to_the_cases_of_each_row_and_looks_as_it_did(log):
    table = diagnose.steps(log)
    plain, leading = show.steps(table), show.steps(diagnose.behind(table, log))
    assert "data-cases" not in plain.svg()
    assert leading.svg().count("<g data-cases=") == len(table[table["case_days"] > 0])
    assert "Opportunity Created → Closed Won" in leading.svg()
    assert (leading.alt, leading.texts) == (plain.alt, plain.texts)
    assert leading.figure.get_size_inches().tolist() == plain.figure.get_size_inches().tolist()


def test_a_card_and_a_sentence_lead_to_their_cases(log):
    card = show.kpi_cards(diagnose.behind(l2c.kpis(log, only=["win_rate"]), log))
    assert f'data-cases="{packed([0, 1])}" data-label="Win rate to date: 50.0 %">50.0 %</span>' in card.html
    assert "data-cases" not in show.kpi_cards(l2c.kpis(log, only=["win_rate"])).html
    said = show.delays(diagnose.behind(diagnose.steps(log), log))
    assert said.html.count("data-cases") == 2


@pytest.mark.slow("a page in a browser")
def test_a_number_is_one_click_or_key_from_its_cases(log, tmp_path):
    body = f"<p>{number('4 deals', range(4), 'Deals: 4')} {number('1 won', [0], 'Won: 1')}</p>"
    chart = show.steps(diagnose.behind(diagnose.steps(log), log))
    (tmp_path / "page.html").write_text(report_page(log, body + chart.svg()), "utf-8")
    from playwright.sync_api import expect

    with browser.page(accept_downloads=True) as (tab, asked):
        tab.goto((tmp_path / "page.html").as_uri())
        ids = lambda: tab.locator("dialog td:first-child").all_inner_texts()  # noqa: E731
        tab.get_by_role("button", name="4 deals").click()
        # The largest amount first, what is unknown last, and no text of the data is more than a text.
        named = spoken_ids(["deal of Kim Novak"], log)
        assert ids() == ["006000000000001", "<img src=x onerror=window.hacked=1>", *named, "=1+1"]
        assert tab.locator("dialog h2").inner_text() == "Deals: 4"
        assert tab.locator("dialog a").all_inner_texts() == ["006000000000001"]
        link = tab.locator("dialog a")
        assert (
            link.get_attribute("href") == "https://acme.my.salesforce.com/lightning/r/Opportunity/006000000000001/view"
        )
        assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener noreferrer")
        with tab.expect_download() as download:
            tab.get_by_role("button", name="CSV").click()
        text = download.value.path().read_text("utf-8-sig")
        assert '"\'=1+1"' in text
        assert text.splitlines()[0] == '"Case","Opened","Outcome","Amount"'
        tab.get_by_role("searchbox").fill("won")
        assert ids() == ["006000000000001"]
        assert tab.locator("dialog p").inner_text() == "1 of 4 cases"
        # The first one empties the field, as browsers have it.
        tab.keyboard.press("Escape")
        tab.keyboard.press("Escape")
        expect(tab.locator("dialog")).to_have_count(0)
        assert tab.evaluate("document.activeElement.textContent") == "4 deals"
        tab.keyboard.press("Tab")
        tab.keyboard.press("Enter")
        assert ids() == ["006000000000001"]
        tab.get_by_role("button", name="Close", exact=True).click()
        tab.locator("svg g[data-cases]").first.click()
        assert len(ids()) >= 1
        tab.keyboard.press("Escape")
        tab.emulate_media(media="print")
        line = "getComputedStyle(document.querySelector('span[data-cases]')).textDecorationLine"
        assert tab.evaluate(line) == "none"
        assert [each for each in asked if not each.startswith("blob:")] == []
        assert tab.evaluate("window.hacked") is None


def test_of_a_large_log_the_largest_cases_stand_on_the_page_and_all_of_them_beside_it(tmp_path):
    table = pd.DataFrame({"case_id": [f"c{n}" for n in range(300)], "opened": 20_000, "status": "won"})
    table["amount"] = np.arange(300.0) % 200
    bodies = {
        "a": number("all", range(300), "All"),
        "b": number("few", [7, 250], "Few") + number("all", range(300), "All"),
    }
    carried = [behind(range(300), "All"), behind([7, 250], "Few"), behind(range(300), "All")]
    assert weight(bodies | {"c": "no number"}, "xx") == 2 * len("xx") + sum(map(len, carried))
    pages, listed_, whole = thinned(bodies, table)
    # The fifty largest are 150 to 199, and the two of the other number.
    assert sorted(listed_["case_id"].str[1:].astype(int)) == sorted({*range(150, 200), 7, 250})
    assert pages["a"] in pages["b"]
    assert 'data-all="300" data-column="N1"' in pages["a"]
    few = re.search(r'data-cases="([\w-]+)" data-all="2" data-column="N2"', pages["b"])
    assert listed_["case_id"].iloc[unpacked(few[1])].tolist() == ["c7", "c250"]
    assert whole["N1"].sum() == 300
    assert whole.loc[whole["N2"] == 1, "case_id"].tolist() == ["c7", "c250"]
    _write(whole.assign(case_id=["=1+1", *whole["case_id"][1:]]), tmp_path / "cases.csv")
    lines = (tmp_path / "cases.csv").read_text("utf-8-sig").splitlines()
    assert lines[:2] == ["case_id,opened,status,amount,N1,N2", "'=1+1,2024-10-04,won,0.0,1,0"]


def test_each_cell_of_handovers_leads_to_its_cases_and_all_who_are_not_told_apart_are_one():
    pairs = [(f"P{k:02}", f"P{k + 1:02}", 40 - k) for k in range(18)] + [("P00", OTHERS, 70), (OTHERS, "P01", 5)]
    table = pd.DataFrame(
        [(a, b, n, 1, 2.0, packed([k])) for k, (a, b, n) in enumerate(pairs)],
        columns=["from", "to", "handovers", "cases", "days", "behind"],
    )
    chart = show.handovers(table)
    assert [label.get_text() for label in chart.ax.get_xticklabels()].count("others") == 1
    labels = re.findall(r'data-cases="([\w-]+)" data-label="([^"]*)"', chart.svg())
    found = {label: unpacked(text).tolist() for text, label in labels}
    assert found["P00 → P01"] == [0] and found["P00 → others"] == [18] and found["others → P01"] == [19]
    # Of a cell for several pairs, all of them, and no days, since nothing tells the middle.
    assert len(found["others → others"]) > 2
    numbers = [text.get_text() for text in chart.ax.texts]
    assert numbers.count("2 d") == sum(len(places) == 1 for places in found.values())


def test_each_quarter_and_each_cohort_leads_to_its_cases(big):
    quarters = monitor.behind(monitor.quarters(big), big)
    drawn = show.quarters(show.executive(quarters))
    labels = re.findall(r'data-cases="([\w-]+)" data-label="([^"]*)"', drawn.svg())
    known = quarters.dropna(subset=["value"])["behind"].tolist()
    assert len(labels) > 8 and {text for text, _ in labels} <= set(known)
    assert any(label.startswith("Win rate · Q") for _, label in labels)
    cohorts = diagnose.behind(diagnose.conversion(big, by="opened"), big)
    svg = show.conversion(cohorts, lang="ja").svg()
    first = cohorts[(cohorts["milestone"] == "Opportunity Created") & (cohorts["within_days"] == 30)]["behind"]
    assert re.findall(r' data-cases="([\w-]+)"', svg) == first.tolist()


def test_over_a_picture_lie_the_rows_that_lead_somewhere(log):
    svg = show.steps(diagnose.behind(diagnose.steps(log), log)).svg()
    assert "data-cases" not in bare(svg)
    html = over("<img>", svg)
    rows = re.findall(
        r'<span class="leads-row" style="left:(.*?)%;top:(.*?)%;width:(.*?)%;height:(.*?)%" data-cases', html
    )
    places = np.array(rows, float)
    assert len(places) == svg.count("data-cases") == 2
    assert (places[:, 0] == 0).all()
    assert (places[:, 2] == 100).all()
    # One below the other, of one height, and all of them on the picture.
    assert places[1, 1] == pytest.approx(places[0, 1] + places[0, 3], abs=0.1)
    assert places[-1, 1] + places[-1, 3] <= 100
    assert over("<img>", bare(svg)) == "<img>"
    both = over("<img>", svg, svg)
    assert (both.count("on-wide"), both.count("on-narrow")) == (2, 2)


def test_a_report_lists_its_cases_in_its_pages_or_where_these_grew_heavy_beside_them(log, tmp_path, monkeypatch):
    bodies = {"one": number("4", range(4), "Deals"), "two": "<p>none</p>"}
    pages, shown = leading(bodies, log, tmp_path, "en", lambda ids: spoken_ids(ids, log))
    assert pages == bodies
    assert "l2c-cases" in shown
    assert not (tmp_path / CASES).exists()
    monkeypatch.setattr(sys.modules["l2c.report.leading"], "MOST_BYTES", 100)
    pages, _ = leading(bodies, log, tmp_path, "ja", lambda ids: spoken_ids(ids, log))
    assert 'data-all="4" data-column="N1"' in pages["one"]
    held = (tmp_path / CASES).read_text("utf-8-sig")
    assert "Novak" not in held
    assert held.count("\n") == 5
    monkeypatch.undo()
    leading(bodies, log, tmp_path, "en", list)
    assert not (tmp_path / CASES).exists()
