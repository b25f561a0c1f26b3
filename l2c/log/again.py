"""What is done again on the same object, and what is done for another one or only kept on record?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.words import vocabulary

if TYPE_CHECKING:
    from l2c.log.base import Base

Trace = tuple[str, ...]
# Phases whose activities are about a document, of which a deal may have several.
DOCUMENTS = ("quote", "contract", "order", "cash")
KEY = ["case_key", "activity", "object"]


class Folds(NamedTuple):
    """The traces of a whole log without what was done for another object.

    Attributes
    ----------
    of
        Place of each case among the traces, by `case_key` ascending.
    traces
        The distinct folded traces; marks are still in them.
    """

    of: NDArray[np.int64]
    traces: list[Trace]


def later(base: Base) -> pd.DataFrame:
    """The events of a whole log whose activity its case has had before, made once.

    Returns
    -------
    One row per such event, by case and position: `case_key, position, activity, time`; `object` (empty where it has no
    number); `again` (the same thing is done again; else it is done for another object); `first` (when it was done first on this
    object). Marks are in none of them.

    Notes
    -----
    An activity is done again when the same object has had it before. What happens several times by its nature
    (instalments, the verdicts of several approvers) is not; nor are invoices, orders and leads without a number, which
    may be others, and as many deliveries as there are orders. Any other step without a number is told by its case. A request is made again once the approver has answered,
    or the turn has gone elsewhere, since the one before: until then it is the same one, to another approver.
    """
    return base.memo("later", lambda: _later(base))


def folds(base: Base) -> Folds:
    """The traces of the cases of a whole log with each thing that was done for another object left out, made once."""
    return base.memo("folds", lambda: _folds(base))


def is_document(activity: str) -> bool:
    """Whether an activity is about a document, of which a deal may have several."""
    return vocabulary.phase_of(activity) in DOCUMENTS


def steps(trace: Trace, path: Trace = ()) -> Trace:
    """A trace without the marks that a path does not name: to keep a record is no step."""
    dropped = vocabulary.marks() - set(path)
    return tuple(name for name in trace if name not in dropped)


def in_variants(base: Base) -> dict[int, Trace]:
    """The activities that some case of each variant does again on the same object, by `variant_id`."""
    return base.memo("again in variants", lambda: _in_variants(base))


def keys(base: Base) -> NDArray[np.int64]:
    """The key of each case of a whole log, ascending."""
    return base.memo("case keys", lambda: np.sort(engine.collect(base.cases.select("case_key"))["case_key"].to_numpy()))


def _later(base: Base) -> pd.DataFrame:
    names, chosen = _suspects(base)
    rows = _events(base, names, chosen)
    first = ~rows.duplicated(KEY[:2])
    seen = rows.duplicated(KEY)
    activity, unnumbered = rows["activity"], rows["object"] == ""
    other = activity.isin(vocabulary.several(numbered=True))
    other |= unnumbered & activity.isin(vocabulary.several(numbered=False))
    other |= unnumbered & _one_each(rows, unnumbered)
    rows["again"] = seen & ~other & ~_still_asked(base, rows)
    rows["first"] = rows.groupby(KEY, sort=False)["time"].transform("min")
    kept = rows[~first & activity.isin(names)]
    return kept[["case_key", "position", "activity", "time", "object", "again", "first"]].reset_index(drop=True)


def _suspects(base: Base) -> tuple[set[str], list[int]]:
    """The activities, marks aside, that some trace holds several times, and the variants that do."""
    marks = vocabulary.marks()
    names: set[str] = set()
    chosen = []
    for variant, trace in base.traces.items():
        if len(set(trace)) < len(trace):
            seen: set[str] = set()
            twice = {name for name in trace if name in seen or seen.add(name)} - marks  # type: ignore[func-returns-value]
            names |= twice
            if twice:
                chosen.append(int(str(variant)))
    return names, chosen


def _events(base: Base, names: set[str], chosen: list[int]) -> pd.DataFrame:
    """The events in question, in order, and what ends a request where one is repeated."""
    import narwhals as nw

    wanted = set(names)
    if names & vocabulary.requests():
        wanted |= {name for name in base.activities if vocabulary.waits_for(name) not in (None, "approver")}
    there = base.events.collect_schema().names()
    ids = [name for name in ("object_id", "lead_id") if name in there]
    cases = base.cases.filter(nw.col("variant_id").is_in(chosen or [-1])).select("case_key")
    events = base.events.filter(nw.col("activity").is_in(sorted(wanted)))
    if len(chosen) < len(base.traces):
        events = events.join(cases, on="case_key", how="semi")
    rows = engine.collect(events.select("case_key", "position", "activity", "time", *ids))
    rows = rows.sort_values(["case_key", "position"], ignore_index=True)
    rows["object"] = _objects(rows)
    return rows


def _objects(rows: pd.DataFrame) -> pd.Series:
    """The object of each event; of a lead its own number where the document has none."""
    found = pd.Series("", rows.index, dtype=object)
    if "lead_id" in rows:
        of_lead = rows["activity"].isin([a for a in rows["activity"].unique() if vocabulary.phase_of(a) == "lead"])
        found = rows["lead_id"].astype(object).where(of_lead & rows["lead_id"].notna(), "")
    if "object_id" in rows:
        found = rows["object_id"].astype(object).where(rows["object_id"].notna(), found)
    return found.astype(str)


def _one_each(rows: pd.DataFrame, unnumbered: pd.Series) -> pd.Series:
    """Later stations of documents without a number that come no more often than such documents were begun: two orders, two deliveries."""
    first = rows["activity"].map(vocabulary.begins())
    times = rows[unnumbered].groupby(["case_key", "activity"], sort=False).cumcount() + 1
    found = pd.Series(False, rows.index)
    for name in first.dropna().unique():
        begun = (unnumbered & (rows["activity"] == name)).groupby(rows["case_key"]).cumsum()
        found |= (first == name) & (times.reindex(rows.index, fill_value=1) <= begun)
    return found


def _still_asked(base: Base, rows: pd.DataFrame) -> pd.Series:
    """Requests that repeat one to which nobody has answered yet; a log without answers cannot tell them."""
    told = [name for name in vocabulary.requests() if set(vocabulary.answers(name)) & set(base.activities)]
    asks = rows["activity"].isin(told)
    turns = rows["activity"].isin([a for a in base.activities if vocabulary.waits_for(a) not in (None, "approver")])
    count = turns.groupby(rows["case_key"]).cumsum()
    before = count.where(asks).groupby([rows[c] for c in KEY], sort=False).shift()
    return asks & (before == count)


def _in_variants(base: Base) -> dict[int, Trace]:
    rows = later(base)
    rows = rows.loc[rows["again"], ["case_key", "activity"]].drop_duplicates()
    if not len(rows):
        return {}
    cases = engine.collect(base.cases.select("case_key", "variant_id"))
    found = rows.merge(cases, on="case_key").groupby("variant_id")["activity"]
    return {int(str(variant)): tuple(sorted(set(names))) for variant, names in found}


def _folds(base: Base) -> Folds:
    cases = engine.collect(base.cases.select("case_key", "variant_id")).sort_values("case_key", ignore_index=True)
    rows = later(base)
    rows = rows[~rows["again"]]
    place = np.searchsorted(cases["case_key"].to_numpy(), rows["case_key"].to_numpy())
    traces: dict[Trace, int] = {}
    by_variant = {variant: traces.setdefault(trace, len(traces)) for variant, trace in base.traces.items()}
    of = cases["variant_id"].map(by_variant).to_numpy(np.int64, copy=True)
    if len(rows):
        dropped = rows["position"].groupby(place).agg(tuple)
        kinds = list(zip(cases["variant_id"].to_numpy()[dropped.index], dropped, strict=True))
        known = {kind: _without(base.traces[kind[0]], kind[1]) for kind in sorted(set(kinds))}
        folded = {kind: traces.setdefault(trace, len(traces)) for kind, trace in known.items()}
        of[dropped.index] = [folded[kind] for kind in kinds]
    return Folds(of.astype(np.int64), list(traces))


def _without(trace: Trace, places: tuple[int, ...]) -> Trace:
    dropped = set(places)
    return tuple(name for place, name in enumerate(trace) if place not in dropped)
