"""Which lines of quote, contract, order, invoice, credit note and payment are about the same thing sold?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from l2c.measures.facts import Facts
from l2c.measures.parts import Parts, parts
from l2c.measures.spread import ORDER, spread

# Rounding and bank charges: amounts and prices that differ by no more are the same.
TOLERANCE = 0.005
# Lines left over on both sides are taken for each other's only where their sums are of one size.
SIZE = 2.0


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


class Line(NamedTuple):
    """A line that is to be matched, and its row."""

    place: int
    key: str
    price: float
    quantity: float
    amount: float


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
    rows = spread(rows, growing)
    return Chains(_table(growing, rows), rows, found)


def _returns(rows: pd.DataFrame) -> pd.DataFrame:
    """A negative line of an invoice gives something back, unless the same was sold as a deduction."""
    minus = (rows["step"] == "invoice") & (rows["amount"] < 0)
    before = rows[rows["step"].isin(["base", "contract", "order"])].groupby(["case_key", "key", "step"])["amount"].sum()
    agreed = pd.MultiIndex.from_frame(before[before < 0].reset_index()[["case_key", "key"]])
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
        rows.loc[mine.index, "chain"] = _begun(growing, mine)
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
        for number, price, quantity, amount in zip(sums.index.tolist(), *(sums[c].tolist() for c in sums), strict=True):
            place = growing.root(number)
            if growing.key[place]:
                growing.price[place], growing.quantity[place] = price, quantity
            growing.amount[place] = amount


def _begun(growing: _Growing, mine: pd.DataFrame) -> Any:
    """The chains of the lines that come first: one for each product and price of a deal."""
    groups = mine.groupby(["case_key", "key", mine["price"].round(6)], sort=True, dropna=False)
    number = groups.ngroup().to_numpy() + len(growing.case)
    said = mine.assign(chain=number).groupby("chain", sort=True)
    case, key = said["case_key"].first().tolist(), said["key"].first().tolist()
    growing.case += case
    growing.key += key
    growing.price += said["price"].first().tolist()
    growing.quantity += said["quantity"].sum(min_count=1).tolist()
    growing.amount += said["amount"].sum().tolist()
    growing.unsure += [False] * len(case)
    for place, pair in enumerate(zip(case, key, strict=True)):
        if pair[1]:
            growing.called.setdefault(pair, []).append(len(growing.case) - len(case) + place)
    return number


def _linked(mine: pd.DataFrame, rows: pd.DataFrame, links: pd.DataFrame) -> pd.Series:
    """The chains of the lines that point at one."""
    known = rows[rows["chain"] >= 0].drop_duplicates("line_id").set_index("line_id")["chain"]
    target = links.assign(chain=links["to_id"].map(known)).dropna(subset=["chain"]).drop_duplicates("from_id")
    return mine["line_id"].map(target.set_index("from_id")["chain"]).fillna(-1).astype(np.int64)


def _by_product(growing: _Growing, mine: pd.DataFrame, chain: pd.Series) -> pd.Series:
    """The chains of the lines whose product is that of one chain of their deal; of several the nearest in price."""
    of = {pair: sorted({growing.root(n) for n in numbers}) for pair, numbers in growing.called.items()}
    found = chain.to_numpy().copy()
    several: dict[tuple[int, str], list[int]] = {}
    for place, pair in enumerate(zip(mine["case_key"].tolist(), mine["key"].tolist(), strict=True)):
        numbers = of.get(pair) if found[place] < 0 and pair[1] else None
        if numbers and len(numbers) == 1:
            found[place] = numbers[0]
        elif numbers:
            several.setdefault(pair, []).append(place)
    prices, quantities = mine["price"].to_numpy(float), mine["quantity"].to_numpy(float)
    for pair, places in several.items():
        left = {number: growing.quantity[number] for number in of[pair]}
        for place in places:
            own, quantity = float(prices[place]), float(quantities[place])
            best = min(left, key=lambda n: (*_fit(growing.price[n], own, left[n], quantity), n))
            found[place] = best
            left[best] -= 0.0 if np.isnan(quantity) else quantity
    return pd.Series(found, chain.index)


def _fit(price: float, own: float, left: float, quantity: float) -> tuple[bool, bool, float, float]:
    """How badly a line fits: another price, too much of it, how far off in price, how far in quantity."""
    off = abs(np.log(max(own, 1e-9) / max(price, 1e-9))) if own > 0 and price > 0 else np.inf
    return bool(off > TOLERANCE), bool(quantity > left * (1 + TOLERANCE)), float(off), abs(float(left - quantity))


def _left_over(growing: _Growing, mine: pd.DataFrame, chain: pd.Series, seen: set[str], *, keep: bool) -> pd.Series:
    """The chains of the lines that neither a pointer nor their product matched; new ones where nothing fits."""
    found = chain.to_dict()
    lost = mine[chain < 0]
    here, taken = set(mine["key"]) - {""}, {growing.root(n) for n in set(found.values()) if n >= 0}
    cases, free = set(lost["case_key"]), dict[int, list[int]]()
    for number, case in enumerate(growing.case):
        # A product that other deals have at this stage by its name is not here under another one.
        if case in cases and growing.root(number) == number and number not in taken and growing.key[number] not in here:
            free.setdefault(case, []).append(number)
    waiting: dict[int, list[Line]] = {}
    columns = (lost[c].tolist() for c in ("case_key", "key", "price", "quantity", "amount"))
    for place, case, *said in zip(lost.index.tolist(), *columns, strict=True):
        waiting.setdefault(case, []).append(Line(place, *said))
    for case, lines in waiting.items():
        open_, strange = free.get(case, []), [line for line in lines if line.key not in seen]
        for place, number in _pairs(growing, strange, open_):
            found[place] = number
        rest = [line for line in strange if found[line.place] < 0]
        used = {found[line.place] for line in lines}
        still = [n for n in open_ if n not in used]
        one, other = sum(line.amount for line in rest), sum(growing.amount[n] for n in still)
        if rest and still and _of_size(one, other):
            whole = growing.merge(still, unsure=not _near(one, other))
            found |= {line.place: whole for line in rest}
        if not keep:
            begun: dict[str, int] = {}
            for line in (line for line in lines if found[line.place] < 0):
                if not line.key or line.key not in begun:
                    begun[line.key] = growing.new(case, line.key, line.price, line.quantity, line.amount)
                found[line.place] = begun[line.key]
    return pd.Series(found, chain.index, dtype=np.int64)


def _pairs(growing: _Growing, lines: list[Line], free: list[int]) -> Iterator[tuple[int, int]]:
    """Lines and chains that fit each other and nothing else: by price and quantity, by amount, without a product by quantity."""
    lines, free = list(lines), list(free)

    def alike(line: Line, n: int) -> bool:
        return _near(line.price, growing.price[n]) and _near(line.quantity, growing.quantity[n])

    def equal(line: Line, n: int) -> bool:
        return _near(line.amount, growing.amount[n]) and growing.amount[n] != 0

    def unnamed(line: Line, n: int) -> bool:
        # A line that names no product has no other that contradicts it.
        return not (line.key and growing.key[n]) and _near(line.quantity, growing.quantity[n])

    for same in (alike, equal, unnamed):
        fits = [(line, [n for n in free if same(line, n)]) for line in lines]
        wanted = Counter(n for _, found in fits for n in found)
        for line, found in fits:
            if len(found) == 1 and wanted[found[0]] == 1:
                yield line.place, found[0]
                lines.remove(line)
                free.remove(found[0])


def _near(one: float, other: float) -> bool:
    return bool(abs(one - other) <= TOLERANCE * max(abs(one), abs(other)))


def _of_size(one: float, other: float) -> bool:
    return one * other > 0 and 1 / SIZE <= one / other <= SIZE


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
