"""When did what happen, in all cases at one glance?"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import date2num

from l2c.log.outcomes import ENDED_BY
from l2c.show import dates, numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, finished, nothing
from l2c.words import phrases, vocabulary

LARGEST_SAMPLE = 2_000


@sheet.house()
def dotted(table: pd.DataFrame, *, of: int | None = None, most: int = LARGEST_SAMPLE, lang: str = "en") -> Picture:
    """Draw every event as a dot: its time across, its case down, cases in the order they started.

    Parameters
    ----------
    table
        Rows with `case_id, activity, time`, such as `discover.dots` returns.
    of
        How many cases the log has, where the table is a sample already.
    most
        Most cases to draw; of more, every n-th by start is taken, and the chart says so.
    lang
        `en` or `ja`.

    Returns
    -------
    A picture. Vertical bands are days of batch work; a bend in the left edge is a change in demand; blank stretches
    are waiting.
    """
    if not len(table):
        return nothing(lang)
    fig, ax = sheet.figure(8.4, 4.5)
    order = table.groupby("case_id", sort=True)["time"].min().sort_values(kind="stable")
    sample = order.index[:: -(-len(order) // most)]
    rows = table[table["case_id"].isin(sample)].sort_values(["time", "case_id", "activity"])
    _dots(ax, rows, {case: row for row, case in enumerate(sample)}, lang)
    ax.set_ylim(len(sample) * 1.01, -1 - len(sample) * 0.01)
    ax.set_yticks([])
    ax.set_ylabel(phrases.say("dotted.cases", lang))
    sheet.quiet(ax, grid="x")
    _dates(ax, rows["time"].min(), rows["time"].max(), lang)
    text, note = _title(rows, len(sample), lang), phrases.say("dotted.note", lang)
    if len(sample) < (of or len(order)):
        counts = {"shown": numbers.number(len(sample)), "all": numbers.count(of or len(order), "case", lang)}
        note = phrases.say("dotted.sample", lang, **counts) + " " + note
    return finished(fig, text, note, [note])


def _dots(ax: Axes, rows: pd.DataFrame, line: dict[str, int], lang: str) -> None:
    places = rows["case_id"].map(line)
    size = min(9.0, max(1.5, 2600 / len(line)))
    phases = theme.phases()
    names = rows["activity"].map({a: theme.phase_of(a) for a in rows["activity"].unique()})
    for phase in [None, *range(len(phases))]:
        here = names.isna() if phase is None else names == phase
        here &= ~rows["activity"].isin(ENDED_BY.values())
        if here.any():
            # Thousands of dots as one embedded bitmap: the file stays small.
            ax.scatter(
                rows["time"][here], places[here], s=size, color=_colour(phase), linewidths=0, rasterized=True,
                label=_phase(phase, phases, lang),
            )  # fmt: skip
    for activity, mark in zip(ENDED_BY.values(), ("x", "+"), strict=True):
        lost = rows["activity"] == activity
        if lost.any():
            ax.scatter(
                rows["time"][lost], places[lost], s=size * 1.8, color=theme.WARM, marker=mark, linewidths=0.7,
                rasterized=True, label=vocabulary.label(activity, lang),
            )  # fmt: skip
    legend = ax.legend(
        loc="upper left", bbox_to_anchor=(1, 1), markerscale=(36 / size) ** 0.5, handletextpad=0.2, borderaxespad=0.4
    )
    for text in legend.get_texts():
        text.set_color(theme.TEXT)


def _phase(phase: int | None, phases: dict[str, int], lang: str) -> str:
    if phase is None:
        return phrases.say("dotted.other", lang)
    name = list(phases)[phase]
    # Lost deals have a mark of their own, so only the won ones are left in this phase.
    return vocabulary.label("Closed Won" if name == "decision" else name, lang)


def _colour(phase: int | None) -> str:
    # On white the lightest blue of the map would vanish.
    return theme.GREY if phase is None else theme.DOTS[phase % len(theme.DOTS)]


def _dates(ax: Axes, first: pd.Timestamp, last: pd.Timestamp, lang: str) -> None:
    months = list(pd.date_range(first.to_period("M").to_timestamp(), last, freq="MS"))
    if len(months) >= 4:
        ticks = [m for m in marks.months(months) if m >= first]
        ax.set_xticks(date2num(ticks), [dates.month(m, lang) for m in ticks])
        return
    ends = pd.date_range(first.normalize(), last.normalize() + pd.Timedelta(days=1), periods=4).normalize().unique()
    ax.set_xticks(date2num(ends), [dates.day(m, lang) for m in ends])


def _title(rows: pd.DataFrame, cases: int, lang: str) -> str:
    return phrases.say(
        "dotted.title", lang, cases=numbers.count(cases, "case", lang),
        start=dates.month(rows["time"].min(), lang), end=dates.month(rows["time"].max(), lang),
    )  # fmt: skip
