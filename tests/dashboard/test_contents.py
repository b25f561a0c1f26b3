"""What stands on the pages: of the chosen cases, whatever was chosen before."""

import pytest

import l2c
from l2c.dashboard.contents import Asked, contents
from l2c.dashboard.pages import dashboard
from l2c.prepare.pseudonyms import policy
from l2c.show.filters import filters
from l2c.show.live.card import Card
from l2c.show.live.cases import Cases
from l2c.show.live.pages import After
from tests.logs import demo

# One choice that leaves much, one that leaves nothing open.
CHOICES = ({"region": ["DACH", "Japan"]}, {"region": ["DACH", "Japan"], "outcome": ["lost", "won", "paid"]})
PAGES = ("overview", "time", "deals", "money", "rules", "people", "watch", "pipeline", "compare", "data")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return demo(300).save(tmp_path_factory.mktemp("contents") / "log")


def everything(dash):
    """What each part of each page shows, by page and place."""
    shown = {}
    for id in PAGES:
        dash.head.page = id
        for place, view in enumerate(dash._made[id].widgets):
            if isinstance(view, Card):
                shown[id, place] = view.html
            elif isinstance(view, Cases):
                shown[id, place] = view.spec["rows"]
    return shown


def said(saved, choice):
    """The same by the library, of a log that nobody has asked anything yet."""
    log = policy(l2c.open(saved))
    asked = Asked(log, filters(log, interactive=True), "en", None, None, saved, None, saved)
    asked.panel.select(**choice)
    chosen, shown = log.where(**choice), {}
    for id in PAGES:
        for place, part in enumerate(contents(asked)[id]()):
            make = part.part if isinstance(part, After) else part
            if isinstance(make, Cases):
                make.draw(chosen)
                shown[id, place] = make.spec["rows"]
            elif callable(make):
                card = Card(make)
                card.draw(chosen)
                shown[id, place] = card.html
    return shown


def test_every_page_shows_what_the_library_says_of_the_chosen_cases(saved):
    dash = dashboard(l2c.open(saved), saved=saved)
    dash.head.seen = True
    for choice in CHOICES:
        dash._filters.select(**choice)
        found, wanted = everything(dash), said(saved, choice)
        assert found.keys() == wanted.keys() and len(found) > 30
        assert [key for key in found if found[key] != wanted[key]] == []
        # Nothing stays dimmed.
        drawn = [view for id in PAGES for view in dash._made[id].widgets]
        assert not [view for view in drawn if "l2c-stale" in view._dom_classes]
