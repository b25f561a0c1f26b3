"""What do lists of invoices and payments from another system, beside the objects of an org, say of its deals?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pandas as pd
import polars as pl

from l2c.log.objects import DEAL
from l2c.log.quality import Quality
from l2c.prepare import list_events
from l2c.prepare.events import Part
from l2c.prepare.headers import Layout
from l2c.prepare.instructions import Instructions
from l2c.prepare.salesforce.deals import Deals
from l2c.prepare.salesforce.files import FILE, LINE
from l2c.prepare.salesforce.org_frames import Org, aside
from l2c.prepare.table import Table, numbered

# The number of a document that an invoice of elsewhere may name.
NUMBERS = {
    "order": ("Order", "OrderNumber"),
    "quote": ("Quote", "QuoteNumber"),
    "contract": ("Contract", "ContractNumber"),
}
KEPT = (
    "case_id", "activity", "time", "precision", "source", "source_row", "object_id", "due_date", "invoice_amount",
    "payment_amount", "undated",
)  # fmt: skip


def joined(org: Org, met: Deals, rows: pl.DataFrame, quality: Quality, limit: datetime) -> tuple[pl.DataFrame, Quality]:
    """Add the events of the lists beside the objects, as far as they lead to deals, and count their rows.

    Parameters
    ----------
    rows, quality
        The events and the quality of the objects alone.
    limit
        Times after this moment are out of range.
    """
    if not org.ledgers or DEAL not in org.frames:
        return rows, quality
    said = Instructions(time_zone=org.time_zone)
    parts, notes = list_events.parts(org.ledgers, [_of_deals(org)], said, limit, _numbers(org, met))
    if not parts:
        return rows, replace(quality, notes=(*quality.notes, *notes))
    made = pl.concat([part.events.select(c for c in KEPT if c in part.events.columns).with_columns(
        pl.col("case_id").cast(pl.String), pl.col("object_id").cast(pl.String), approximate=False, object_type=pl.lit("Invoice")
    ) for part in parts], how="diagonal_relaxed")  # fmt: skip
    left_out = pl.concat([_left_out(part) for part in parts])
    read = sum(part.table.frame.height for part in parts)
    reasons = dict(quality.reasons)
    for reason, n in left_out["reason"].value_counts().iter_rows():
        reasons[reason] = reasons.get(reason, 0) + n
    quarantine = left_out.rename({"object": "object_type"}).to_pandas()
    counted = replace(
        quality,
        rows_read=quality.rows_read + read,
        rows_used=quality.rows_used + read - left_out.height,
        events=quality.events + made.height,
        reasons=reasons,
        quarantine=pd.concat([quality.quarantine, quarantine], ignore_index=True),
        notes=(*quality.notes, *notes, *(note for part in parts for note in part.notes)),
    )
    return pl.concat([rows, made], how="diagonal_relaxed"), counted


def _left_out(part: Part) -> pl.DataFrame:
    where = [pl.lit(part.table.name).alias(FILE), part.table.lines.alias(LINE)]
    return aside(part.table.frame.with_columns(where), part.reason.cast(pl.String), part.table.name)


def _of_deals(org: Org) -> Part:
    """The opportunities, as a table whose columns a list may name."""
    frame = org.frames[DEAL].select(pl.col(c).cast(pl.String) for c in ("Id", "Name") if c in org.frames[DEAL].columns)
    table = Table(DEAL, frame, numbered(frame), pl.DataFrame())
    none = pl.Series([], dtype=pl.String)
    return Part(table, Layout({"case_id": "Id"}, {DEAL: "Id"}), frame, none, frame.select(case_id="Id"))


def _numbers(org: Org, met: Deals) -> dict[str, dict[str, str]]:
    """By kind of document, the deal of each number that belongs to one deal."""
    found = {}
    for kind, (name, field) in NUMBERS.items():
        if org.has(name, field) and name in met.of:
            rows = org.frames[name].select("_key", number=pl.col(field).cast(pl.String)).drop_nulls()
            rows = rows.join(met.of[name], on="_key").join(met.ids, on="case").select("number", "case_id").unique()
            found[kind] = dict(rows.filter(pl.col("number").is_unique()).iter_rows())
    return found
