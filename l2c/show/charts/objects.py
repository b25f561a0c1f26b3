"""Which objects does the source hold, how many of each has a deal, and what is missing?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from l2c.show import numbers, theme
from l2c.show.charts import sheet
from l2c.show.charts.picture import Picture, finished, plain
from l2c.words import phrases

# From left to right as a deal moves on, with the packages that keep the same thing elsewhere.
CHAIN = (
    ("Lead",), ("Opportunity",), ("Quote", "SBQQ__Quote__c"), ("Contract",), ("Order",), ("Invoice", "blng__Invoice__c"),
    ("Payment", "blng__Payment__c"),
)  # fmt: skip
# What hangs on each of them.
PARTS = (
    ("LeadHistory", "Task", "Event"),
    ("OpportunityHistory", "OpportunityFieldHistory", "OpportunityLineItem"),
    ("QuoteHistory", "SBQQ__Quote__History", "ProcessInstanceStep", "sbaa__ApprovalRequest__c"),
    ("ContractHistory",),
    ("OrderHistory", "OrderItemHistory", "FulfillmentOrder"),
    ("CreditMemoInvApplication", "CreditMemo", "blng__CreditNote__c"),
    ("PaymentLineInvoice", "blng__PaymentAllocationInvoice__c"),
)
WIDE, STEP, HIGH = 1.5, 1.78, 0.62
Place = tuple[float, float]


@sheet.house()
def objects(table: pd.DataFrame, fan_out: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw the objects of an org along the process, with what hangs on them and what the source lacks.

    Parameters
    ----------
    table
        What `prepare.objects` returns.
    fan_out
        What `prepare.fan_out` returns.
    lang
        `en` or `ja`.

    Returns
    -------
    A picture: a box per object with its records and how many a deal has; below it its history and parts, dashed where the
    source lacks them; warm where records reach no deal or a history begins late.
    """
    if not len(table):
        return plain(phrases.say("objects.none", lang))
    rows = table.set_index("object_type").to_dict("index")
    per_case = dict(zip(fan_out["object_type"], fan_out["per_case"], strict=True))
    lost = int(table["no_case"].fillna(0).sum())
    found = [name for name in rows if rows[name]["rows"]]
    known = [[p for p in parts if p in rows] for parts in PARTS]
    # On a phone the chain goes on below, two objects at a time.
    across = 2 if sheet.is_narrow() else len(CHAIN)
    deep = [max(map(len, known[at : at + across])) for at in range(0, len(CHAIN), across)]
    tall = [1.23 + 0.75 * most for most in deep]
    fig, ax = sheet.figure(9.8, 0.7 * sum(tall) + 0.6 * len(tall) - 0.16)
    ax.set_axis_off()
    for column, (names, parts) in enumerate(zip(CHAIN, known, strict=True)):
        name = next((n for n in names if n in found), names[0])
        x, y = column % across * STEP, -sum(tall[: column // across])
        _main(ax, (x, y), column, name, rows.get(name, {}), per_case.get(name), lang)
        for line, part in enumerate(parts):
            _part(ax, (x, y - 0.12 - (line + 1) * 0.7), part, rows[part], lang)
    ax.set(xlim=(-0.05, STEP * across - (STEP - WIDE) + 0.05), ylim=(1.08 - sum(tall), 1.08))
    title = phrases.say(
        "objects.title", lang, n=numbers.number(len(found)), rows=numbers.number(int(table["rows"].sum()))
    )
    if lost:
        title += phrases.say("objects.lost", lang, n=numbers.number(lost))
    lines = (phrases.named(name, numbers.number(int(facts["rows"])), lang) for name, facts in rows.items())
    return finished(fig, title, phrases.say("objects.note", lang), lines)


def _main(
    ax: Axes, place: Place, column: int, name: str, facts: Mapping[Any, Any], per_case: float | None, lang: str
) -> None:
    there, (x, y) = bool(facts.get("rows")), place
    face, edge = (theme.PHASES[min(column, 2)], theme.ACCENT) if there else ("white", theme.PALE)
    _box(ax, x, y + 0.12, 0.84, face, edge, dashed=not there)
    title = phrases.say(f"objects.{CHAIN[column][0]}", lang)
    _write(ax, x, y + 0.78, title, theme.INK if there else theme.MUTED, size=9.5, weight="bold")
    if not there:
        _write(ax, x, y + 0.45, phrases.say("objects.missing", lang), theme.MUTED, size=8.5)
        return
    _write(ax, x, y + 0.56, numbers.number(int(facts["rows"])), theme.INK, size=11)
    if facts.get("no_case"):
        _write(
            ax, x, y + 0.3, phrases.say("objects.without", lang, n=numbers.number(int(facts["no_case"]))), theme.WARM
        )
    elif per_case is not None and per_case > 1.005:
        _write(ax, x, y + 0.3, phrases.say("objects.each", lang, n=f"{per_case:.2f}"), theme.MUTED)
    if x:
        ax.annotate(
            "", xy=(x - 0.02, y + 0.54), xytext=(x - (STEP - WIDE) + 0.02, y + 0.54),
            arrowprops={"arrowstyle": "-|>", "color": theme.GREY, "lw": 1.2},
        )  # fmt: skip


def _part(ax: Axes, place: Place, name: str, facts: Mapping[Any, Any], lang: str) -> None:
    there, late = bool(facts["rows"]), pd.notna(facts.get("since"))
    x, y = place
    _box(ax, x, y, HIGH, "white", theme.WARM if late else theme.GREY if there else theme.PALE, dashed=not there)
    _write(ax, x, y + 0.43, phrases.say(f"objects.{name}", lang), theme.TEXT if there else theme.MUTED)
    told = numbers.number(int(facts["rows"])) if there else phrases.say("objects.missing", lang)
    if late:
        told = phrases.say("objects.since", lang, date=f"{facts['since']:%Y-%m-%d}")
    _write(ax, x, y + 0.19, told, theme.WARM if late else theme.MUTED)


def _write(ax: Axes, x: float, y: float, text: str, colour: str, *, size: float = 8.0, weight: str = "normal") -> None:
    """Write into the middle of a box."""
    ax.text(x + WIDE / 2, y, text, ha="center", va="center", color=colour, fontsize=size, weight=weight)


def _box(ax: Axes, x: float, y: float, height: float, face: str, edge: str, *, dashed: bool) -> None:
    shape = "round,pad=0,rounding_size=0.06"
    look: dict[str, Any] = {"fc": face, "ec": edge, "lw": 1.1, "ls": "--" if dashed else "-"}
    ax.add_patch(FancyBboxPatch((x, y), WIDE, height, boxstyle=shape, **look))
