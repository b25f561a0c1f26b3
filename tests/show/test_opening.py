"""How a chapter begins."""

import pandas as pd
import pytest

import l2c
from l2c import diagnose, show
from l2c.show.markup import Html


@pytest.fixture(scope="module")
def findings():
    return diagnose.findings(l2c.demo(200))


def test_a_chapter_says_its_first_picture_and_its_three_largest_findings_without_the_method(findings):
    shown = show.conclusion(Html("", "", "none"), Html("", "Half wait.\nmore"), findings=findings, currency="USD")
    said = shown.text.split("\n")
    assert said[0] == "Half wait." and len(said) == 1 + min(len(findings), 3)
    assert "not proof of a cause" not in shown.text
    assert said[1] in show.findings(findings, cases=200, currency="USD").text


def test_a_chapter_without_anything_to_show_says_why():
    shown = show.conclusion(Html("", "No invoices.", "No invoices."), findings=pd.DataFrame())
    assert shown.text == "No invoices." and "No invoices." in shown.html


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_to_check_is_said_once(findings, lang):
    text = show.checks(pd.concat([findings, findings]), lang=lang).text
    assert text.startswith("Check next: " if lang == "en" else "次に確認：")
    assert show.checks(findings.head(0), lang=lang).why is not None
