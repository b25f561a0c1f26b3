"""Every sentence of every chart, card and list, where the log holds next to nothing: never an error, never a falsehood."""

import re

import pytest

from l2c import diagnose, discover, show
from l2c.log import EventLog
from l2c.measures.facts import Facts
from l2c.measures.invoices import invoices
from tests.show.sentences import LOGS, SAID, text_of

# What no reader should meet: missing numbers, Python's own words, names of columns, places left to be filled.
RAW = re.compile(r"\b(?:nan|NaN|NaT|inf|None(?! of)|True|False)\b|\b[a-z]+_[a-z_]+\b|[{}]|\[\w+\?")
# A sentence about all, or none, of something: English, Japanese, and whether this log lets it be said.
UNIVERSAL = (
    (r"No invoice is open", r"未入金の請求書なし", lambda f: f["invoices"] and not f["unpaid"]),
    (r"No invoice was paid late", r"期日に遅れた請求書なし", lambda f: f["due"]),
    (r"Nothing is overdue", r"期日超過なし", lambda f: f["unpaid"]),
    (r"invoices have been paid so far", r"入金済みの請求書はまだ半数", lambda f: f["unpaid"]),
    (r"none of them is broken", r"いずれも違反なし", lambda f: f["judged"]),
    (r"no rule is broken", r"ルール違反もありません", lambda f: f["judged"] == f["rules"]),
    (r"no group was found", r"異なるグループは見つかりません", lambda f: f["cases"] >= 40 and f["groups"]),
    (r"No rep differs", r"超える担当者なし", lambda f: f["reps"]),
    (r"No clear difference|no clear difference", r"明確な差なし", lambda f: f["groups"] > 1),
    (r"Waiting for acceptance shows no", r"明確な関連なし", lambda f: f["answers"] and f["outcomes"]),
    (r"Discounts do not pay", r"採算の合わない割引", lambda f: f["discounts"]),
    (r"no change beyond chance|none of these figures", r"有意な変化なし", lambda f: f["cases"] >= 40),
    (r"take one path", r"すべてが同じ流れ", lambda f: f["cases"] > 1 and f["paths"] == 1),
    (r"All \d+ paths", r"全\d+通りの流れ", lambda f: f["paths"] > 1),
    (r"twice", r"やり直しなし", lambda f: f["cases"]),
    (r"Half of the deals are decided", r"商談の半数は", lambda f: f["outcomes"]),
    (r"first touch to payment", r"最初の接点から入金", lambda f: f["invoices"]),
    (r"own team is waited for", r"待ち先：自社", lambda f: False),
    (r"Most|most of", r"ほとんど", lambda f: f["cases"]),
)


def facts_of(log: EventLog) -> dict[str, int]:
    """What the log holds, counted without `show`."""
    rules = diagnose.compliance(log)
    bills = invoices(Facts.of(log))
    return {
        "cases": log.n_cases,
        "invoices": len(bills),
        "unpaid": int(bills.still.sum()),
        "due": int(bills.known.sum()),
        "rules": len(rules),
        "judged": int((rules["applicable"] > 0).sum()),
        "groups": len(log.distinct("region")) if "region" in log.attributes and log.n_cases else 0,
        "reps": len(log.distinct("rep")) if "rep" in log.attributes and log.n_cases else 0,
        "answers": "Quote Accepted" in log.activities,
        "outcomes": log.base.knows_outcomes,
        "discounts": diagnose.discounts(log)["verdict"].iloc[0] != "unknown",
        "paths": len(discover.variants(log)),
    }


@pytest.fixture(scope="module", params=list(LOGS))
def case(request):
    log = LOGS[request.param]()
    return log, facts_of(log)


@pytest.mark.parametrize("name", list(SAID))
def test_nothing_raw_and_nothing_untrue_is_said(case, name):
    log, facts = case
    measure, say = SAID[name]
    measured = measure(log)
    for place, lang in enumerate(("en", "ja")):
        text = text_of(say(*measured, lang=lang))
        assert RAW.findall(text) == []
        for *wording, holds in UNIVERSAL:
            assert holds(facts) or not re.search(wording[place], text), (wording[place], text[:400])
        if lang == "ja":
            # Activities and values of the log are its own; a sentence of five English words is the kit's.
            assert re.findall(r"(?:\b[a-z]+ ){4}[a-z]+\b", text) == []


def test_everything_public_is_said_here():
    told = {name.split()[0] for name in SAID}
    # Those that draw for themselves, choose cases, or only pass on.
    others = {
        "Cases", "Editor", "ProcessMap", "Variants", "browse", "bpmn", "check", "executive", "hours", "label", "links", "saved", "table",
    }  # fmt: skip
    assert set(show.__all__) - told == others
