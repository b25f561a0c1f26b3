"""The report of a selection, as pages and on paper: the library's numbers of these cases, the client's name, and nobody else's."""

import io
import zipfile

import pypdf
import pytest

import l2c
from l2c import monitor
from l2c.dashboard import reporting
from l2c.show import numbers
from tests import browser
from tests.logs import demo

CLIENT = "Acme K.K. <東京>"
REGION = "UK"


@pytest.fixture(scope="module")
def handed(tmp_path_factory):
    """The log that is saved, the part that was chosen, and the folder of its report as it is handed over."""
    folder = tmp_path_factory.mktemp("selection")
    demo(400).save(folder / "log")
    settings = {
        "lang": "en", "hours": "calendar", "names": False, "smallest": 5, "rules": None, "register": None, "alerts": None,
        "client": CLIENT,
    }  # fmt: skip
    where, heard = [{"word": "region", "value": [REGION]}], []
    kind, content = reporting.made(folder / "log", where, "html", settings, lambda *told: heard.append(told))
    assert kind == "application/zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder / "report")
    log = l2c.open(folder / "log")
    return log, log.where(region=REGION), next((folder / "report").rglob("index.html")).parent


@pytest.mark.slow("the report of a selection, made, opened and printed")
def test_the_first_page_says_what_the_library_says_of_the_selection(handed):
    log, part, folder = handed
    figures = monitor.figures(part).set_index("kpi")
    rate = numbers.value(figures.loc["win_rate_incidence", "value"], "fraction", lang="en")
    whole = numbers.value(
        monitor.figures(log).set_index("kpi").loc["win_rate_incidence", "value"], "fraction", lang="en"
    )
    assert rate != whole
    with browser.page() as (tab, asked):
        tab.goto((folder / "index.html").as_uri())
        text = tab.locator("body").inner_text()
        assert rate in text and CLIENT in text and REGION in text
        card = tab.locator("[data-figure=win_rate_incidence]").inner_text()
        assert rate in card and whole not in card
        # One click shows the cases of the figure, as many as the library counts, all of the selection.
        tab.locator("[data-figure=win_rate_incidence] [data-cases]").first.click()
        assert (
            tab.locator("dialog p")
            .first.inner_text()
            .startswith(f"{figures.loc['win_rate_incidence', 'cases']:,} cases")
        )
        assert [each for each in asked if not each.startswith("blob:")] == []


def test_no_other_part_is_named_on_any_page(handed):
    log, part, folder = handed
    pages = {file.name: file.read_text("utf-8") for file in folder.glob("*.html")}
    assert len(pages) > 7 and all("Acme K.K." in html for html in pages.values())
    others = set(log.distinct("region")) - {REGION}
    accounts = set(log.distinct("account")) - set(part.distinct("account"))
    reps = set(log.distinct("rep"))
    assert others and accounts and reps
    named = [(page, name) for page, html in pages.items() for name in (*others, *accounts, *reps) if name in html]
    assert named == []


def test_on_paper_each_sheet_says_whose_it_is_and_holds_no_script(handed, tmp_path):
    browser.chromium()
    _, part, folder = handed
    paper = pypdf.PdfReader(io.BytesIO(reporting._printed(folder, tmp_path)))
    sheets = ["".join(page.extract_text().split()) for page in paper.pages]
    assert len(sheets) >= 8 and all("AcmeK.K." in sheet for sheet in sheets)
    assert not any("function" in sheet or "const" in sheet for sheet in sheets)
    rate = numbers.value(
        monitor.figures(part).set_index("kpi").loc["win_rate_incidence", "value"], "fraction", lang="en"
    )
    assert "".join(rate.split()) in sheets[0]
    # Chapters are told apart by what stands at their foot.
    assert sum("·Summary" in sheet for sheet in sheets) == 1 and any("·Pipeline" in sheet for sheet in sheets)
