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


def test_the_panel_offers_what_the_log_has_with_counts(log):
    panel = show.filters(log, interactive=True)._panel
    assert list(panel.lists) == ["rep", "region"]
    assert panel.lists["rep"].options == (("<b>Ng</b> (1)", "<b>Ng</b>"), ("Kim (2)", "Kim"), ("Sato (1)", "Sato"))
    assert panel.lists["region"].options == (("APAC (1)", "APAC"), ("EMEA (2)", "EMEA"), ("(none) (1)", None))
    # Days 0, 40 and 70 of 2025 lie in January, February and March.
    assert panel.months.options == (("Jan 2025", "2025-01"), ("Feb 2025", "2025-02"), ("Mar 2025", "2025-03"))


def test_choosing_narrows_the_log_and_says_how_far(log):
    filters = show.filters(log, interactive=True)
    panel = filters._panel
    assert repr(filters) == "Filters: 4 of 4 cases"
    panel.lists["rep"].value = ("Kim",)
    assert filters.log.n_cases == 2
    panel.lists["region"].value = ("EMEA", None)
    assert repr(filters) == "Filters: 1 of 4 cases · Region: EMEA, (missing) · " + f"{_rep()}: Kim"
    assert "<b>1 of 4 cases</b>" in panel.status.value
    panel.lists["rep"].value = panel.lists["region"].value = ()
    panel.months.index = (1, 2)
    assert filters.log.n_cases == 2
    panel.reset.click()
    assert filters.log.n_cases == 4
    assert log.n_cases == 4


def _rep() -> str:
    from l2c import vocabulary

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
    filters._panel.lists["rep"].value = ("Kim",)
    filters._panel.lists["region"].value = ("EMEA",)
    drawn = []
    filters.follow(lambda chosen: drawn.append(chosen.n_cases) or "")
    filters._panel.reset.click()
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


def test_names_from_the_data_are_inert_in_the_panel(log):
    filters = show.filters(log, interactive=True)
    filters.select(rep=["<b>Ng</b>"])
    assert "<b>Ng" not in filters._panel.status.value
    assert "&lt;b&gt;Ng" in filters._repr_mimebundle_()["text/html"]


def test_the_panel_speaks_japanese(log):
    assert repr(show.filters(log, lang="ja", interactive=False)) == "絞り込み: 4件中4件"


def test_a_list_of_things_is_shown_one_below_the_other():
    shown = bundle([pd.DataFrame({"cases": [3]}), "done <now>"])
    assert shown["text/plain"] == "Cases\n3\n\ndone <now>"
    assert "done &lt;now&gt;" in as_html(shown)
