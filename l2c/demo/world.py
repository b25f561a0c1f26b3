"""A believable company whose true problems are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import polars as pl

from l2c.demo import names

EXTRACTED = datetime(2026, 6, 30, 23, 59, 59)
DISCOUNT_LIMIT = 0.10
DRIFT = float((np.datetime64("2026-01-01", "D") - names.START).astype(int))
SLOW_REP, DECOY_REP, LOOSE_REP = "Haruto Sato", "Nina Okafor", "Claire Moreau"


@dataclass
class World:
    """What happens to every case, before anybody looks: times in days since the start, NaN where it never does."""

    cases: pl.DataFrame
    rng: dict[str, np.random.Generator]
    events: list[pl.DataFrame] = field(default_factory=list)
    effects: dict[str, np.ndarray] = field(default_factory=dict)

    def add(
        self,
        activity: str,
        time: np.ndarray,
        actor: Sequence[str] | np.ndarray | str | None = None,
        object_id: np.ndarray | None = None,
        precision: str = "second",
    ) -> None:
        """Record an activity in the cases whose time is known."""
        here = np.flatnonzero(~np.isnan(time))
        who = np.asarray(actor if actor is not None else "", dtype=object)
        columns = {
            "row": here,
            "activity": pl.Series([activity]).new_from_index(0, len(here)),
            "day": time[here],
            "actor": pl.Series(list(who[here]) if who.ndim else [str(who)] * len(here), dtype=pl.String),
            "object_id": pl.Series([None] * len(here) if object_id is None else list(object_id[here]), dtype=pl.String),
            "precision": pl.Series([precision]).new_from_index(0, len(here)),
        }
        self.events.append(pl.DataFrame(columns))


def world(cases: int, seed: int) -> World:
    """Let the company live its two years.

    Parameters
    ----------
    cases
        Number of cases: leads, and deals that began without one.
    seed
        The same seed gives the same world. Each block of causes draws from a stream of its own, so that changing
        one leaves the draws of the others alone.
    """
    blocks = ("arrival", "people", "money", "lead", "quote", "approval", "outcome", "contract", "order", "cash")
    streams = np.random.SeedSequence(seed).spawn(len(blocks))
    rng = {block: np.random.default_rng(stream) for block, stream in zip(blocks, streams, strict=True)}
    life = World(_attributes(cases, rng), rng)
    opened = _lead(life)
    sent, discount = _quote(life, opened)
    won = _outcome(life, opened, sent, discount)
    order = _contract(life, won)
    _cash(life, _order(life, order))
    return life


def _pick(rng: np.random.Generator, n: int, shares: Sequence[float]) -> np.ndarray:
    return rng.choice(len(shares), n, p=np.asarray(shares) / sum(shares))


def _attributes(n: int, rng: dict[str, np.random.Generator]) -> pl.DataFrame:
    days = np.arange(names.DAYS)
    month = (names.START + days).astype("datetime64[M]").astype(int) % 12
    season = np.array([1.0, 1.02, 1.12, 0.98, 1.02, 1.12, 0.9, 0.78, 1.1, 1.05, 1.06, 0.85])[month]
    region = _pick(rng["people"], n, names.REGION_SHARE)
    growth = np.exp(0.45 * days / names.DAYS)
    day = np.empty(n)
    for at, name in enumerate(names.REGIONS):
        here = region == at
        weight = growth * season * np.where(names.workdays(name)[: names.DAYS], 1.0, 0.06)
        day[here] = rng["arrival"].choice(names.DAYS, here.sum(), p=weight / weight.sum())
    day += rng["arrival"].triangular(7 / 24, 11 / 24, 20 / 24, n)
    segment = _pick(rng["people"], n, names.SEGMENT_SHARE)
    reps = [names.REPS[name] for name in names.REGIONS]
    rep = np.array([reps[r][int(u * len(reps[r]))] for r, u in zip(region, rng["people"].random(n), strict=True)])
    # The decoy gets the large customers of her region: she looks bad by mix alone.
    emea = region == names.REGIONS.index("EMEA")
    rep[emea & (segment == 2) & (rng["people"].random(n) < 0.6)] = DECOY_REP
    product = _pick(rng["people"], n, names.PRODUCT_SHARE)
    size = np.array([9.0, 10.2, 11.4])[segment] + np.array([0.2, -0.3, 0.1, 0.0, 0.15, -0.1])[product]
    amount = np.round(np.exp(size + rng["money"].normal(0, 0.6, n)), -1)
    terms = np.array(names.TERMS)[_pick(rng["money"], n, (0.6, 0.2, 0.2))]
    return pl.DataFrame(
        {
            "opened": day,
            "region": np.array(names.REGIONS)[region],
            "rep": rep,
            "segment": np.array(names.SEGMENTS)[segment],
            "product": np.array(names.PRODUCTS)[product],
            "lead_source": np.array(names.SOURCES)[_pick(rng["people"], n, names.SOURCE_SHARE)],
            "amount": amount,
            "account": [f"Account {number:05d}" for number in rng["people"].integers(1, max(n // 3, 2), n)],
            "payment_terms_days": terms.astype(float),
            "invoice_type": np.array(names.INVOICE_TYPES)[_pick(rng["money"], n, names.INVOICE_SHARE)],
        }
    )


def _wait(rng: np.random.Generator, n: int, median: float, spread: float = 0.6) -> np.ndarray:
    return median * np.exp(rng.normal(0, spread, n))


def _at_work(life: World, time: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move moments into the next working hours of the case's region."""
    moved = time.copy()
    region = life.cases["region"].to_numpy()
    shift = rng.random(len(time))
    for name in names.REGIONS:
        open_days = np.flatnonzero(names.workdays(name))
        here = np.flatnonzero((region == name) & ~np.isnan(time))
        whole = np.clip(np.floor(time[here]).astype(int), 0, open_days[-1] - 1)
        part = time[here] - np.floor(time[here])
        late = part > 18 / 24
        target = open_days[np.searchsorted(open_days, np.minimum(whole + late, open_days[-1]))]
        kept = (target == whole) & (part >= 8.5 / 24)
        moved[here] = np.where(kept, time[here], np.maximum(target + (8.5 + 2.5 * shift[here]) / 24, time[here]))
    return moved


def _where(mask: np.ndarray, time: np.ndarray) -> np.ndarray:
    return np.where(mask, time, np.nan)


def _lead(life: World) -> np.ndarray:
    """Leads come, are qualified, and some become opportunities; returns when the opportunity opens."""
    rng, n = life.rng["lead"], life.cases.height
    start = life.cases["opened"].to_numpy()
    is_lead = rng.random(n) < 0.85
    source = life.cases["lead_source"].to_numpy()
    index = {name: at for at, name in enumerate(names.SOURCES)}
    rate = np.array(names.SOURCE_CONVERSION)[[index[s] for s in source]]
    luck = rng.random(n)
    converts = is_lead & (luck < rate)
    usual = 0.36
    dead = is_lead & (source == "Trade show list")
    life.effects["dead_source"] = np.where(dead, (luck < rate) * 1.0 - (luck < usual), np.nan)
    qualified = _at_work(life, start + _wait(rng, n, 1.2, 0.9), rng)
    qualified = _where(is_lead & (converts | (rng.random(n) < 0.45)), qualified)
    converted = _where(converts, _at_work(life, qualified + _wait(rng, n, 2.2, 0.8), rng))
    rep = life.cases["rep"].to_numpy()
    life.add("Lead Created", _where(is_lead, start))
    life.add("Lead Qualified", qualified, rep)
    life.add("Lead Converted", converted, rep)
    # Converting a lead creates the opportunity in the same second.
    opened = np.where(is_lead, converted, start)
    life.add("Opportunity Created", opened, rep)
    life.cases = life.cases.with_columns(is_deal=pl.Series(~np.isnan(opened)), is_lead=pl.Series(is_lead))
    return opened


def _approval(
    life: World, asked: np.ndarray, discount: np.ndarray, quotes: np.ndarray, *, may_refuse: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """One round of discount approval: when it was decided, and whether it was refused."""
    rng, n = life.rng["approval"], len(asked)
    region = life.cases["region"].to_numpy()
    approver = np.array([names.APPROVERS[name] for name in names.REGIONS])[
        np.array([names.REGIONS.index(r) for r in region])
    ]
    base = _wait(rng, n, 1.1, 0.7)
    slow = region == "EMEA"
    decided = _at_work(life, asked + base * np.where(slow, 4.5, 1.0), rng)
    usual = _at_work(life, asked + base, rng)
    # The approver in APAC works off the whole pile on Fridays.
    friday = np.floor(asked) + (4 - (np.floor(np.nan_to_num(asked)) + names.START.astype(int) + 3) % 7) % 7
    batch = friday + (15 + rng.random(n)) / 24
    batch = np.where(batch <= asked, batch + 7, batch)
    decided = np.where(region == "APAC", batch, decided)
    for name, mask in (("slow_approver", slow), ("friday_batch", region == "APAC")):
        gained = np.where(mask & ~np.isnan(asked), decided - usual, np.nan)
        life.effects[name] = np.fmax(life.effects.get(name, np.full(n, np.nan)), gained)
    refused = may_refuse & (rng.random(n) < np.clip(0.05 + 1.0 * (discount - 0.15), 0.03, 0.35))
    life.add("Discount Approval Requested", asked, life.cases["rep"].to_numpy(), quotes)
    life.add("Discount Rejected", _where(refused, decided), approver, quotes)
    life.add("Discount Approved", _where(~refused, decided), approver, quotes)
    return decided, refused


def _quote(life: World, opened: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Proposal, quote, approval, sending, revisions; returns the last sending and the discount."""
    rng, n = life.rng["quote"], len(opened)
    rep, segment = life.cases["rep"].to_numpy(), life.cases["segment"].to_numpy()
    size = np.log(life.cases["amount"].to_numpy())
    # Larger deals get larger discounts; discounts themselves win nothing.
    discount = np.clip(0.015 + 0.032 * (size - 8.2) + rng.normal(0, 0.035, n), 0, 0.45)
    discount = np.round(discount, 3)
    proposed = _at_work(life, opened + _wait(rng, n, 7, 0.7), rng)
    has_proposal = rng.random(n) < 0.82
    # Some deals die before any quote.
    quoted = rng.random(n) < 0.86
    life.add("Solution Proposed", _where(has_proposal, proposed), rep)
    created = _at_work(life, np.where(has_proposal, proposed, opened) + _wait(rng, n, 6, 0.7), rng)
    created = _where(quoted, created)
    deals = np.array([f"Q-{number:07d}" for number in range(n)])
    life.add("Quote Created", created, rep, deals)
    needs = quoted & (discount > DISCOUNT_LIMIT)
    asked = _where(needs, _at_work(life, created + _wait(rng, n, 0.25, 0.5), rng))
    decided, refused = _approval(life, asked, discount, deals)
    redone = _where(refused & needs, _at_work(life, decided + _wait(rng, n, 1.5), rng))
    life.add("Quote Revised", redone, rep, deals)
    discount = np.where(refused & needs, np.round(discount * 0.75, 3), discount)
    again = _where(discount > DISCOUNT_LIMIT, redone + 0.05)
    second, _ = _approval(life, again, discount, deals, may_refuse=False)
    ready = np.fmax(np.fmax(np.where(needs, decided, created), redone), second)
    sent = _at_work(life, ready + _wait(rng, n, 0.8), rng)
    life.add("Quote Sent", sent, rep, deals)
    usual = rng.poisson(0.35, n)
    revisions = np.where(segment == "Enterprise", usual + rng.poisson(1.1, n), usual)
    life.effects["enterprise_revisions"] = np.where(quoted & (segment == "Enterprise"), revisions - usual, np.nan)
    for turn in range(4):
        more = revisions > turn
        revised = _where(more, _at_work(life, sent + _wait(rng, n, 4), rng))
        resent = _at_work(life, revised + _wait(rng, n, 0.8), rng)
        life.add("Quote Revised", revised, rep, deals)
        life.add("Quote Sent", resent, rep, deals)
        sent = np.where(more, resent, sent)
    life.cases = life.cases.with_columns(discount=pl.Series(np.where(quoted & ~np.isnan(opened), discount, np.nan)))
    return sent, discount


def _outcome(life: World, opened: np.ndarray, sent: np.ndarray, discount: np.ndarray) -> np.ndarray:
    """Customers decide; returns when a winning deal accepts its quote."""
    rng, n = life.rng["outcome"], len(opened)
    cases = life.cases
    rep = cases["rep"].to_numpy()
    everyone = sorted({r for team in names.REPS.values() for r in team})
    skills = dict(zip(everyone, np.random.default_rng(11).normal(0, 0.22, len(everyone)), strict=True))
    skills |= {SLOW_REP: -1.1, DECOY_REP: 0.0}
    segment = cases["segment"].to_numpy()
    logit = (
        0.22
        - 0.30 * (np.log(cases["amount"].to_numpy()) - 9.8)
        - np.select([segment == "Enterprise", segment == "Mid-market"], [0.45, 0.15], 0.0)
        + np.where(np.isin(cases["lead_source"].to_numpy(), ["Referral", "Partner"]), 0.45, 0.0)
    )
    luck = rng.random(n)
    skill = np.array([skills[r] for r in rep])
    wins = luck < 1 / (1 + np.exp(-(logit + skill)))
    usual = luck < 1 / (1 + np.exp(-logit))
    quoted = ~np.isnan(sent)
    for name, who in (("weak_rep", SLOW_REP), ("decoy_rep", DECOY_REP)):
        life.effects[name] = np.where(quoted & (rep == who), wins * 1.0 - usual, np.nan)
    life.effects["idle_discount"] = np.where(quoted & (discount > DISCOUNT_LIMIT), 0.0, np.nan)
    accepted = _where(quoted & wins, _at_work(life, sent + _wait(rng, n, 11, 0.7), rng))
    lost_after = np.where(quoted, sent + _wait(rng, n, 22, 0.8), opened + _wait(rng, n, 30, 0.8))
    lost = _where(~np.isnan(opened) & ~(quoted & wins), _at_work(life, lost_after, rng))
    # A few deals are never closed by anybody.
    forgotten = rng.random(n) < 0.05
    lost = _where(~forgotten, lost)
    quotes = np.array([f"Q-{number:07d}" for number in range(n)])
    life.add("Quote Rejected", _where(quoted & (rng.random(n) < 0.35), lost), None, quotes)
    life.add("Closed Lost", lost, rep)
    life.add("Quote Accepted", accepted, None, quotes)
    reasons = np.array(names.LOSS_REASONS)[_pick(rng, n, (0.34, 0.25, 0.16, 0.17, 0.08))]
    life.cases = cases.with_columns(lost=pl.Series(lost), loss_reason=pl.Series(reasons))
    return accepted


def _contract(life: World, accepted: np.ndarray) -> np.ndarray:
    """Contract and win; returns when the order may be entered."""
    rng, n = life.rng["contract"], len(accepted)
    rep, region = life.cases["rep"].to_numpy(), life.cases["region"].to_numpy()
    skips = (rep == LOOSE_REP) & (rng.random(n) < 0.65)
    life.effects["no_contract"] = np.where(~np.isnan(accepted) & (rep == LOOSE_REP), skips * 1.0, np.nan)
    papers = np.array([f"C-{number:07d}" for number in range(n)])
    with_contract = _where(~skips, accepted)
    created = _at_work(life, with_contract + _wait(rng, n, 1.6), rng)
    needs = rng.random(n) < 0.6
    asked = _where(needs, _at_work(life, created + _wait(rng, n, 0.6), rng))
    approved = _at_work(life, asked + _wait(rng, n, 1.3), rng)
    base = _wait(rng, n, 5.5, 0.6)
    slow = region == "Japan"
    ready = np.where(needs, approved, created)
    signed = _at_work(life, ready + base * np.where(slow, 2.2, 1.0), rng)
    usual = _at_work(life, ready + base, rng)
    life.effects["slow_signature"] = np.where(slow & ~np.isnan(signed), signed - usual, np.nan)
    life.add("Contract Created", created, "Legal desk", papers)
    life.add("Contract Approval Requested", asked, "Legal desk", papers)
    life.add("Contract Approved", approved, "Legal counsel", papers)
    life.add("Contract Signed", signed, None, papers)
    won = _at_work(life, np.where(skips, accepted + _wait(rng, n, 1.0), signed + 0.02), rng)
    life.add("Closed Won", won, rep)
    life.cases = life.cases.with_columns(won=pl.Series(won))
    order = _at_work(life, won + _wait(rng, n, 1.6), rng)
    early = (region == "LATAM") & (rng.random(n) < 0.35) & ~np.isnan(signed)
    life.effects["early_order"] = np.where((region == "LATAM") & ~np.isnan(signed), early * 1.0, np.nan)
    return np.where(early, _at_work(life, created + 0.2, rng), order)


def _order(life: World, order: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Orders, their errors and their delivery; returns (fulfilled, order id, number) for each order of a deal."""
    rng, n = life.rng["order"], len(order)
    faulty = life.cases["product"].to_numpy() == "Edge Gateway"
    split = rng.random(n) < 0.1
    made = []
    for part in range(2):
        start = order if part == 0 else _where(split, _at_work(life, order + _wait(rng, n, 9), rng))
        number = np.array([f"O-{each:07d}-{part + 1}" for each in range(n)])
        luck = rng.random(n)
        wrong = luck < np.where(faulty, 0.36, 0.06)
        if part == 0:
            there = faulty & ~np.isnan(start)
            life.effects["order_errors"] = np.where(there, wrong * 1.0 - (luck < 0.06), np.nan)
        cancelled = rng.random(n) < 0.012
        corrected = _where(wrong, _at_work(life, start + _wait(rng, n, 3), rng))
        base = _wait(rng, n, 13, 0.5) + np.where(wrong, 4.0, 0.0)
        quicker = start >= DRIFT
        begin = np.fmax(start, corrected)
        fulfilled = _at_work(life, begin + base * np.where(quicker, 0.6, 1.0), rng)
        if part == 0:
            slower = _at_work(life, begin + base, rng)
            life.effects["faster_delivery"] = np.where(quicker & ~np.isnan(start), fulfilled - slower, np.nan)
        life.add("Sales Order Created", start, "Order desk", number)
        life.add("Order Corrected", corrected, "Order desk", number)
        life.add("Order Cancelled", _where(cancelled, begin + 1.5), "Order desk", number)
        fulfilled = _where(~cancelled, fulfilled)
        life.add("Order Fulfilled", fulfilled, "Delivery", number)
        made.append((fulfilled, number, np.full(n, part)))
    return made


def _cash(life: World, orders: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> None:
    """Invoices and what becomes of them."""
    rng, n = life.rng["cash"], life.cases.height
    terms = life.cases["payment_terms_days"].to_numpy()
    milestone = life.cases["invoice_type"].to_numpy() == "Milestone"
    for fulfilled, number, part in orders:
        bill = np.array([f"I{each[1:]}" for each in number])
        created = _at_work(life, fulfilled + _wait(rng, n, 1.8), rng)
        # A third of the invoices go out in the second in which they are made.
        sent = np.where(rng.random(n) < 0.35, created, _at_work(life, created + _wait(rng, n, 0.8), rng))
        life.add("Invoice Created", created, "Billing", bill)
        life.add("Invoice Sent", sent, "Billing", bill)
        wrong = rng.random(n) < 0.04
        corrected = _where(wrong, _at_work(life, sent + _wait(rng, n, 6), rng))
        life.add("Invoice Corrected", corrected, "Billing", bill)
        late = rng.random(n) < 0.22
        usual = terms + np.where(late, _wait(rng, n, 9, 0.8), -np.minimum(_wait(rng, n, 5, 0.7), terms - 3))
        days = usual + np.where(milestone, 18.0, 0.0) + np.where(wrong, 6.0, 0.0)
        if not part.any():
            life.effects["late_invoices"] = np.where(milestone & ~np.isnan(sent), 18.0, np.nan)
        paid = np.floor(np.fmax(sent, corrected) + days) + 0.0
        reminder = _where(days > terms + 7, _at_work(life, sent + terms + 7, rng))
        life.add("Payment Reminder Sent", _where(reminder < paid, reminder), "Billing", bill)
        life.add("Payment Received", paid, None, bill, "day")
        if not part.any():
            closed = _at_work(life, paid + 1 + _wait(rng, n, 2), rng)
            life.add("Order Closed", _where(rng.random(n) < 0.8, closed), "Order desk", number)
