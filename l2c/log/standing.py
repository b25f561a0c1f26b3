"""How many cases are open, won, lost or paid, deals and leads apart?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import narwhals as nw

from l2c import engine
from l2c.log.base import count

Standing = Mapping[bool, Mapping[str, int]]


def counted(cases: nw.LazyFrame[Any], leads: Collection[int]) -> dict[bool, dict[str, int]]:
    """Count cases by status: deals (False), and leads that became no deal (True).

    Parameters
    ----------
    cases, leads
        Cases of a log, and its variants of leads without a deal; cases that know it of themselves (see `l2c.log.excerpts`)
        are believed.
    """
    found: dict[bool, dict[str, int]] = {}
    told = "whole_lead" in cases.collect_schema().names()
    by = "whole_lead" if told else "variant_id"
    counted = engine.collect(cases.group_by(by, "status").agg(count()))
    for group, status, n in zip(counted[by], counted["status"], counted["n"], strict=True):
        # A deal may have been won or lost without an event of one, and so may a lead.
        lead = status == "lead_lost" or (status == "open" and (bool(group) if told else group in leads))
        of_kind = found.setdefault(lead, {})
        of_kind[status] = of_kind.get(status, 0) + int(n)
    return found


def open_share(standing: Standing) -> float:
    """The share of deals that are open; NaN where there is none."""
    deals = standing.get(False, {})
    return deals.get("open", 0) / sum(deals.values()) if deals else float("nan")


def said(standing: Standing, knows_outcomes: bool) -> list[str]:
    """How many deals are open; and beside them the leads that became none."""
    deals, leads = (sum(standing.get(kind, {}).values()) for kind in (False, True))
    share = [f"{open_share(standing):.0%} open"] if knows_outcomes and deals else []
    if not leads:
        return share
    return [f"{deals:,} deals" + "".join(f" ({each})" for each in share), f"{leads:,} leads without a deal"]
