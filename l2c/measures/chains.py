"""Which lines of quote, contract, order, invoice, credit note and payment are about the same thing sold?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.measures.facts import Facts
from l2c.measures.parts import Parts, parts

# Rounding and bank charges: amounts and prices that differ by no more are the same.
TOLERANCE = 0.005
# Lines left over on both sides are taken for each other's only where their sums are of one size.
SIZE = 2.0
ORDER = ("base", "contract", "order", "invoice", "credit", "payment")


@dataclass(eq=False)
class Chains:
    """What was sold, a chain of lines each.

    Attributes
    ----------
    table
        By `chain`: `case_key, key, product, currency, basis` (`lines` or `documents`), `unsure` (its lines fit no other,
        and no better than these).
    rows
        The lines of `Parts` with their `chain` and, as `step`, where they stand: base, contract, order, invoice,
        credit, payment. An amount of a document without lines is spread over the chains of its case.
    parts
        What they were made of.
    """

    table: pd.DataFrame
    rows: pd.DataFrame
    parts: Parts


@dataclass(eq=False)
class _Growing:
    """The chains while they are made: what each asks of the next stage."""

    case: list[int] = field(default_factory=list)
    key: list[str] = field(default_factory=list)
    price: list[float] = field(default_factory=list)
    quantity: list[float] = field(default_factory=list)
    amount: list[float] = field(default_factory=list)
    unsure: list[bool] = field(default_factory=list)
    same: dict[int, int] = field(default_factory=dict)
    called: dict[tuple[int, str], list[int]] = field(default_factory=dict)

    def new(self, case: int, key: str, price: float, quantity: float, amount: float) -> int:
        for column, value in zip(
            (self.case, self.key, self.price, self.quantity, self.amount, self.unsure),
            (case, key, price, quantity, amount, False), strict=True,
        ):  # fmt: skip
            column.append(value)  # type: ignore[attr-defined]
        return len(self.case) - 1

    def root(self, chain: int) -> int:
        while chain in self.same:
            chain = self.same[chain]
        return chain

    def merge(self, chains: list[int], *, unsure: bool) -> int:
        """Make one of several; their products are no longer told apart."""
        first, *rest = sorted(chains)
        for other in rest:
            self.same[other] = first
            self.amount[first] += self.amount[other]
        if rest:
            self.key[first], self.price[first], self.quantity[first] = "", np.nan, np.nan
        self.unsure[first] |= unsure
        return first


def chains(facts: Facts) -> Chains:
    """Return the chains of a whole log.

    Notes
    -----
    A line that points at another (an order line at its quote line, an invoice line at its order line) is of the same
    chain. The others are matched within their deal: by product (case, width and spaces do not count; of several with
    the same product by price, then quantity), then by price and quantity, then by amount, then all that is left over on
    both sides if it comes to the same sum (a bundle sold in parts). What is left over on both sides and does not, and
    may be the same under other names, is one chain that is not judged (`unsure`).
    """
    found = parts(facts)
    rows = found.rows.copy()
    quoted = rows.loc[(rows["stage"] == "quote") & rows["amount"].notna(), "case_key"].unique()
    # The products of a deal are those of its quote, where it has one that says more than its number.
    rows = rows[~((rows["stage"] == "sold") & rows["case_key"].isin(quoted))]
    sold = rows.loc[rows["stage"] == "sold", "case_key"].unique()
    rows = rows[~((rows["stage"] == "quote") & rows["amount"].isna() & rows["header"] & rows["case_key"].isin(sold))]
    rows["step"] = rows["stage"].replace({"sold": "base", "quote": "base"})
    rows = _returns(rows).reset_index(drop=True)
    rows["chain"] = -1
    growing = _Growing()
    seen: set[str] = set()
    for step in ORDER:
        _grow(growing, rows, step, found.links, seen)
        seen |= set(rows.loc[(rows["step"] == step) & ~rows["header"], "key"]) - {""}
    rows["chain"] = rows["chain"].map(lambda chain: growing.root(chain) if chain >= 0 else -1)
    rows = _spread(growing, rows)
    return Chains(_table(growing, rows), rows, found)


def _returns(rows: pd.DataFrame) -> pd.DataFrame:
    """A negative line of an invoice gives something back, unless the same was sold as a deduction."""
    minus = (rows["step"] == "invoice") & (rows["amount"] < 0)
    before = rows[rows["step"].isin(["base", "contract", "order"])].groupby(["step", "case_key", "key"])["amount"].sum()
    agreed = before[before < 0].index.droplevel("step")
    back = minus & ~pd.MultiIndex.from_frame(rows[["case_key", "key"]]).isin(agreed)
    credit = back | (rows["step"] == "credit")
    return rows.assign(
        step=rows["step"].where(~back, "credit"), amount=rows["amount"].where(~credit, rows["amount"].abs())
    )


def _grow(growing: _Growing, rows: pd.DataFrame, step: str, links: pd.DataFrame, seen: set[str]) -> None:
    """Give the lines of a step their chains."""
    mine = rows[(rows["step"] == step) & ~rows["header"]].sort_values(
        ["case_key", "key", "price", "quantity", "amount", "line_id"], kind="stable"
    )
    if not len(mine):
        return
    if step == "base":
        for _, group in mine.groupby(["case_key", "key", mine["price"].round(6)], sort=True, dropna=False):
            first = group.iloc[0]
            chain = growing.new(
                int(first["case_key"]),
                first["key"],
                first["price"],
                group["quantity"].sum(min_count=1),
                group["amount"].sum(),
            )
            rows.loc[group.index, "chain"] = chain
            growing.called.setdefault((int(first["case_key"]), first["key"]), []).append(chain)
        growing.called = {pair: numbers for pair, numbers in growing.called.items() if pair[1]}
        return
    chain = _linked(mine, rows, links)
    chain = _by_product(growing, mine, chain)
    chain = _left_over(growing, mine, chain, seen, keep=step in ("credit", "payment"))
    rows.loc[chain.index, "chain"] = chain
    # Later documents may bear any name that earlier ones gave to the thing.
    for case, key, number in zip(mine["case_key"].tolist(), mine["key"].tolist(), chain.tolist(), strict=True):
        numbers = growing.called.setdefault((case, key), []) if key and number >= 0 else [number]
        if number not in numbers:
            numbers.append(number)
    if step in ("contract", "order"):
        # What comes later is compared with what was ordered last.
        sums = mine.assign(chain=chain).groupby("chain").agg(
            price=("price", "last"), quantity=("quantity", "sum"), amount=("amount", "sum")
        )  # fmt: skip
        for number, price, quantity, amount in sums.itertuples():
            place = growing.root(int(number))
            if growing.key[place]:
                growing.price[place], growing.quantity[place] = price, quantity
            growing.amount[place] = amount


def _linked(mine: pd.DataFrame, rows: pd.DataFrame, links: pd.DataFrame) -> pd.Series:
    """The chains of the lines that point at one."""
    known = rows[rows["chain"] >= 0].drop_duplicates("line_id").set_index("line_id")["chain"]
    target = links.assign(chain=links["to_id"].map(known)).dropna(subset=["chain"]).drop_duplicates("from_id")
    return mine["line_id"].map(target.set_index("from_id")["chain"]).fillna(-1).astype(np.int64)


def _by_product(growing: _Growing, mine: pd.DataFrame, chain: pd.Series) -> pd.Series:
    """The chains of the lines whose product is that of one chain of their deal; of several the nearest in price."""
    chain = chain.copy()
    of = {pair: sorted({growing.root(n) for n in numbers}) for pair, numbers in growing.called.items()}
    waiting = mine[(chain < 0) & (mine["key"] != "")]
    pairs = list(zip(waiting["case_key"].tolist(), waiting["key"].tolist(), strict=True))
    several: dict[tuple[int, str], list[int]] = {}
    for place, pair in zip(waiting.index, pairs, strict=True):
        found = of.get(pair, [])
        if len(found) == 1:
            chain[place] = found[0]
        elif found:
            several.setdefault(pair, []).append(place)
    for pair, places in several.items():
        left = {number: growing.quantity[number] for number in of[pair]}
        for place in places:
            price, quantity = float(mine.at[place, "price"]), float(mine.at[place, "quantity"])
            best = min(left, key=lambda n: (*_fit(growing.price[n], price, left[n], quantity), n))
            chain[place] = best
            left[best] -= 0.0 if np.isnan(quantity) else quantity
    return chain


def _fit(price: float, own: float, left: float, quantity: float) -> tuple[bool, bool, float, float]:
    """How badly a line fits: another price, too much of it, how far off in price, how far in quantity."""
    off = abs(np.log(max(own, 1e-9) / max(price, 1e-9))) if own > 0 and price > 0 else np.inf
    return bool(off > TOLERANCE), bool(quantity > left * (1 + TOLERANCE)), float(off), abs(float(left - quantity))


def _left_over(
    growing: _Growing, mine: pd.DataFrame, chain: pd.Series, seen: set[str], *, keep: bool
) -> pd.Series:  # fmt: skip
    """The chains of the lines that neither a pointer nor their product matched; new ones where nothing fits."""
    chain = chain.copy()
    here = set(mine["key"]) - {""}
    free: dict[int, list[int]] = {}
    taken = {growing.root(int(n)) for n in chain[chain >= 0]}
    for number, case in enumerate(growing.case):
        # A product that other deals have at this stage by its name is not here under another one.
        if growing.root(number) == number and number not in taken and growing.key[number] not in here:
            free.setdefault(case, []).append(number)
    lost = mine[chain < 0]
    for case, group in lost.groupby("case_key", sort=True):
        open_ = free.get(int(case), [])
        strange = [p for p in group.index if mine.at[p, "key"] not in seen]
        for place, number in _pairs(growing, mine, strange, open_):
            chain[place] = number
        rest = [p for p in strange if chain[p] < 0]
        still = [n for n in open_ if n not in set(chain[group.index])]
        if rest and still and _sum(growing, still) and _of_size(mine.loc[rest, "amount"].sum(), _sum(growing, still)):
            near = _near(float(mine.loc[rest, "amount"].sum()), _sum(growing, still))
            chain[rest] = growing.merge(still, unsure=not near)
        if keep:
            continue
        for place in [p for p in group.index if chain[p] < 0]:
            row = mine.loc[place]
            same = [n for n in set(chain[group.index]) if n >= 0 and row["key"] and growing.key[n] == row["key"]]
            chain[place] = (
                min(same) if same else growing.new(int(case), row["key"], row["price"], row["quantity"], row["amount"])
            )
    return chain


def _sum(growing: _Growing, chains: list[int]) -> float:
    """What some chains come to."""
    return float(sum(growing.amount[n] for n in chains))


def _pairs(growing: _Growing, mine: pd.DataFrame, places: list[int], free: list[int]) -> Iterator[tuple[int, int]]:
    """Lines and chains that fit each other and nothing else: by price and quantity, by amount, without a product by quantity."""
    places, free = list(places), list(free)
    for same in (
        lambda row, n: _near(row["price"], growing.price[n]) and _near(row["quantity"], growing.quantity[n]),
        lambda row, n: _near(row["amount"], growing.amount[n]) and growing.amount[n] != 0,
        # A line that names no product has no other that contradicts it.
        lambda row, n: not (row["key"] and growing.key[n]) and _near(row["quantity"], growing.quantity[n]),
    ):
        fits = {p: [n for n in free if same(mine.loc[p], n)] for p in places}
        wanted = [n for found in fits.values() for n in found]
        for place, found in fits.items():
            if len(found) == 1 and wanted.count(found[0]) == 1:
                yield place, found[0]
                places.remove(place)
                free.remove(found[0])


def _near(one: float, other: float) -> bool:
    return bool(abs(one - other) <= TOLERANCE * max(abs(one), abs(other)))


def _of_size(one: float, other: float) -> bool:
    return one * other > 0 and 1 / SIZE <= one / other <= SIZE


def _spread(growing: _Growing, rows: pd.DataFrame) -> pd.DataFrame:
    """Spread the documents without lines over the chains of their case, by what is known of these at the nearest stage.

    A deal without any lines is one chain. A document of unknown amount leaves its mark on the chains without a line there.
    """
    headers = rows[rows["header"] | (rows["chain"] < 0)]
    if not len(headers):
        return rows
    lines = rows[~rows["header"] & (rows["chain"] >= 0)]
    known = lines.pivot_table(index="chain", columns="step", values="amount", aggfunc="sum")
    case = pd.Series({n: growing.case[n] for n in lines["chain"].unique()}, dtype="int64").sort_index()
    for number in sorted(set(headers["case_key"]) - set(case)):
        case[growing.new(int(number), "", np.nan, np.nan, np.nan)] = number
    known = known.reindex(case.index)
    frames = [lines]
    for step in (s for s in ORDER if s in set(headers["step"])):
        own = lines.loc[lines["step"] == step, "chain"].unique()
        mine = headers[headers["step"] == step]
        met = mine.drop(columns="chain").merge(_weights(known, case, step, own), on="case_key", how="inner")
        spread = met.assign(amount=met["amount"] * met["weight"], header=True).drop(columns="weight")
        frames.append(spread)
        if step not in known:
            known[step] = np.nan
        known[step] = known[step].fillna(spread.groupby("chain")["amount"].sum(min_count=1))
    return pd.concat(frames, ignore_index=True)


def _weights(known: pd.DataFrame, case: pd.Series, step: str, own: NDArray[Any]) -> pd.DataFrame:
    """The part of each chain in its case: of its amounts at the stage before, else an earlier one, else the next after.

    Chains without a line of their own at this stage come first.
    """
    place = ORDER.index(step)
    amount = pd.Series(np.nan, case.index)
    for name in (n for n in (*reversed(ORDER[:place]), *ORDER[place:]) if n in known):
        here = known[name].abs()
        # One stage tells of the whole case: a chain that is not in it has no part.
        untold = amount.groupby(case).transform("count").eq(0)
        amount = amount.where(~untold, here)
    lined = case.index.isin(own)
    whole = pd.Series(lined, case.index).groupby(case).transform("all")
    amount = amount.fillna(0.0).where(~lined | whole, 0.0)
    total = amount.groupby(case).transform("sum")
    equal = (~lined | whole).astype(float)
    weight = (amount / total).where(total > 0, equal / equal.groupby(case).transform("sum"))
    found = pd.DataFrame({"chain": case.index, "case_key": case.to_numpy(), "weight": weight.to_numpy()})
    return found[found["weight"] > 0]


def _table(growing: _Growing, rows: pd.DataFrame) -> pd.DataFrame:
    """What is known of each chain."""
    rows = rows[rows["chain"] >= 0]
    groups = rows.groupby("chain", sort=True)
    table = groups.agg(case_key=("case_key", "first"), product=("product", "first"), header=("header", "any"))
    # Of a chain of several products each is named.
    several = rows.dropna(subset=["product"]).groupby("chain")["key"].nunique()
    names = rows.dropna(subset=["product"]).sort_values("product").groupby("chain")["product"].unique().map(" + ".join)
    table["product"] = table["product"].where(~table.index.isin(several[several > 1].index), names.reindex(table.index))
    table["currency"] = groups["currency"].first()
    table["mixed"] = groups["currency"].nunique() > 1
    table["key"] = [growing.key[n] for n in table.index]
    table["unsure"] = [growing.unsure[n] for n in table.index]
    table["basis"] = np.where(table.pop("header"), "documents", "lines")
    return table
