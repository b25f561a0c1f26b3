"""What is looked at, in the address: it comes back as it was, names nobody, and believes nothing it cannot know."""

import json
from datetime import datetime
from functools import cache
from urllib.parse import quote, unquote

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from l2c.log import build
from l2c.measures import behind
from l2c.prepare.pseudonyms import handed, pseudonyms
from l2c.show.live import address
from l2c.show.live.address import LONGEST_ADDRESS, State
from tests.logs import from_text

LOG = """
    a [rep=Kim Novak, region=EMEA, amount=10]: Lead Created 0, Quote Sent 3, Closed Won 9
    b [rep=Kim Novak, region=EMEA, amount=20]: Lead Created 0, Closed Lost 20
    c [rep=Rio Sato, region=APAC, amount=30]: Quote Sent 40, Closed Won 60
    d [rep=Rio Sato, region=日本, amount=40]: Lead Created 70, Quote Sent 90
"""
PAGES = ("overview", "process")
MAP = {
    "metric": "cases", "activities": None, "paths": 0.4, "direction": "down", "theme": "auto", "compare": False,
    "against": [], "where": [],
}  # fmt: skip


@cache
def few():
    return from_text(LOG, until=100)


@pytest.fixture
def log():
    return few()


def conditions(*pairs):
    return tuple({"word": word, "value": value} for word, value in pairs)


STATES = [
    State(),
    State(page="process", map={"metric": "median_days", "paths": 0.25, "activities": 0.5, "compare": True}),
    State(where=conditions(("region", ["日本", "EMEA"]), ("amount", "15..35"), ("includes", "Quote Sent"))),
    # Twice the same word, in the order of the clicks.
    State(
        where=conditions(
            ("includes", "Quote Sent"), ("includes", "Lead Created"), ("not_follows", ["Quote Sent", "Closed Won"])
        )
    ),
    State(
        where=conditions(("rep", ["Rio Sato", None]), ("slower", ["Quote Sent", 5])),
        levers={"step: A > B&c=d": 3},
        cost=90000.0,
    ),
    State(map={"against": list(conditions(("region", ["EMEA"])))}),
]


@pytest.mark.parametrize("state", STATES, ids=range(len(STATES)))
def test_a_state_comes_back_from_the_address_as_it_was(log, state):
    text, left_out = address.written(state, log)
    assert left_out == () and address.read(text, log, PAGES, MAP) == (state, ())
    # Only signs that no browser and no mail program changes.
    assert text == quote(unquote(text), safe="&=[],:.>-_~!*/;@$%") or "%26" in text
    assert text.isascii() and not set(text) & set("<>\"' ") - {">"}


def test_people_stand_in_the_address_by_pseudonyms_alone(log):
    where = conditions(("rep", ["Kim Novak"]))
    text, _ = address.written(State(where=where), log)
    said = unquote(text)
    assert "Kim" not in said and pseudonyms(log)["Kim Novak"] in said
    assert address.read(text, log, PAGES, MAP)[0].where == where
    # A name that somebody wrote into it is not taken, whoever is called so; neither are pseudonyms of other data.
    for foreign in (f"where.rep={quote(json.dumps(['Kim Novak']))}&{text.split('&')[-1]}", text.replace("of=", "of=0")):
        state, left_out = address.read(foreign, log, PAGES, MAP)
        assert state.where == () and left_out == ("people",)
        assert "Kim" not in address.told(left_out, log, "en")
    # What lies beside the log says it as the log does.
    kept, _ = address.written(State(where=where), log, names=True)
    assert "Kim Novak" in unquote(kept)
    assert address.read(kept, log, PAGES, MAP, names=True)[0].where == where


def test_pseudonyms_of_other_data_are_somebody_else(log):
    other = from_text(LOG.replace("Quote Sent 3", "Quote Sent 4").replace("a [", "e ["), until=100)
    text, _ = address.written(State(where=conditions(("rep", ["Kim Novak"]))), log)
    assert address.read(text, other, PAGES, MAP) == (State(), ("people",))


def test_a_log_without_names_needs_no_other(log):
    bare = handed(log)
    where = conditions(("rep", [bare.distinct("rep")[0]]))
    text, left_out = address.written(State(where=where), bare)
    assert left_out == () and address.read(text, bare, PAGES, MAP)[0].where == where


def test_who_did_what_names_nobody(log):
    did = [("a", "Quote Sent", 1, "Kim Novak"), ("a", "Closed Won", 2, "Rio Sato"), ("b", "Quote Sent", 3, "Rio Sato")]
    rows = [
        {"case_id": case, "activity": what, "time": datetime(2025, 1, day), "actor": who}
        for case, what, day, who in did
    ]
    told = build(pd.DataFrame(rows))
    for value in ("Quote Sent > Kim Novak", ["Quote Sent", "Kim Novak"]):
        where = conditions(("did", value))
        text, left_out = address.written(State(where=where), told)
        assert "Kim" not in unquote(text) and left_out == ()
        assert address.read(text, told, PAGES, MAP)[0].where == where


HOSTILE = {
    "page=../../etc": ("page",),
    "page=%3Cscript%3E": ("page",),
    "where.region=%5B%22Atlantis%22%5D": ("region",),
    "where.region=1": ("region",),
    "where.region=__import__('os')": ("region",),
    "where.__class__=%5B%22x%22%5D": ("unknown",),
    "where.case_key=1": ("unknown",),
    "where.amount=1..1e999": ("amount",),
    f"where.amount={10**40}": ("amount",),
    "where.includes=" + "%5B" * 900 + "%5D" * 900: ("includes",),
    "where.opened=NaN": ("opened",),
    "where.slower=[%22Quote Sent%22,Infinity]": ("slower",),
    "map.paths=7": ("map",),
    "map.activities=2": ("map",),
    "map.paths=true": ("map",),
    "map.metric.x=1": ("map",),
    "map.theme=dark": ("map",),
    "map.where=[]": ("map",),
    "map.against=[{%22word%22:%22region%22,%22value%22:[%22Atlantis%22]}]": ("map",),
    "lever.x=-1": ("levers",),
    "lever.x=1e9": ("levers",),
    "cost=-5": ("unknown",),
    "hours=working": ("hours",),
    "constructor=1&__proto__=2": ("unknown",),
    "x" * (LONGEST_ADDRESS + 1): ("long",),
}


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:40])
def test_what_means_nothing_is_left_out_with_a_sentence(log, text):
    assert address.read(text, log, PAGES, MAP) == (State(), HOSTILE[text])
    for lang in ("en", "ja"):
        said = address.told(HOSTILE[text], log, lang)
        assert said and "Atlantis" not in said and "<" not in said
    # What stands beside it counts.
    assert len(text) > LONGEST_ADDRESS or address.read(f"page=process&{text}", log, PAGES, MAP)[0].page == "process"


@given(
    st.text(max_size=200),
    st.sampled_from(["", "where.region=", "where.rep=", "where.did=", "map.against=", "where.took="]),
)
@example("%", "where.region=")
@example('{"tuple":[[],{}]}', "where.took=")
def test_no_text_is_too_strange(text, before):
    log = few()
    state, _ = address.read(before + text, log, PAGES, MAP)
    assert address.read(address.written(state, log)[0], log, PAGES, MAP)[0] == state


def test_cases_by_their_places_are_those_of_these_data(log):
    packed = behind.packed([0, 2])
    where = conditions(("cases", {"cases": packed, "label": "Deals of Kim Novak"}))
    text, _ = address.written(State(where=where), log)
    assert "Kim" not in unquote(text)
    (found,) = address.read(text, log, PAGES, MAP)[0].where
    assert found["value"] == {"cases": packed, "label": "2 cases of a link"}
    # Beside the log, what they are called stands as it was.
    kept, _ = address.written(State(where=where), log, names=True)
    assert address.read(kept, log, PAGES, MAP, names=True)[0].where == where
    mark = text.split("&")[-1]
    for strange in ("", "!!", behind.packed([7]), "AP__________8B", "é"):
        hostile = f"where.cases={quote(json.dumps({'cases': strange}))}&{mark}"
        assert address.read(hostile, log, PAGES, MAP) == (State(), ("choice",)), strange
    assert address.read(text.replace("of=", "of=0"), log, PAGES, MAP) == (State(), ("choice",))


def test_half_a_choice_is_none(log):
    where = conditions(("variant", list(range(1, 3000))), ("region", ["EMEA"]))
    text, left_out = address.written(State("process", where=where), log)
    assert text == "page=process" and left_out == ("variant", "region")
