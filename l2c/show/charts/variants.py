"""Which ways do the cases go, and how many go each?"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle

from l2c.log.outcomes import ENDED_BY
from l2c.measures.repeats import INSTALMENT
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
    """One step of a path as drawn: an activity, done once or several times in a row."""

    activity: str
    label: tuple[str, ...]
    times: int
    again: bool
    width: float

    @property
    def is_rework(self) -> bool:
        """Whether something is done once more; paying in parts is not that."""
        return self.again or (self.times > 1 and self.activity != INSTALMENT)


@sheet.house()
def variants(table: pd.DataFrame, *, top: int = 10, lang: str = "en") -> Picture:
    """Draw the most frequent paths as rows of chevrons, with their cases, share and median time.

    Parameters
    ----------
    table
        What `discover.variants` returns: `trace, cases, share, median_days`, most frequent first.
    top
        How many paths to show.
    lang
        `en` or `ja`.

    Returns
    -------
    A picture. The phases of the process go from light to dark; a step that came before in the same case is
    orange and marked `↺`; a run of the same step is one chevron marked `×3`; a lost deal or lead ends dashed.
    """
    if not len(table):
        return nothing(lang)
    shown = table.head(top)
    rows = [_lines(chevrons(trace, lang), lang) for trace in shown["trace"]]
    fig, ax = sheet.bare(WIDTH, sum(len(lines) * LINE + 0.12 for lines in rows) + 0.3)
    _heads(ax, lang)
    shaded = shades(table)
    y = 0.3
    for lines, each in zip(rows, shown.to_dict("records"), strict=True):
        _facts(ax, y, each, float(shown["share"].max()), lang)
        for line in lines:
            _draw(ax, line, y, shaded)
            y += LINE
        y += 0.12
        ax.plot([0.08, WIDTH - 0.1], [y - 0.1, y - 0.1], color=theme.GRID, linewidth=0.8)
    note = phrases.say("variants.note.places" if _is_foreign(table) else "variants.note", lang)
    paths = (f"{numbers.count(v['cases'], 'case', lang)}: {_path(v['trace'], lang)}" for v in shown.to_dict("records"))
    return finished(fig, _title(table, shown, lang), note, paths)


def chevrons(trace: Sequence[str], lang: str = "en") -> list[Chevron]:
    """Turn a trace into the steps that are drawn: runs of the same activity become one, repeats are marked."""
    steps: list[Chevron] = []
    seen: set[str] = set()
    place = 0
    while place < len(trace):
        activity, times = trace[place], 1
        while place + times < len(trace) and trace[place + times] == activity:
            times += 1
        again = activity in seen and activity != INSTALMENT
        label = _label(activity, times, again, lang)
        width = max(lettering.letters(line, FONT) for line in label) + 2 * NOTCH + 0.1
        steps.append(Chevron(activity, label, times, again, width))
        seen.add(activity)
        place += times
    return steps


def _label(activity: str, times: int, again: bool, lang: str) -> tuple[str, ...]:
    """Break the name of an activity into one or two lines, shortened where even that is long."""
    name = lettering.plain(vocabulary.label(activity, lang)).removeprefix("Stage: ")
    marks = ("↺ " if again else "") + "{}" + (f" ×{times}" if times > 1 else "")
    parts = _halves(name)
    lines = [lettering.shorten(part, 17) for part in parts]
    lines[0] = marks.split("{}")[0] + lines[0]
    lines[-1] += marks.split("{}")[1]
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
    lines: list[list[Chevron]] = [[]]
    used = LEFT
    for number, step in enumerate(steps):
        if used + step.width > WIDTH - 0.15 and lines[-1]:
            if len(lines) == LINES:
                kept = lines[-1]
                left_out = sum(s.times for s in steps[number:])
                room = lettering.letters(phrases.say("variants.cut", lang, n="0,000"), FONT) + 0.3
                while used + room > WIDTH - 0.15 and len(kept) > 1:
                    used -= kept[-1].width + GAP - NOTCH
                    left_out += kept.pop().times
                more = phrases.say("variants.cut", lang, n=numbers.number(left_out))
                kept.append(Chevron("", (more,), 1, False, room))
                return lines
            lines.append([])
            used = LEFT
        lines[-1].append(step)
        used += step.width + GAP - NOTCH
    return lines


def _draw(ax: Axes, line: list[Chevron], top: float, shades: dict[str, str]) -> None:
    x = LEFT
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
    activities = dict.fromkeys(a for trace in table["trace"] for a in trace)
    if not _is_foreign(table):
        return {a: theme.phase_colour(theme.phase_of(a)) for a in activities}
    cases, places = dict.fromkeys(activities, 0.0), dict.fromkeys(activities, 0.0)
    for trace, weight in zip(table["trace"], table["cases"], strict=True):
        for place, activity in enumerate(trace):
            cases[activity] += weight
            places[activity] += weight * place / max(1, len(trace) - 1)
    darkest = len(theme.PHASES) - 1
    return {a: theme.PHASES[round(places[a] / cases[a] * darkest)] for a in activities}


def _is_foreign(table: pd.DataFrame) -> bool:
    """Whether most steps are no lead-to-cash activities that the vocabulary knows."""
    known = [theme.phase_of(a) is not None for trace in table["trace"] for a in trace]
    return sum(known) * 2 < len(known)


def _heads(ax: Axes, lang: str) -> None:
    for x, key, align in (
        (0.62, "cases", "right"),
        (0.75, "share", "left"),
        (2.5, "median", "right"),
        (LEFT, "path", "left"),
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
        numbers.percent(row["share"]),
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
        share=numbers.percent(shown["share"].sum(), decimals=0),
    )  # fmt: skip


def _path(trace: Sequence[str], lang: str) -> str:
    steps = chevrons(trace, lang)
    names = [
        lettering.plain(vocabulary.label(s.activity, lang)) + (f" ×{s.times}" if s.times > 1 else "") for s in steps
    ]
    return " → ".join(names)
