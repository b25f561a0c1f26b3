"""What do lists of invoices and payments say of money: what was invoiced, what was paid, and what nobody can date?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from l2c.prepare import linking, values
from l2c.prepare.events import Part
from l2c.prepare.instructions import Instructions
from l2c.prepare.lists import Listed
from l2c.words import statuses
from l2c.words.notes import Note

SENT, PAID, PART, VOIDED = "Invoice Sent", "Payment Received", "Partial Payment Received", "Invoice Cancelled"
# States of an invoice that something must have brought about, on a day of its own.
SETTLED = ("paid", "part_paid", "void", "cancelled", "written_off", "credited", "refunded")
BACK = ("void", "cancelled")
ROLES = ("total", "paid", "balance", "amount_due")
# What is left of an invoice that has been paid: rounding and bank charges.
NEARLY_NIL = 0.005


def names_state(state: pl.Series, wanted: Iterable[str]) -> pl.Series:
    """Return whether each status names one of some states."""
    known = statuses.are(state.drop_nulls().unique().to_list(), wanted)
    return state.is_in(known).fill_null(False)


def amounts(each: Listed) -> dict[str, pl.Series]:
    """Return what each record comes to (`total`), what was `paid` of it, what is left (`balance`), and whether it `is_paid`, as said."""
    frame = each.table.frame
    roles = [role for role in ROLES if role in each.columns]
    found: dict[str, pl.Series] = {role: values.numbers(frame[each.columns[role]]).numbers for role in roles}
    number = linking.number(each)
    if "total" in found and number.is_duplicated().any():
        found["total"] = _of_lines(number, found["total"])
    if "paid" in found and (flag := _flag(frame[each.columns["paid"]], found["paid"])) is not None:
        del found["paid"]
        found["is_paid"] = flag
    due = found.pop("amount_due", None)
    return found if due is None else _with_due(found, due)


def _flag(column: pl.Series, numbers: pl.Series) -> pl.Series | None:
    """Whether each record is paid, where a column called Paid says yes and no."""
    read, bad = values.flags(linking.text(column))
    return read if read.is_not_null().any() and not bad.any() and not (numbers > 1).any() else None


def _with_due(found: dict[str, pl.Series], due: pl.Series) -> dict[str, pl.Series]:
    """Amount Due is with some what was to be paid at first, with others what is left of it: what was paid tells."""
    paid = found.get("paid")
    if "total" in found:
        at_first = paid is not None and ((paid > 0) & (due == paid)).any()
        return found if at_first else {"balance": due} | found
    if paid is not None and ((paid > 0) & (due == 0)).any():
        return {"balance": due} | found | {"total": due + paid}
    return found | {"total": due}


def _of_lines(number: pl.Series, total: pl.Series) -> pl.Series:
    """The sum of the lines of each record; where all say the same, they repeat what the record comes to."""
    rows = pl.DataFrame({"number": number, "total": total})
    same = pl.col("total").n_unique().over("number") == 1
    return rows.select(pl.when(same).then("total").otherwise(pl.col("total").sum().over("number"))).to_series()


def with_amounts(
    rows: pl.DataFrame, activity: str, money: dict[str, pl.Series], state: pl.Series | None
) -> pl.DataFrame:
    """Return the events of one activity with what they say of money."""
    if activity in ("Invoice Created", SENT) and "total" in money:
        return rows.with_columns(money["total"].alias("invoice_amount"))
    if activity != PAID:
        return rows
    paid = money.get("paid")
    if paid is None and "total" in money:
        paid = money["total"] - money["balance"].fill_null(0) if "balance" in money else money["total"]
    if paid is None:
        return rows
    paid = paid.set((paid == 0).fill_null(False), None)
    if "balance" in money:
        part = (money["balance"] > NEARLY_NIL * paid.abs()).fill_null(False)
    elif "paid" in money and "total" in money:
        part = (paid < (1 - NEARLY_NIL) * money["total"]).fill_null(False)
    else:
        part = pl.Series([False]).new_from_index(0, rows.height)
    if state is not None:
        part |= names_state(state, ["part_paid"]) & ~names_state(state, ["paid"])
    named = pl.Series([PAID]).new_from_index(0, rows.height).set(part, PART)
    return rows.with_columns(paid.alias("payment_amount"), named.alias("activity"))


def undated(
    each: Listed, events: pl.DataFrame, state: pl.Series | None, money: dict[str, pl.Series], said: Instructions
) -> pl.DataFrame:
    """Mark invoices that were settled, in whole or in part, on a day that nothing tells: they are neither open nor paid."""
    n = each.table.frame.height
    why = pl.Series([None], dtype=pl.String).new_from_index(0, n)
    if "paid" in money:
        why = why.set((money["paid"] > 0).fill_null(False), "paid")
    if "is_paid" in money:
        why = why.set(money["is_paid"].fill_null(False), "paid")
    if {"balance", "total"} <= set(money):
        why = why.set((money["balance"] < (1 - NEARLY_NIL) * money["total"]).fill_null(False), "paid")
    if state is not None:
        told = [text for text, meant in said.activities.items() if meant == PAID]
        why = why.set(state.is_in(told).fill_null(False), "paid")
        for settled in SETTLED:
            # Nothing is left of an invoice that was taken back, and nothing was paid.
            free = why.is_null() if settled not in BACK else True
            why = why.set(names_state(state, [settled]) & free, settled)
    dated = events.filter(pl.col("activity").is_in([PAID, PART, VOIDED]))["_row"].unique()
    why = why.set(pl.int_range(n, eager=True).is_in(dated.implode()), None)
    return events.with_columns(why.gather(events["_row"]).set(events["activity"] != SENT, None).alias("undated"))


def without_dated(made: list[Part], notes: list[Note]) -> tuple[list[Part], list[Note]]:
    """An invoice is not undated where a payment names the day, of itself or of its deal; say how many are left."""
    bodies = [p.events for p in made if "object_id" in p.events.columns]
    both = [pl.col("case_id").cast(pl.String), pl.col("object_id").cast(pl.String)]
    sent = [body.filter(pl.col("activity") == SENT).select(*both) for body in bodies]
    paid = [body.filter(pl.col("activity").is_in([PAID, PART])).select(*both) for body in bodies]
    numbers, money = (pl.concat(each) if each else pl.DataFrame(schema={"case_id": pl.String, "object_id": pl.String})
                      for each in (sent, paid))  # fmt: skip
    known = money["object_id"].unique()
    whole = money.filter(~pl.col("object_id").is_in(numbers["object_id"].implode()))["case_id"].unique()
    done = []
    for part in made:
        if "undated" in part.events.columns:
            met = part.events["object_id"].cast(pl.String).is_in(known.implode())
            met |= part.events["case_id"].cast(pl.String).is_in(whole.implode())
            events = part.events.with_columns(part.events["undated"].set(met, None))
            left = events["undated"].drop_nulls()
            if len(left):
                notes.append(Note("list_undated", file=part.table.name, n=len(left)))
            part = replace(part, events=events if len(left) else events.drop("undated"))
        done.append(part)
    return done, notes
