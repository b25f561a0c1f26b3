"""From the opportunity to won or lost: proposal, quote, discount, negotiation, contract."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from l2c.demo import business as b
from l2c.demo.calendar import DACH, JAPAN, UK, bank_day, batched, day, month, quarter_start, waited, worked
from l2c.demo.chance import Chance, Codes, Flags, Floats
from l2c.demo.leads import Cases
from l2c.demo.levels import level

WIN = np.array([-0.98, -0.25, 0.12])  # logit by segment, at its median amount
WIN_BY_SIZE = -0.38  # per unit of the logarithm of the amount
WIN_BY_SOURCE = np.array([0.0, -0.15, 0.05, 0.40, -0.20, -0.25, 0.45])
WIN_BY_PRODUCT = np.array([0.10, 0.0, -0.10, 0.05, 0.0, 0.15])
SKILLS = {b.WEAK: -1.0, b.STRONG: 1.1}  # logit; the others differ by chance
REVISED = np.array([0.22, 0.17, 0.13])  # chance of each further revision, by segment
REVISED_BY_ENTERPRISE = 0.60
MOST_REVISIONS = 5
# Days by segment; and who gets no proposal on record.
PROPOSAL = np.array([27.0, 19.0, 13.0])
ACCEPT = np.array([24.0, 17.0, 12.0])
SIGN = np.array([15.0, 11.0, 7.0])
UNPROPOSED = np.array([0.02, 0.04, 0.07])
HOLIDAYS = (7, 8, 12)
DRIFT = "2026-01-05"
# Where deals are lost: before the proposal, after it, on the first quote, after revisions, over the contract.
EXITS = np.array([0.16, 0.20, 0.36, 0.21, 0.07])
AT_ONCE, AFTER_PROPOSAL, ON_QUOTE, AFTER_REVISION, ON_CONTRACT = range(5)


@dataclass
class Sales:
    """What happens to each deal until it is won or lost; times are local days, NaN where it never happens."""

    wins: Flags
    chance_to_win: Floats
    discount: Floats
    revisions: Codes
    reason: Codes
    proposed: Floats
    quoted: Floats
    requested: Floats
    decided: Floats
    refused_discount: Flags
    cut: Floats  # the quote after its discount was refused
    sent: list[Floats]
    revised: list[Floats]
    accepted: Floats
    refused: Floats
    drafted: Floats
    submitted: Floats
    approved: Floats
    signed: Floats
    won: Floats
    lost: Floats


def skills(chance: Chance, off: frozenset[str]) -> Floats:
    """Return how well each rep sells, as a shift of the logit of winning."""
    skill = 0.12 * chance.stream("skill").standard_normal(len(b.REPS))
    skill[[b.WEAK, b.STRONG, b.DECOY]] = 0.0
    for name, rep in (("weak_rep", b.WEAK), ("strong_rep", b.STRONG)):
        if name not in off:
            skill[rep] = SKILLS[rep]
    return skill


def sell(cases: Cases, chance: Chance, off: frozenset[str]) -> Sales:
    """Take every deal from its opening to its end."""
    region, segment = cases.region, cases.segment
    deal = ~np.isnan(cases.opened)
    probability = _chance_to_win(cases, skills(chance, off), off)
    wins = deal & chance.hits("win", probability)
    exit_ = np.where(wins, len(EXITS), chance.choice("exit", EXITS))
    holidays = np.isin(month(cases.opened), HOLIDAYS) & ("holidays" not in off)
    season = np.where(holidays, 1.2, 1.0)

    proposed = _proposal(cases, chance, season, off)
    quoted = worked(_if(exit_ >= ON_QUOTE, proposed), chance.days("quote", 2.0, 0.6), region)
    discount, asks = _discounts(cases, chance)
    requested = worked(_if(asks, quoted), 0.05 + 0.3 * chance.uniform("request"), region)
    slow = 3.2 if "slow_approver" not in off else 1.0
    approval = chance.days("approval", 1.1, 0.6) * np.where(region == JAPAN, slow, 1.0)
    decided = worked(requested, approval, region)
    refused_discount = asks & chance.hits("refused", 0.13)
    cut = worked(_if(refused_discount, decided), chance.days("cut", 0.7, 0.5), region)
    discount = np.where(refused_discount, np.minimum(discount, 0.10), discount)
    ready = np.where(asks & ("asking" not in off), np.where(refused_discount, cut, decided), quoted)
    # A few do not wait for the approval.
    early = asks & ~refused_discount & chance.hits("impatient", 0.04) & ("asking" not in off)
    ready = np.where(early, requested + 0.1 * (decided - requested), ready)
    first = worked(ready, np.where(early, 0.0, chance.days("send", 0.5, 0.6)), region)
    revisions, revised, sent = _negotiation(cases, chance, exit_, first, season, off)
    latest = sent[0]
    for version in sent[1:]:
        latest = np.where(np.isnan(version), latest, version)

    answer = chance.days("accept", level("accept", ACCEPT, segment, off), 0.6) * season
    answered = waited(latest, answer, region, chance.uniform("accept lag"))
    accepted = _if(exit_ >= ON_CONTRACT, answered)
    says_no = np.isin(exit_, (ON_QUOTE, AFTER_REVISION)) & chance.hits("says no", 0.5)
    refused = _if(says_no, answered)
    drafted, submitted, approved, signed, won = _contract(cases, chance, accepted, wins, off)

    stalled = chance.hits("stalled", 0.05)
    reached = np.stack([cases.opened, proposed, latest, latest, np.fmax(drafted, approved)])
    last = np.take_along_axis(reached, np.minimum(exit_, ON_CONTRACT)[None], 0)[0]
    patience = chance.days("give up", np.where(says_no, 2.5, np.where(exit_ == AT_ONCE, 24.0, 30.0)), 0.7)
    lost = waited(np.where(says_no, refused, last), patience, region, chance.uniform("give up lag"))
    return Sales(
        wins, probability, np.where(deal, discount, np.nan), revisions, chance.choice("reason", b.LOSS_SHARES),
        _if((exit_ >= AFTER_PROPOSAL) & ~chance.hits("no proposal", level("no proposal", UNPROPOSED, segment, off)), proposed),
        quoted, requested, decided, refused_discount, cut, sent, revised, accepted, refused,
        drafted, submitted, approved, signed, won, _if(~wins & ~stalled, lost),
    )  # fmt: skip


def _if(condition: Flags, when: Floats) -> Floats:
    return np.where(condition, when, np.nan)


def _chance_to_win(cases: Cases, skill: Floats, off: frozenset[str]) -> Floats:
    """Return the probability of winning: the discount has no part in it."""
    size = np.log(cases.amount / b.MEDIAN_AMOUNT[cases.segment])
    logit = level("win by segment", WIN, cases.segment, off) + (WIN_BY_SIZE * size if "size" not in off else 0.0)
    logit = logit + level("win by source", WIN_BY_SOURCE, cases.source, off)
    logit = logit + level("win by product", WIN_BY_PRODUCT, cases.product, off)
    return 1 / (1 + np.exp(-(logit + skill[cases.rep])))


def _proposal(cases: Cases, chance: Chance, season: Floats, off: frozenset[str]) -> Floats:
    """Return when the solution was clear to both sides, whether it was recorded or not."""
    days = chance.days("proposal", level("proposal", PROPOSAL, cases.segment, off), 0.6) * season
    if "slow_proposals" not in off:
        days = np.where(cases.opened >= day(DRIFT), 1.9 * days, days)
    return waited(cases.opened, days, cases.region, chance.uniform("proposal lag"))


def _discounts(cases: Cases, chance: Chance) -> tuple[Floats, Flags]:
    """Return whole percents that follow the size of the deal, some of them rounded to 5, and who has to ask."""
    generous = 1.5 * chance.stream("generous").standard_normal(len(b.REPS))
    quarter_end = np.isin(month(cases.opened), (2, 5, 8, 11))
    percent = 8.8 + 2.4 * (np.log(cases.amount) - 10.2) + generous[cases.rep] + 1.5 * quarter_end
    percent = np.clip(percent + 2.8 * chance.normal("discount"), 0, 35)
    percent = np.where(chance.hits("rounded", 0.4), 5 * np.round(percent / 5), np.round(percent))
    return np.where(percent < 3, 0.0, percent) / 100, percent > 10


def _negotiation(
    cases: Cases, chance: Chance, exit_: Codes, first: Floats, season: Floats, off: frozenset[str]
) -> tuple[Codes, list[Floats], list[Floats]]:
    """Return how often the quote was revised, when each revision was made, and when each version was sent."""
    again = REVISED.copy()
    if "many_revisions" not in off:
        again[b.ENTERPRISE] = REVISED_BY_ENTERPRISE
    p = level("revise", again, cases.segment, off, besides=(b.ENTERPRISE,))
    times = np.minimum(np.log1p(-chance.uniform("revisions")) / np.log(p), MOST_REVISIONS).astype(np.int64)
    times = np.where(exit_ == ON_QUOTE, 0, np.where(exit_ == AFTER_REVISION, np.maximum(times, 1), times))
    sent, revised = [first], []
    for number in range(1, MOST_REVISIONS + 1):
        days = chance.days(f"ask {number}", 5.5, 0.6) * season
        asked = waited(_if(times >= number, sent[-1]), days, cases.region, chance.uniform(f"ask lag {number}"))
        revised.append(worked(asked, chance.days(f"revise {number}", 1.2, 0.6), cases.region))
        sent.append(worked(revised[-1], chance.days(f"send {number}", 0.3, 0.5), cases.region))
    return np.where(np.isnan(first), 0, times), revised, sent


def _contract(
    cases: Cases, chance: Chance, accepted: Floats, wins: Flags, off: frozenset[str]
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return when the contract was drafted, submitted, approved and signed, and the deal won."""
    region = cases.region
    careless = 0.55 if "no_contract" not in off else 0.01
    without = wins & chance.hits("no contract", np.where(cases.rep == b.NO_CONTRACT, careless, 0.01))
    drafted = worked(_if(~without, accepted), chance.days("draft", 1.3, 0.6), region)
    large = ((cases.segment == b.ENTERPRISE) & ("approval" not in off)) | (cases.amount > 35_000)
    submitted = worked(_if(large, drafted), 0.05 + 0.3 * chance.uniform("submit"), region)
    approved = worked(submitted, chance.days("contract approval", 0.5, 0.6), region)
    if "friday_approver" not in off:
        approved = np.where(region == DACH, batched(submitted, region, chance.uniform("friday")), approved)
    ready = _if(wins, np.where(large, approved, drafted))
    review = 2.3 if "slow_contract" not in off else 1.0
    days = chance.days("sign", level("sign", SIGN, cases.segment, off), 0.6) * np.where(region == UK, review, 1.0)
    signed = waited(ready, days, region, chance.uniform("sign lag"))
    if "quarter_ends" not in off:
        signed = _pulled_forward(signed, ready, region, chance)
    by_hand = worked(signed, 0.02 + 0.5 * chance.uniform("close"), region)
    won = np.where(chance.hits("e-signature", 0.45), signed, by_hand)
    return drafted, submitted, approved, signed, np.where(
        without, worked(accepted, 0.1 + 0.8 * chance.uniform("close"), region), won
    )  # fmt: skip


def _pulled_forward(signed: Floats, ready: Floats, region: Codes, chance: Chance) -> Floats:
    """Move some signatures of a quarter's first days to the last days of the quarter before, as sellers do."""
    start = quarter_start(signed)
    last = bank_day(start - 1 - 2 * chance.uniform("quarter end"), region, later=np.zeros(len(start), bool))
    sooner = last + 0.4 + 0.3 * chance.uniform("quarter end hour")
    pulled = (signed - start < 9) & (sooner > ready + 0.1) & chance.hits("pulled", 0.5)
    return np.where(pulled, sooner, signed)
