import re
import shutil

import nbformat
import pytest

import l2c
from l2c import report
from l2c.errors import NotebookFailed
from tests import browser
from tests.logs import from_text

PAGES = ["index.html", *(f"{name}.html" for name in report.SERIES[1:])]


@pytest.fixture(scope="module")
def demo_report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    report.report(l2c.demo(600), folder, lang="en")
    return folder


@pytest.fixture(scope="module")
def japanese_report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("japanese")
    report.report(l2c.demo(400), folder, where={"region": l2c.demo(400).distinct("region")[0]}, lang="ja")
    return folder


@pytest.mark.parametrize("name", PAGES)
def test_no_page_asks_for_anything_and_nothing_is_wider_than_the_screen(demo_report, name):
    for width in (1100, 390):
        with browser.page(width=width) as (tab, asked):
            tab.goto((demo_report / name).as_uri())
            assert asked == []
            assert tab.locator("h1").count() >= 1
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
            assert tab.locator("text=Traceback").count() == 0


def test_pages_name_no_other_place(demo_report):
    for name in PAGES:
        html = (demo_report / name).read_text("utf-8")
        links = re.findall(r"""(?:src|href)=["']([^"'#]+)""", html)
        assert [link for link in links if re.match(r"(https?:)?//", link)] == []
        assert "<iframe" not in html


def test_the_summary_shows_the_numbers_of_the_library(demo_report):
    log = l2c.open(demo_report / "log")
    rate = l2c.kpis(log).set_index("kpi").loc["win_rate", "value"]
    assert f"{rate * 100:.1f}" in (demo_report / "index.html").read_text("utf-8")
    assert l2c.demo(600).n_cases == log.n_cases


def test_pages_are_wholly_japanese(japanese_report):
    for name in PAGES:
        with browser.page() as (tab, _):
            tab.goto((japanese_report / name).as_uri())
            prose = tab.locator("main p, main h1, main h2").all_inner_texts()
        english = [t for t in prose if re.search(r"[A-Za-z]{4,} [a-z]{2,} [a-z]{2,} [a-z]{2,}", t)]
        assert english == [], name


def test_the_page_says_which_cases_it_is_about(japanese_report):
    region = l2c.demo(400).distinct("region")[0]
    assert f"region: {region}" in (japanese_report / "index.html").read_text("utf-8")


def test_inputs_are_hidden(demo_report):
    assert "l2c.open(" not in (demo_report / "index.html").read_text("utf-8")


def test_a_report_prints(demo_report):
    with browser.page() as (tab, _):
        tab.goto((demo_report / "index.html").as_uri())
        assert tab.pdf()[:5] == b"%PDF-"


def test_a_log_without_lead_to_cash_milestones_gets_a_report_too(tmp_path):
    log = from_text("\n".join(f"case {n}: Register 0, Examine {n % 5 + 1}, Decide {n % 7 + 6}" for n in range(40)))
    assert report.report(log, tmp_path / "out").exists()


def test_one_report_per_value_and_an_index(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(report, "report", lambda log, folder, **given: made.append((folder.name, given["where"])))
    log = from_text("a [region=EMEA/North]: X 0\n b [region=APAC]: X 0\n c: X 0")
    index = report.reports(log, tmp_path, "region").read_text("utf-8") if tmp_path.mkdir(exist_ok=True) is None else ""
    assert made == [("APAC", {"region": "APAC"}), ("EMEA-North", {"region": "EMEA/North"})]
    assert 'href="EMEA-North/index.html"' in index
    assert "1 cases without" in index.replace("1 cases cases", "1 cases")


def test_a_notebook_that_fails_names_its_cell_and_is_kept(tmp_path, monkeypatch):
    books = tmp_path / "books"
    shutil.copytree(report.NOTEBOOKS, books, ignore=shutil.ignore_patterns("out"))
    broken = nbformat.read(books / "report.ipynb", as_version=4)
    broken.cells.insert(3, nbformat.v4.new_code_cell("1 / 0"))
    nbformat.write(broken, books / "report.ipynb")
    monkeypatch.setattr(report, "NOTEBOOKS", books)
    with pytest.raises(NotebookFailed, match=r"report stopped in cell \d+: ZeroDivisionError"):
        report.report(from_text("a: X 0, Y 1"), tmp_path / "out")
    assert (tmp_path / "out" / "notebooks" / "report.ipynb").exists()


def test_an_empty_selection_is_refused_before_anything_runs(tmp_path):
    log = from_text("a [region=EMEA]: X 0\n b [region=APAC]: Y 0")
    with pytest.raises(NotebookFailed, match="No case passes"):
        report.report(log, tmp_path, where={"region": "EMEA", "includes": "Y"})


@pytest.mark.parametrize(
    "where", [{"not_follows": ("X", "Y")}, {"slower": ("X", "Y", 3)}, {"slower": ("Y", 3)}, {"opened": ("2026", None)}]
)
def test_a_report_takes_every_filter_of_a_log(tmp_path, where):
    log = from_text("a: X 0, Y 1\n b: X 0, Y 2")
    # Understood, and no case passes: nothing is run.
    with pytest.raises(NotebookFailed, match="No case passes"):
        report.report(log, tmp_path, where=where)
