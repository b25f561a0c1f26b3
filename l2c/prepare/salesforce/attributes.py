"""What is known of each deal?"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from l2c.log.columns import DERIVED, own_names
from l2c.log.objects import DEAL, LEAD
from l2c.log.splits import SPLIT
from l2c.prepare import values
from l2c.prepare.salesforce import contracts, lines, past
from l2c.prepare.salesforce.conditions import custom
from l2c.prepare.salesforce.deals import Deals
from l2c.prepare.salesforce.meaning import lookup_field
from l2c.prepare.salesforce.money import Rates
from l2c.prepare.salesforce.org_frames import Org
from l2c.prepare.salesforce.people import People
from l2c.prepare.salesforce.splits import splits
from l2c.words import matching, vocabulary
from l2c.words.notes import Note

FULL_ENOUGH = 0.5
KINDS = {a.id: a.kind for a in vocabulary.attributes()}


def attributes(org: Org, deals: Deals, who: People, rates: Rates) -> tuple[pl.DataFrame, dict[str, str], list[Note]]:
    """Gather what is known of each case.

    Returns
    -------
    A row per case (`case_id` and attributes under the names of the vocabulary, custom fields under their own), where each
    attribute was read, and notes.
    """
    columns: dict[str, pl.Series] = {}
    read: dict[str, str] = {}
    for name, ways in _ways(org).items():
        way = _best(org, ways)
        if way is not None:
            columns[name] = _in_words(org, name, _typed(name, _both(org, deals, way, who)))
            read[name] = " · ".join(f"{obj}.{path}" for obj, path in way.items())
    table = deals.ids.with_columns([column.alias(name) for name, column in columns.items()])
    table, more = _won_while_open(table, org), []
    for added, where in _computed(org, deals, table):
        table = table.join(added, on="case", how="left", maintain_order="left")
        read |= {name: where for name in added.columns if name != "case"}
    shared, told = splits(org, who)
    if shared is not None and SPLIT not in table.columns:
        table = table.join(shared, on="case", how="left", maintain_order="left")
        read[SPLIT] = "OpportunitySplit.SplitPercentage"
    more += told
    table = _with_terms(table, org)
    if rates.company is not None and {"amount", "currency"} <= set(table.columns):
        table, note = _in_one_currency(org, table, rates)
        more.append(note)
    filled = [c for c in table.columns if c in ("case", "case_id") or table[c].null_count() < table.height]
    return table.select(filled), {name: where for name, where in read.items() if name in filled}, more


def _ways(org: Org) -> dict[str, list[Mapping[str, str]]]:
    """For each attribute the places where it may stand: custom fields that bear its name first."""
    found: dict[str, list[Mapping[str, str]]] = {name: [] for name in org.mapping.attributes}
    found |= {a.id: [] for a in vocabulary.attributes() if a.scope == "case" and a.id not in (*found, "case_id")}
    taken = {path for ways in org.mapping.attributes.values() for way in ways for path in way.values()}
    for prefix, name in (("", DEAL), ("Account.", "Account")):
        for header in custom(org.frames[name]) if name in org.frames else []:
            target = next((a for a in found if matching.is_strong(header, a)), None)
            way = {DEAL: prefix + header} | ({LEAD: header} if org.has(LEAD, header) else {})
            if target is not None:
                found[target].append(way)
            elif not prefix and header not in taken:
                found[_own_name(header, found)] = [way]
    if LEAD in org.frames and DEAL not in org.frames:
        for header in custom(org.frames[LEAD]):
            if target := next((a for a in found if matching.is_strong(header, a)), None):
                found[target].append({LEAD: header})
    for name, ways in org.mapping.attributes.items():
        found[name] = [*found[name], *ways]
    return found


def _own_name(header: str, taken: Mapping[str, object]) -> str:
    return own_names([(header.removesuffix("__c"), header)], {*taken, *DERIVED})[0]


def _best(org: Org, ways: list[Mapping[str, str]]) -> Mapping[str, str] | None:
    """The first way that is filled for enough of the deals, else the fullest."""
    shares = []
    for way in ways:
        name = DEAL if DEAL in org.frames and DEAL in way else LEAD
        if name in way and org.has(name, way[name]):
            column = org.text(name, way[name])
            shares.append((1 - column.null_count() / max(len(column), 1), way))
    good = [way for share, way in shares if share >= FULL_ENOUGH]
    if good:
        return good[0]
    best = max(shares, key=lambda each: each[0], default=(0.0, None))
    return best[1] if best[0] > 0 else None


def _both(org: Org, deals: Deals, way: Mapping[str, str], who: People) -> pl.Series:
    """The values of all cases: those of the opportunities, and of the leads that are a case of their own."""
    parts = []
    for name, path in way.items():
        if name in org.frames and org.has(name, path):
            text = _person(org, name, path, who)
            parts.append(pl.DataFrame({"case": org.frames[name]["_key"], "value": text}).drop_nulls())
    rows = pl.concat(parts).unique("case", keep="first", maintain_order=True)
    return deals.ids.select("case").join(rows, on="case", how="left", maintain_order="left")["value"]


def _person(org: Org, name: str, path: str, who: People) -> pl.Series:
    """A name; that of a user as it stands everywhere else."""
    before, _, last = path.rpartition(".")
    if last == "Name" and before:
        lookup = ".".join([*before.split(".")[:-1], lookup_field(before.split(".")[-1])])
        if org.mapping.target(lookup.rpartition(".")[2]) == "User":
            return who.named(org.text(name, lookup))
    return org.text(name, path)


def _typed(name: str, column: pl.Series) -> pl.Series:
    kind = KINDS.get(name)
    if kind in ("money", "number"):
        return values.numbers(column).numbers
    if kind == "fraction":
        return values.fractions(column, percent=True).numbers
    if kind == "flag":
        return values.flags(column)[0]
    if kind is None and column.null_count() < len(column):
        number = column.cast(pl.Float64, strict=False)
        if number.null_count() == column.null_count():
            return number
    return column


def _in_words(org: Org, name: str, column: pl.Series) -> pl.Series:
    """Values as their history writes them."""
    if name == "close_date":
        return past.days(org, column, "Opportunity, column CloseDate")
    if name == "probability":
        return past.possible(column)
    return past.categories(org, column) if name == "forecast_category" else column


def _won_while_open(table: pl.DataFrame, org: Org) -> pl.DataFrame:
    """The won flag says nothing of a deal that is still open."""
    if "is_won" not in table.columns or not org.has(DEAL, "IsClosed"):
        return table
    closed = pl.DataFrame({"case": org.frames[DEAL]["_key"], "_closed": org.flags(DEAL, "IsClosed")})
    table = table.join(closed, on="case", how="left", maintain_order="left")
    return table.with_columns(pl.when("_closed").then("is_won").alias("is_won")).drop("_closed")


def _computed(org: Org, deals: Deals, table: pl.DataFrame) -> list[tuple[pl.DataFrame, str]]:
    """What stands on the lines, the quotes and the lead rather than on the deal."""
    found = []
    sold = lines.products(org)
    if sold is not None:
        said = org.mapping.lines["object"]
        found.append((sold.drop("product") if "product" in table.columns else sold, f"{said}, the main one by value"))
    given = None if "discount" in table.columns else lines.discounts(org)
    if given is not None:
        found.append(given)
    if (told := contracts.actions(org, deals)) is not None and contracts.ATTRIBUTE not in table.columns:
        found.append(told)
    return found


def _with_terms(table: pl.DataFrame, org: Org) -> pl.DataFrame:
    """Payment terms in days, and in words where they end with a month."""
    quoted = lines.terms(org)
    if "payment_terms_days" not in table.columns and quoted is not None:
        table = table.join(quoted.rename({"terms": "payment_terms_days"}), on="case", how="left", maintain_order="left")
    if "payment_terms_days" not in table.columns:
        return table
    text = table["payment_terms_days"].cast(pl.String)
    table = table.with_columns(values.month_terms(text))
    return table.with_columns(values.days(text).numbers.alias("payment_terms_days"))


def _in_one_currency(org: Org, table: pl.DataFrame, rates: Rates) -> tuple[pl.DataFrame, Note]:
    days = pl.DataFrame({"case": org.frames[DEAL]["_key"], "_day": org.times(DEAL, "CloseDate").time})
    day = table.select("case").join(days, on="case", how="left", maintain_order="left")["_day"]
    amount, code = rates.converted(table["amount"], table["currency"], day)
    table = table.with_columns(amount.alias("amount"), code.alias("currency"), original_currency=table["currency"])
    left = sorted(set(code.drop_nulls().unique()) - {rates.company})
    if left:
        return table, Note("converted_but", currency=rates.company, left=left)
    return table, Note("converted", currency=rates.company)
