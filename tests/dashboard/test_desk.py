"""The dashboard as an address says it, kept under a name, asked in words and taken away; without a browser."""

import io
import json
from urllib.parse import quote, unquote

import openpyxl
import pytest

from l2c import discover
from l2c import show as showing
from l2c.dashboard import reporting, views
from l2c.dashboard.desk import Desk
from l2c.dashboard.taking import Noted
from l2c.show.filters import filters
from l2c.show.live.cases import Cases
from l2c.show.live.living_map import STATE as MAP
from l2c.show.live.pages import Pages
from tests.logs import from_text

LOG = """
    a [rep=Kim Novak, region=EMEA, amount=10]: Lead Created 0, Quote Sent 3, Closed Won 9
    b [rep=Kim Novak, region=EMEA, amount=20]: Lead Created 0, Closed Lost 20
    c [rep=Rio Sato, region=APAC, amount=30]: Quote Sent 40, Closed Won 60
    d [rep=Rio Sato, region=APAC, amount=40]: Lead Created 70, Quote Sent 90
"""
show = Noted(showing)


class Dashboard:
    """A small one: its parts, and what its tray tells the browser."""

    def __init__(self, log, saved=None, lang="en"):
        self.panel = filters(log, lang=lang, interactive=True)
        contents = {
            "overview": lambda: [lambda log: show.funnel(discover.funnel(log), lang=lang)],
            "process": lambda: [show.ProcessMap(self.panel, lang=lang), Cases(self.panel, lang=lang)],
        }
        names = {"overview": "Overview", "process": "Process"}
        own = {"names": False, "smallest": 5, "rules": None, "register": None, "alerts": None, "client": "Acme"}
        self.desk = Desk(log, self.panel, names, lang=lang, saved=saved, settings=own)
        made = {id: (names[id], self.desk.noting(id, make)) for id, make in contents.items()}
        self.pages = self.desk.beside(Pages(self.panel, made, title="t", facts="f", lang=lang))
        self.tray, self.heard = self.desk.tray, []
        self.tray.send = lambda content, buffers=None: self.heard.append((content, buffers))

    @property
    def fragment(self):
        return unquote(self.tray.place["fragment"])

    def tell(self, **message):
        self.desk._told(None, message, [])

    @property
    def map(self):
        return self.desk._away.widgets["process-1"]


@pytest.fixture(scope="module")
def log():
    return from_text(LOG, until=100)


@pytest.fixture(scope="module")
def saved(log, tmp_path_factory):
    return log.save(tmp_path_factory.mktemp("desk") / "log")


@pytest.fixture
def dash(log):
    return Dashboard(log)


def test_what_is_done_stands_in_the_address_and_an_address_does_it(dash, log):
    dash.pages.head.page = "process"
    assert dash.fragment == "page=process" and dash.tray.place["step"]
    dash.panel.select(region=["EMEA"])
    assert dash.fragment == 'page=process&where.region=["EMEA"]' and dash.tray.place["step"]
    dash.map.state = dash.map.state | {"paths": 0.3, "metric": "events", "theme": "dark"}
    assert 'map.metric=events&map.paths=0.3&where.region=["EMEA"]' in dash.fragment
    # A place of a slider is nothing to go back to.
    assert not dash.tray.place["step"]
    other = Dashboard(log)
    other.tell(do="go", fragment=dash.tray.place["fragment"])
    assert other.pages.head.page == "process" and other.panel.log.n_cases == 2
    assert (other.map.state["paths"], other.map.state["metric"], other.map.state["theme"]) == (0.3, "events", "auto")
    assert other.fragment == dash.fragment and other.tray.said == ""
    # Back: what the map was not asked for is as it begins.
    other.tell(do="go", fragment="page=process")
    assert (
        other.panel.log.n_cases == 4 and other.map.state["paths"] == MAP["paths"] and other.fragment == "page=process"
    )
    other.tell(do="go", fragment="")
    assert other.pages.head.page == "overview" and other.fragment == ""


def test_what_an_address_has_too_much_is_told(dash):
    dash.tell(do="go", fragment=f"page=nowhere&where.region={quote(json.dumps(['EMEA']))}&where.region=7&x=y")
    assert dash.panel.log.n_cases == 2 and dash.pages.head.page == "overview"
    assert "Region" in dash.tray.said and "the page" in dash.tray.said and "nowhere" not in dash.tray.said
    dash.tell(do="heard")
    assert dash.tray.said == ""
    # What the map does not know is left out before there is a map.
    dash.tell(do="go", fragment="map.metric=nothing&map.paths=0.2")
    assert "map" in dash.tray.said and dash.fragment == "map.paths=0.2"
    dash.pages.head.page = "process"
    assert dash.map.state["paths"] == 0.2 and dash.map.state["metric"] == "cases"


NONSENSE = [
    {}, {"do": "go"}, {"do": "go", "fragment": 3}, {"do": "take", "part": "x", "kind": "csv"}, {"do": "take", "part": [], "kind": "csv"},
    {"do": "take", "part": "overview-1", "kind": "exe"}, {"do": "picture", "part": "overview-1", "kind": "png"},
    {"do": "report", "kind": "pdf", "x": 1}, {"do": "report", "kind": "../x"}, {"do": "keep_view", "name": "x"},
    {"do": "answer", "id": "nothing", "text": ""}, {"do": "ask", "text": "\ud800"}, "go", None,
]  # fmt: skip


def test_nonsense_from_the_browser_does_nothing(dash):
    for message in NONSENSE:
        dash.desk._told(None, message, [])
    assert dash.tray.said == "" and not any(buffers for _, buffers in dash.heard)


def test_a_view_lies_beside_the_log_by_name_and_comes_back(log, saved):
    dash = Dashboard(log, saved)
    dash.panel.select(rep=["Kim Novak"])
    assert "Kim" not in dash.fragment
    dash.tell(do="keep_view", name="Kim's")
    assert "Kim's" in dash.tray.said and [name for name, _ in dash.tray.views] == ["Kim's"]
    other = Dashboard(log, saved)
    other.tell(do="views")
    other.tell(do="open_view", name="Kim's")
    assert other.panel.selection.value("rep") == ["Kim Novak"] and other.tray.said == ""
    other.tell(do="keep_view", name=" ")
    assert "needs a name" in other.tray.said
    other.tell(do="forget_view", name="Kim's")
    assert other.tray.views == [] and views.views(views.beside(saved)) == []


def test_a_question_turns_to_its_view_and_chooses_what_it_names(dash):
    dash.tell(do="ask", text="where are deals lost in emea?")
    (answers, _), *_ = dash.heard
    assert answers["found"] and answers["answers"][0] == {
        "id": "where_lost",
        "text": "Where in the process are deals lost?",
        "where": "Overview",
    }
    dash.tell(do="answer", id="map", text="show me the process of APAC")
    assert dash.pages.head.page == "process" and dash.panel.selection.value("region") == ["APAC"]
    assert dash.heard[-1][0] == {"show": "process-1"}
    dash.tell(do="answer", id="where_lost", text="where are deals lost")
    assert dash.pages.head.page == "overview" and dash.heard[-1][0] == {"show": "overview-1"}
    dash.tell(do="ask", text="cheese")
    assert not dash.heard[-1][0]["found"] and dash.heard[-1][0]["answers"]


def test_tables_and_the_whole_map_are_taken_away(dash, log):
    dash.panel.select(rep=["Kim Novak"])
    for key, first in (("overview-1", "Milestone"), ("process-1", "From"), ("process-2", "Opportunity ID")):
        dash.pages.head.page = key.partition("-")[0]
        dash.heard.clear()
        dash.tell(do="take", part=key, kind="csv")
        (said, (content,)), *_ = dash.heard
        assert said["file"].startswith("l2c_") and content.decode("utf-8-sig").startswith(first), content[:80]
    dash.tell(do="take", part="process-1", kind="xlsx")
    book = openpyxl.load_workbook(io.BytesIO(dash.heard[-1][1][0]))
    about = " ".join(str(cell.value) for row in book["About"].iter_rows() for cell in row)
    assert "2 of 4 cases" in about and "Data from" in about and "Kim" not in about and "Rep 0" in about
    dash.tell(do="picture", part="process-1", kind="svg")
    said = dash.heard[-1][0]
    assert said["pictures"] == [dash.map.picture.svg] and said["title"]
    # A chart that the page writes as rows is drawn as the picture that it is on paper.
    dash.tell(do="picture", part="overview-1", kind="png")
    said = dash.heard[-1][0]
    assert len(said["pictures"]) == 1 and said["pictures"][0].startswith("<svg") and said["file"].endswith("_funnel")
    assert "Kim" not in " ".join(dash.tray.about["lines"])


def test_a_report_is_made_of_the_selection_and_handed_over(log, saved, monkeypatch):
    asked = []

    def made(*given):
        asked.append(given[:4])
        given[4](2, 9)
        return "application/zip", b"PK"

    dash = Dashboard(log, saved)
    monkeypatch.setattr(reporting, "made", made)
    dash.panel.select(region=["EMEA"])
    dash.tell(do="report", kind="html")
    folder, where, kind, settings = asked[0]
    assert (folder, where, kind) == (saved.resolve(), ({"word": "region", "value": ["EMEA"]},), "html")
    assert settings["lang"] == "en" and not settings["names"] and settings["client"] == "Acme"
    assert (
        dash.heard[-1][0]["file"].endswith(".zip")
        and dash.heard[-1][1] == [b"PK"]
        and "has been handed" in dash.tray.said
    )
    monkeypatch.setattr(reporting, "made", lambda *_: 1 / 0)
    dash.tell(do="report", kind="html")
    assert "could not be made" in dash.tray.said
    dash.panel.select(region=["EMEA"], outcome=["paid"])
    dash.tell(do="report", kind="html")
    assert "No case" in dash.tray.said
