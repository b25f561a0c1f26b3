"""Which lines do the documents have, and what stage of the sale is each of?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2c.words import matching
from l2c.words.errors import BadEvents

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

# A line that says nothing of product and quantity is its whole document: its price is the document's total.
COLUMNS = (
    "line_id", "object_type", "object_id", "case_id", "product", "quantity", "price", "currency", "source_row",
)  # fmt: skip
# From what was offered to what was paid.
_STAGES = {
    "sold": ("opportunity", "opportunitylineitem", "deal", "商談", "案件", "商談商品"),
    "quote": ("quote", "quotation", "estimate", "proposal", "sbqqquotec", "quotelineitem", "sbqqquotelinec", "見積", "見積書", "見積明細"),
    "contract": ("contract", "agreement", "contractlineitem", "assetcontractrelationship", "sbqqsubscriptionc", "契約", "契約書", "契約明細"),
    "order": ("order", "salesorder", "orderitem", "注文", "受注", "注文書", "受注明細", "注文明細"),
    "invoice": ("invoice", "bill", "invoicec", "blnginvoicec", "invoiceline", "blnginvoicelinec", "請求", "請求書", "請求明細"),
    "credit": ("creditmemo", "creditnote", "credit", "creditmemoline", "blngcreditnotec", "blngcreditnotelinec", "赤伝", "赤伝票", "クレジットノート", "クレジットメモ", "返金"),
    "payment": ("payment", "receipt", "paymentc", "blngpaymentc", "paymentlineinvoice", "入金", "支払", "支払い", "回収"),
}  # fmt: skip
_BY_TYPE = {name: stage for stage, names in _STAGES.items() for name in names}


def stage(object_type: str) -> str | None:
    """Tell of what stage a document is, by the name of its object in either language; None where nothing tells."""
    key = matching.normalise(object_type)
    found = _BY_TYPE.get(key)
    return found or _BY_TYPE.get(key.removesuffix("lines").removesuffix("line").removesuffix("s"))


def typed(lines: pd.DataFrame | pl.DataFrame) -> pl.DataFrame:
    """Bring lines to the columns and types that a log has of them; what is not there is missing.

    Raises
    ------
    BadEvents
        If there is no `object_type`, by which a line is known to be one of a quote, an order, an invoice.
    """
    import polars as pl

    rows: pl.DataFrame = lines if isinstance(lines, pl.DataFrame) else pl.from_pandas(lines)
    if "object_type" not in rows.columns:
        raise BadEvents.no_column("object_type", rows.columns)
    kinds = dict.fromkeys(COLUMNS, pl.String) | {"quantity": pl.Float64, "price": pl.Float64, "source_row": pl.Int64}
    given = {
        "source_row": pl.int_range(pl.len(), dtype=pl.Int64),
        "line_id": pl.format("line {}", pl.int_range(pl.len())),
    }
    return rows.select(
        (pl.col(name) if name in rows.columns else given.get(name, pl.lit(None))).cast(kind).alias(name)
        for name, kind in kinds.items()
    )
