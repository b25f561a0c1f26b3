"""How long does it take, counting those that are not there yet?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from l2c.show import dates, numbers, theme
from l2c.show.charts import marks, plots, sheet
from l2c.show.charts import rows as pages
from l2c.show.charts.picture import Picture, finished, nothing
from l2c.show.map import lettering
from l2c.show.markup import Html
from l2c.words import phrases, vocabulary

_CURVE = {"days", "survival", "low", "high", "at_risk", "events", "censored", "cases", "bound_low", "bound_high"}
_DASHES = ("-", "--", ":", "-.")
MOST_GROUPS = 6


@sheet.house()
def durations(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw which share of the cases is done after how many days, with the median, and how the durations spread.

    Parameters
    ----------
    table
        What `diagnose.survival` returns: `days, survival, low, high, at_risk`, and the groups in a further column
        where it was asked by one.
    lang
        `en` or `ja`.

    Returns
    -------
    A picture. With groups the slowest one is blue and the others grey, told apart by their dashes; of more than six
    groups the three fastest and the three slowest are drawn.
    """
    curves = _curves(table, lang)
    if not curves:
        return nothing(lang)
    single = len(curves) == 1
    if single and pages.wanted():
        page: Any = _page(next(iter(curves.values())), lang)
        return page
    fig, ax = sheet.figure(8.4, 4.2)
    ax.remove()
    top, below = fig.subplots(2, 1, sharex=True, height_ratios=[4, 1.2 if single else 0.22 * len(curves) + 0.1])
    longest = max(_horizon(c) for c in curves.values())
    scale, unit = dates.time_scale(longest, lang)
    _draw(top, curves, longest, scale, lang)
    if single:
        _spread(below, next(iter(curves.values())), longest, scale, lang)
    _watched(below, curves, longest, scale, lang)
    below.set_xlabel(unit, loc="right")
    note = phrases.say("durations.note" if single else "durations.note.groups", lang)
    if any(_range(curve) for curve in curves.values()):
        note += " " + phrases.say("durations.bounds", lang)
    left_out = _groups(table) - len(curves)
    if left_out > 0:
        note += " " + phrases.say("durations.left_out", lang, n=left_out)
    return finished(fig, _title(curves, longest, lang), note)


def _page(curve: pd.DataFrame, lang: str) -> Html:
    """One curve with how the days spread below it."""
    longest = _horizon(curve)
    scale, unit = dates.time_scale(longest, lang)
    text, note = _title({"": curve}, longest, lang), phrases.say("durations.note", lang)
    note += f" {phrases.say('durations.bounds', lang)}" if _range(curve) else ""
    shown = curve[curve["days"] <= longest]
    x = np.array([0.0, *shown["days"], longest]) * scale
    ends = ("bound_high", "bound_low") if _range(curve) else ("high", "low")
    done, low, high = (_steps(1 - shown[column]) for column in ("survival", *ends))
    span = (0.0, longest * scale)
    at = plots.ticks(*span, 6)
    below = [(t, f"{numbers.number(t)}\n{numbers.number(_at_risk(curve, t / scale))}") for t in at]
    half = [end for end in _range(curve) or (median(curve),) if not np.isnan(end)]
    told = phrases.say("durations.median", lang, days=_half(curve, lang))
    edges, parts = _parts(curve, longest)
    top = plots.Frame(
        span, (0.0, 1.04), [plots.Line(x, done, theme.ACCENT, stepped=True)],
        ticks_y=[(y, numbers.percent(y, lang, decimals=0)) for y in marks.QUARTERS],
        band=(x, low, high, theme.ACCENT_PALE),
        marks=[(end * scale, 0.5, told if end == half[-1] else "", theme.ACCENT) for end in half],
    )  # fmt: skip
    spread = plots.Frame(
        span, (0.0, max(float(parts.max()), 1e-9)), ticks_x=below, high=52,
        bars=(edges[:-1] * scale, (edges[:-1] + 0.9 * np.diff(edges)) * scale, parts, theme.PHASES[2]),
        stretches=[
            plots.Stretch(a * scale, b * scale, f"{numbers.to(numbers.number(a * scale), numbers.number(b * scale), lang)} {unit}: {numbers.percent(part, lang)}")
            for a, b, part in zip(edges[:-1], edges[1:], parts, strict=True)
        ],
    )  # fmt: skip
    watched = phrases.say("durations.watched", lang)
    return plots.page(
        text, note, text, [top, replace(spread, title=f"{phrases.say('durations.spread', lang)} · {unit} / {watched}")]
    )


def median(curve: pd.DataFrame, share: float = 0.5, column: str = "survival") -> float:
    """Return the first day by which at least `share` of the cases are done; NaN when that day is not in the curve."""
    done = curve.loc[curve[column] <= 1 - share + 1e-12, "days"]
    return float(done.iloc[0]) if len(done) else float("nan")


def _range(curve: pd.DataFrame) -> tuple[float, float] | None:
    """Between what the median lies, where it hangs on the open ones."""
    if "bound_low" not in curve or curve["bound_low"].isna().all():
        return None
    return median(curve, column="bound_low"), median(curve, column="bound_high")


def _half(curve: pd.DataFrame, lang: str) -> str:
    """By when half are there, in words."""
    return numbers.half(median(curve), *(_range(curve) or (None, None)), lang=lang)


def _curves(table: pd.DataFrame, lang: str) -> dict[str, pd.DataFrame]:
    """Split the table into a curve per group, fastest first; the middle ones are left out where they are many."""
    if not len(table):
        return {}
    by = [c for c in table.columns if c not in _CURVE]
    if not by:
        return {"": table.sort_values("days")}
    named = table.assign(
        **{c: table[c].astype(object).where(table[c].notna(), phrases.say("filters.missing", lang)) for c in by}
    )
    groups = {" · ".join(map(str, _tuple(key))): part.sort_values("days") for key, part in named.groupby(by)}

    def slowness(item: tuple[str, pd.DataFrame]) -> tuple[float, float, str]:
        half = median(item[1])
        return (float("inf") if np.isnan(half) else half, float(item[1]["survival"].min()), item[0])

    ordered = sorted(groups.items(), key=slowness)
    if len(ordered) > MOST_GROUPS:
        ordered = ordered[: MOST_GROUPS // 2] + ordered[-MOST_GROUPS // 2 :]
    return dict(ordered)


def _groups(table: pd.DataFrame) -> int:
    by = [c for c in table.columns if c not in _CURVE]
    return int(table[by].drop_duplicates().shape[0]) if by else 1


def _tuple(key: object) -> tuple[object, ...]:
    return key if isinstance(key, tuple) else (key,)


def _horizon(curve: pd.DataFrame) -> float:
    """Where to stop: the far end, where only a handful of cases is watched, says little and takes much room."""
    watched = curve[curve["at_risk"] >= max(5, 0.01 * curve["at_risk"].max())]
    far = watched if len(watched) else curve
    p95 = median(curve, 0.95)
    return max(float(min(far["days"].max(), p95 * 1.15 if p95 == p95 else float("inf"))), 1e-3)


def _draw(ax: Axes, curves: dict[str, pd.DataFrame], longest: float, scale: float, lang: str) -> None:
    for number, (name, curve) in enumerate(curves.items()):
        slowest = number == len(curves) - 1
        colour = theme.ACCENT if slowest else theme.MUTED
        shown = curve[curve["days"] <= longest]
        x = np.array([0.0, *shown["days"], longest]) * scale
        ends = ("bound_high", "bound_low") if _range(curve) else ("high", "low")
        done, low, high = (_steps(1 - shown[column]) for column in ("survival", *ends))
        if slowest:
            ax.fill_between(x, low, high, step="post", color=theme.ACCENT_PALE, alpha=0.6, linewidth=0)
        dash = "-" if slowest else _DASHES[(number + 1) % len(_DASHES)]
        label = f"{_short(name, lang)}  {_half(curve, lang)}"
        ax.plot(x, done, dash, drawstyle="steps-post", color=colour, linewidth=2.2 if slowest else 1.4, label=label)
        _mark(ax, curve, scale, colour, slowest and len(curves) == 1, lang)
    if len(curves) > 1:
        ax.legend(
            loc="upper left",
            bbox_to_anchor=(1, 1),
            title=phrases.say("durations.half", lang),
            labelcolor="linecolor",
            alignment="left",
        )
    ax.set_xlim(0, longest * scale)
    marks.shares(ax, lang)
    ax.set_ylabel(phrases.say("durations.done", lang))


def _short(name: str, lang: str) -> str:
    return lettering.shorten(lettering.plain(vocabulary.label(name, lang)), 20)


def _steps(values: pd.Series) -> np.ndarray:
    known = values.to_numpy(dtype=float)
    return np.array([0.0, *known, known[-1] if len(known) else 0.0])


def _mark(ax: Axes, curve: pd.DataFrame, scale: float, colour: str, named: bool, lang: str) -> None:
    ends = [end for end in _range(curve) or (median(curve),) if not np.isnan(end)]
    if not ends:
        return
    for half in ends:
        ax.plot([half * scale] * 2, [0, 0.5], color=colour, linewidth=0.9, linestyle=(0, (2, 2)))
    ax.plot(np.array(ends) * scale, [0.5] * len(ends), "o-", color=colour, markersize=6 if named else 4)
    if named:
        text = phrases.say("durations.median", lang, days=_half(curve, lang))
        ax.annotate(
            text, (half * scale, 0.5), (9, -3), textcoords="offset points", va="top", weight="bold", color=colour
        )


def _spread(ax: Axes, curve: pd.DataFrame, longest: float, scale: float, lang: str) -> None:
    """Bars of the share that ends in each stretch of time: the drops of the curve, so open cases count here too."""
    edges, parts = _parts(curve, longest)
    ax.bar(edges[:-1] * scale, parts, width=np.diff(edges) * scale * 0.9, align="edge", color=theme.PHASES[2])
    ax.set_ylabel(phrases.say("durations.spread", lang), color=theme.MUTED)
    ax.set_yticks([])


def _parts(curve: pd.DataFrame, longest: float) -> tuple[np.ndarray, np.ndarray]:
    """Thirty stretches of time, and the share that ends in each."""
    edges = np.linspace(0, longest, 31)
    days, left = curve["days"].to_numpy(float), curve["survival"].to_numpy(float)
    at_edges = [left[np.searchsorted(days, e, side="right") - 1] if (days <= e).any() else 1.0 for e in edges]
    # What ends at day 0 belongs to the first bar.
    at_edges[0] = 1.0
    return edges, -np.diff(at_edges)


def _watched(ax: Axes, curves: dict[str, pd.DataFrame], longest: float, scale: float, lang: str) -> None:
    """Write below the axis how many cases were still watched at each of its ticks."""
    single = len(curves) == 1
    sheet.quiet(ax)
    ax.xaxis.set_major_locator(MaxNLocator(6))
    ticks = [t for t in MaxNLocator(6).tick_values(0, longest * scale) if 0 <= t <= longest * scale * 1.0001]
    counts = {name: [_at_risk(curve, t / scale) for t in ticks] for name, curve in curves.items()}
    if single:
        watched = next(iter(counts.values()))
        ax.set_xticks(ticks, [f"{numbers.number(t)}\n{numbers.number(n)}" for t, n in zip(ticks, watched, strict=True)])
        ax.annotate(
            phrases.say("durations.watched", lang), (0, 0), (-27, -24), "axes fraction", textcoords="offset points",
            ha="right", va="center", fontsize=8.5, color=theme.MUTED,
        )  # fmt: skip
        return
    ax.set_xticks(ticks, [numbers.number(t) for t in ticks])
    ax.set_ylim(len(curves) - 0.5, -0.5)
    ax.set_yticks(range(len(curves)), [_short(name, lang) for name in curves], fontsize=8.5)
    ax.tick_params(axis="y", pad=20)
    for row, watched in enumerate(counts.values()):
        for tick, n in zip(ticks, watched, strict=True):
            ax.text(tick, row, numbers.number(n), ha="center", va="center", fontsize=8.5, color=theme.MUTED)
    ax.set_title(phrases.say("durations.watched", lang), loc="left", fontsize=8.5, color=theme.MUTED)


def _at_risk(curve: pd.DataFrame, day: float) -> float:
    later = curve.loc[curve["days"] >= day, "at_risk"]
    return float(later.iloc[0]) if len(later) else 0.0


def _title(curves: dict[str, pd.DataFrame], longest: float, lang: str) -> str:
    names = list(curves)
    half = {name: median(curve) for name, curve in curves.items()}
    first, last = curves[names[0]], curves[names[-1]]
    if len(curves) > 1 and not np.isnan(half[names[0]]) and not np.isnan(half[names[-1]]):
        hangs = _range(first) or _range(last)
        return phrases.say(
            f"durations.title.{'ranges' if hangs else 'groups'}", lang, fast=_half(first, lang),
            fastest=vocabulary.label(names[0], lang),
            slow=_half(last, lang), slowest=vocabulary.label(names[-1], lang),
        )  # fmt: skip
    curve = first
    if _range(curve):
        return phrases.say("durations.title.range", lang, median=_half(curve, lang))
    if np.isnan(half[names[0]]):
        shown = curve[curve["days"] <= longest]
        share = numbers.percent(1 - shown["survival"].min(), lang, decimals=0)
        return phrases.say("durations.title.open", lang, share=share, days=numbers.days(longest, lang))
    p90 = median(curve, 0.9)
    if np.isnan(p90):
        return phrases.say("durations.title.half", lang, median=numbers.days(half[names[0]], lang))
    # Beside days stand days: 61 d and 127 d, not 4.2 mo.
    tail = numbers.case_days if half[names[0]] < numbers.DAYS_LIMIT else numbers.days
    return phrases.say("durations.title", lang, median=numbers.days(half[names[0]], lang), p90=tail(p90, lang))
