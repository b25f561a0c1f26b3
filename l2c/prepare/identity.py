"""Is what is taken for the id of a deal one, and the id of one deal alone?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import polars as pl

from l2c.words.errors import ChangedIds
from l2c.words.matching import match_attribute
from l2c.words.notes import Note

# How a spreadsheet writes a long number, and a number of more digits than it keeps.
ROUNDED = r"^\d[.,]\d+[Ee]\+\d{2,}$"
LONG_NUMBER = r"^[1-9]\d{15,}$"
DIGITS_KEPT = 15
# Whole numbers beyond this are not exact as decimals.
EXACT = 2**53
# How spreadsheets shorten the months in the languages of Europe.
_MONTH = (
    "(?:jan|janv|ene|gen|led|sty|feb|febr|fév|févr|fev|lut|úno|mar|mars|mär|märz|mrz|mrt|bře|kwi|apr|avr|abr|dub|may|mai|maj|mei|"
    "mag|kvě|jun|juni|juin|giu|cze|čvn|jul|juli|juil|lug|lip|čvc|aug|ago|août|sie|srp|sep|sept|set|wrz|zář|oct|okt|ott|out|paź|"
    "říj|nov|lis|dec|dez|déc|dic|gru|pro)"
)
DATE = rf"^(?i:\d{{1,2}}(?:-|\. ?| ){_MONTH}\.?|{_MONTH}\.?[- ]\d{{2}})$|^\d{{1,2}}月\d{{1,2}}日$"
FULL_DATE = (
    r"^\d{4}-\d{2}-\d{2}(?:[ T]00:00:00)?$|^\d{1,2}/\d{1,2}/\d{2,4}$|^\d{1,2}\.\d{1,2}\.\d{4}$|^\d{4}/\d{1,2}/\d{1,2}$"
)
SHOWN = 3


def refuse_changed(ids: pl.Series, where: str) -> None:
    """Refuse ids that a spreadsheet has changed, since deals of different ids have become one by it.

    Parameters
    ----------
    ids
        The cells of the column as they stand.
    where
        What to call the column in the message.

    Raises
    ------
    ChangedIds
        If ids were rounded (1.23457E+11, 123456789012345000) or have become dates (Mar-25).
    """
    if ids.dtype in (pl.Date, pl.Datetime):
        raise ChangedIds.dates(where, _some(ids.unique().sort().dt.to_string("%Y-%m-%d")))
    if ids.dtype.is_float():
        if (large := ids.filter((ids.abs() >= EXACT).fill_null(False)).unique().sort()).len():
            raise ChangedIds.rounded(where, [f"{each:.0f}" for each in large.head(SHOWN)])
        return
    if ids.dtype.is_integer() and not (ids.cast(pl.Float64).abs() >= 10**DIGITS_KEPT).any():
        return
    known = ids.unique().drop_nulls().cast(pl.String)
    texts = known.filter(known.str.contains(f"{ROUNDED}|{LONG_NUMBER}|{DATE}|{FULL_DATE}"))
    if not len(texts):
        return
    exponents = texts.filter(texts.str.contains(ROUNDED)).sort()
    digits = texts.filter(texts.str.contains(LONG_NUMBER)).sort()
    if cut := [each for each in exponents if _lost_digits(each)]:
        raise ChangedIds.rounded(where, cut[:SHOWN])
    # By chance some number ends with zeros, and not all of several.
    zeros = [len(each) - DIGITS_KEPT for each in digits]
    if sum(zeros) >= 4 and all(each.endswith("0" * n) for each, n in zip(digits, zeros, strict=True)):
        raise ChangedIds.rounded(where, _some(digits))
    dates = texts.filter(texts.str.contains(DATE)).sort()
    full = texts.filter(texts.str.contains(FULL_DATE)).sort()
    # A date may be the name of one deal, and stand in the wrong column of some rows.
    if len(dates) > 1 or 2 * (len(dates) + len(full)) > len(known):
        raise ChangedIds.dates(where, _some(pl.concat([dates, full])))


def _lost_digits(number: str) -> bool:
    """Whether 1.23457E+11 has fewer digits than the number had; programs that keep them all write a small e."""
    mantissa, power = number.upper().split("E+")
    decimals = len(mantissa) - 2
    return decimals < int(power) and ("E" in number or decimals >= 4)


def _some(texts: pl.Series) -> list[str]:
    return [str(each) for each in texts.head(SHOWN)]


def doubtful(rows: pl.DataFrame, others: Sequence[str] = ("account",)) -> list[Note]:
    """Say which ids stand for deals that differ, as names do that are used again.

    Parameters
    ----------
    rows
        `case_id`, `time` (when the deal was created), and the columns of `others` where they
        are known; a row per time that this was told of a deal.
    others
        What one deal has one of.
    """
    twice = rows.filter(pl.col("case_id").is_duplicated() & pl.col("case_id").is_not_null())
    if not twice.height:
        return []
    known = [c for c in others if c in rows.columns]
    day = pl.col("time").dt.date().drop_nulls().unique().sort().cast(pl.String)
    values = [pl.col(c).cast(pl.String).drop_nulls().unique().sort() for c in known]
    seen = twice.group_by(pl.col("case_id").cast(pl.String)).agg(
        (pl.col("time").max() - pl.col("time").min()).alias("span"), day.alias("days"), *values
    )
    # The same moment may fall on two days in two zones.
    apart = (pl.col("span") > timedelta(days=1)).fill_null(False)
    differ = seen.filter(pl.any_horizontal(apart, *(pl.col(c).list.len() > 1 for c in known))).sort("case_id")
    if not differ.height:
        return []
    examples = tuple(
        f"{row['case_id']} ({'; '.join(', '.join(row[c][:2]) for c in ('days', *known) if len(row[c]) > 1)})"
        for row in differ.head(SHOWN).iter_rows(named=True)
    )
    of = rows["case_id"].n_unique()
    told = {"n": differ.height, "of": of, "examples": examples}
    # A few among very many are slips of the source, and change no figure.
    return [Note("ids_shared_few", **told) if differ.height * 200 < of else Note("ids_shared", **told)]


def are_several(frame: pl.DataFrame, columns: Mapping[str, str], dates: Mapping[str, str]) -> bool:
    """Tell whether most ids that stand in several rows are those of several deals, not of states of one.

    Parameters
    ----------
    frame
        A table with a row per deal or per state of one, under its own headers.
    columns, dates
        Header by attribute, and by activity.
    """
    case, account, made = columns["case_id"], columns.get("account"), dates.get("Opportunity Created")
    # Where the deals have a number, a day of creation in each row may be that of the state.
    fixed = [account] if account else []
    fixed += [made] if made and "case_id" not in match_attribute(case) else []
    seen = frame.filter(pl.col(case).is_duplicated() & pl.col(case).is_not_null()).group_by(case)
    differ = seen.agg(
        pl.any_horizontal(pl.lit(False), *(pl.col(c).drop_nulls().n_unique() > 1 for c in fixed)).alias("_d")
    )
    return differ.height > 0 and 2 * int(differ["_d"].sum()) >= differ.height


def of_deals(deals: pl.DataFrame, times: Mapping[str, pl.Series]) -> list[Note]:
    """Say what speaks against the ids of a table with a row per deal.

    Parameters
    ----------
    deals
        `case_id` and, where it is known, `account`.
    times
        Times by activity, of which counts when the deals were created: a day of closing may be moved.
    """
    columns = [c for c in ("case_id", "account") if c in deals.columns]
    made = times.get("Opportunity Created", pl.lit(None, pl.Datetime("us")))
    rows = deals.select(columns).with_columns(made.alias("time"))
    return [*doubtful(rows), *folded(deals["case_id"])]


def folded(ids: pl.Series) -> list[Note]:
    """Say that ids of 15 characters have lost their case, which alone tells some records apart."""
    texts = ids.unique().drop_nulls().cast(pl.String)
    short = texts.filter(
        texts.str.contains("^(?:00[0-9A-Za-z]|a[0-9A-Za-z]{2}|A[0-9A-Z]{2}|500|80[0-9])[0-9A-Za-z]{12}$")
    )
    letters = short.str.slice(3).str.join("")[0] or "" if len(short) else ""
    counted = sum(letters.count(c) for c in set(letters) if c.isalpha())
    if counted < 20 or letters not in (letters.upper(), letters.lower()):
        return []
    return [Note("ids_folded", n=len(short), examples=tuple(short.sort().head(SHOWN).to_list()))]
