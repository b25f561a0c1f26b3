"""The living map, without a browser: what it tells Python, and what Python draws."""

import json

import numpy as np
import pandas as pd
import pytest

import l2c
from l2c import discover, show
from l2c.show.live import assets, playback
from l2c.show.live.cases import Cases
from l2c.show.live.living_map import STATE
from l2c.show.live.variants import Variants
from l2c.words import phrases
from l2c.words.errors import UnknownName
from tests.logs import demo, from_text

LOG = """
    a [rep=Kim, amount=100]: Opportunity Created 0, Quote Sent 2, Closed Won 10
    b [rep=Kim, amount=50]: Opportunity Created 0, Quote Sent 4, Quote Sent 6, Closed Won 20
    c [rep=Sato, amount=25]: Opportunity Created 1, Closed Lost 5
    d [rep=Sato]: Opportunity Created 2, Quote Sent 30
"""
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def log():
    return from_text(LOG, until=100)


def tell(widget, **message):
    """What the browser would send."""
    widget._handle_custom_msg(message, [])


def edge(living, a, b):
    return next(e for e in living.spec["edges"] if (e["source"], e["target"]) == (a, b))


def test_the_living_map_is_the_still_map_of_the_same_settings(log):
    living = show.ProcessMap(log, {"paths": 1.0, "metric": "mean_days"})
    still = show.process_map(discover.flow(log), paths=1.0, metric="mean_days")
    assert {name: living.spec[name] for name in still.spec} == still.spec
    assert living.picture.svg == still.svg


def test_a_click_narrows_the_cases_and_leaves_every_box_in_its_place(log):
    living = show.ProcessMap(log, {"paths": 1.0})
    before = {n["id"]: (n["x"], n["y"]) for n in living.spec["nodes"]}
    tell(living, do="narrow", word="follows", value=["Opportunity Created", "Quote Sent"])
    assert living.log.n_cases == 3
    assert living.spec["sentence"] == "3 of 4 cases"
    assert living.spec["chips"] == ["Opportunity Created → Quote Sent"]
    assert {n["id"]: (n["x"], n["y"]) for n in living.spec["nodes"]} == before
    assert edge(living, "Opportunity Created", "Quote Sent")["label"] == "3 · 4 d"
    assert edge(living, "Opportunity Created", "Closed Lost")["events"] == 0
    tell(living, do="undo")
    assert (living.log.n_cases, living.state["where"]) == (4, [])


def test_the_numbers_of_a_selection_are_those_of_its_own_map(log):
    living = show.ProcessMap(log, {"paths": 1.0, "where": [{"word": "rep", "value": ["Kim"]}]})
    own = show.process_map(discover.flow(log.where(rep="Kim")), paths=1.0)
    for step in own.spec["edges"]:
        mine = edge(living, step["source"], step["target"])
        assert {k: mine[k] for k in ("events", "cases", "label", "title", "stroke")} == {
            k: step[k] for k in ("events", "cases", "label", "title", "stroke")
        }


@pytest.mark.parametrize(
    ("message", "cases"),
    [
        ({"do": "narrow", "word": "includes", "value": "Quote Sent"}, 3),
        ({"do": "narrow", "word": "excludes", "value": "Quote Sent"}, 1),
        ({"do": "narrow", "word": "ends", "value": "Quote Sent"}, 1),
        ({"do": "narrow", "word": "starts", "value": "Opportunity Created"}, 4),
        ({"do": "narrow", "word": "not_follows", "value": ["Quote Sent", "Closed Won"]}, 2),
        # Waits of 2, 4 and 28 days: 90 % are within 23.2 (numpy).
        ({"do": "slower", "step": ["Opportunity Created", "Quote Sent"]}, 1),
        # Before Quote Sent from anywhere: 2, 2, 4 and 28.
        ({"do": "slower", "step": ["Quote Sent"]}, 1),
    ],
)
def test_what_a_menu_offers(log, message, cases):
    living = show.ProcessMap(log)
    tell(living, **message)
    assert living.log.n_cases == cases


def test_slower_than_its_p90_means_that_of_the_cases_in_sight(log):
    living = show.ProcessMap(log)
    tell(living, do="slower", step=["Opportunity Created", "Quote Sent"])
    assert living.state["where"][0]["value"] == [
        "Opportunity Created",
        "Quote Sent",
        np.quantile([2, 4, 28], 0.9).round(6),
    ]


def test_money_is_summed_once_per_case(log):
    living = show.ProcessMap(log, {"metric": "amount", "paths": 1.0})
    assert edge(living, "Quote Sent", "Closed Won")["value"] == 150
    assert edge(living, "Opportunity Created", "Quote Sent")["label"] == "150 · 3"
    assert edge(living, "▶", "Opportunity Created")["value"] == 175
    # Case d has no amount: nothing is known of what ends with Quote Sent.
    assert edge(living, "Quote Sent", "■")["value"] is None


def test_money_is_not_offered_where_currencies_mix():
    mixed = from_text("a [amount=1, currency=EUR]: X 0, Y 1\n b [amount=2, currency=USD]: X 0, Y 1")
    assert "amount" not in [name for name, _ in show.ProcessMap(mixed).spec["metrics"]]
    assert discover.flow(mixed, amounts=True)["amount"].isna().all()


def test_total_days_are_the_days_of_all_cases_together(log):
    living = show.ProcessMap(log, {"metric": "total_days", "paths": 1.0})
    assert edge(living, "Opportunity Created", "Quote Sent")["value"] == 34


def test_the_state_is_plain_data_and_sets_the_map(log):
    state = {"metric": "events", "activities": 0.5, "paths": 0.2, "direction": "right", "theme": "dark"}
    state["where"] = [{"word": "rep", "value": ["Kim"]}]
    living = show.ProcessMap(log, json.loads(json.dumps(state)))
    assert living.state == {**STATE, **state}
    assert (living.log.n_cases, living.spec["metric"]) == (2, "events")
    living.state = {"where": [], "metric": "cases"}
    assert (living.log.n_cases, living.spec["metric"]) == (4, "cases")
    with pytest.raises(UnknownName, match="metric"):
        show.ProcessMap(log, {"metrics": "events"})
    with pytest.raises(UnknownName, match="median_days"):
        show.ProcessMap(log, {"metric": "speed"})


def test_it_opens_with_what_can_be_read_where_it_stands_and_says_so():
    living = show.ProcessMap(demo(300))
    tell(living, do="room", width=1000, height=700)
    wide = living.spec
    assert min(1000 / wide["width"], 700 / wide["height"]) >= 9 / 11
    assert living.state["activities"] is None and wide["level"]["activities"] < 1
    # How much is shown is decided once; how it is folded follows the place, whichever way it is turned.
    tell(living, do="room", width=2000, height=1200)
    assert living.spec["level"] == wide["level"]
    tell(living, do="set", direction="right")
    assert living.spec["level"] == wide["level"]
    tell(living, do="set", activities=1.0, paths=0.4)
    assert len(living.spec["nodes"]) > len(wide["nodes"])


def test_activities_are_hidden_and_drawn_as_one(log):
    living = show.ProcessMap(log, {"activities": 1.0, "paths": 1.0})
    tell(living, do="hide", id="Closed Lost")
    assert "Closed Lost" not in {node["id"] for node in living.spec["nodes"]}
    assert (living.spec["hidden"], living.log.n_cases) == ([["Closed Lost", "Closed Lost"]], 4)
    tell(living, do="show", id="Closed Lost")
    tell(living, do="join", step=["Opportunity Created", "Quote Sent"])
    # Four times Opportunity Created and four times Quote Sent.
    both = next(node for node in living.spec["nodes"] if node["id"] == "Opportunity Created + Quote Sent")
    assert both["events"] == 8
    sent = []
    living.send = sent.append
    tell(living, do="details", id=both["id"])
    assert sent[0]["details"][0]["lines"][:2] == ["4 cases (100 %)", "2.0 times per case that has it"]
    tell(living, do="part", id=both["id"])
    assert living.state["groups"] == {} and len(living.spec["nodes"]) == 6
    with pytest.raises(UnknownName, match="Nobody"):
        living.state = living.state | {"groups": {"Both": ["Nobody", "Quote Sent"]}}


def test_who_waits_longer_at_a_step_is_what_the_causes_say(log, monkeypatch):
    columns = ("step", "attribute", "value", "adverse", "effect", "low", "high", "cases")
    step = ("Opportunity Created", "Quote Sent")
    rows = [(step, "region", "DACH", True, 2.5, 2.0, 3.0, 82), (step, "region", "UK", False, -1.0, -2.0, -0.5, 60)]
    rows += [(("Quote Sent", "Closed Won"), "region", "UK", True, 9.0, 8.0, 10.0, 40)]
    monkeypatch.setattr("l2c.diagnose.causes", lambda log, kpi: pd.DataFrame(rows, columns=columns))
    living, sent = show.ProcessMap(log), []
    living.send = sent.append
    tell(living, do="why", step=list(step))
    tell(living, do="why", step=["Quote Sent"])
    tell(living, do="why", step=["Closed Lost"])
    lines = [part["lines"] for message in sent for part in message["details"]]
    assert lines[0] == ["Region DACH: +2.5 d (2 – 3 d), 82 cases"]
    assert lines[1] == ["Region DACH, from Opportunity Created: +2.5 d (2 – 3 d), 82 cases"]
    assert lines[2] == ["No group of cases waits longer here by more than chance explains."]


def test_the_browser_cannot_set_what_is_no_setting(log):
    living = show.ProcessMap(log)
    tell(living, do="set", where=[{"word": "rep", "value": ["Kim"]}], height=3, metric="events")
    assert (living.log.n_cases, living.state["metric"]) == (4, "events")
    sent = []
    living.send = sent.append
    tell(living, do="narrow", word="includes", value="Quote Snet")
    assert "Quote Snet" in sent[0]["trouble"]
    tell(living, do="set", metric="speed")
    assert living.state["metric"] == "events"


def test_panel_map_and_paths_share_one_choice(log):
    panel = show.filters(log, interactive=True)
    living, paths = show.ProcessMap(panel), Variants(panel)
    seen = panel.follow(lambda chosen: f"{chosen.n_cases} cases")
    tell(living, do="narrow", word="includes", value="Quote Sent")
    assert (repr(seen), panel.log.n_cases, len(paths.spec["rows"])) == ("3 cases", 3, 3)
    tell(paths, do="put", value=[paths.spec["rows"][0]["id"]])
    assert living.spec["sentence"] == "1 of 4 cases"
    # The other paths stay in sight, so that a second one can be ticked.
    assert len(paths.spec["rows"]) == 3
    panel.select(rep=["Sato"])
    assert living.state["where"] == [{"word": "rep", "value": ["Sato"]}]


def test_an_empty_choice_says_so(log):
    living = show.ProcessMap(log)
    tell(living, do="narrow", word="includes", value="Closed Lost")
    tell(living, do="narrow", word="includes", value="Closed Won")
    assert living.spec["empty"].startswith("Nothing to show")


def test_a_report_shows_the_picture(log, monkeypatch):
    monkeypatch.setenv("L2C_REPORT", "1")
    living = show.ProcessMap(log)
    assert set(living._repr_mimebundle_()) == {"image/svg+xml", "text/plain"}
    monkeypatch.setenv("L2C_REPORT", "0")
    assert set(living._repr_mimebundle_()) == {WIDGET, "image/svg+xml", "text/plain"}


def test_replay_moves_every_case_as_long_as_it_took(log):
    moves = discover.replay(log)
    assert len(moves) == log.n_events - log.n_cases
    first = moves.iloc[0]
    assert (first["from"], first["to"], first["wait_days"]) == ("Opportunity Created", "Quote Sent", 2)
    assert moves["start"].is_monotonic_increasing
    # Of four cases at most two: every second in the order of their starts.
    assert discover.replay(log, most=2)["case_key"].nunique() == 2


def test_the_browser_gets_the_same_moves():
    log = demo(300)
    steps = [("Lead Created", "Lead Qualified"), ("Quote Sent", "Quote Accepted")]
    about, data = playback.encoded(log, steps, "region", "en")
    n = about["moves"]
    start, end = (np.frombuffer(data, "<f4", n, 4 * n * k) for k in (0, 1))
    path, colour = np.frombuffer(data, "<u2", n, 8 * n), np.frombuffer(data, "u1", n, 10 * n)
    assert len(data) == 11 * n
    moves = discover.replay(log)
    origin = moves["start"].min()
    wanted = moves[[step in steps for step in zip(moves["from"], moves["to"], strict=True)]]
    days = (wanted["start"] - origin) / pd.Timedelta("1D")
    assert np.allclose(start, days, atol=1e-3)
    assert np.allclose(end - start, wanted["wait_days"], atol=1e-3)
    assert [steps[k] for k in path] == list(zip(wanted["from"], wanted["to"], strict=True))
    regions = l2c.engine.collect(log.cases).set_index("case_key")["region"].reindex(wanted["case_key"])
    assert [about["legend"][k] for k in colour] == regions.tolist()
    assert pd.Timestamp(about["first"]) == origin
    assert "of their moves are on paths that the map does not show" in about["note"]


def test_a_log_without_moves_can_be_played():
    about, data = playback.encoded(from_text("a: X 0"), [], None, "en")
    assert (about["moves"], data) == (0, b"")


def test_the_browser_gets_its_phrases_in_both_languages():
    english, japanese = assets.wording("en"), assets.wording("ja")
    assert english.keys() == japanese.keys()
    used = {
        name
        for name in english
        if f"words.{name}" in assets.script("dom", "menu", "canvas", "sheet", "controls", "replay", "map")
    }
    assert {"play", "compare", "through", "undo"} <= used
    assert japanese["play"] == "再生"


def test_every_phrase_the_scripts_ask_for_is_there():
    import re

    text = assets.script(
        "dom", "menu", "canvas", "sheet", "controls", "replay", "map", "panel", "pages", "variants", "cases"
    )
    asked = set(re.findall(r"\bwords\.([a-z_]+)", text))
    assert asked <= set(assets.wording("en"))


def test_nothing_in_the_scripts_or_styles_points_elsewhere():
    names = ("dom", "menu", "canvas", "sheet", "controls", "replay", "map", "panel", "pages", "variants", "cases")
    text = assets.script(*names) + assets.styles("live", "map", "panel", "pages", "variants", "cases")
    assert set(part.split('"')[0] for part in text.split("http")[1:]) <= {
        "://www.w3.org/2000/svg",
        "://www.w3.org/1999/xlink",
    }


def test_a_comparison_colours_what_is_more_than_chance_and_nothing_else():
    living = show.ProcessMap(
        demo(2000), {"activities": 1.0, "paths": 1.0, "where": [{"word": "region", "value": ["DACH"]}]}
    )
    tell(living, do="set", compare=True, metric="median_days")
    table = discover.contrast(living.log, living.log.others()).set_index(["from", "to"])
    tones = {(e["source"], e["target"]): e["tone"] for e in living.spec["edges"]}
    for step, tone in tones.items():
        sure = step in table.index and table["days_differ"].fillna(False)[step]
        assert tone == ("same" if not sure else "more" if table.loc[step, "days_difference"] > 0 else "less")
    # The demo company's DACH contracts wait longer for their approval: that is planted.
    assert tones["Contract Approval Requested", "Contract Approved"] == "more"
    assert "may be chance" in living.spec["caption"][1]
    tell(living, do="set", metric="cases")
    shares = {(e["source"], e["target"]): e["tone"] for e in living.spec["edges"]}
    assert {step for step, tone in shares.items() if tone != "same"} <= set(table.index[table["differs"]])


def test_two_selections_are_compared_as_one_map():
    log = demo(2000)
    dach, uk = ([{"word": "region", "value": [name]}] for name in ("DACH", "UK"))
    living = show.ProcessMap(log, {"paths": 1.0, "where": dach})
    tell(living, do="keep")
    assert (living.state["against"], living.state["compare"], living.spec["against"]) == (dach, True, "Region: DACH")
    # The same cases on both sides: it asks for others, and colours nothing.
    assert "Now choose" in living.spec["caption"][1] and "tone" not in living.spec["edges"][0]
    living.selection.choose(uk)
    table = discover.contrast(log.where(region="UK"), log.where(region="DACH")).set_index(["from", "to"])
    for edge in living.spec["edges"]:
        step = (edge["source"], edge["target"])
        sure = step in table.index and table["differs"][step]
        assert edge["tone"] == ("same" if not sure else "more" if table.loc[step, "share_difference"] > 0 else "less")
    # Plain data sets the same.
    again = show.ProcessMap(log, json.loads(json.dumps(living.state)))
    assert again.spec["edges"] == living.spec["edges"]
    # Selections with common cases are no two sides.
    living.selection.choose([{"word": "outcome", "value": ["won"]}])
    assert "tone" not in living.spec["edges"][0] and "in common" in living.spec["caption"][1]
    tell(living, do="let_go")
    assert living.state["against"] == [] and "tone" in living.spec["edges"][0]


def test_without_others_there_is_nothing_to_compare(log):
    living = show.ProcessMap(log, {"where": [{"word": "starts", "value": "Opportunity Created"}], "compare": True})
    assert "tone" not in living.spec["edges"][0]
    assert "cannot be compared" in living.spec["caption"][1]


def test_cases_are_searched_sorted_and_opened(log):
    explorer = Cases(lang="en", instance_url="https://acme.my.salesforce.com")
    explorer.draw(log)
    names = [column["name"] for column in explorer.spec["columns"]]
    cases = lambda: [row["case"] for row in explorer.spec["rows"]]  # noqa: E731
    # Longest first: 28, 20, 10 and 4 days.
    assert cases() == ["d", "b", "a", "c"]
    tell(explorer, do="find", text="sato")
    assert cases() == ["d", "c"]
    tell(explorer, do="sort", place=names.index("Amount"))
    assert cases() == ["c", "d"]
    tell(explorer, do="find", text="")
    tell(explorer, do="sort", place=names.index("Amount"))
    assert cases() == ["a", "b", "c", "d"]
    tell(explorer, do="open", case="b")
    assert explorer.spec["detail"].count("Quote Sent") >= 2
    tell(explorer, do="open", case="nobody")
    assert "nobody" in explorer.spec["detail"]


def test_what_was_found_is_narrowed_to_one_rule_and_searched_as_it_reads(log):
    found = pd.DataFrame({"rule": ["stage_skipped", "won_without_quote", "stage_skipped"], "case_id": ["a", "b", "c"]})
    explorer = Cases(rows=lambda _: found, by="rule", lang="ja")
    explorer.draw(log)
    cases = lambda: [row["case"] for row in explorer.spec["rows"]]  # noqa: E731
    assert [(value, n) for value, _, n in explorer.spec["choices"]["values"]] == [
        ("", 3),
        ("stage_skipped", 2),
        ("won_without_quote", 1),
    ]
    skipped = explorer.spec["choices"]["values"][1][1]
    assert skipped == explorer.spec["rows"][0]["cells"][0] != "stage_skipped"
    tell(explorer, do="only", value="stage_skipped")
    assert cases() == ["a", "c"]
    tell(explorer, do="only", value="")
    tell(explorer, do="find", text=skipped)
    assert cases() == ["a", "c"]
    # A rule without a row in sight stays in the list, with none.
    assert explorer.spec["choices"]["values"][2][2] == 0


def test_texts_of_the_data_are_inert_in_a_case():
    explorer = Cases()
    explorer.draw(from_text("<img onerror=x>: <b>Odd</b> 0, Quote Sent 2"))
    tell(explorer, do="open", case="<img onerror=x>")
    assert "<img" not in explorer.spec["detail"] and "<b>Odd" not in explorer.spec["detail"]


def test_only_the_first_of_many_cases_are_sent_and_that_is_said(monkeypatch, log):
    monkeypatch.setattr("l2c.show.live.cases.MOST_LINES", 3)
    explorer = Cases()
    explorer.draw(log)
    assert len(explorer.spec["rows"]) == 3
    assert explorer.spec["note"].startswith("The first 3 of 4")
    title = explorer.spec["title"]
    # What was not sent is there all the same: to be sorted, to be found.
    names = [column["name"] for column in explorer.spec["columns"]]
    tell(explorer, do="sort", place=names.index("Duration"))
    assert [row["case"] for row in explorer.spec["rows"]] == ["c", "a", "b"]
    assert explorer.spec["title"] == title == "4 cases"
    tell(explorer, do="find", text="sato")
    assert sorted(row["case"] for row in explorer.spec["rows"]) == ["c", "d"]


def test_a_page_that_fails_says_so_and_is_drawn_anew_when_it_can_be(log):
    from l2c.show.live.pages import Pages

    gone = [True]

    def view(log):
        if gone:
            raise OSError("cases.parquet is not there")
        return f"{log.n_cases} cases"

    pages = Pages(
        show.filters(log, interactive=True),
        {"A": ("A", list), "B": ("B", lambda: [view])},
        title="",
        facts="",
        lang="ja",
    )
    with pytest.raises(OSError, match="not there"):
        pages.head.page = "B"
    assert phrases.say("live.failed", "ja") in "".join(getattr(each, "value", "") for each in pages._body.children)
    assert not pages.head.busy
    gone.clear()
    pages._filters.selection.narrow("rep", ["Kim"])
    assert "2 cases" in "".join(getattr(each, "html", "") for each in pages._body.children)
