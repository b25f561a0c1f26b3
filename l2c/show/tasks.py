"""What became of the deals for which something was asked?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.monitor.came import BECAME
from l2c.show import markup, numbers
from l2c.show.markup import Html, escape
from l2c.show.own_words import own_words
from l2c.show.tables import cell, sentence
from l2c.words import phrases
from l2c.words.notes import Note


@own_words
def tasks_came(table: pd.DataFrame, *, lang: str = "en") -> Html:
    """Say per alert what became of the deals that got a task, beside those that were flagged and got none.

    Parameters
    ----------
    table
        What `monitor.tasks_judged` returns.
    lang
        `en` or `ja`.

    Returns
    -------
    HTML with a plain-text twin, a line each; below it what the lines do not tell.
    """
    lines = [_line(row, lang) for row in table.to_dict("records")]
    note = table.attrs.get("note")
    below = [sentence(note, lang)] if isinstance(note, Note) else []
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    html = (f"<ul>{items}</ul>" if lines else "") + "".join(f"<p>{escape(line)}</p>" for line in below)
    return Html(f'<div style="{markup.PAPER};font-size:14px">{html}</div>', "\n".join([*lines, *below]))


def _line(row: Mapping[Any, Any], lang: str) -> str:
    counts = {word: int(row[word]) for word in BECAME if row[word]}
    said = [
        phrases.say("tasks.became", lang, n=numbers.number(n), what=phrases.say(f"tasks.{word}", lang))
        for word, n in counts.items()
    ]
    known = int(row["known"])
    done = phrases.say("tasks.done", lang, n=numbers.number(row["done"]), of=numbers.number(known)) if known else ""
    return phrases.say(
        "tasks.line",
        lang,
        alert=cell(str(row["alert"]), "alert", lang=lang),
        kind=phrases.say(f"tasks.kind.{row['kind']}", lang),
        n=numbers.number(row["flagged"]),
        became=("、" if lang == "ja" else ", ").join(said),
        done=done,
    )
