"""Does more come in than goes out?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from l2c.show import dates, numbers, theme
from l2c.show.charts import marks, plots, sheet
from l2c.show.charts import rows as pages
from l2c.show.charts.picture import Picture, finished, nothing
from l2c.words import phrases

if TYPE_CHECKING:
    from l2c.improve.entries import Dated

# Column, colour, line, mark: told apart by the mark as well as by the colour.
_LINES = (("started", theme.GREY, "-", "o"), ("won", theme.ACCENT, "-", "s"), ("lost", theme.WARM, "--", "v"))


@sheet.house()
def throughput(table: pd.DataFrame, *, notes: Sequence[Dated] = (), lang: str = "en") -> Picture:
    """Draw cases started, won and lost per month, and below them how many are open at its end.

    Parameters
    ----------
    table
        What `discover.throughput` returns: `month, started, won, lost, open, partial`.
    notes
        What happened on a day (`improve.register(…).notes`), drawn as dotted lines and named below the title.
    lang
        `en` or `ja`.

    Returns
    -------
    A picture. A last month that is not complete has hollow marks.
    """
    if not len(table):
        return nothing(lang)
    if pages.wanted():
        text, note = _texts(table, lang, ".page")
        page: Any = plots.page(text, note, "\n".join([text, note]), _frames(table, lang))
        return page
    fig, flow = sheet.figure(8.4, 3.9)
    _flow(flow, table, lang)
    sheets = [flow]
    if _has_outcomes(table):
        sheets.append(_below(fig, flow))
        _stock(sheets[-1], table, lang)
    for ax in sheets:
        sheet.quiet(ax, grid="y")
        ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        ax.yaxis.set_major_formatter(lambda y, _: numbers.number(y))
        ax.tick_params(axis="y", labelcolor=theme.MUTED)
        ax.set_ylim(bottom=0)
    _months(sheets[-1], table, lang)
    text, note = _texts(table, lang)
    note = " ".join(filter(None, [note, marks.dated(sheets, notes, list(table["month"]), lang)]))
    return finished(fig, text, note, [note])


def _frames(table: pd.DataFrame, lang: str) -> list[plots.Frame]:
    """The lines of a page, and below them what is open; each month leads to the cases that began in it."""
    months, x = list(table["month"]), range(len(table))
    shown = [(column, colour, dash) for column, colour, dash, _ in _LINES if table[column].any()]
    span = (-0.5, max(len(table) - 0.5, 1))
    whole, lines = len(table) - int(table["partial"].iloc[-1]), []
    for c, colour, dash in shown:
        y, name = table[c].astype(float), phrases.say(f"throughput.{c}", lang)
        cut = whole < len(table)
        lines.append(plots.Line(list(x)[:whole], y[:whole], colour, "" if cut else name, "" if dash == "-" else "5 4"))
        if cut:
            last = max(whole - 1, 0)
            lines.append(plots.Line(list(x)[last:], y[last:], colour, name, "1 5"))
    most = max(float(table[c].max()) for c, *_ in shown) if shown else 1.0
    named = marks.months(months) or months[:1]
    below = [(float(months.index(m)), dates.month(m, lang)) for m in named]
    stretches = [plots.Stretch(k - 0.5, k + 0.5, _month(row, lang), pages.where({"opened": f"{row['month']:%Y-%m}"}))
                 for k, row in zip(x, table.to_dict("records"), strict=True)]  # fmt: skip

    def sheet_of(lines: Sequence[plots.Line], most: float, high: int, title: str = "", *, last: bool) -> plots.Frame:
        ticks = [(y, numbers.number(y)) for y in plots.ticks(0, most, 4, whole=True)]
        return plots.Frame(
            span, (0, most * 1.04), lines, below if last else (), ticks, stretches=stretches, high=high, title=title
        )

    has = _has_outcomes(table)
    frames = [sheet_of(lines, most, 170, last=not has)]
    if has:
        open_ = table["open"].astype(float)
        name = numbers.number(open_.iloc[-1])
        stock = [plots.Line(list(x), open_, theme.PALE, area=True), plots.Line(list(x), open_, theme.MUTED, name)]
        frames.append(sheet_of(stock, float(open_.max()), 80, phrases.say("throughput.open", lang), last=True))
    return frames


def _month(row: Mapping[Any, Any], lang: str) -> str:
    said = [
        f"{phrases.say(f'throughput.{c}', lang)} {numbers.number(row[c])}"
        for c in ("started", "won", "lost", "open")
        if f"throughput.{c}" in phrases.PHRASES
    ]
    return phrases.named(dates.month(row["month"], lang), phrases.say("compliance.join", lang).join(said), lang)


def _has_outcomes(table: pd.DataFrame) -> bool:
    # Where nothing is ever won or lost, the outcome is not recorded, and "open" would be every case there ever was.
    return bool((table["won"] + table["lost"]).any())


def _below(fig: Figure, above: Axes) -> Axes:
    grid = fig.add_gridspec(2, 1, height_ratios=[3, 1.4])
    above.set_subplotspec(grid[0])
    above.tick_params(labelbottom=False)
    return fig.add_subplot(grid[1], sharex=above)


def _flow(ax: Axes, table: pd.DataFrame, lang: str) -> None:
    x = range(len(table))
    whole = len(table) - int(table["partial"].iloc[-1])
    before = max(0, whole - 1)
    ends = []
    for column, colour, line, mark in _LINES:
        if not table[column].any():
            continue
        size = 4.5 if len(table) <= 36 else 2
        ax.plot(
            x[:whole], table[column][:whole], line, color=colour, marker=mark, markersize=size, linewidth=1.8,
            label=column, clip_on=False,
        )  # fmt: skip
        if whole < len(table):
            ax.plot(x[before:], table[column][before:], ":", color=colour, linewidth=1)
            ax.plot(
                x[whole:], table[column][whole:], mark, color=colour, markerfacecolor="white", markersize=size + 1,
                clip_on=False, zorder=5,
            )  # fmt: skip
        ends.append((float(table[column].iloc[-1]), phrases.say(f"throughput.{column}", lang), colour))
    _name_lines(ax, len(table) - 1, ends)


def _name_lines(ax: Axes, x: int, ends: list[tuple[float, str, str]]) -> None:
    """Write each line's name at its end, pushed apart where lines end close together."""
    top = ax.get_ylim()[1]
    at = float("-inf")
    for y, name, colour in sorted(ends):
        at = max(y, at + top * 0.085)
        ax.annotate(name, (x, at), (8, 0), textcoords="offset points", va="center", color=colour, weight="bold")


def _stock(ax: Axes, table: pd.DataFrame, lang: str) -> None:
    x = range(len(table))
    ax.fill_between(x, table["open"], color=theme.PALE, linewidth=0)
    ax.plot(x, table["open"], color=theme.MUTED, linewidth=1.2)
    last = table["open"].iloc[-1]
    ax.annotate(
        numbers.number(last), (len(table) - 1, last), (8, 0), textcoords="offset points", va="center", weight="bold"
    )
    ax.set_title(phrases.say("throughput.open", lang), loc="left", fontsize=9, color=theme.MUTED)


def _months(ax: Axes, table: pd.DataFrame, lang: str) -> None:
    months = list(table["month"])
    named = marks.months(months) or months[:1]
    ax.set_xticks([months.index(m) for m in named], [dates.month(m, lang) for m in named])
    ax.set_xlim(-0.3, max(len(table) - 1, 1))


def _texts(table: pd.DataFrame, lang: str, kind: str = "") -> tuple[str, str]:
    if not _has_outcomes(table):
        text = phrases.say("throughput.title.started", lang, started=numbers.number(table["started"].sum()))
    else:
        text = _sums(table, lang)
    note = phrases.say("throughput.note", lang)
    if table["partial"].iloc[-1]:
        note += " " + phrases.say(f"throughput.partial{kind}", lang, month=dates.month(table["month"].iloc[-1], lang))
    return text, note


def _sums(table: pd.DataFrame, lang: str) -> str:
    sums = {c: numbers.number(table[c].sum()) for c in ("started", "won", "lost")}
    return phrases.say("throughput.title", lang, open=numbers.number(table["open"].iloc[-1]), **sums)
