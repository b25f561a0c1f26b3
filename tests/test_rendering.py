"""What an executed notebook becomes on a page: folded, left out, listed, said."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from l2c.report.rendering import CONTENTS, MISSING, chapter, unseen
from l2c.show.markup import EMPTY

WHY = "No history of the close date."


def prose(text, *tags):
    return new_markdown_cell(text, metadata={"tags": list(tags)})


def ran(*data, tags=(), failed=None):
    outputs = [new_output("display_data", data=each) for each in data]
    outputs += [new_output("error", ename="KeyError", evalue=failed, traceback=[])] if failed else []
    return new_code_cell("secret = 1", metadata={"tags": list(tags)}, outputs=outputs)


def html(text):
    return {"text/html": f"<b>{text}</b>", "text/plain": f"{text}\nmore"}


def nothing(why=WHY):
    return {"text/html": f"<i>{why}</i>", "text/plain": why, EMPTY: why}


@pytest.fixture
def told(tmp_path):
    def told(*cells, pages=(), lang="en"):
        nbformat.write(new_notebook(cells=list(cells)), tmp_path / "book.ipynb")
        return chapter(tmp_path / "book.ipynb", lang, pages)

    return told


def test_a_page_is_the_title_without_its_number_and_outputs_without_inputs(told):
    page = told(prose("# 4a. Where?"), ran(html("one"), tags=["conclusion"]), prose("## Next"), ran(html("two")))
    assert page.sentence == "one"
    assert "<h1>Where?</h1>" in page.html("en") and "secret" not in page.html("en")
    assert page.html("en").count("<section>") == 2


def test_parameters_and_what_every_page_would_repeat_are_seen_on_none(told):
    page = told(prose("# T"), ran(html("p"), tags=["parameters"]), ran(html("q"), tags=["aside", "conclusion"]))
    assert "<b>" not in page.html("en") and page.sentence == "q"


def test_a_part_with_nothing_to_show_is_left_out_and_listed_with_the_reason(told):
    page = told(
        prose("# T"), prose("## Promised"), prose("Words."), ran(nothing()), ran(nothing("No rows.")),
        prose("## Kept"), ran(nothing("Too few.")), ran(html("seen")), prose("## Bare"), ran(nothing("No rows.")),
    )  # fmt: skip
    shown = page.html("en")
    assert "Promised" not in shown and "Words" not in shown and "Too few" not in shown
    assert "<h2>Kept</h2>" in shown and "<b>seen</b>" in shown and "Bare" not in shown
    assert [name for name, _ in page.missing] == ["Promised", "Kept", "Bare"]
    assert page.missing[0][1] == WHY and page.missing[2][1].startswith("Nothing to show")


def test_what_no_page_could_show_stands_where_a_page_has_the_place_for_it(told):
    page = told(prose("# T"), prose("## Not shown", "missing"), prose("## Contents", "contents"))
    assert page.html("en").count("<section>") == 1
    put = {MISSING: unseen([("Promised", WHY), ("Promised", WHY)], "en"), CONTENTS: ""}
    assert page.html("en", put).count(WHY) == 1
    assert "<h2>Contents</h2>" not in page.html("en", put)
    assert unseen([], "en") == ""


def test_long_tables_lie_folded_below_their_picture_or_under_their_heading(told):
    page = told(
        prose("# T"), prose("## Seen"), ran(html("picture")), ran(html("table"), tags=["all"]),
        prose("## Rare", "all"), ran(html("rare"), tags=["all"]),
    )  # fmt: skip
    shown = page.html("en")
    assert '<b>picture</b></div><details><summary>All of it</summary><div class="output"><b>table' in shown
    assert "<details><summary>Rare</summary>" in shown and "<h2>Rare" not in shown
    assert "<summary>すべて表示</summary>" in page.html("ja")


def test_a_cell_that_failed_says_so_in_one_sentence_and_the_rest_stands(told):
    shown = told(prose("# T"), ran(failed="'<rep>'"), ran(html("rest"))).html("en")
    assert "This part could not be made (KeyError: &#x27;&lt;rep&gt;&#x27;)" in shown and "<b>rest</b>" in shown


def test_links_lead_to_pages_of_the_report_or_nowhere(told):
    text = "[five](05_improve.ipynb), [one](01_template.ipynb), [all](report.ipynb), <u>raw</u>"
    shown = told(prose("# T"), prose(text), pages=("05_improve", "report")).html("en")
    assert '<a href="05_improve.html">five</a>, one, <a href="index.html">all</a>, &lt;u&gt;raw' in shown


def test_pictures_say_in_words_what_they_show(told):
    shown = told(prose("# T"), ran({"image/svg+xml": "<svg/>", "text/plain": 'Half "wait"'})).html("en")
    assert '<img src="data:image/svg+xml;base64,PHN2Zy8+" alt="Half &quot;wait&quot;">' in shown
