"""Charts of rows as a page: the same words as the picture, and rows that lead to their cases."""

import json
import re

import pytest

from l2c import diagnose, discover, show
from l2c.show.charts import rows
from l2c.show.charts.picture import Picture
from l2c.show.markup import Html
from tests.logs import from_text

LOG = from_text("""
    a [rep=Kim]: Opportunity Created 0, Quote Sent 4, Closed Won 10
    b [rep=Lee]: Opportunity Created 0, Quote Sent 8, Closed Lost 20
    c [rep=Lee]: Opportunity Created 5, Closed Won 9
""")


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("draw", [
    lambda lang: show.steps(diagnose.steps(LOG), lang=lang),
    lambda lang: show.funnel(discover.funnel(LOG), lang=lang),
    lambda lang: show.bottlenecks(diagnose.bottlenecks(LOG), lang=lang),
    lambda lang: show.compliance(diagnose.compliance(LOG), lang=lang),
])  # fmt: skip
def test_a_page_says_what_the_picture_says(draw, lang):
    page, picture = rows.either(lambda: draw(lang)), draw(lang)
    assert isinstance(page, Html) and isinstance(picture, Picture)
    assert page.text == picture.alt
    said = re.sub(r"\s+", "", re.sub("<[^>]+>", "", page.html))
    # Numbers of the axis are chosen anew, and an arrow stands apart from its text.
    missing = [text for text in picture.texts if re.sub(r"[\s↓]+", "", text) not in said.replace("↓", "")]
    missing = [text for text in missing if not re.fullmatch(r"[\d.,%+− ]+", text)]
    # Lines of the note are broken where the picture ends, in the middle of what is escaped here.
    assert [text for text in missing if "'" not in text] == []


def test_a_bar_stands_where_its_number_is():
    page = rows.either(lambda: show.steps(diagnose.steps(LOG)))
    # 12 days from the quote to the loss, 12 days in all to the quotes, 6 to the win, 4 to the other win.
    widths = [float(each) for each in re.findall(r'class="bar" style="left:0.0%;width:([\d.]+)%', page.html)]
    assert widths == [100, 100, 50, pytest.approx(100 / 3, abs=0.01)]


def test_a_row_leads_to_the_cases_of_its_step():
    page = rows.either(lambda: show.steps(diagnose.steps(LOG)))
    asked = [json.loads(each.replace("&quot;", '"')) for each in re.findall(r'data-where="([^"]+)"', page.html)]
    assert [{"word": "follows", "value": ["Quote Sent", "Closed Won"]}] in asked
    assert all(LOG.where(follows=tuple(where[0]["value"])).n_cases for where in asked)
    broken = rows.either(lambda: show.compliance(diagnose.behind(diagnose.compliance(LOG), LOG)))
    assert 'data-cases="' in broken.html


def test_what_rows_do_not_know_is_drawn_as_a_picture():
    def draw():
        from l2c.show.charts import marks, picture, sheet

        with sheet.house():
            fig, ax = marks.rows(["a"])
            ax.pie([1])
            return picture.finished(fig, "A cake")

    assert isinstance(rows.either(draw), Picture)


def test_foreign_text_is_inert():
    log = from_text("a [rep=<b>Kim]: Opportunity Created 0, <script>x</script> 4, Closed Won 10")
    page = rows.either(lambda: show.steps(diagnose.steps(log)))
    assert "<script" not in page.html and "&lt;script&gt;" in page.html
