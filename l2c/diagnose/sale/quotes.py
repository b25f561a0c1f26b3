"""From the quote to the contract: what takes long, who waits for whom, and how often do we go round?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from l2c import stats
from l2c.diagnose.tidy import few, noted, tidy
from l2c.log import EventLog
from l2c.measures.facts import NEVER, Facts
from l2c.measures.followed import middle
from l2c.measures.objects import decisions, object_spans, pairs
from l2c.measures.rework import document_events
from l2c.measures.spans import OPEN, OTHERWISE, Observations, accounts, durations
from l2c.measures.summary import measured
from l2c.stats import SMALLEST_SAMPLE, Estimate
from l2c.words import matching, vocabulary
from l2c.words.notes import Note

DISCOUNT, CONTRACT = "Discount Approval Requested", "Contract Approval Requested"
# In the order of the process: what is measured per quote, per request until any of its answers, per deal.
PHASES = (
    ("quote", ("Quote Created", "Quote Sent")),
    ("request", (DISCOUNT,)),
    ("quote", ("Quote Sent", "Quote Accepted")),
    ("deal", ("Quote Accepted", "Contract Created")),
    ("request", (CONTRACT,)),
    ("deal", ("Contract Created", "Contract Signed")),
)
WAY = ("quote", "contract")
EXPIRED = ("quoteexpire", "quotationexpire", "quotelapse", "見積失効", "見積期限切")


def quote_to_contract(log: EventLog, *, level: float = 0.95) -> pd.DataFrame:
    """How long each phase from the quote to the signed contract takes, and for whom it waits.

    Parameters
    ----------
    level
        Level of the intervals.

    Returns
    -------
    One row per phase, in the order of the process: `from, to`; `waits_for` (`own_team`, `customer`, `approver`);
    `value, low, high` (median days, among those that get there); `p90_days` (NaN where there are bounds); `cases` (quotes, approvals or deals),
    `censored` (of them still waiting); `lost` (ended by the close of the deal instead); `note`; `bound_low, bound_high`
    (between what the median lies, whatever becomes of the open ones; NaN where that hardly matters). A phase whose ends the
    log does not record is left out. Contract Created → Contract Signed holds the approval of the contract, where
    there is one; see `quote_waits` for days that add up.

    Notes
    -----
    Per quote where its number is known, per request for the approvals, per deal for the contract; first to first.
    Aalen-Johansen: open ones are censored at the extraction, the close of the deal competes, old ones enter late.
    """
    facts = Facts.of(log)
    rows = []
    for of, ends in PHASES:
        names = (*ends, *vocabulary.answers(ends[0])) if of == "request" else ends
        found = lengths(facts, of, names)
        if not len(found.value):
            continue
        half = middle(found, level)
        # Where it hangs on the open ones by when half are there, it does so all the more of nine in ten.
        unsure = found.refused or not np.isnan(half.least)
        p90 = np.nan if unsure else stats.quantile(found.curve(level), 0.9).value
        lost = int((found.how == OTHERWISE).sum())
        still, whom = int((found.how == OPEN).sum()), vocabulary.waits_for(names[0])
        bounds = (half.least, half.most)
        rows.append((names[0], names[1], whom, *half.estimate, p90, len(found), still, lost, found.note, *bounds))
    columns = ["from", "to", "waits_for", "value", "low", "high", "p90_days", "cases", "censored", "lost", "note"]
    columns += ["bound_low", "bound_high"]
    return noted(tidy(rows, columns), None if rows else few((), log, "Quote Created", "Quote Sent"))


def quote_waits(log: EventLog, *, level: float = 0.95) -> pd.DataFrame:
    """For whom the deals wait between their first quote and the signed contract; the days add up.

    Returns
    -------
    One row per `waits_for` (`customer`, `own_team`, `approver`), most days first: `case_days` (sum over the deals);
    `share` of all such days with `low, high`; `cases` (deals that waited for them), `censored` (of them still on the
    way to the contract; their days so far count). Empty where the log records neither contracts nor outcomes.

    Notes
    -----
    Each day from the first Quote Created (or Quote Sent) to Contract Signed, to the close of the deal or to the
    extraction, whichever comes first, belongs to whoever's turn it was after the last event, as the vocabulary says: a quote that is
    sent and a contract that is ready wait for the customer, a request for approval for the approver until it is decided or
    withdrawn, everything else for the own team. Interval by linearisation of the ratio of sums, deal by deal, or account by account.
    """
    facts = Facts.of(log)
    days = turns(facts)
    columns = ["waits_for", "case_days", "share", "low", "high", "cases", "censored"]
    # Where neither contracts nor outcomes are recorded, every deal would seem to wait to this day.
    if not len(days) or not (log.base.knows_outcomes or "Contract Signed" in log.base.activities):
        return noted(tidy([], columns), few((), log, "Quote Created", "Quote Sent", "Contract Signed"))
    by_case = days.pivot_table(index="case", columns="waits_for", values="days", aggfunc="sum", fill_value=0.0)
    whole = by_case.sum(axis=1).to_numpy()
    still = pd.Index(days.loc[days["open"], "case"].unique())
    rows = []
    for whom in by_case:
        part = by_case[whom].to_numpy()
        waited = by_case.index[part > 0]
        share = stats.share_of_sums(part, whole, level, _accounts(facts, by_case.index))
        rows.append((whom, float(part.sum()), *share, len(waited), len(waited.intersection(still))))
    table = tidy(rows, columns)
    return table.sort_values(["case_days", "waits_for"], ascending=[False, True], ignore_index=True)


def quote_rounds(log: EventLog, *, level: float = 0.95) -> pd.DataFrame:
    """How often quotes are revised and approved, and how many get no answer.

    Returns
    -------
    One row per `measure`: `unit`, `value, low, high`, `cases`, `censored` (not decided yet, and not counted), `note`:
    `quotes_per_deal`, `revisions_per_deal`, `revised_share` (deals with a quote, that are closed or have signed);
    `revisions_per_quote` (quotes whose deal is closed or has signed); `approval_rounds` (requests for a discount per
    deal that asked and is closed), `refused_share` (of the requests that were decided); `accepted_share` (the key
    figure `quote_acceptance_rate`); `unanswered_share` (quotes neither accepted nor rejected, of those whose deal was
    lost); `expired_share` (quotes that expired, of those whose deal is closed; only where the log records it);
    `silent_share` (of the quotes sent and still undecided: older than 99 % of the answers took).

    Notes
    -----
    Means have Student's interval, shares Wilson's, by account where the log knows accounts. Where quotes have no number, a deal counts as one quote.
    """
    facts = Facts.of(log)
    quotes = _quotes(facts)
    rows = _deal_rounds(facts, quotes, level) + _answers(facts, quotes, level) if len(quotes) else []
    table = tidy(rows, ["measure", "unit", "value", "low", "high", "cases", "censored", "note"])
    return noted(table, None if rows else few((), log, "Quote Created", "Quote Sent"))


def lengths(facts: Facts, of: str, names: tuple[str, ...]) -> Observations:
    """How long each quote, request or contract took, and how it ended."""
    base, unit = facts.log.base, facts.unit(*names)
    if of == "deal":
        return durations(facts, (names[0],), (names[1],))
    found = pairs(base, *names) if of == "quote" else decisions(base, names)
    return object_spans(facts, found, of_sale=True, unit=unit)


def turns(facts: Facts) -> pd.DataFrame:
    """Stretches of the way to the contract: `case, waits_for, days, open`."""
    turns = {name: vocabulary.waits_for(name) for name in facts.log.activities if vocabulary.phase_of(name) in WAY}
    rows = document_events(facts, [name for name, whom in turns.items() if whom])
    signed = facts.first("Contract Signed")
    stop = np.minimum(np.minimum(signed, facts.won), np.minimum(facts.lost, facts.until))
    began = facts.first("Quote Created", "Quote Sent")
    case = rows["case"].to_numpy()
    at = rows["time"].to_numpy()
    rows = rows[(at >= began[case]) & (at < stop[case])].reset_index(drop=True)
    case, at, turn = rows["case"].to_numpy(), rows["time"].to_numpy(), rows["activity"].map(turns)
    same = np.append(case[1:] == case[:-1], False)[: len(case)]
    after = rows["activity"].shift(-1).where(same)
    # A contract that is still to be approved, or to be sent, has not left the house.
    made, done = rows["activity"] == "Contract Created", rows["activity"] == "Contract Approved"
    turn = turn.mask(made & (after == CONTRACT) | (made | done) & (after == "Contract Sent"), vocabulary.OWN_TEAM)
    end = np.where(same, np.append(at[1:], 0)[: len(at)], stop[case])
    still = np.minimum(np.minimum(signed, facts.won), facts.lost)[case] == NEVER
    return pd.DataFrame({"case": case, "waits_for": turn, "days": facts.elapsed(case, at, end), "open": still & ~same})


def _quotes(facts: Facts) -> pd.DataFrame:
    """One row per quote: `revisions`, last time `sent`, `accepted, rejected, expired`, first `answer`, of what deal."""
    names = ["Quote Created", "Quote Sent", "Quote Revised", "Quote Accepted", "Quote Rejected"]
    rows = document_events(facts, [*names, *_expiries(facts)])
    key = [rows["case"], rows["object"]]
    is_ = {name: rows["activity"] == name for name in names}
    made = {
        "revisions": is_["Quote Revised"].groupby(key).sum(),
        "sent": rows["time"].where(is_["Quote Sent"]).groupby(key).max(),
        "accepted": is_["Quote Accepted"].groupby(key).any(),
        "rejected": is_["Quote Rejected"].groupby(key).any(),
        "expired": rows["activity"].isin(_expiries(facts)).groupby(key).any(),
        "answer": rows["time"].where(is_["Quote Accepted"] | is_["Quote Rejected"]).groupby(key).min(),
    }
    table = pd.DataFrame(made).reset_index(names=["case", "object"])
    closed = np.minimum(facts.won, facts.lost)
    table["closed"] = (np.minimum(closed, facts.first("Contract Signed")) != NEVER)[table["case"]]
    table["lost"] = (facts.lost != NEVER)[table["case"]]
    return table


def _expiries(facts: Facts) -> list[str]:
    """Activities that say a quote ran out; the vocabulary has none of its own."""
    return [a for a in facts.log.activities if any(word in matching.normalise(a) for word in EXPIRED)]


def _deal_rounds(facts: Facts, quotes: pd.DataFrame, level: float) -> list[tuple[object, ...]]:
    """Revisions and approvals, of what is decided."""
    deals = quotes.groupby("case").agg(
        quotes=("object", "size"), revisions=("revisions", "sum"), closed=("closed", "any")
    )
    done = deals[deals["closed"]]
    still, open_quotes = int((~deals["closed"]).sum()), int((~quotes["closed"]).sum())
    known = "Quote Revised" in facts.log.activities
    note = None if known else Note("no_revisions")
    deal = _accounts(facts, done.index)
    revised, revisions = done["revisions"] > 0, done["revisions"]
    rows: list[tuple[object, ...]] = [
        ("quotes_per_deal", "", *stats.mean(done["quotes"], level, deal), len(done), still, None),
        ("revisions_per_deal", "", *_if(known, stats.mean(revisions, level, deal)), len(done), still, note),
        ("revised_share", "fraction", *_if(known, stats.share(revised, level, deal)), len(done), still, note),
    ]
    of = quotes[quotes["closed"]]
    mean = _if(known, stats.mean(of["revisions"], level, _accounts(facts, of["case"])))
    rows.append(("revisions_per_quote", "", *mean, len(of), open_quotes, note))
    verdicts = vocabulary.answers(DISCOUNT)
    asked = decisions(facts.log.base, (DISCOUNT, *verdicts))
    place = facts.place[asked.case_key]
    here = (place >= 0) & (asked.start <= facts.until)
    rounds = np.bincount(place[here], minlength=len(facts))
    closed = np.minimum(facts.won, facts.lost) != NEVER
    over = (rounds > 0) & closed
    mean, waiting = (
        stats.mean(rounds[over], level, _accounts(facts, np.flatnonzero(over))),
        int(((rounds > 0) & ~closed).sum()),
    )
    rows.append(("approval_rounds", "", *mean, int(over.sum()), waiting, None))
    if set(verdicts) & set(facts.log.activities):
        given = document_events(facts, verdicts)
        no = given["activity"].isin(vocabulary.refusals())
        refused = stats.share(no, level, _accounts(facts, given["case"]))
        undecided = int((asked.end[here] > facts.until).sum())
        rows.append(("refused_share", "fraction", *refused, len(given), undecided, None))
    return rows


def _answers(facts: Facts, quotes: pd.DataFrame, level: float) -> list[tuple[object, ...]]:
    """Which quotes are answered, of those that were sent."""
    sent = quotes[quotes["sent"].notna()]
    done, lost = sent[sent["closed"]], sent[sent["lost"]]
    still = int((~sent["closed"]).sum())
    answers = {"Quote Accepted", "Quote Rejected"} & set(facts.log.activities)
    note = None if answers else Note("no_answers")
    none = ~(lost["accepted"] | lost["rejected"])
    unanswered = _if(bool(answers), stats.share(none, level, _accounts(facts, lost["case"])))
    got = sent[sent["answer"] >= sent["sent"]]
    of, asked, answered = (got[name].to_numpy(np.int64) for name in ("case", "sent", "answer"))
    waits = facts.elapsed(of, asked, answered)
    open_ = sent[~sent["closed"] & ~sent["accepted"] & ~sent["rejected"]]
    silent = stats.UNKNOWN
    said = note or Note("few_answers", n=SMALLEST_SAMPLE)
    if len(waits) >= SMALLEST_SAMPLE:
        limit = float(np.quantile(waits, 0.99))
        since = facts.ago(*(open_[name].to_numpy(np.int64) for name in ("case", "sent")))
        silent = stats.share(since > limit, level, _accounts(facts, open_["case"]))
        said = Note("silent_after", days=limit)
    accepted = measured(facts, "quote_acceptance_rate", level)
    expired = []
    if _expiries(facts):
        gone = stats.share(done["expired"], level, _accounts(facts, done["case"]))
        expired = [("expired_share", "fraction", *gone, len(done), still, None)]
    return [
        ("accepted_share", "fraction", *accepted.estimate, accepted.cases, accepted.open, note),
        ("unanswered_share", "fraction", *unanswered, len(lost), still, note),
        *expired,
        ("silent_share", "fraction", *silent, len(open_), len(open_), said),
    ]


def _accounts(facts: Facts, case: ArrayLike) -> NDArray[np.int64] | None:
    return accounts(facts, np.asarray(case, np.int64))


def _if(known: bool, estimate: Estimate) -> Estimate:
    """The estimate, where the log records what it is about: none recorded is not none happened."""
    return estimate if known else stats.UNKNOWN
