"""What did each deal stand at, and since when: owner, stage, amount, close date, forecast category, probability?"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from l2c.log.objects import DEAL
from l2c.prepare import values
from l2c.prepare.salesforce import money
from l2c.prepare.salesforce.changes import NEW, OLD
from l2c.prepare.salesforce.deals import Deals
from l2c.prepare.salesforce.money import Rates
from l2c.prepare.salesforce.org_frames import Org, id_key
from l2c.prepare.salesforce.people import People, owners

# Before all times: what was so from the beginning.
ALWAYS = datetime(1900, 1, 1)
# Each attribute with its field in the history of stages, its names in the history of fields, and its field today.
FIELDS = {
    "stage": ("StageName", ("stagename",), "StageName"),
    "amount": ("Amount", ("amount",), "Amount"),
    "close_date": ("CloseDate", ("closedate",), "CloseDate"),
    "forecast_category": (
        "ForecastCategory",
        ("forecastcategory", "forecastcategoryname"),
        "ForecastCategoryName",
    ),
    "probability": ("Probability", ("probability",), "Probability"),
}
# What the API calls a category, where the setup of the stages does not say what the people do.
CATEGORIES = {"BestCase": "Best Case", "Forecast": "Commit", "MostLikely": "Most Likely"}


def spells(org: Org, who: People) -> dict[str, pl.DataFrame]:
    """Values of a deal from when on, by attribute: `case, time` and the value, in the order of time.

    Notes
    -----
    From OpportunityHistory, a row of which is the state after a change; in an export without it from the tracked changes of
    OpportunityFieldHistory, whose first old value held from the beginning. What neither tells has no entry.
    """
    found: dict[str, pl.DataFrame] = {}
    if DEAL in org.frames:
        found["rep"] = owners(org, who).with_columns(pl.col("time").fill_null(ALWAYS))
    for name, (field, tracked, today) in FIELDS.items():
        rows = _of_snapshots(org, field) if "OpportunityHistory" in org.frames else _of_changes(org, tracked, today)
        if rows is None or rows["text"].null_count() == rows.height:
            continue
        value = _typed(org, name, rows["text"])
        known = rows.with_columns(value.alias(name)).drop_nulls(["case", "time", name])
        found[name] = known.sort("case", "time", "id").select("case", "time", name)
    return found


def history(org: Org, known: dict[str, pl.DataFrame], met: Deals, worth: Rates) -> pl.DataFrame | None:
    """All spells in one frame: `case_id, position, time` and a column per attribute, filled where it became so.

    Owners are told only where their changes were tracked. `position` puts the rows of a deal in order.
    """
    told = {name: rows for name, rows in known.items() if name != "rep" or _tracks_owners(org)}
    if not told:
        return None
    rows = pl.concat([_changes(each, name) for name, each in told.items()], how="diagonal_relaxed")
    if "amount" in told:
        rows = money.of_deals(org, rows, worth)
    rows = rows.join(met.ids, on="case", how="inner", maintain_order="left").sort(
        "case_id", "time", maintain_order=True
    )
    rows = rows.with_columns(position=pl.int_range(pl.len()).over("case_id").cast(pl.Int32))
    return rows.select("case_id", "position", "time", *told)


def categories(org: Org, text: pl.Series) -> pl.Series:
    """Forecast categories as people read them: in the words of the org's setup, else of the API's documentation."""
    said, name = dict(CATEGORIES), org.mapping.stages.get("object", "OpportunityStage")
    if org.has(name, "ForecastCategory") and org.has(name, "ForecastCategoryName"):
        pairs = zip(org.text(name, "ForecastCategory"), org.text(name, "ForecastCategoryName"), strict=True)
        said |= {code: label for code, label in pairs if code is not None and label is not None}
    return text.replace(said)


def possible(chances: pl.Series) -> pl.Series:
    """Probabilities; what is none, such as 1000 %, is not known."""
    return chances.set(~chances.is_between(0, 1).fill_null(True), None)


def days(org: Org, text: pl.Series, where: str) -> pl.Series:
    """Dates as one writes them: 2025-03-31; what cannot be read stays as it is."""
    found = org.moments(text, where, "UTC").time
    return found.dt.strftime("%Y-%m-%d").zip_with(found.is_not_null(), text.cast(pl.String))


def _changes(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """The spells in which something changed."""
    rows = rows.sort("case", "time", maintain_order=True)
    same = (pl.col(name) == pl.col(name).shift()) & (pl.col("case") == pl.col("case").shift())
    return rows.filter(~same.fill_null(False))


def _tracks_owners(org: Org) -> bool:
    return "OpportunityFieldHistory" in org.frames


def _of_snapshots(org: Org, field: str) -> pl.DataFrame | None:
    name = "OpportunityHistory"
    if not all(org.has(name, each) for each in ("OpportunityId", "CreatedDate", field)):
        return None
    return pl.DataFrame(
        {
            "case": _keys(org, name),
            "time": org.times(name, "CreatedDate").time,
            "id": org.text(name, "Id"),
            "text": org.text(name, field),
        }
    )


def _of_changes(org: Org, tracked: tuple[str, ...], today: str) -> pl.DataFrame | None:
    """The tracked changes of a field; a deal without any has had today's value from the beginning."""
    name = "OpportunityFieldHistory"
    if not all(org.has(name, each) for each in ("Field", OLD, NEW, "OpportunityId", "CreatedDate")):
        return None
    rows = pl.DataFrame(
        {
            "case": _keys(org, name),
            "field": org.text(name, "Field").str.to_lowercase(),
            "time": org.times(name, "CreatedDate").time,
            "id": org.text(name, "Id"),
            "old": org.text(name, OLD),
            "text": org.text(name, NEW),
        }
    ).filter(pl.col("field").is_in(tracked) & pl.col("time").is_not_null())
    if not rows.height:
        return None
    rows = rows.sort("case", "time", "id")
    first = rows.unique("case", keep="first", maintain_order=True).select("case", pl.col("old").alias("text"))
    began = [first]
    if DEAL in org.frames and org.has(DEAL, today):
        now = pl.DataFrame({"case": org.frames[DEAL]["_key"], "text": org.text(DEAL, today)})
        began.append(now.join(first, on="case", how="anti"))
    start = pl.concat(began).with_columns(time=pl.lit(ALWAYS).cast(pl.Datetime("us")), id=pl.lit(""))
    return pl.concat([start.select("case", "time", "id", "text"), rows.select("case", "time", "id", "text")])


def _typed(org: Org, name: str, text: pl.Series) -> pl.Series:
    if name == "amount":
        return values.numbers(text).numbers
    if name == "close_date":
        return days(org, text, "the history of close dates")
    if name == "probability":
        return possible(values.fractions(text, percent=True).numbers)
    return categories(org, text) if name == "forecast_category" else text


def _keys(org: Org, name: str) -> pl.Series:
    return org.text(name, "OpportunityId").to_frame("k").select(id_key(pl.col("k"))).to_series()
