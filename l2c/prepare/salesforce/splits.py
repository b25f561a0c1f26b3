"""How is the revenue of an opportunity split between its sellers?"""

from __future__ import annotations

import polars as pl

from l2c.log.objects import DEAL
from l2c.log.splits import SPLIT, written
from l2c.prepare.salesforce.org_frames import Org, id_key
from l2c.prepare.salesforce.people import People
from l2c.words.notes import Note

SPLITS, TYPE = "OpportunitySplit", "SplitType.IsTotalValidated"
# Percentages are rounded to two places.
WHOLE, NEARLY = 100.0, 0.5


def splits(org: Org, who: People) -> tuple[pl.DataFrame | None, list[Note]]:
    """Read who is credited with which part of each opportunity.

    Returns
    -------
    `case, rep_split` of the opportunities that several share, or somebody else than the owner has; None where there are
    none. And what to know of it.

    Notes
    -----
    Revenue splits must total 100 % (`OpportunitySplitType.IsTotalValidated`), overlays (of sales engineers and the like) may
    total anything and credit nobody with revenue. Without the types, those that total 100 % count.
    """
    if SPLITS not in org.frames or not all(
        org.has(SPLITS, field) for field in ("OpportunityId", "SplitOwnerId", "SplitPercentage")
    ):
        return None, []
    kind = org.text(SPLITS, "SplitTypeId").fill_null("")
    rows = pl.DataFrame(
        {
            "case": org.text(SPLITS, "OpportunityId"),
            "kind": kind,
            "rep": who.named(org.text(SPLITS, "SplitOwnerId")),
            "part": org.numbers(SPLITS, "SplitPercentage"),
            "revenue": org.flags(SPLITS, TYPE)
            if org.has(SPLITS, TYPE)
            else pl.Series([None] * len(kind), dtype=pl.Boolean),
        }
    ).with_columns(id_key(pl.col("case")).alias("case"))
    rows = rows.drop_nulls(["case", "rep", "part"]).filter(pl.col("part") > 0)
    whole = (pl.col("part").sum().over("case", "kind") - WHOLE).abs() <= NEARLY
    of_revenue = rows.filter(pl.coalesce("revenue", whole))
    # Of several types that total 100 %, the one that most opportunities have.
    common = of_revenue.group_by("kind").agg(n=pl.col("case").n_unique()).sort("n", "kind", descending=[True, False])
    chosen = common.join(of_revenue.select("case", "kind").unique(), on="kind", maintain_order="left")
    of_revenue = of_revenue.join(
        chosen.unique("case", keep="first", maintain_order=True), on=["case", "kind"], how="semi"
    )
    notes = []
    if left := rows["case"].n_unique() - of_revenue["case"].n_unique():
        notes.append(Note("splits_left_out", n=left))
    owner = pl.DataFrame({"case": org.frames[DEAL]["_key"], "owner": who.named(org.text(DEAL, "OwnerId"))})
    parts = of_revenue.group_by("case", "rep").agg(pl.col("part").sum()).join(owner, on="case", how="inner")
    shared = (pl.len().over("case") > 1) | (pl.col("rep") != pl.col("owner"))
    parts = parts.filter(shared)
    if parts.is_empty():
        return None, notes
    said = {
        case: written({name: part / WHOLE for name, part in zip(some["rep"], some["part"], strict=True)})
        for (case,), some in parts.group_by("case")
    }
    notes.append(Note("splits_read", n=len(said)))
    return pl.DataFrame({"case": list(said), SPLIT: list(said.values())}), notes
