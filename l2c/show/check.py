"""What a source holds and can answer: on one page, or in lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from l2c.show import markup, numbers
from l2c.show.markup import Html, escape
from l2c.show.tables import cell, grid
from l2c.words import notes, phrases, vocabulary
from l2c.words.phrases import PHRASES

if TYPE_CHECKING:
    from l2c.check import Check

MARKS = {"yes": "●", "partly": "◐", "no": "○"}
LONGEST_VALUE = 40


def check(checked: Check, *, source: str = "", lang: str = "en") -> Html:
    """Show what a source holds, what is to be settled, and which of the eleven problems it speaks to.

    Parameters
    ----------
    checked
        What `l2c.check.check` found.
    source
        What to call it in the heading.
    lang
        `en` or `ja`.

    Returns
    -------
    HTML; its text is for a terminal.
    """
    parts = [
        _asked(checked, lang),
        _first(checked, lang),
        _sources(checked, lang),
        _problems(checked, lang),
        _costs(checked, lang),
    ]
    parts += [_settled(checked, lang), _columns(checked, lang)]
    shown = [part for part in parts if part]
    title = phrases.say("check.title", lang, source=source) if source else ""
    html = f"<h1>{escape(title)}</h1>" if title else ""
    html += "".join(f"<h2>{escape(head)}</h2>{body}" for head, body, _ in shown)
    text = "\n\n".join(filter(None, [title, *("\n".join([head, *lines]) for head, _, lines in shown)]))
    return Html(f'<div style="{markup.PAPER};font-size:14px">{html}</div>', text)


Part = tuple[str, str, list[str]]


def _asked(checked: Check, lang: str) -> Part | None:
    if checked.refused is None:
        return None
    said = [phrases.say("check.asked", lang), checked.refused.said(lang)]
    html = f"<p>{escape(said[0])}</p><p><b>{escape(said[1])}</b></p>"
    return phrases.say("check.ask", lang), html, [f"  {line}" for line in said]


def _first(checked: Check, lang: str) -> Part | None:
    """What says something about every number."""
    said = [notes.note(note, lang) for note in checked.log.quality.top] if checked.log is not None else []
    return (phrases.say("check.first", lang), _list(said), [f"  ! {line}" for line in said]) if said else None


def _sources(checked: Check, lang: str) -> Part | None:
    columns = [name for name in ("rows_read", "rows_used", "rows_aside", "events") if name in checked.sources]
    heads = [phrases.say("check.file", lang), *[phrases.say(f"check.{name}", lang) for name in columns]]
    rows = [[str(row["file"]), *[_count(row[name]) for name in columns]] for row in checked.sources.to_dict("records")]
    if not rows:
        return None
    lines = [f"  {row[0]}: " + ", ".join(map(" ".join, zip(heads[1:], row[1:], strict=True))) for row in rows]
    return phrases.say("check.from", lang), grid(heads, rows, [False] + [True] * len(columns)), lines


def _count(value: Any) -> str:
    return numbers.MISSING if pd.isna(value) else numbers.number(value)


def problems(table: pd.DataFrame, *, lang: str = "en") -> Html:
    """Show which of the eleven problems a log can speak to, what is lost, and which fields of Salesforce would open it.

    Parameters
    ----------
    table
        What `l2c.check.problems` returns.
    lang
        `en` or `ja`.
    """
    heads = [phrases.say(f"check.{name}", lang) for name in ("problem", "answer", "cases", "lost")]
    rows, lines = [], []
    for row in table.to_dict("records"):
        answer = f"{MARKS[row['answer']]} {phrases.say('check.' + row['answer'], lang)}"
        name, cases = phrases.say(f"problem.{row['problem']}", lang), _count(row["cases"])
        why, opens = ("。" if lang == "ja" else "; ").join(_lost(row, lang)), "; ".join(row["opens"])
        rows.append([name, answer, cases, f"{why} → {opens}" if opens else why])
        lines.append(
            f"  {answer[:1]} {phrases.named(name, answer[2:], lang)}, {numbers.count(row['cases'], 'case', lang)}"
        )
        lines += [f"      {text}" for text in (why, f"→ {opens}" if opens else "") if text]
    return Html(grid(heads, rows, [False, False, True, False]), "\n".join(lines))


def _lost(row: dict[Any, Any], lang: str) -> list[str]:
    """What a problem lacks, and what its answer loses by that."""
    lost = [phrases.say(f"lost.{name}", lang) for name in row["lost"]]
    if row["missing"]:
        names = ", ".join(called(name, lang) for name in row["missing"])
        lost.insert(0, phrases.say("check.lacks", lang, names=names))
    return lost if row["note"] is None else [*lost, notes.note(row["note"], lang)]


def _problems(checked: Check, lang: str) -> Part | None:
    if not len(checked.problems):
        return None
    shown = problems(checked.problems, lang=lang)
    return phrases.say("check.problems", lang), shown.html, shown.text.splitlines()


def called(name: str, lang: str) -> str:
    """Name what a problem needs: an activity, an attribute, or what else a log may hold."""
    label = vocabulary.label(name, lang)
    # Other pages have phrases of such names, too: `check.time` says what to look at first.
    return phrases.say(f"check.{name}", lang) if label == name and f"check.{name}" in PHRASES else label


def _costs(checked: Check, lang: str) -> Part | None:
    if checked.log is None:
        return None
    said = []
    for row in checked.costs.to_dict("records"):
        of = "" if pd.isna(row["of"]) else f" / {numbers.number(row['of'])}"
        count = f"{numbers.number(row['count'])}{of}"
        said.append(
            phrases.named(
                cell(row["finding"], "finding", lang=lang),
                phrases.bracketed(notes.note(row["detail"], lang), count, lang),
                lang,
            )
        )
    said = said or [phrases.say("check.nothing_lost", lang)]
    return phrases.say("check.cost", lang), _list(said), [f"  {line}" for line in said]


def _settled(checked: Check, lang: str) -> Part | None:
    if checked.log is None:
        return None
    first = checked.log.quality.top
    said = [notes.note(note, lang) for note in checked.log.quality.notes if note not in first]
    if not said:
        return None
    return phrases.say("check.settled", lang), _list(said), [f"  {line}" for line in said]


def _list(said: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in said) + "</ul>"


def _columns(checked: Check, lang: str) -> Part | None:
    if not len(checked.columns):
        return None
    heads = [phrases.say(f"check.{name}", lang) for name in ("file", "column", "taken_for", "why", "values")]
    rows, lines = [], []
    for row in checked.columns.to_dict("records"):
        taken = " / ".join(called(part, lang) for part in row["taken_for"].split("|")) or numbers.MISSING
        why = phrases.say(f"check.why.{row['why']}", lang) if row["why"] else ""
        values = " · ".join(_cut(text) for text in row["values"])
        rows.append([row["file"], row["column"], taken, why, values])
        known = phrases.bracketed(taken, why, lang) if why else taken
        lines.append("  " + phrases.named(f"{row['column']} → {known}", values, lang))
    several = checked.columns["file"].nunique() > 1
    if checked.refused is not None:
        # Nothing was taken for anything yet.
        heads, rows = [heads[at] for at in (0, 1, 4)], [[row[at] for at in (0, 1, 4)] for row in rows]
        lines = ["  " + phrases.named(column, values, lang) for _, column, values in rows]
    if several:
        lines = ["  " + phrases.named(row[0], line.strip(), lang) for row, line in zip(rows, lines, strict=True)]
    else:
        heads, rows = heads[1:], [row[1:] for row in rows]
    title = "check.columns" if checked.refused is None else "check.its_columns"
    return phrases.say(title, lang), grid(heads, rows, [False] * len(heads)), lines


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
