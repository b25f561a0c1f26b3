"""Cards, tables and the quality report: what a page says, and what it never lets through."""

import re
from datetime import datetime
from html.parser import HTMLParser

import pandas as pd
import pytest

import l2c
from l2c import show
from l2c.log.quality import Quality
from l2c.show.tables import cell
from l2c.words.errors import L2CError
from l2c.words.measures import measures
from l2c.words.notes import Note, blanks, texts
from tests.logs import demo

NAN = float("nan")
EVIL = '<script>alert("x")</script>'
KPIS = pd.DataFrame(
    [
        ("sales_cycle_days", 62.3, 58.1, 66.9, "day", 2600, 713),
        ("win_rate", 0.42, 0.4, 0.44, "fraction", 2200, 0),
        ("open_pipeline_value", 12_345_678.0, NAN, NAN, "money", 713, 0),
        ("quote_to_contract_days", NAN, 210.0, NAN, "day", 40, 31),
        ("late_payment_share", NAN, NAN, NAN, "fraction", 0, 0),
    ],
    columns=["kpi", "value", "low", "high", "unit", "cases", "censored"],
)
MEANING = measures()["sales_cycle_days"].meaning_en
QUALITY = Quality(
    rows_read=100,
    rows_used=97,
    events=97,
    reasons={"no time": 1, "duplicate": 2},
    quarantine=pd.DataFrame({"reason": ["no time"], "file": ["a.csv"], "row": [3], "Opp": [EVIL]}),
    mapping={"columns": {"case_id": EVIL}},
    notes=(f"{EVIL} was left out.",),
    noticed=lambda: pd.DataFrame(
        {
            "finding": ["out of process order", "activity seen once"],
            "detail": [Note("before", activity="Invoice Sent", other="Sales Order Created"), EVIL],
            "count": [12, 1],
            "of": pd.array([50, None], dtype="Int64"),
        }
    ),
)


class _Page(HTMLParser):
    """Elements and text of a piece of HTML, and whether every element is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.open.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize(
    "make",
    [
        lambda lang: show.kpi_cards(KPIS.assign(kpi=[EVIL, *KPIS["kpi"][1:]]), lang=lang),
        lambda lang: show.kpi_card(
            KPIS, "win_rate", parameters={EVIL: EVIL}, sample=pd.DataFrame({EVIL: [EVIL]}), lang=lang
        ),
        lambda lang: show.table(pd.DataFrame({"from": [EVIL], EVIL: ['=HYPERLINK("x")']}), lang=lang, caption=EVIL),
        lambda lang: show.quality(QUALITY, lang=lang),
    ],
    ids=["cards", "card", "table", "quality"],
)
def test_foreign_text_is_shown_and_never_run(make, lang):
    shown = make(lang)
    page = _Page(shown.html)
    assert page.open == []
    assert "script" not in page.tags
    assert any("alert(" in text for text in page.text)
    assert "http" not in shown.html


def test_a_card_says_value_interval_cases_and_how_many_are_open():
    text = repr(show.kpi_cards(KPIS, currency="USD")).splitlines()
    assert text[:3] == [
        "Sales cycle: 62.3 d (2,600 cases, 713 still open)",
        "Win rate to date: 42.0 % (2,200 cases)",
        "Open pipeline: $12.3M (713 cases)",
    ]
    html = show.kpi_cards(KPIS, currency="USD").html
    assert "95 %: 58.1 – 66.9 d" in html
    assert MEANING in html


def test_what_the_data_cannot_tell_is_named_with_the_reason():
    text = repr(show.kpi_cards(KPIS)).splitlines()
    assert text[3:] == [
        "Quote to contract: not in this data (31 of 40 cases are still open, too many to know the middle one)",
        "Late payments to date: not in this data (no case has the events or fields it needs)",
    ]


def test_cards_speak_japanese():
    text = repr(show.kpi_cards(KPIS, lang="ja", currency="JPY"))
    assert "営業サイクル日数：62.3日（2,600件（うち進行中713））" in text
    assert "進行中パイプライン金額：1,235万円" in text


def test_a_single_card_shows_what_stands_behind_the_number():
    sample = pd.DataFrame({"case_id": ["006A"], "wait_days": [3.2]})
    card = show.kpi_card(KPIS, "sales_cycle_days", parameters={"confidence asked for": 0.95}, sample=sample)
    assert repr(card).splitlines() == [
        "Sales cycle: 62.3 d",
        "95 %: 58.1 – 66.9 d",
        "2,600 cases, 713 still open",
        MEANING,
        "Parameters",
        "confidence asked for: 0.95",
        "Some of the rows it was computed from",
        "Opportunity ID | Waiting days",
        "006A | 3.2 d",
    ]


def test_a_card_of_an_unknown_kpi_names_the_known_ones():
    with pytest.raises(L2CError, match="'win' is not one of: sales_cycle_days, win_rate"):
        show.kpi_card(KPIS, "win")


def test_a_table_has_translated_heads_names_and_units():
    flow = pd.DataFrame({"from": ["Quote Sent"], "to": ["Contract Signed"], "events": [1234], "median_days": [9.0]})
    assert repr(show.table(flow)).splitlines() == [
        "From | To | Events | Median days",
        "Quote Sent | Contract Signed | 1,234 | 9 d",
    ]
    assert repr(show.table(flow, lang="ja")).splitlines() == [
        "前 | 次 | イベント数 | 日数の中央値",
        "見積提示 | 契約締結 | 1,234 | 9日",
    ]


def test_a_row_with_a_unit_of_its_own_is_written_in_it():
    assert repr(show.table(KPIS.head(2))).splitlines() == [
        "KPI | Value | Low | High | Cases | Still open",
        "Sales cycle | 62.3 d | 58.1 d | 66.9 d | 2,600 | 713",
        "Win rate to date | 42.0 % | 40.0 % | 44.0 % | 2,200 | 0",
    ]


def test_rows_that_are_not_shown_are_counted():
    long = pd.DataFrame({"case_id": [f"c{i}" for i in range(50)]})
    assert repr(show.table(long)).endswith("c19\n30 more rows are not shown.")
    assert repr(show.table(long.head(0))).endswith("No rows.")


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [
        ("NA", "case_id", "NA"),
        ("Closed Won", "rep", "Closed Won"),  # a person's name is data, whatever it looks like
        ("Closed Won", "activity", "受注"),
        ("won", "status", "受注"),
        (("Lead Created", "Closed Lost"), "trace", "リード獲得 → 失注"),
        (("region", "product"), "attribute", "地域 × 商品カテゴリ"),
        (datetime(2025, 1, 2, 3, 4), "started", "2025-01-02 03:04"),
        (datetime(2025, 1, 2), "started", "2025-01-02"),
        (pd.NaT, "started", "–"),
        (True, "adverse", "はい"),
        (0.25, "share", "25.0%"),
        (52_000.0, "total_days", "52,000日"),
    ],
)
def test_a_cell_is_translated_where_it_is_a_name_and_formatted_where_it_is_a_number(value, column, text):
    assert cell(value, column, lang="ja") == text


def test_the_quality_report_accounts_for_every_row():
    assert repr(show.quality(QUALITY)).splitlines() == [
        "100 rows read = 97 used + 3 set aside (97 events)",
        "Set aside, with the reason",
        "exact duplicate: 2",
        "no time: 1",
        "Noticed, and left as it is",
        "out of process order: Invoice Sent before Sales Order Created (12)",
        f"activity seen once: {EVIL} (1)",
        "Good to know",
        f"{EVIL} was left out.",
    ]


def test_the_quality_report_speaks_japanese_in_its_details():
    text = repr(show.quality(QUALITY, lang="ja"))
    assert "完全な重複：2" in text
    assert "工程順と逆：「請求書送付」が「注文作成」より前（12）" in text


def test_clean_data_are_said_to_be_clean():
    assert "Every row could be used." in repr(show.quality(Quality(5, 5, 5)))


def test_the_same_input_gives_the_same_page():
    assert show.kpi_cards(KPIS).html == show.kpi_cards(KPIS).html
    assert show.quality(QUALITY).html == show.quality(QUALITY).html


def test_only_some_cards_can_be_asked_for_in_an_order_of_their_own():
    text = repr(show.kpi_cards(KPIS, only=["win_rate", "sales_cycle_days"])).splitlines()
    assert [line.split(":")[0] for line in text] == ["Win rate to date", "Sales cycle"]
    with pytest.raises(L2CError, match="'win' is not one of"):
        show.kpi_cards(KPIS, only=["win"])


def test_long_lists_of_cases_are_cut_and_counted():
    assert cell(("a", "b"), "cases") == "a, b"
    assert cell([f"c{i}" for i in range(8)], "cases") == "c0, c1, c2, c3, c4 … (+3)"


def test_the_marks_of_start_and_end_are_words_in_a_table():
    assert [cell("▶", "from"), cell("■", "to", lang="ja")] == ["(start)", "（終了）"]


def test_a_remark_of_the_measure_stands_on_its_card_in_both_languages():
    noted = KPIS.head(1).assign(note=Note("negative_left_out", n=3, of=2600))
    assert "negative durations left out: 3 of 2,600" in show.kpi_cards(noted).html
    assert "終了が開始より前のものを除外（2,600件中3件）" in show.kpi_cards(noted, lang="ja").html
    refused = KPIS.head(1).assign(value=NAN, censored=0, note=Note("too_many_negative", n=9, of=20))
    assert repr(show.kpi_cards(refused)) == "Sales cycle: not in this data (too many negative durations: 9 of 20)"


def test_every_remark_a_measure_can_make_has_a_japanese_wording():
    for id in texts():
        note = Note(id, **dict.fromkeys(blanks(id), ("1",)))
        cards = show.kpi_cards(KPIS.head(1).assign(note=note), lang="ja").html
        assert str(note) not in cards or not re.search("[a-z]", str(note)), id


def test_an_interval_beside_a_share_is_a_share_and_a_unit_can_be_told():
    rates = pd.DataFrame({"rule": ["closed_won_without_quote"], "share": [0.25], "low": [0.2], "high": [0.3]})
    assert repr(show.table(rates)).splitlines()[1].split(" | ")[1:] == ["25.0 %", "20.0 %", "30.0 %"]
    medians = pd.DataFrame({"region": ["EMEA"], "value": [12.34], "low": [10.0], "high": [NAN]})
    assert repr(show.table(medians, unit="day")).splitlines()[1] == "EMEA | 12.3 d | 10 d | –"


def test_every_rule_has_a_name_in_both_languages():
    from l2c.diagnose.rules.files import called, rules

    for rule in rules():
        english, japanese = cell(rule.id, "rule"), cell(rule.id, "rule", lang="ja")
        assert (english, japanese) == (called("rule", rule.id, "en"), called("rule", rule.id, "ja"))


def test_one_row_is_not_are():
    table = pd.DataFrame({"cases": range(3)})
    assert repr(show.table(table, rows=2)).endswith("1 more row is not shown.")
    assert repr(show.table(table, rows=1)).endswith("2 more rows are not shown.")


@pytest.mark.parametrize(("lang", "heading", "chosen"), [("en", "One report for each Region", "Region: EMEA; Outcome: lost"),
                                                         ("ja", "地域別のレポート", "地域：EMEA；結果：失注")])  # fmt: skip
def test_the_frame_of_a_report_names_attributes_as_its_pages_do(lang, heading, chosen):
    from l2c.show import front, page

    html = front.index("region", "", 0, lang, facts=[EVIL])
    assert heading in html and "of region" not in html and EVIL not in html
    assert chosen in page.page("", "report", ("report",), lang, {"region": "EMEA", "outcome": "lost"})


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_no_name_of_a_column_or_value_stands_raw_on_a_page(lang):
    from l2c import discover, prepare

    log = demo()
    for table in (discover.exits(log), prepare.coverage(log), prepare.attribute_guide(lang), log.quality.findings):
        shown = repr(show.table(table.drop(columns=["salesforce"], errors="ignore"), lang=lang, rows=60))
        assert (
            re.findall(r"\b[a-z]+_[a-z_]+\b|\b(?:instead|recommended|optional)\b", shown if lang == "ja" else "") == []
        )
        assert re.findall(r"\b[a-z]+_[a-z_]+\b", shown) == []


def test_a_quarter_is_named_and_not_a_day():
    quarters = pd.DataFrame({"quarter": [pd.Timestamp("2026-01-01")]})
    assert repr(show.table(quarters)) == "Quarter\nQ1 2026"
    assert repr(show.table(quarters, lang="ja")) == "四半期\n2026年1～3月"


def test_the_guide_is_japanese_where_it_is_prose():
    from l2c import prepare

    for guide in (prepare.attribute_guide("ja"), prepare.activity_guide("ja")):
        shown = repr(show.table(guide, lang="ja", rows=60))
        assert re.findall(r"(?:\b[a-z]+ ){2}[a-z]+\b", shown) == []


def test_the_mapping_tells_which_columns_of_dates_were_read_as_what():
    import pandas as pd

    from l2c import show

    deals = {"商談ID": ["a", "b"], "見積日": ["2025-01-05"] * 2, "完了日": ["2025-02-01"] * 2}
    log = l2c.read(pd.DataFrame(deals | {"フェーズ": ["Closed Won", "Closed Lost"]}))
    assert "完了日 | Closed Won / Closed Lost" in repr(show.mapping(log.quality))
    assert "見積日 | 見積作成" in repr(show.mapping(log.quality, lang="ja"))


def test_links_lead_to_files_that_were_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = show.links([tmp_path / "out" / 'a b "c".csv'])
    assert 'href="out/a%20b%20%22c%22.csv"' in shown.html and "download=" in shown.html
    assert shown.text == 'a b "c".csv'
