"""What was quoted, contracted, ordered, invoiced, credited and paid: which rows count, a row per line or document?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from l2c import engine
from l2c.log.lines import COLUMNS, stage
from l2c.measures.documents import documents, sold
from l2c.measures.facts import NEVER, Facts
from l2c.words import matching

# Why a row is not compared with others.
NO_CASE, NO_STAGE, OTHER_QUOTE, CANCELLED, DRAFT = "no_case", "no_stage", "other_quote", "void", "draft"
# Stages of which a document without lines is taken whole.
HEADED = ("quote", "contract", "order", "invoice")


class Parts(NamedTuple):
    """The rows of a whole log.

    Attributes
    ----------
    rows
        `line_id, stage, object_id, case_key, key` (what counts of the name of the product, "" where there is none),
        `product, quantity, price, amount, currency, header` (a document without lines), `time` (of the document, NEVER
        where unknown), `void` (cancelled).
    aside
        The rows that are not compared, with their `reason`.
    papers
        The documents of the events; see `documents`.
    links
        Lines that point at lines: `from_id, to_id`.
    """

    rows: pd.DataFrame
    aside: pd.DataFrame
    papers: pd.DataFrame
    links: pd.DataFrame


def parts(facts: Facts) -> Parts:
    """Gather the lines of a whole log and, where a document has none, the document."""
    papers, links = documents(facts), _links(facts)
    rows = _lines(facts, papers)
    rows = pd.concat([rows, _headers(rows, papers), _deals(facts, rows, papers)], ignore_index=True)
    rows = _dated(rows, papers)
    rows["currency"] = _currency(facts, rows)
    rows = rows[rows["time"].eq(NEVER) | (rows["time"] <= facts.until)]
    reason = pd.Series(None, rows.index, object)
    reason[(rows["stage"] == "quote") & ~_chosen(facts, rows, papers, links)] = OTHER_QUOTE
    reason[rows["void"] & ~rows["stage"].isin(["quote", "order"])] = CANCELLED
    reason[_drafts(rows, papers)] = DRAFT
    reason[rows["case_key"] < 0] = NO_CASE
    reason[rows["stage"].isna()] = NO_STAGE
    away = reason.notna()
    # A quote that nobody chose, and of which only the number is known, is nothing to count.
    told = rows[away & (rows["amount"].notna() | ~rows["header"] | rows["source_row"].notna())].assign(
        reason=reason[away]
    )
    return Parts(rows[~away].reset_index(drop=True), told.reset_index(drop=True), papers, links)


def _lines(facts: Facts, papers: pd.DataFrame) -> pd.DataFrame:
    """The lines of the log, each with its stage, its case and the amount it comes to."""
    base = facts.log.base
    if base.lines is None:
        rows = pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    else:
        rows = engine.collect(base.lines.select(*COLUMNS))
    for name in ("line_id", "object_type", "object_id", "case_id", "product", "currency"):
        rows[name] = rows[name].astype(object).where(rows[name].notna(), None)
    # Whatever the order in which they were read.
    rows = rows.sort_values(
        ["line_id", "object_id", "source_row"], kind="stable", na_position="last", ignore_index=True
    )
    known = {kind: stage(str(kind)) for kind in rows["object_type"].dropna().unique()}
    rows["stage"] = rows["object_type"].map(known).astype(object)
    rows["object_id"] = rows["object_id"].astype(object).fillna("").astype(str)
    cases = engine.collect(base.cases.select("case_id", "case_key")).set_index("case_id")["case_key"]
    by_paper = papers[papers["object_id"] != ""].drop_duplicates("object_id").set_index("object_id")["case_key"]
    case = rows["case_id"].map(cases)
    unsaid = rows["case_id"].isna()
    rows["case_key"] = case.where(~unsaid, rows["object_id"].map(by_paper)).fillna(-1).astype(np.int64)
    rows["quantity"], rows["price"] = (
        pd.to_numeric(rows[c], errors="coerce").astype(float) for c in ("quantity", "price")
    )
    rows["amount"] = rows["price"] * rows["quantity"].fillna(1.0)
    keys = {name: matching.normalise(str(name)) for name in rows["product"].dropna().unique()}
    rows["key"] = rows["product"].map(keys).astype(object).fillna("")
    rows["header"] = (rows["key"] == "") & rows["quantity"].isna()
    return rows.drop(columns=["case_id", "object_type"])


def _headers(rows: pd.DataFrame, papers: pd.DataFrame) -> pd.DataFrame:
    """The documents of the events that have no lines, and invoices that were sent; each a row without a product."""
    key = ["stage", "case_key", "object_id"]
    there = rows[key].drop_duplicates().assign(lined=True)
    found = papers[papers["stage"].isin(HEADED)].merge(there, on=key, how="left")
    # Lines that name no document are those of the documents of their case.
    loose = rows[rows["object_id"] == ""][["stage", "case_key"]].drop_duplicates().assign(loose=True)
    found = found.merge(loose, on=["stage", "case_key"], how="left")
    found = found[found["lined"].isna() & found["loose"].isna()]
    return _headed(found, found["stage"] + ":" + found["object_id"])


def _deals(facts: Facts, rows: pd.DataFrame, papers: pd.DataFrame) -> pd.DataFrame:
    """The amounts of the deals that have neither quote nor product lines with an amount."""
    amount = sold(facts)
    known = pd.concat([rows[rows["stage"].isin(["quote", "sold"])], papers[(papers["stage"] == "quote")]])
    told = known.loc[known["amount"].notna(), "case_key"].unique()
    some = np.isfinite(amount) & (amount != 0) & ~np.isin(facts.keys, told)
    found = pd.DataFrame({"case_key": facts.keys[some], "stage": "sold", "object_id": "", "amount": amount[some]})
    return _headed(found, "sold:" + found["case_key"].astype(str))


def _headed(found: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    given = {"product": None, "key": "", "quantity": np.nan, "price": np.nan, "currency": None, "header": True}
    kept = found[["stage", "case_key", "object_id", "amount"]].assign(line_id=ids, source_row=None, **given)
    return kept.astype({"amount": float})


def _dated(rows: pd.DataFrame, papers: pd.DataFrame) -> pd.DataFrame:
    """Add the time of the document, and whether it is void."""
    known = papers[["stage", "case_key", "object_id", "first", "void"]]
    rows = rows.merge(known, on=["stage", "case_key", "object_id"], how="left")
    rows["time"] = rows.pop("first").astype("Int64").fillna(NEVER).astype(np.int64)
    rows["void"] = rows["void"].fillna(False).astype(bool)
    return rows


def _currency(facts: Facts, rows: pd.DataFrame) -> pd.Series:
    """The currency of each row: its own, else that of its deal, else that of the log."""
    own = rows["currency"].astype(object)
    if "currency" in facts.log.attributes:
        of_case = pd.Series(facts.attribute("currency").to_numpy(object), facts.keys)
        own = own.where(own.notna(), rows["case_key"].map(of_case).astype(object))
    own = own.where(own.notna(), facts.log.base.currency)
    return own.where(own.notna(), None)


def _drafts(rows: pd.DataFrame, papers: pd.DataFrame) -> pd.Series:
    """Which rows are of an invoice that was made and never sent."""
    unsent = papers[(papers["stage"] == "invoice") & papers["sent"].eq(False)]
    keys = pd.MultiIndex.from_frame(unsent[["case_key", "object_id"]])
    return rows["stage"].eq("invoice") & pd.MultiIndex.from_frame(rows[["case_key", "object_id"]]).isin(keys)


def _chosen(facts: Facts, rows: pd.DataFrame, papers: pd.DataFrame, links: pd.DataFrame) -> pd.Series:
    """Which quote of each deal was sold: the ordered one, else the accepted, the primary, the last one made.

    Of quotes whose time is unknown it is the one whose total is nearest to the amount of the deal.
    """
    quotes = rows[rows["stage"] == "quote"]
    docs = quotes.groupby(["case_key", "object_id"], sort=True).agg(
        total=("amount", "sum"), time=("time", "min"), void=("void", "any")
    ).reset_index()  # fmt: skip
    said = papers[papers["stage"] == "quote"][["case_key", "object_id", "accepted"]]
    docs = docs.merge(said, on=["case_key", "object_id"], how="left")
    named = _ordered_quotes(facts, rows, links)
    docs["ordered"] = docs["object_id"].isin(named["ordered"])
    docs["primary"] = docs["object_id"].isin(named["primary"])
    docs["accepted"] = docs["accepted"].fillna(False).astype(bool)
    docs = docs[~docs["void"] | docs["ordered"]]
    place = facts.place[docs["case_key"].clip(lower=0).to_numpy(np.int64)] if len(docs) else np.array([], np.int64)
    near = (docs["total"] - facts.number("amount")[place]).abs().fillna(np.inf)
    docs["last"] = docs.assign(
        unknown=docs["time"].eq(NEVER), when=-docs["time"].where(docs["time"] != NEVER, 0), near=near
    ).sort_values(["case_key", "unknown", "when", "near", "object_id"]).groupby("case_key").cumcount().eq(0)  # fmt: skip
    taken = pd.Series(False, docs.index)
    for way in ("ordered", "accepted", "primary", "last"):
        settled = taken.groupby(docs["case_key"]).transform("any")
        taken |= docs[way] & ~settled
    kept = docs.loc[taken, ["case_key", "object_id"]].assign(kept=True)
    found = rows[["case_key", "object_id"]].merge(kept, on=["case_key", "object_id"], how="left")["kept"]
    return found.set_axis(rows.index).notna()


def _ordered_quotes(facts: Facts, rows: pd.DataFrame, links: pd.DataFrame) -> dict[str, set[str]]:
    """Quotes that orders (or their lines) point at, and those that deals do."""
    found: dict[str, set[str]] = {"ordered": set(), "primary": set()}
    orders = rows[rows["stage"] == "order"]
    pointed = links[links["from_id"].isin(orders["line_id"])]["to_id"]
    quotes = rows[(rows["stage"] == "quote") & rows["line_id"].isin(pointed)]
    found["ordered"] |= set(quotes["object_id"]) - {""}
    base = facts.log.base
    if base.links is not None:
        known = engine.collect(base.links.select("from_type", "from_id", "to_type", "to_id"))
        papers_ = known["to_type"].map(lambda kind: stage(str(kind)) == "quote" and "line" not in str(kind).lower())
        to_quote = known[papers_.astype(bool)]
        by = {"ordered": "order", "primary": "sold"}
        for name, kind in by.items():
            found[name] |= set(
                to_quote[to_quote["from_type"].map(lambda t, kind=kind: stage(str(t)) == kind).astype(bool)]["to_id"]
            )
    return found


def _links(facts: Facts) -> pd.DataFrame:
    """Lines that point at lines."""
    base = facts.log.base
    if base.links is None or base.lines is None:
        return pd.DataFrame({"from_id": pd.Series(dtype=object), "to_id": pd.Series(dtype=object)})
    own = base.lines.select("line_id").unique()
    met = base.links.select("from_id", "to_id").join(own, left_on="from_id", right_on="line_id", how="semi")
    rows = engine.collect(met.join(own, left_on="to_id", right_on="line_id", how="semi"))
    return rows.sort_values(["from_id", "to_id"], ignore_index=True)
