"""Which ways do the cases go, and how many go each?"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle

from l2c.discover.variants import MORE
from l2c.log.outcomes import ENDED_BY
from l2c.show import numbers, theme
from l2c.show.charts import sheet
from l2c.show.charts.picture import Picture, finished, nothing
from l2c.show.map import lettering
from l2c.words import phrases, vocabulary

# All in inches: a chevron is as wide as its label, and a long path goes on in the next line of its row.
WIDTH = 10.2
LEFT = 2.75
HEIGHT = 0.36
NOTCH = 0.08
GAP = 0.035
LINE = 0.44
LINES = 4
FONT = 7.5


@dataclass(frozen=True)
class Chevron:
    """One step of a path as drawn: an activity, done once or several times in a row; `more` where a folded path has it several times."""

    activity: str
    label: tuple[str, ...]
    times: int
    again: bool
    width: float
    is_rework: bool = False
    more: bool = False

    @property
    def mark(self) -> str:
        """How often, as it is written behind the name."""
        return MORE if self.more else f" ×{self.times}" if self.times > 1 else ""


@sheet.house()
def variants(table: pd.DataFrame, *, top: int = 10, lang: str = "en") -> Picture:
    """Draw the most frequent paths as rows of chevrons, with their cases, share and median time.

    Parameters
    ----------
    table
        What `discover.variants` returns, folded or not: `trace, cases, share, median_days`, most frequent first.
    top
        How many paths to show.
    lang
        `en` or `ja`.

    Returns
    -------
    A picture. The phases of the process go from light to dark; a step that some case does again on the same object is
    orange and marked `↺`; a run of the same step is one chevron marked `×3`, what a folded path has several times `×2+`; a
    lost deal or lead ends dashed.
    """
    if not len(table):
        return nothing(lang)
    shown = table.head(top)
    rows = [_lines(_steps(each, lang), lang) for each in shown.to_dict("records")]
    wide, left = _room()
    # On a phone the facts of a path stand above it.
    above = LINE - 0.1 if sheet.is_narrow() else 0.0
    fig, ax = sheet.bare(wide, sum(len(lines) * LINE + 0.12 + above for lines in rows) + 0.3)
    _heads(ax, lang)
    shaded = shades(table)
    y = 0.3
    for lines, each in zip(rows, shown.to_dict("records"), strict=True):
        _facts(ax, y, each, float(shown["share"].max()), lang)
        y += above
        for line in lines:
            _draw(ax, line, left, y, shaded)
            y += LINE
        y += 0.12
        ax.plot([0.08, wide - 0.1], [y - 0.1, y - 0.1], color=theme.GRID, linewidth=0.8)
    note = phrases.say("variants.note.places" if _is_foreign(table) else "variants.note", lang)
    paths = (
        phrases.named(numbers.count(v["cases"], "case", lang), _path(v, lang), lang) for v in shown.to_dict("records")
    )
    return finished(fig, _title(table, shown, lang), note, paths)


def chevrons(trace: Sequence[str], lang: str = "en", repeated: Collection[str] | None = None) -> list[Chevron]:
    """Turn a trace into the steps that are drawn: runs of the same activity become one, repeats are marked.

    `repeated` are the activities that are done again on the same object; unless given, all but those that come several times by
    their nature.
    """
    nature = vocabulary.marks() | vocabulary.several(numbered=False)
    steps: list[Chevron] = []
    seen: set[str] = set()
    place = 0
    while place < len(trace):
        activity, times = trace[place].removesuffix(MORE), 1
        more = activity != trace[place]
        while place + times < len(trace) and trace[place + times] == activity:
            times += 1
        rework = activity not in nature if repeated is None else activity in repeated
        step = Chevron(activity, (), times, activity in seen and rework, 0, rework, more)
        step = replace(step, is_rework=rework and (step.again or times > 1 or more))
        label = _label(step, lang)
        width = max(lettering.letters(line, FONT) for line in label) + 2 * NOTCH + 0.1
        steps.append(replace(step, label=label, width=width))
        seen.add(activity)
        place += times
    return steps


def _steps(row: dict[Hashable, Any], lang: str) -> list[Chevron]:
    """The steps of a row of the table."""
    return chevrons(row["trace"], lang, row.get("done_again"))


def _label(step: Chevron, lang: str) -> tuple[str, ...]:
    """Break the name of an activity into one or two lines, shortened where even that is long."""
    name = lettering.plain(vocabulary.label(step.activity, lang)).removeprefix("Stage: ")
    lines = [lettering.shorten(part, 17) for part in _halves(name)]
    lines[0] = ("↺ " if step.again else "") + lines[0]
    lines[-1] += step.mark
    return tuple(lines)


def _halves(name: str) -> list[str]:
    """Cut a name where its two lines become most equal: between words, or where the Japanese script changes."""
    if lettering.em(name) <= 4.5:
        return [name]
    cuts = [m.start() for m in re.finditer(" ", name)]
    if not cuts:
        cuts = [
            m.end() for m in re.finditer(r"[\u30a0-\u30ff](?=[\u4e00-\u9fff])|[\u4e00-\u9fff](?=[\u30a0-\u30ff])", name)
        ]
    if not cuts and lettering.em(name) > len(name) * 0.75:
        # Compounds of two-sign words: 割引承認 / 申請.
        cuts = [len(name) - 2 if len(name) <= 7 else math.ceil(len(name) / 4) * 2]
    if not cuts:
        return [name]
    best = min(cuts, key=lambda cut: max(lettering.em(name[:cut]), lettering.em(name[cut:].strip())))
    return [name[:best], name[best:].strip()]


def _lines(steps: list[Chevron], lang: str) -> list[list[Chevron]]:
    """Break a path into the lines of its row; what is too long for four of them is counted, not drawn."""
    wide, left = _room()
    lines: list[list[Chevron]] = [[]]
    used = left
    for number, step in enumerate(steps):
        if used + step.width > wide - 0.15 and lines[-1]:
            if len(lines) == (2 * LINES if sheet.is_narrow() else LINES):
                kept = lines[-1]
                left_out = sum(s.times for s in steps[number:])
                room = lettering.letters(phrases.say("variants.cut", lang, n="0,000"), FONT) + 0.3
                while used + room > wide - 0.15 and len(kept) > 1:
                    used -= kept[-1].width + GAP - NOTCH
                    left_out += kept.pop().times
                more = phrases.say("variants.cut", lang, n=numbers.number(left_out))
                kept.append(Chevron("", (more,), 1, False, room))
                return lines
            lines.append([])
            used = left
        lines[-1].append(step)
        used += step.width + GAP - NOTCH
    return lines


def _room() -> tuple[float, float]:
    """How wide the sheet is, and where the paths begin."""
    return (sheet.PHONE, 0.08) if sheet.is_narrow() else (WIDTH, LEFT)


def _draw(ax: Axes, line: list[Chevron], left: float, top: float, shades: dict[str, str]) -> None:
    x = left
    for step in line:
        fill, edge, style = _look(step, shades)
        right, middle, bottom = x + step.width, top + HEIGHT / 2, top + HEIGHT
        shape = [
            (x, top), (right - NOTCH, top), (right, middle), (right - NOTCH, bottom), (x, bottom), (x + NOTCH, middle),
        ]  # fmt: skip
        ax.add_patch(Polygon(shape, facecolor=fill, edgecolor=edge, linestyle=style, linewidth=0.7, gid=step.activity))
        ax.text(
            x + step.width / 2 + NOTCH * 0.1, middle, "\n".join(step.label), fontsize=FONT, ha="center", va="center",
            color=theme.ink_on(fill) if step.activity else theme.MUTED, linespacing=1.05,
        )  # fmt: skip
        x = right + GAP - NOTCH


def _look(step: Chevron, shades: dict[str, str]) -> tuple[str, str, str]:
    if step.is_rework:
        return theme.WARM_PALE, theme.WARM, "-"
    if not step.activity:
        return "#ffffff", "#ffffff", "-"
    if step.activity in ENDED_BY.values():
        return "#ffffff", theme.MUTED, "--"
    return shades[step.activity], shades[step.activity], "-"


def shades(table: pd.DataFrame) -> dict[str, str]:
    """Colour of each activity: that of its phase, or, in a process of another kind, of its usual place in a case."""
    activities = dict.fromkeys(a.removesuffix(MORE) for trace in table["trace"] for a in trace)
    if not _is_foreign(table):
        return {a: theme.phase_colour(theme.phase_of(a)) for a in activities}
    cases, places = dict.fromkeys(activities, 0.0), dict.fromkeys(activities, 0.0)
    for trace, weight in zip(table["trace"], table["cases"], strict=True):
        for place, activity in enumerate(each.removesuffix(MORE) for each in trace):
            cases[activity] += weight
            places[activity] += weight * place / max(1, len(trace) - 1)
    darkest = len(theme.PHASES) - 1
    return {a: theme.PHASES[round(places[a] / cases[a] * darkest)] for a in activities}


def _is_foreign(table: pd.DataFrame) -> bool:
    """Whether most steps are no lead-to-cash activities that the vocabulary knows."""
    known = [theme.phase_of(a.removesuffix(MORE)) is not None for trace in table["trace"] for a in trace]
    return sum(known) * 2 < len(known)


def _heads(ax: Axes, lang: str) -> None:
    for x, key, align in (
        (0.62, "cases", "right"),
        (0.75, "share", "left"),
        (2.5, "median", "right"),
        *([] if sheet.is_narrow() else [(LEFT, "path", "left")]),
    ):
        ax.text(x, 0.1, phrases.say(f"variants.{key}", lang), fontsize=8, color=theme.MUTED, ha=align, va="center")


def _facts(ax: Axes, top: float, row: dict[Hashable, Any], longest: float, lang: str) -> None:
    middle = top + HEIGHT / 2
    ax.text(0.62, middle, numbers.number(row["cases"]), ha="right", va="center", weight="bold", color=theme.INK)
    ax.add_patch(
        Rectangle((0.75, middle - 0.07), 0.62 * row["share"] / longest, 0.14, facecolor=theme.PALE, gid="share")
    )
    ax.text(
        0.8 + 0.62 * row["share"] / longest,
        middle,
        numbers.percent(row["share"], lang),
        va="center",
        fontsize=8,
        color=theme.TEXT,
    )
    ax.text(2.5, middle, numbers.days(row["median_days"], lang), ha="right", va="center")


def _title(table: pd.DataFrame, shown: pd.DataFrame, lang: str) -> str:
    if len(table) == 1:
        cases = int(table["cases"].sum())
        phrase = "variants.title.one" if cases > 1 else "variants.title.single"
        return phrases.say(phrase, lang, cases=numbers.count(cases, "case", lang))
    if len(shown) == len(table):
        return phrases.say("variants.title.all", lang, all=numbers.number(len(table)))
    return phrases.say(
        "variants.title", lang, top=len(shown), all=numbers.number(len(table)),
        share=numbers.percent(shown["share"].sum(), lang, decimals=0),
    )  # fmt: skip


def _path(row: dict[Hashable, Any], lang: str) -> str:
    return " → ".join(lettering.plain(vocabulary.label(s.activity, lang)) + s.mark for s in _steps(row, lang))
