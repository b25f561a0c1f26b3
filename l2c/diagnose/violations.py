"""Which rules are broken, in which cases?"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from l2c import engine, stats
from l2c.kpis.facts import DAY, NEVER, Facts, Flags
from l2c.log import EventLog


class Verdict(NamedTuple):
    """For each case: does the rule apply, is it broken, can it not be judged? At most one of the last two."""

    applies: Flags
    broken: Flags
    unknown: Flags


Rule = Callable[[Facts], Verdict]


def violations(log: EventLog, *, level: float = 0.95) -> pd.DataFrame:
    """Rules of an orderly lead-to-cash process, and the cases that break them.

    Parameters
    ----------
    level
        Level of the intervals.

    Returns
    -------
    One row per rule, most broken first: `rule`; `count` of cases that break it; `applicable` (cases it applies to and
    that can be judged); `share` with `low, high` (Wilson); `unknown` (cases that cannot be judged: both dates on one
    day without a time, or nobody recorded); `cases` (ids of those that break it). A rule about activities that the log
    does not record applies to no case.

    Notes
    -----
    `won_without_contract`, `won_without_quote`: a won deal that has no Contract Signed, no quote.
    `order_before_contract`, `invoice_before_fulfilment`: the first of the one without the other before it.
    `quote_sent_before_discount_approved`: a quote was sent while a discount request was undecided.
    `approved_by_requester`: a discount or contract approved by whoever asked for it.
    """
    facts = Facts.of(log)
    rows = []
    for name, rule in RULES.items():
        applies, broken, unknown = rule(facts)
        judged, count = int((applies & ~unknown).sum()), int(broken.sum())
        share = stats.rate(count, judged, level)
        rows.append((name, count, judged, *share, int(unknown.sum()), _ids(log, facts, broken)))
    columns = ["rule", "count", "applicable", "share", "low", "high", "unknown", "cases"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["count", "applicable", "rule"], ascending=[False, False, True], ignore_index=True)


def _won_without(*names: str) -> Rule:
    def rule(facts: Facts) -> Verdict:
        applies = (facts.won != NEVER) & any(name in facts.log.activities for name in names)
        none = np.zeros(len(facts), bool)
        return Verdict(applies, applies & (facts.first(*names) == NEVER), none)

    return rule


def _needs(later: str, earlier: str) -> Rule:
    """The first `later` needs an `earlier` before it."""

    def rule(facts: Facts) -> Verdict:
        after, before = facts.first(later), facts.first(earlier)
        applies = (after != NEVER) & (earlier in facts.log.activities)
        # Two dates of one day do not tell their order.
        dated = facts.unit(later, earlier) == DAY
        unknown = applies & (before != NEVER) & dated & (np.abs(np.where(applies, after, 0) - before) < DAY)
        return Verdict(applies, applies & ~unknown & (before > after), unknown)

    return rule


def _quote_sent_before_discount_approved(facts: Facts) -> Verdict:
    steps = ["Discount Approval Requested", "Discount Approved", "Discount Rejected"]
    rows = _events(facts, [*steps, "Quote Sent"])
    last = rows["activity"].where(rows["activity"] != "Quote Sent").groupby(rows["case_key"]).ffill()
    sent = (rows["activity"] == "Quote Sent") & last.notna()
    return _of_cases(facts, rows["case_key"], sent, sent & (last == steps[0]))


def _approved_by_requester(facts: Facts) -> Verdict:
    pairs = {
        "Discount Approved": "Discount Approval Requested",
        "Contract Approved": "Contract Approval Requested",
    }
    found = [Verdict(*np.zeros((3, len(facts)), bool))]
    for approval, request in pairs.items():
        rows = _events(facts, [approval, request])
        asked = rows["actor"].where(rows["activity"] == request)
        asker = asked.fillna("").where(rows["activity"] == request).groupby(rows["case_key"]).ffill()
        approved = (rows["activity"] == approval) & asker.notna()
        nameless = approved & (rows["actor"].isna() | (asker == ""))
        found.append(_of_cases(facts, rows["case_key"], approved, approved & (rows["actor"] == asker), nameless))
    applies, broken, unknown = (np.logical_or.reduce([v[i] for v in found]) for i in range(3))
    return Verdict(applies, broken, unknown & ~broken)


def _events(facts: Facts, activities: list[str]) -> pd.DataFrame:
    """The events of some activities in order, with their actor."""
    import narwhals as nw

    events = facts.log.events.filter(nw.col("activity").is_in(activities))
    there = [name for name in ("actor",) if name in events.collect_schema().names()]
    rows = engine.collect(events.select("case_key", "position", "activity", *there))
    if not there:
        rows["actor"] = pd.Series(pd.NA, index=rows.index, dtype="str")
    return rows.sort_values(["case_key", "position"], ignore_index=True)


def _of_cases(
    facts: Facts, case_key: pd.Series, applies: pd.Series, broken: pd.Series, unknown: pd.Series | None = None
) -> Verdict:
    """Gather verdicts on events into verdicts on cases: one broken event breaks the case."""

    def cases(flags: pd.Series | None) -> Flags:
        found = np.zeros(len(facts), bool)
        if flags is not None:
            found[np.searchsorted(facts.keys, case_key[flags.to_numpy(bool)].to_numpy(np.int64))] = True
        return found

    broke = cases(broken)
    return Verdict(cases(applies), broke, cases(unknown) & ~broke)


def _ids(log: EventLog, facts: Facts, broken: Flags) -> list[str]:
    """Ids of some cases, sorted."""
    if not broken.any():
        return []

    keys = pd.Index(facts.keys[broken])
    names = engine.collect(log.cases.select("case_key", "case_id"))
    return sorted(names.loc[names["case_key"].isin(keys), "case_id"].astype(str))


RULES: dict[str, Rule] = {
    "won_without_contract": _won_without("Contract Signed"),
    "won_without_quote": _won_without("Quote Created", "Quote Sent", "Quote Accepted"),
    "order_before_contract": _needs("Sales Order Created", "Contract Signed"),
    "invoice_before_fulfilment": _needs("Invoice Sent", "Order Fulfilled"),
    "quote_sent_before_discount_approved": _quote_sent_before_discount_approved,
    "approved_by_requester": _approved_by_requester,
}
