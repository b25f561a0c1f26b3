"""The filter panel: what is chosen is what is shown."""

import pandas as pd
import pytest

from l2c import show
from l2c.discover import variants
from l2c.show.filters import as_html, bundle
from tests.logs import from_text

WIDGET = "application/vnd.jupyter.widget-view+json"
LOG = """
    a [rep=Kim, region=EMEA]: Opportunity Created 0, Closed Won 10
    b [rep=Kim, region=APAC]: Opportunity Created 0, Closed Lost 20
    c [rep=<b>Ng</b>, region=EMEA]: Opportunity Created 40, Closed Won 60
    d [rep=Sato]: Opportunity Created 70
"""


@pytest.fixture
def log():
    return from_text(LOG, until=100)


def facet(filters, word):
    return next(each for each in filters.widget.spec["facets"] if each["word"] == word)


def counts(filters, word):
    return [(each["name"], each["n"]) for each in facet(filters, word)["values"]]


def tell(filters, **message):
    """What the browser would send."""
    filters.widget._handle_custom_msg(message, [])


def test_the_panel_offers_what_the_log_has_with_counts(log):
    filters = show.filters(log, interactive=True)
    # One value only, or none, is nothing to choose by: these deals have no product and no amount.
    assert [each["word"] for each in filters.widget.spec["facets"]] == [
        "rep",
        "region",
        "outcome",
        "opened",
        "duration",
    ]
    assert counts(filters, "rep") == [("Kim", 2), ("<b>Ng</b>", 1), ("Sato", 1)]
    assert counts(filters, "region") == [("EMEA", 2), ("APAC", 1), ("(none)", 1)]
    assert counts(filters, "outcome") == [("open", 1), ("lost", 1), ("won", 2)]
    started = facet(filters, "opened")
    # Days 0, 0, 40 and 70 of 2025.
    assert (started["lowest"], started["highest"]) == ("2025-01-01", "2025-03-12")
    assert sum(started["bars"]) == 4


def test_counts_say_what_a_choice_would_leave(log):
    filters = show.filters(log, interactive=True)
    tell(filters, do="put", word="rep", value=["Kim"])
    assert counts(filters, "region") == [("EMEA", 1), ("APAC", 1), ("(none)", 0)]
    # Its own list still says what another rep would give.
    assert counts(filters, "rep") == [("Kim", 2), ("<b>Ng</b>", 1), ("Sato", 1)]


def test_choosing_narrows_the_log_and_says_how_far(log):
    filters = show.filters(log, interactive=True)
    assert repr(filters) == "Filters: 4 of 4 cases"
    tell(filters, do="put", word="rep", value=["Kim"])
    assert filters.log.n_cases == 2
    tell(filters, do="put", word="region", value=["EMEA", None])
    assert repr(filters) == "Filters: 1 of 4 cases · Region: EMEA, (none) · " + f"{_rep()}: Kim"
    assert filters.widget.spec["sentence"] == "1 of 4 cases"
    assert filters.widget.spec["chips"] == [f"{_rep()}: Kim", "Region: EMEA, (none)"]
    tell(filters, do="remove", place=0)
    assert filters.log.n_cases == 3
    tell(filters, do="undo")
    assert filters.log.n_cases == 1
    tell(filters, do="clear")
    tell(filters, do="put", word="opened", value="2025-02-01..")
    assert filters.log.n_cases == 2
    assert facet(filters, "opened")["low"] == "2025-02-01"
    tell(filters, do="put", word="opened", value=None)
    assert filters.log.n_cases == 4
    tell(filters, do="put", word="duration", value="..19")
    assert filters.widget.spec["chips"] == ["at most 19 d from first to last event"]
    assert facet(filters, "duration")["high"] == "19" and 0 < filters.log.n_cases < 4
    tell(filters, do="put", word="duration", value=None)
    assert log.n_cases == 4


def test_what_makes_no_sense_is_said_and_changes_nothing(log):
    filters = show.filters(log, interactive=True)
    sent = []
    filters.widget.send = sent.append
    tell(filters, do="put", word="opened", value="soon..")
    assert "not a period" in sent[0]["trouble"]
    tell(filters, do="put", word="stage", value=["x"])
    tell(filters, do="format", disk="c")
    assert filters.log.n_cases == 4


def _rep() -> str:
    from l2c.words import vocabulary

    return vocabulary.label("rep")


def test_views_follow_the_choice(log):
    filters = show.filters(log, interactive=True)
    counts = filters.follow(lambda chosen: f"{chosen.n_cases} cases")
    table = filters.follow(lambda chosen: variants(chosen)[["cases"]])
    assert (repr(counts), repr(table)) == ("4 cases", "Cases\n2\n1\n1")
    filters.select(rep=["Kim"])
    assert (repr(counts), repr(table)) == ("2 cases", "Cases\n1\n1")
    assert "2 cases" in counts.widget.value


def test_taking_all_choices_back_draws_once(log):
    filters = show.filters(log, interactive=True)
    filters.select(rep=["Kim"], region=["EMEA"])
    drawn = []
    filters.follow(lambda chosen: drawn.append(chosen.n_cases) or "")
    tell(filters, do="clear")
    tell(filters, do="clear")
    assert drawn == [1, 4]


def test_a_choice_without_cases_says_so(log):
    filters = show.filters(log, interactive=True)
    view = filters.follow(lambda chosen: 1 / chosen.n_cases)
    filters.select(rep=["Sato"], region=["EMEA"])
    assert repr(view) == "Nothing to show: this selection holds no cases."


def test_a_measure_that_refuses_says_why_instead_of_breaking_the_panel(log):
    filters = show.filters(log, interactive=True)
    view = filters.follow(lambda chosen: chosen.where(includes="Quote Sent"))
    assert "No activity is called 'Quote Sent'" in repr(view)


def test_a_report_holds_text_and_no_widget(log, monkeypatch):
    monkeypatch.setenv("L2C_REPORT", "1")
    filters = show.filters(log.where(region="EMEA"))
    view = filters.follow(lambda chosen: show.table(variants(chosen)))
    for shown in (filters._repr_mimebundle_(), view._repr_mimebundle_()):
        assert set(shown) == {"text/html", "text/plain"}
    assert repr(filters) == "Filters: 2 of 4 cases · Region: EMEA"


def test_a_live_notebook_holds_a_widget_and_a_text_without_its_id(log, monkeypatch):
    monkeypatch.delenv("L2C_REPORT", raising=False)
    first, second = (show.filters(log)._repr_mimebundle_() for _ in range(2))
    assert first.pop(WIDGET)["model_id"] != second.pop(WIDGET)["model_id"]
    assert first == second
    assert set(first) == {"text/html", "text/plain"}


def test_names_from_the_data_are_inert_in_the_text(log):
    filters = show.filters(log, interactive=True)
    filters.select(rep=["<b>Ng</b>"])
    assert "&lt;b&gt;Ng" in filters._repr_mimebundle_()["text/html"]


def test_the_panel_speaks_japanese(log):
    assert repr(show.filters(log, lang="ja", interactive=False)) == "絞り込み：4件中4件"


def test_a_list_of_things_is_shown_one_below_the_other():
    shown = bundle([pd.DataFrame({"cases": [3]}), "done <now>"])
    assert shown["text/plain"] == "Cases\n3\n\ndone <now>"
    assert "done &lt;now&gt;" in as_html(shown)
