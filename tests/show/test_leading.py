"""What a click on a page leads to: cases that are shown, kept, or seen on the map; another page; another side."""

import pytest

from l2c.improve import register
from l2c.measures.behind import packed
from l2c.prepare.pseudonyms import policy, pseudonyms
from l2c.show import leads
from l2c.show.filters import filters
from l2c.show.live.against import Against
from l2c.show.live.compared import compared
from l2c.show.live.pages import After, Beside, Pages
from l2c.show.live.selection import Selection
from l2c.show.live.standouts import Standouts
from tests.logs import demo, from_text

LOG = from_text("""
    a [region=EMEA, rep=Kim]: Opportunity Created 0, Quote Sent 4, Closed Won 10
    b [region=EMEA, rep=Lee]: Opportunity Created 0, Quote Sent 8, Closed Lost 20
    c [region=APAC, rep=Lee]: Opportunity Created 5, Closed Won 9
""")


def counted(log):
    return str(log.n_cases)


class Dash:
    """A dashboard of three small parts, one of which takes seconds."""

    def __init__(self, log=LOG):
        self.panel, self.drawn = filters(log, interactive=True), []

        def slow(log):
            self.drawn.append(log.n_cases)
            return counted(log)

        contents = {
            "overview": ("Overview", lambda: [counted, Beside((After(slow, quick=lambda log: "soon"), counted))]),
            "process": ("Process", lambda: [counted]),
        }
        self.pages = Pages(self.panel, contents, title="t", facts="f", homes={"win_rate": "process"})

    @property
    def ids(self):
        return sorted(self.panel.log.cases.select("case_id").collect().to_native()["case_id"].to_pylist())

    def tell(self, **message):
        self.pages.lead(message)


def test_what_takes_seconds_waits_until_the_page_is_seen():
    dash = Dash()
    _, body = dash.pages.children
    card = body.children[1].children[1].children[0]
    assert "soon" in card.html and dash.drawn == [] and "l2c-stale" in card._dom_classes
    dash.pages.head.seen = True
    assert "3" in card.html and dash.drawn == [3] and "l2c-stale" not in card._dom_classes
    dash.panel.select(region=["EMEA"])
    assert dash.drawn == [3, 2]


def test_a_click_keeps_the_cases_of_a_condition_and_shows_them_on_the_map():
    dash = Dash()
    dash.tell(do="keep", label="x", where=[{"word": "follows", "value": ["Opportunity Created", "Quote Sent"]}])
    assert dash.ids == ["a", "b"] and dash.pages.head.page == "overview"
    dash.tell(do="map", label="EMEA", where=[{"word": "region", "value": ["EMEA"]}])
    assert dash.pages.head.page == "process" and len(dash.panel.selection.where) == 2
    dash.tell(do="map", label="EMEA", where=[{"word": "region", "value": ["EMEA"]}])
    assert len(dash.panel.selection.where) == 2


def test_a_click_keeps_cases_that_are_known_one_by_one_and_the_chip_says_which():
    dash = Dash()
    dash.tell(do="keep", cases=packed([0, 2]), label="Late: 2")
    assert dash.ids == ["a", "c"] and dash.panel.selection.chips() == ["Late: 2"]
    assert dash.panel.log.filters == {"cases": "Late: 2"}
    dash.panel.selection.clear()
    assert dash.ids == ["a", "b", "c"]


def test_a_click_lists_its_cases_and_the_list_is_closed_again():
    dash = Dash()
    body = dash.pages.children[1].children[1]
    dash.tell(do="show", cases=packed([1]), label="Lost")
    assert body.children[0] is dash.pages.drawer and dash.pages.drawer.spec["title"] == "Lost: 1 case"
    assert [row["case"] for row in dash.pages.drawer.spec["rows"]] == ["b"] and dash.panel.log.n_cases == 3
    dash.pages.drawer._told(None, {"do": "close"}, [])
    assert dash.pages.drawer not in body.children


def test_a_figure_leads_to_its_page():
    dash = Dash()
    dash.tell(do="page", figure="win_rate")
    assert dash.pages.head.page == "process"
    dash.tell(do="page", page="overview")
    assert dash.pages.head.page == "overview"


@pytest.mark.parametrize("message", [
    {"do": "page", "page": "nowhere"}, {"do": "keep"}, {"do": "keep", "where": [{"word": "nothing", "value": 1}]}, {},
    {"do": "show", "where": "x"}, {"do": "keep", "where": [{}]}, {"do": "keep", "cases": "!", "label": "x"},
])  # fmt: skip
def test_nonsense_is_left_alone(message):
    dash = Dash()
    dash.pages.lead(message)
    assert dash.panel.log.n_cases == 3 and dash.pages.head.page == "overview"


def test_a_pseudonym_leads_to_the_cases_of_its_person():
    log = policy(LOG, names=False, smallest=1)
    told = pseudonyms(log)["Lee"]
    assert told != "Lee"
    assert leads.named([{"word": "rep", "value": [told]}, {"word": "region", "value": [told]}], log) == [
        {"word": "rep", "value": ["Lee"]},
        {"word": "region", "value": [told]},
    ]


def test_the_chosen_cases_stand_beside_all_others_or_beside_those_that_were_kept():
    assert compared(counted, LOG).text.startswith("Choose some cases")
    assert compared(counted, LOG.where(region="EMEA")).text == "Chosen: 2 cases\n2\n\nAll others: 1 case\n1"
    selection = Selection(LOG)
    side, told = Against(selection), []
    side.lead = told.append
    selection.put("region", ["APAC"])
    side._told(None, {"do": "keep"}, [])
    selection.put("region", ["EMEA"])
    side.draw(selection.log)
    assert side.spec["sentence"] == "Compared with Region: APAC (1 case)" and told == [{"do": "again"}]
    assert compared(counted, selection.log, side.other).text == "Chosen: 2 cases\n2\n\nKept: 1 case\n1"
    side._told(None, {"do": "let_go"}, [])
    assert side.other is None


def test_whoever_keeps_or_puts_aside_a_finding_may_say_who_they_are(tmp_path):
    log = demo(1500)
    side = Standouts(register=tmp_path, lang="ja")
    for _ in side.draw(policy(log, names=True)):
        pass
    kept, dismissed = (card["id"] for card in side.spec["cards"][:2])
    side._told(None, {"do": "keep", "id": kept, "by": ""}, [])
    side._told(None, {"do": "dismiss", "id": dismissed, "reason": "known", "by": "  Mia\n  Sato " + "x" * 99}, [])
    judged = {each.id: (each.verdict, each.by) for each in register(tmp_path).findings}
    assert judged == {kept: ("kept", ""), dismissed: ("dismissed", "Mia Sato " + "x" * 51)}
    assert [card["reason"][:17] for card in side.spec["aside"]] == ["known（Mia Sato xx"]
    # Where comparisons show no names, this shows none.
    for _ in side.draw(policy(log)):
        pass
    assert [card["reason"] for card in side.spec["aside"]] == ["known"]
