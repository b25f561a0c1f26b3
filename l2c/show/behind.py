"""Which cases are behind a number? One click away: the page holds each case once, a number carries their places."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from l2c.log.origin import ADDRESS
from l2c.log.outcomes import STATUSES
from l2c.measures.behind import Places, packed, unpacked
from l2c.show import numbers
from l2c.show.markup import clean, escape
from l2c.words import phrases

if TYPE_CHECKING:
    import pandas as pd

# What the list says, by the phrases `behind.*`.
WORDS = (
    "case", "opened", "outcome", "amount", "search", "close", "csv", "more", "count", "count.one", "found", "hint", "largest",
)  # fmt: skip
# By which a page knows that some number on it leads to its cases.
LEADS = ' data-cases="'
_LEAD = re.compile(f'{LEADS}[\\w-]+" data-label="[^"]*"')
_CASES = re.compile(f'{LEADS}([\\w-]+)"')
# A report whose cases would weigh more bytes lists so many of the largest of each number, and has a file of all beside it.
MOST_BYTES, LARGEST = 500_000, 50
Cases = str | Collection[int] | Places | None


def behind(places: Cases, label: str) -> str:
    """Attributes of an element that lead from it to the cases behind its number.

    Parameters
    ----------
    places
        Places of the cases in the log (`l2c.measures.behind`), packed or not; None where nobody knows them.
    label
        What the number is, in the reader's language, such as `Win rate: 49 %`; it heads the list.

    Returns
    -------
    ` data-cases="…" data-label="…"`, to be put into the opening tag of any element of HTML or SVG; nothing where there are
    no cases. The page (`l2c.show.page`) makes the element a button and lists its cases; the dashboard makes them a
    selection. Where no script runs, it is the plain element.
    """
    # What is missing in a column of texts is not a number.
    if places is None or isinstance(places, float) or not len(places):
        return ""
    text = places if isinstance(places, str) else packed(places)
    return f'{LEADS}{escape(text)}" data-label="{escape(label)}"'


def number(text: str, places: Cases, label: str) -> str:
    """A number as HTML that leads to its cases; the number alone where they are not known."""
    attributes = behind(places, label)
    return f"<span{attributes}>{escape(text)}</span>" if attributes else escape(text)


def lead(places: Cases, label: str, lang: str = "en") -> str:
    """What leads to the cases of a sentence, as HTML to stand after it: how many they are; nothing where they are not known."""
    if not behind(places, label):
        return ""
    many = len(unpacked(places)) if isinstance(places, str) else len(places or ())
    return number(numbers.count(many, "case", lang), places, label)


def why(row: Mapping[Any, Any], lang: str) -> str:
    """What leads from an action or a finding to the part of a chapter that shows it, as HTML to stand after it.

    Hidden where there are no chapters: a report (`l2c.report.leading.grounded`) makes it a link.
    """
    ground = f"{row['problem']} {row['kind']}"
    return f'<span data-why="{escape(ground)}" hidden>{escape(phrases.say("actions.why", lang))}</span>'


def listed(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None, org: str = "") -> str:
    """The cases of a page, once, with what lists those of a number when it is clicked or entered.

    Parameters
    ----------
    table
        What `l2c.measures.behind.cases` returns: `case_id, opened, status, amount` by place.
    lang, currency
        `en` or `ja`; the currency of the log, None where amounts are in several or unknown.
    org
        Address of the Salesforce org, for links to its opportunities; empty where unknown.

    Returns
    -------
    HTML for the end of a page. It asks for nothing; every text of the data is inert in it.
    """
    known = bool(table["amount"].notna().any())
    steps = table["opened"].astype("float").diff().fillna(table["opened"]).tolist()
    content = {
        "ids": "\n".join(clean(id).replace("\n", " ") for id in table["case_id"]),
        "opened": [int(step) for step in steps],
        "status": "".join(str(STATUSES.index(status)) for status in table["status"]),
        "amount": [None if numbers.is_missing(each) else round(each) for each in table["amount"]] if known else None,
    }
    data = gzip.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), 9, mtime=0)
    spec = {
        "packed": base64.b64encode(data).decode(),
        "words": {name: phrases.say(f"behind.{name}", lang, n="{n}", all="{all}", column="{column}") for name in WORDS},
        "statuses": [phrases.say(f"status.{status}", lang) for status in STATUSES],
        "link": f"{org}/lightning/r/Opportunity/" if ADDRESS.fullmatch(org) else "",
        "money": f"{{n}} {currency or ''}".strip() if known else None,
        "lang": lang,
    }
    text = json.dumps(spec, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
    return (
        f'<style>{_own("behind.css")}</style><script type="application/json" id="l2c-cases">{text}</script>'
        f"<script>{_own('behind.js')}</script>"
    )


def thinned(bodies: Mapping[str, str], table: pd.DataFrame) -> tuple[dict[str, str], pd.DataFrame, pd.DataFrame]:
    """Pages whose numbers lead to their largest cases only, and a file of all: where the list would make pages heavy.

    Parameters
    ----------
    bodies
        HTML of the pages by name.
    table
        The cases of the log, as for `listed`.

    Returns
    -------
    The pages, the cases that they list, and a table to lie beside them: `case_id, opened, status, amount`, and a column `N1`,
    `N2`, … for each number that is 1 where a case is behind it.
    """
    import pandas as pd

    numbered = {text: n for n, text in enumerate(dict.fromkeys(_found(bodies.values())), 1)}
    rank = np.argsort(np.argsort(-table["amount"].fillna(-1).to_numpy(), kind="stable"))
    largest, beside = {}, {}
    for text, n in numbered.items():
        all_ = unpacked(text)
        beside[f"N{n}"] = np.isin(np.arange(len(table)), all_).astype(np.int8)
        largest[text] = (np.sort(all_[np.argsort(rank[all_])[:LARGEST]]), len(all_))
    kept = np.unique(np.concatenate([places for places, _ in largest.values()]))
    new = {
        text: f'{LEADS}{packed(np.searchsorted(kept, places))}" data-all="{many}" data-column="N{numbered[text]}"'
        for text, (places, many) in largest.items()
    }
    pages = {name: _CASES.sub(lambda found: new[found[1]], body) for name, body in bodies.items()}
    told = table.assign(opened=table["opened"].to_numpy("datetime64[D]"))
    whole = pd.concat([told, pd.DataFrame(beside, index=table.index)], axis=1)
    return pages, table.iloc[kept].reset_index(drop=True), whole


def weight(bodies: Mapping[str, str], shown: str) -> int:
    """How many bytes the numbers of some pages carry for their cases, with the list `shown` on each that needs it."""
    leading = [body for body in bodies.values() if LEADS in body]
    return len(leading) * len(shown.encode()) + sum(
        len(each[0].encode()) for body in leading for each in _LEAD.finditer(body)
    )


def _found(bodies: Iterable[str]) -> list[str]:
    """The packed places of every number on some pages."""
    return [text for body in bodies for text in _CASES.findall(body)]


@cache
def _own(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")
