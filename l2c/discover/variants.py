"""Along which paths do the deals go?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2c import engine
from l2c.log import EventLog, again

if TYPE_CHECKING:
    import pandas as pd

# How a folded path marks what a case does twice or more often.
MORE = " ×2+"
COLUMNS = ["variant_id", "trace", "cases", "share", "open", "median_days", "done_again"]


def variants(log: EventLog, *, fold: bool = False) -> pd.DataFrame:
    """Distinct traces with the cases that took them.

    Parameters
    ----------
    fold
        Whether to tell each activity of a case only as done once or more often, where it first stands: deals with two invoices and
        with five go one path, with `Invoice Sent ×2+` in it.

    Returns
    -------
    One row per variant, most frequent first: `variant_id` (its rank in the whole log; of a folded path the least of its
    variants), `trace` (tuple of activities), `cases`, `share` (of all cases of this log), `open` (cases that have not
    ended: their path may still grow), `median_days` (from first to last event), `done_again` (activities that some case of
    the variant does again on the same object; what is done for another document is not).
    """
    if fold:
        return _folded(log)
    import narwhals as nw

    counted = log.cases.group_by("variant_id").agg(
        cases=nw.len(),
        open=(nw.col("status") == "open").cast(nw.Int64()).sum(),
        median_days=nw.col("duration_days").median(),
    )
    found = engine.collect(counted)
    found["trace"] = log.base.traces.reindex(found["variant_id"]).to_numpy()
    known = again.in_variants(log.base)
    found["done_again"] = [known.get(variant, ()) for variant in found["variant_id"]]
    return _shown(found)


def _folded(log: EventLog) -> pd.DataFrame:
    cases = engine.collect(log.cases.select("variant_id", "status", "duration_days"))
    there, known = cases["variant_id"].unique(), again.in_variants(log.base)
    paths = {variant: _fold(log.base.traces[variant]) for variant in sorted(there)}
    first: dict[tuple[str, ...], int] = {}
    rows: dict[int, set[str]] = {}
    for variant, path in paths.items():
        rows.setdefault(first.setdefault(path, variant), set()).update(known.get(variant, ()))
    cases["variant_id"] = cases["variant_id"].map({variant: first[path] for variant, path in paths.items()})
    cases["open"] = cases["status"] == "open"
    groups = cases.groupby("variant_id")
    found = groups.agg(
        cases=("open", "size"), open=("open", "sum"), median_days=("duration_days", "median")
    ).reset_index()
    found["trace"] = found["variant_id"].map(paths)
    found["done_again"] = [tuple(sorted(rows[variant])) for variant in found["variant_id"]]
    return _shown(found)


def _fold(trace: tuple[str, ...]) -> tuple[str, ...]:
    """Each activity where it first stands, and whether it comes more often."""
    times: dict[str, int] = {}
    for name in trace:
        times[name] = times.get(name, 0) + 1
    return tuple(name + MORE * (n > 1) for name, n in times.items())


def _shown(found: pd.DataFrame) -> pd.DataFrame:
    found["share"] = found["cases"] / max(int(found["cases"].sum()), 1)
    found = found.astype({"cases": "int64", "open": "int64"})
    return found.sort_values(["cases", "variant_id"], ascending=[False, True], ignore_index=True)[COLUMNS]
