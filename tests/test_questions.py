"""A question in words finds the view that answers it, in English and Japanese, without a model."""

import pytest

from l2c.words.questions import meant, questions

PAGES = (
    "overview",
    "process",
    "bottlenecks",
    "reps",
    "compliance",
    "cash",
    "pipeline",
    "improve",
    "watch",
    "data",
    "deals",
)
ASKED = {
    "Why are we losing?": "why_lost",
    "where are the bottlenecks": "stuck",
    "who pays late": "late_customers",
    "forecast next quarter": "forecast",
    "win rate in EMEA": "win_rate",
    "how long do APPROVALS take??": "approvals",
    "which rep is best": "reps",
    "is our data complete": "data",
    "how much is overdue": "overdue",
    "did it work": "did_it_work",
    "what if we hire two people": "what_if",
    "do discounts help": "discounts",
    "失注の理由": "why_lost",
    "商談はどこで滞留していますか": "stuck",
    "担当者の比較": "reps",
    "入金予測を見たい": "cash_forecast",
    "ルール違反": "rules",
    "受注率は？": "win_rate",
    "未入金はいくら": "overdue",
    "要注意の商談": "open_deals",
    "手戻りが多い": "rework",
}


@pytest.mark.parametrize("text", ASKED)
def test_a_question_finds_its_view(text):
    assert ASKED[text] in [each.id for each in meant(text, PAGES)[:2]]


@pytest.mark.parametrize("each", questions(), ids=lambda each: each.id)
def test_every_question_finds_itself_in_both_languages(each):
    there = each.pages
    for lang in ("en", "ja"):
        assert meant(each.said(lang), there)[0] == each
    assert each.en.endswith(("?", "process", "cases")) and each.ja.endswith(("か", "ください"))


@pytest.mark.parametrize(
    "text", ["", "   ", "cheese", "the of and", "天気", "<script>alert(1)</script>", "x" * 10_000, "\x00\ud800"]
)
def test_what_is_like_no_question_finds_none(text):
    assert meant(text, PAGES) == []


def test_only_what_is_there_is_found_and_there_are_some_forty():
    assert all(each.page(PAGES) in (*PAGES, None) for each in questions())
    assert meant("forecast", ("data",)) == [] and 40 <= len(questions()) <= 60
    assert len({each.id for each in questions()}) == len(questions())
