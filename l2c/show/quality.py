"""Can these data be trusted: what was read, what was set aside and why, what looks odd?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from l2c.show import markup, numbers
from l2c.show.markup import Html, escape
from l2c.show.tables import cell, grid
from l2c.show.tables import table as _table
from l2c.words import notes, phrases, vocabulary

if TYPE_CHECKING:
    from l2c.log.quality import Quality


def quality(report: Quality, *, lang: str = "en", rows: int = 10) -> Html:
    """Show the data quality report: every row is accounted for, and nothing is hidden.

    Parameters
    ----------
    report
        `log.quality`.
    lang
        `en` or `ja`.
    rows
        How many quarantined rows to show.

    Returns
    -------
    HTML: what stands above all numbers, the counts as a bar, reasons of the quarantine, what looks odd, notes, and (folded) the mapping that was
    used and the first quarantined rows.
    """
    head = phrases.say(
        "quality.head", lang, read=numbers.number(report.rows_read), used=numbers.number(report.rows_used),
        out=numbers.number(report.quarantined), events=numbers.number(report.events),
    )  # fmt: skip
    share = report.rows_used / report.rows_read if report.rows_read else 1.0
    told = cautions(report, lang=lang)
    parts = [told.html, f'<div style="font-weight:600;font-size:15px">{escape(head)}</div>', _bar(share, lang)]
    lines = [told.text, head]
    for part, text in (_reasons(report, lang), _findings(report, lang), _notes(report, lang)):
        parts.append(part)
        lines.append(text)
    if report.mapping:
        parts.append(_folded(phrases.say("quality.mapping", lang), mapping(report, lang=lang).html))
    if len(report.quarantine):
        listed = _table(report.quarantine, lang=lang, rows=rows)
        parts.append(_folded(phrases.say("quality.rows", lang), listed.html))
    return Html(f'<div style="{markup.PAPER};font-size:13px">{"".join(parts)}</div>', "\n".join(filter(None, lines)))


def cautions(report: Quality, *, lang: str = "en") -> Html:
    """Say what must be known before any number of the log is believed; nothing where there is nothing of the kind.

    Parameters
    ----------
    report
        `log.quality`.
    lang
        `en` or `ja`.
    """
    said = [notes.note(note, lang) for note in report.top]
    if not said:
        return Html("", "")
    items = "".join(f"<div>{escape(each)}</div>" for each in said)
    box = "border-left:4px solid #c2410c;background:#fff7ed;color:#7c2d12;padding:8px 12px;margin:0 0 10px;max-width:900px"
    return Html(f'<div role="alert" style="{markup.FONT};{box}">{items}</div>', "\n".join(said))


def _bar(share: float, lang: str) -> str:
    # A sliver stays visible: one bad row in a million is still one bad row.
    out = 0.0 if share >= 1 else max(0.6, (1 - share) * 100)
    label = escape(phrases.say("quality.bar", lang, share=numbers.percent(share, lang)))
    return (
        f'<div role="img" aria-label="{label}" title="{label}" style="display:flex;height:10px;max-width:640px;'
        'border-radius:5px;overflow:hidden;margin:6px 0 10px;background:#e5eaf1">'
        f'<div style="width:{100 - out:.1f}%;background:#1d4f8f"></div>'
        f'<div style="width:{out:.1f}%;background:repeating-linear-gradient(45deg,#c2410c 0 3px,#fbd5bd 3px 6px)">'
        "</div></div>"
    )


def _reasons(report: Quality, lang: str) -> tuple[str, str]:
    if not report.reasons:
        text = phrases.say("quality.clean", lang)
        return f'<div style="color:#64748b;margin-bottom:8px">{escape(text)}</div>', text
    heads = [phrases.say("quality.reason", lang), phrases.say("quality.count", lang)]
    listed = sorted(report.reasons.items(), key=lambda item: (-item[1], item[0]))
    cells = [[cell(reason, "reason", lang=lang), numbers.number(n)] for reason, n in listed]
    caption = phrases.say("quality.reasons", lang)
    return _block(grid(heads, cells, [False, True], caption)), "\n".join(
        [caption, *(phrases.named(name, number, lang) for name, number in cells)]
    )


def _findings(report: Quality, lang: str) -> tuple[str, str]:
    found = report.findings
    if not len(found):
        return "", ""
    heads = [phrases.say(f"quality.{key}", lang) for key in ("finding", "detail", "count", "of")]
    cells = []
    for row in found.to_dict("records"):
        of = row.get("of")
        cells.append(
            [
                cell(str(row["finding"]), "finding", lang=lang),
                notes.note(row["detail"], lang),
                numbers.number(row["count"]),
                numbers.MISSING if pd.isna(of) else numbers.number(of),
            ]
        )
    caption = phrases.say("quality.findings", lang)
    return _block(grid(heads, cells, [False, False, True, True], caption)), "\n".join(
        [caption, *(phrases.named(c[0], phrases.bracketed(c[1], c[2], lang), lang) for c in cells)]
    )


def _notes(report: Quality, lang: str) -> tuple[str, str]:
    if len(report.notes) == len(report.top):
        return "", ""
    head = phrases.say("quality.notes", lang)
    said = [notes.note(note, lang) for note in report.notes if note not in report.top]
    items = "".join(f"<li>{escape(note)}</li>" for note in said)
    html = f'<b>{escape(head)}</b><ul style="margin:2px 0 0;padding-left:20px">{items}</ul>'
    return _block(html), "\n".join([head, *said])


def _block(html: str) -> str:
    return f'<div style="margin-bottom:10px">{html}</div>'


def _folded(head: str, html: str) -> str:
    summary = f'<summary style="cursor:pointer;color:#1d4f8f">{escape(head)}</summary>'
    return f'<details style="margin-bottom:6px">{summary}{html}</details>'


def mapping(report: Quality, *, lang: str = "en") -> Html:
    """Say what each column and each value of the source was read as.

    Parameters
    ----------
    report
        `log.quality`; a saved log holds the same as `mapping.yaml`, to be changed and given back with `--map`.
    lang
        `en` or `ja`.
    """
    said = report.mapping
    rows = [(str(header), vocabulary.label(name, lang)) for name, header in said.get("columns", {}).items()]
    for name, header in said.get("dates", {}).items():
        # A close date stands for two activities, of which another column decides.
        rows.append((str(header), " / ".join(vocabulary.label(part, lang) for part in str(name).split("|"))))
    rows += [(str(raw), vocabulary.label(str(name), lang)) for raw, name in said.get("activities", {}).items()]
    rows += [(str(place), vocabulary.label(name, lang)) for name, place in said.get("salesforce", {}).items()]
    for key in ("date_format", "time_zone", "currency"):
        if said.get(key):
            rows.append((phrases.say(f"mapping.{key}", lang), str(said[key])))
    if not rows:
        text = phrases.say("mapping.none", lang)
        return Html(f'<div style="{markup.PAPER};color:#64748b">{escape(text)}</div>', text)
    heads = [phrases.say("mapping.source", lang), phrases.say("mapping.read_as", lang)]
    text = "\n".join(" | ".join(line) for line in [heads, *rows])
    return Html(grid(heads, rows, [False, False]), text)
