"""What has to be done twice, how often, for whom, and what does it cost in days?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c import stats
from l2c.diagnose.tidy import few, noted, tidy
from l2c.log import EventLog, several
from l2c.measures.facts import NEVER, Facts, Flags
from l2c.measures.rework import FIRST_PASS, Work, works
from l2c.measures.spans import accounts
from l2c.prepare.pseudonyms import grouped
from l2c.stats import SMALLEST_SAMPLE
from l2c.words.errors import UnknownName


def rework(log: EventLog, *, by: str | None = None, level: float = 0.95) -> pd.DataFrame:
    """Share of the orders, quotes, invoices and deals on which something was done again.

    Parameters
    ----------
    by
        A case attribute such as `product`, `rep` or `lead_source`.
    level
        Level of the intervals.

    Returns
    -------
    One row per `kind`, or per kind and group, worst first within a kind: `kind`, `object` (`order`, `quote`, `invoice`,
    `deal`: what is counted); the attribute asked for; `value` (share) with `low, high` (Wilson); `cases` (old enough to
    be judged), `censored` (too young, or not finished, and not counted), `count` (those it happened to), `events`
    (times it happened to them), `note`. Kinds: `first_pass_yield` (orders without any of the three errors),
    `order_corrected`, `order_cancelled`, `order_repeated` (created again under its own number), `quote_revised`,
    `invoice_corrected`, `credit_note`, `repeated` (deals that do some other step again on the same document),
    `backward` (deals that go back to an earlier phase of the sale). NaN where the log does not record it, with the
    reason. Groups of fewer than 20 are not named.

    Raises
    ------
    UnknownName
        If there is no such attribute.

    Notes
    -----
    Several orders, quotes or invoices of one deal are not rework: what `object_id` tells apart is apart. Where it
    does not, a second Sales Order Created may be a repeat or another order; it is not counted, and the note says so.
    A thing is old enough once it is older than 99 % of the first corrections took to come (where fewer than 20 came:
    once it is finished); counting young ones would flatter, counting only finished ones leave out the troubled.
    """
    if by is not None and by not in log.attributes:
        raise UnknownName.attribute(by, log.attributes)
    facts = Facts.of(log)
    groups = None if by is None else grouped(facts.attribute(by), log, by)
    rows = []
    for work in works(facts):
        mature = old_enough(work, facts.until)
        for name, some in grouped_by(work, groups, log, by):
            judged = np.flatnonzero(mature & some)
            if by is not None and len(judged) < SMALLEST_SAMPLE:
                continue
            hit = work.times[judged] > 0
            count, young = int(hit.sum()), int((~mature & some).sum())
            good = ~hit if work.kind == FIRST_PASS else hit
            known = accounts(facts, work.case[judged])
            share = stats.share(good, level, known) if work.recorded else stats.UNKNOWN
            times = int(work.times[judged][hit].sum())
            rows.append((work.kind, work.object, name, *share, len(judged), young, count, times, work.note))
    columns = ["kind", "object", "group", "value", "low", "high", "cases", "censored", "count", "events", "note"]
    table = tidy(rows, columns)
    if by is None:
        return table.drop(columns="group")
    worse = np.where(table["kind"] == FIRST_PASS, -1, 1) * table["value"]
    order = table.assign(_kind=table["kind"].map(_KINDS.index), _worse=worse, _name=table["group"].astype(str))
    order = order.sort_values(["_kind", "_worse", "_name"], ascending=[True, False, True], ignore_index=True)
    why = few(groups.value_counts()) if groups is not None and not rows else None
    return noted(order[columns].rename(columns={"group": by}), why)


def rework_days(log: EventLog, *, level: float = 0.95) -> pd.DataFrame:
    """Days that it took to put right what was not right the first time.

    Returns
    -------
    One row per `kind`, most days in sum first: `kind`, `object`; `value` (mean extra days of those it happened to) with
    `low, high` (Student), `median_days`, `total_days` (sum), `cases`, `censored` (it happened to them, and they are not
    finished: more may come), `note`.

    Notes
    -----
    Span minus first pass on the same document: from the order to its last correction; from a cancelled order to the
    order entered in its place (those never entered again have no end and are left out); from the first sending of a
    quote to its last after a revision; from the invoice to its last correction or credit note; from the first to the
    last time of any other repeated step. Days of several kinds may be the same days.
    """
    facts = Facts.of(log)
    rows = []
    for work in works(facts):
        hit = (work.times > 0) & (work.last != NEVER)
        if work.kind in (FIRST_PASS, "backward") or not hit.any():
            continue
        done = hit & (work.end != NEVER)
        days = facts.elapsed(work.case[done], work.start[done], work.last[done])
        middle = float(np.median(days)) if len(days) else np.nan
        young = int((hit & ~done).sum())
        mean = stats.mean(days, level, accounts(facts, work.case[done]))
        rows.append((work.kind, work.object, *mean, middle, float(days.sum()), len(days), young, work.note))
    columns = ["kind", "object", "value", "low", "high", "median_days", "total_days", "cases", "censored", "note"]
    table = tidy(rows, columns)
    return table.sort_values(["total_days", "kind"], ascending=[False, True], ignore_index=True)


_KINDS = [
    FIRST_PASS, "order_corrected", "order_cancelled", "order_repeated", "quote_revised", "invoice_corrected",
    "credit_note", "repeated", "backward",
]  # fmt: skip


def grouped_by(work: Work, groups: pd.Series | None, log: EventLog, by: str | None) -> list[tuple[object, Flags]]:
    """All of some work, or the part of each group."""
    if groups is None or by is None:
        return [(None, np.ones(len(work.case), bool))]
    codes, names = pd.factorize(groups, use_na_sentinel=True)
    return [(name, several.among(codes[work.case], some)) for name, some in several.groups(log.base, by, list(names))]


def old_enough(work: Work, until: int) -> Flags:
    """Which are old enough to be judged."""
    finished = work.end != NEVER
    delay = (work.first - work.start)[work.first != NEVER]
    if len(delay) < SMALLEST_SAMPLE or work.object == "deal":
        return finished
    return np.asarray(until - work.start >= np.quantile(delay, 0.99))
